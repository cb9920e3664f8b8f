"""Importance: the mean size of each factor's contribution."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from experiments.charts import theme
from experiments.charts.theme import ChartData, Drawing, Palette
from experiments.charts.words import worded

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True)
class ImportanceData(ChartData):
    """Columns from the strongest down, their mean absolute contribution and its share of the whole (0 to 1)."""

    columns: tuple[str, ...]
    values: tuple[float, ...]
    shares: tuple[float, ...]


def importance_data(values: ArrayLike, columns: Sequence[str], top: int | None = None) -> ImportanceData:
    """Return the ``top`` columns (all when left out) of mean absolute contributions ``values``."""
    sizes = np.asarray(values, dtype=np.float64)
    order = np.argsort(-sizes, kind="stable")[:top]
    total = sizes.sum()
    return ImportanceData(
        columns=tuple(str(columns[place]) for place in order),
        values=theme.numbers(sizes[order]),
        shares=theme.numbers(sizes[order] / total if total > 0 else 0 * sizes[order]),
    )


def importance_drawing(
    data: ImportanceData,
    labels: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
    top: int = 15,
) -> Drawing:
    """Draw a bar for each of the first ``top`` columns; ``names`` gives the business name of a column."""
    words, called = worded(labels), names or {}
    columns, values, shares = data.columns[:top], data.values[:top], data.shares[:top]
    rows = [called.get(column, column) for column in columns]
    places = list(range(len(rows), 0, -1))
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": list(values),
        "y": places,
        "customdata": rows,
        "width": 0.6,
        "marker": {"color": theme.token("event")},
        "hovertemplate": words["hover_importance"].replace("%{y", "%{customdata") + "<extra></extra>",
    }
    shown = [
        theme.label(value, place, f"{100 * share:.0f}%", "text-2", xshift=5)
        for value, place, share in zip(values, places, shares, strict=True)
    ]
    ticks = {"tickvals": places, "ticktext": rows, "tickfont": {"size": 12.5, "color": theme.token("text")}}
    return Drawing(
        [bars],
        {
            "height": 28 * len(rows) + 46,
            "xaxis": {"rangemode": "tozero", "title": {"text": words["mean_effect"]}, "nticks": 6},
            "yaxis": {**ticks, "range": [0.4, len(rows) + 0.6], "showgrid": False},
            "annotations": shown,
            "margin": {"r": 36},
        },
    )


def importance_figure(
    data: ImportanceData,
    palette: Palette = "light",
    labels: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
) -> "go.Figure":
    """Return the Plotly figure in one palette."""
    return importance_drawing(data, labels, names).figure(palette)
