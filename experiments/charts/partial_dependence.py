"""Partial dependence: the probability if everybody had a value, with single customers and the population behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from experiments.charts import theme
from experiments.charts.dependence import axis_of_levels, histogram_bars, population_of
from experiments.charts.theme import ChartData, Drawing, Palette
from experiments.charts.words import worded
from experiments.evaluation.ranking import Floats

if TYPE_CHECKING:
    import plotly.graph_objects as go

CURVES = 24


@dataclass(frozen=True)
class PartialDependenceData(ChartData):
    """Mean probability at each value of one column, and the same of some customers one by one.

    For a number, ``x`` are its values and ``edges``/``counts`` the histogram; for a category, ``levels`` are named and
    ``counts`` belong to them. ``low`` and ``high`` hold the middle 80 % of the customers. ``curves`` are a fixed sample
    of them in the order of their heights, so that nobody's curves can be found together in two charts.
    """

    column: str
    kind: Literal["numeric", "categorical"]
    x: tuple[float, ...]
    levels: tuple[str, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    curves: tuple[tuple[float, ...], ...]
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    rows: int
    is_date: bool = False


def partial_dependence_data(
    grid: Sequence[Any],
    each: ArrayLike,
    *,
    values: pd.Series,
    column: str,
    special_values: Sequence[float] = (),
    seed: int = 1,
) -> PartialDependenceData:
    """Return what the chart shows.

    Parameters
    ----------
    grid : values of the column. each : what the model says of every row with each, shape (values, rows).
    values : the column of the population, whose histogram stands behind the curve.
    special_values : codes that are no quantities. seed : of the sample of single customers.
    """
    answers: Floats = np.asarray(each, dtype=np.float64)
    chosen = np.random.default_rng(seed).permutation(answers.shape[1])[:CURVES]
    single = answers[:, chosen]
    single = single[:, np.argsort(single.mean(axis=0), kind="stable")]
    shared: dict[str, Any] = {
        "mean": theme.numbers(answers.mean(axis=1), 5),
        "low": theme.numbers(np.quantile(answers, 0.1, axis=1), 5),
        "high": theme.numbers(np.quantile(answers, 0.9, axis=1), 5),
        "rows": answers.shape[1],
        "column": column,
    }
    is_date = pd.api.types.is_datetime64_any_dtype(values)
    if is_date or (pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)):
        edges, counts = population_of(values, special_values)
        digits = 15 if is_date else 6
        x = [value.timestamp() * 1000 if is_date else value for value in grid]
        curves = tuple(theme.numbers(curve, 4) for curve in single.T)
        return PartialDependenceData(
            kind="numeric", x=theme.numbers(x, digits), levels=(), curves=curves, edges=edges, counts=counts,
            is_date=is_date, **shared,
        )  # fmt: skip
    counted = values.value_counts()
    counts = tuple(int(counted.get(level, 0)) for level in grid)
    levels = tuple(str(level) for level in grid)
    return PartialDependenceData(
        kind="categorical", x=(), levels=levels, curves=(), edges=(), counts=counts, **shared
    )  # fmt: skip


def partial_dependence_drawing(
    data: PartialDependenceData, labels: Mapping[str, str] | None = None, name: str | None = None
) -> Drawing:
    """Draw mean and single customers over a grey histogram of the population; ``name`` is the business name."""
    words, called = worded(labels), name or data.column
    drawn = _categories(data, words) if data.kind == "categorical" else _curves(data, words)
    x_axis: dict[str, Any] = {"title": {"text": called}, "nticks": 6}
    if data.kind == "categorical":
        x_axis |= axis_of_levels(data.levels)
    elif data.is_date:
        x_axis |= {"type": "date"}
    people: dict[str, Any] = {"side": "right", "showgrid": False, "showticklabels": False, "zeroline": False}
    people["range"] = [0, 3.2 * max([1, *data.counts])]
    chance = {"overlaying": "y2", "side": "left", "nticks": 6, "ticksuffix": "%", "rangemode": "tozero",
              "tickmode": "auto", "title": {"text": words["probability"]}}  # fmt: skip
    above = words["people"] if data.kind == "categorical" else words["people_and_curves"]
    note = theme.label(1, 1, above, "text-3", xref="paper", yref="paper", xanchor="right", yanchor="bottom")
    return Drawing(
        drawn, {"xaxis": x_axis, "yaxis": chance, "yaxis2": people, "margin": {"t": 26}, "annotations": [note]}
    )


def _curves(data: PartialDependenceData, words: Mapping[str, str]) -> list[dict[str, Any]]:
    middles = [(low + high) / 2 for low, high in zip(data.edges[:-1], data.edges[1:], strict=True)]
    bar = 0.9 * (data.edges[1] - data.edges[0]) if len(data.edges) > 1 else 1.0
    # One line with gaps for all customers: nobody's can be pointed at.
    x = [place for _curve in data.curves for place in (*data.x, None)]
    y = [height for curve in data.curves for height in (*theme.percents(curve), None)]
    soft = {"color": theme.token("nonevent", 0.45)}
    return [
        histogram_bars(middles, data.counts, words, width=bar),
        theme.line(x, y, "nonevent", width=0.8, line=soft),
        theme.line(data.x, theme.percents(data.mean), "event", width=3, hover=words["hover_partial"]),
    ]


def _categories(data: PartialDependenceData, words: Mapping[str, str]) -> list[dict[str, Any]]:
    mean, low, high = (theme.percents(values) for values in (data.mean, data.low, data.high))
    spread = {
        "type": "data", "symmetric": False, "color": theme.token("event"), "thickness": 1, "width": 0,
        "array": [(top or 0) - (middle or 0) for top, middle in zip(high, mean, strict=True)],
        "arrayminus": [(middle or 0) - (bottom or 0) for middle, bottom in zip(mean, low, strict=True)],
    }  # fmt: skip
    dots: dict[str, Any] = {"mode": "markers", "marker": {"size": 8, "color": theme.token("event")}, "error_y": spread}
    places, whole = list(range(len(data.levels))), list(data.levels)
    people, hover = (words[key].replace("%{x}", "%{customdata}") for key in ("hover_people", "hover_partial"))
    told = people + "<extra></extra>"
    return [
        histogram_bars(places, data.counts, words, width=0.7, customdata=whole, hovertemplate=told),
        theme.line(places, mean, "event", hover=hover, customdata=whole, **dots),
    ]


def partial_dependence_figure(
    data: PartialDependenceData,
    palette: Palette = "light",
    labels: Mapping[str, str] | None = None,
    name: str | None = None,
) -> "go.Figure":
    """Return the Plotly figure in one palette."""
    return partial_dependence_drawing(data, labels, name).figure(palette)
