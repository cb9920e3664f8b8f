"""ROC curve: events reached against false alarms."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from experiments.charts import theme
from experiments.charts.theme import ChartData, Drawing, Palette
from experiments.charts.words import worded
from experiments.evaluation import metrics

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True)
class RocData(ChartData):
    """Points of the curve as shares, 0 to 1, and the area under all of it."""

    false_positive: tuple[float, ...]
    true_positive: tuple[float, ...]
    auc: float


def roc_data(y: ArrayLike, p: ArrayLike, weight: ArrayLike | None = None) -> RocData:
    """Return the curve of one sample, thinned to points that lie on it."""
    false_positive, true_positive = metrics.roc_curve(y, p, weight=weight)
    # Along both rates, so that neither the steep start nor the flat end loses its corners.
    place = np.unique(np.searchsorted(false_positive + true_positive, 2 * theme.SHARES))
    place = np.unique([0, *place[place < len(false_positive)], len(false_positive) - 1])
    return RocData(
        theme.numbers(false_positive[place]), theme.numbers(true_positive[place]), metrics.auc(y, p, weight=weight)
    )


def roc_drawing(data: RocData | Mapping[str, RocData], labels: Mapping[str, str] | None = None) -> Drawing:
    """Draw one sample or several, by name."""
    words, samples = worded(labels), theme.by_sample(data)
    curves = {
        sample: (theme.percents(own.false_positive), theme.percents(own.true_positive))
        for sample, own in samples.items()
    }
    return Drawing(
        [
            theme.dotted([0, 100], [0, 100]),
            *(
                theme.line(*curve, theme.sample_token(sample), hover=words["hover_roc"])
                for sample, curve in curves.items()
            ),
        ],
        {
            "xaxis": theme.percent_axis(words["false_alarms"]),
            "yaxis": theme.percent_axis(words["events_reached"], 102, dtick=25),
            "annotations": [
                *theme.curve_labels(curves, words),
                theme.label(72, 66, words["chance"], "text-3"),
            ],
        },
    )


def roc_figure(
    data: RocData | Mapping[str, RocData], palette: Palette = "light", labels: Mapping[str, str] | None = None
) -> "go.Figure":
    """Return the Plotly figure in one palette."""
    return roc_drawing(data, labels).figure(palette)
