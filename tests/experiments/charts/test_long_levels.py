"""Long names of levels under the dependence chart."""

import numpy as np
import pandas as pd

from experiments.charts.dependence import dependence_data, dependence_drawing

LONG = ["critical account/ other credits (here)", "critical account/ other credits (there)", "none"]


def test_long_levels_are_cut_slanted_and_told_whole_where_one_points() -> None:
    values = pd.Series(np.repeat(LONG, 10))
    drawing = dependence_drawing(dependence_data(np.repeat([0.3, 0.2, -0.1], 10), values, "history")).to_dict()

    axis = drawing["layout"]["xaxis"]
    people, effects = drawing["data"]
    assert axis["ticktext"] == ["critical acco…", "critical acco…", "none"]
    assert axis["tickvals"] == people["x"] == effects["x"] == [0, 1, 2]
    assert axis["tickangle"] == -35
    for trace in (people, effects):
        assert trace["customdata"] == LONG
        assert "%{customdata}" in trace["hovertemplate"]
        assert "%{x}" not in trace["hovertemplate"]


def test_few_short_levels_stand_side_by_side() -> None:
    drawing = dependence_drawing(dependence_data([0.1, -0.1] * 10, pd.Series(["yes", "no"] * 10), "owns")).to_dict()
    assert drawing["layout"]["xaxis"]["tickangle"] == 0
    assert drawing["layout"]["xaxis"]["ticktext"] == ["yes", "no"]
