"""Dependence: how one factor acts, over the customers who have each value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from experiments.charts import theme
from experiments.charts.theme import ChartData, Drawing, Palette
from experiments.charts.waterfall import value_text
from experiments.charts.words import worded
from experiments.evaluation.deciles import quantile_edges
from experiments.evaluation.ranking import Floats
from experiments.house_rules import FEWEST_TOGETHER
from experiments.telling import minus

if TYPE_CHECKING:
    import plotly.graph_objects as go


# Names of levels under the axis: how many letters are shown, and from when on they would run into each other.
BARS = 20
LONGEST_LEVEL, LONGEST_SIDE_BY_SIDE, LEVELS_SIDE_BY_SIDE = 14, 7, 6


@dataclass(frozen=True)
class SpecialEffect(ChartData):
    """Mean contribution of a code that stands for a meaning and not for a quantity, and the rows that have it."""

    code: float
    effect: float
    count: int


@dataclass(frozen=True)
class DependenceData(ChartData):
    """Mean contribution of one column by its value.

    For a number, ``x`` are the mean values of groups and ``edges``/``counts`` the histogram; for a category,
    ``levels`` are named and ``counts`` belong to them. ``missing_effect`` is the mean where the value is missing.
    ``low`` and ``high`` hold the middle 80 % of the contributions. ``specials`` are codes that are no quantities: they
    have no place on the scale, neither in ``x`` nor in the histogram. Nothing is told of fewer than ten customers
    together (``house_rules.FEWEST_TOGETHER``): groups of a number are as wide as that takes, levels, codes and missing
    values of fewer are left out, and so are bars of fewer.
    """

    column: str
    kind: Literal["numeric", "categorical"]
    x: tuple[float, ...]
    levels: tuple[str, ...]
    effects: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    missing_effect: float | None
    missing_count: int
    is_date: bool = False
    specials: tuple[SpecialEffect, ...] = ()


def dependence_data(
    contributions: ArrayLike,
    values: pd.Series,
    column: str | None = None,
    *,
    groups: int = 20,
    max_levels: int = 12,
    special_values: Sequence[float] = (),
) -> DependenceData:
    """Return the dependence of one column.

    Parameters
    ----------
    contributions : the column's contribution for each row; shape (n,).
    values : the column's values; n rows, numbers, dates or categories.
    groups : groups of equal frequency for a number with more values than that.
    max_levels : most frequent levels shown for a category.
    special_values : codes of a number that stand for a meaning and not for a quantity.
    """
    phi = np.asarray(contributions, dtype=np.float64)
    rows = pd.Series(values).reset_index(drop=True)
    name = str(values.name if column is None else column)
    missing = rows.isna().to_numpy()
    known, own = rows[~missing], phi[~missing]
    has_missing = int(missing.sum()) >= FEWEST_TOGETHER
    gone = (float(phi[missing].mean()), int(missing.sum())) if has_missing else (None, 0)
    is_date = pd.api.types.is_datetime64_any_dtype(rows)
    is_number = pd.api.types.is_numeric_dtype(rows) and not pd.api.types.is_bool_dtype(rows)
    if is_date:
        # Milliseconds, as Plotly's date axis counts.
        return _numeric(name, known.to_numpy("datetime64[ms]").astype(np.float64), own, groups, gone, is_date=True)
    if is_number:
        numbers = known.to_numpy(np.float64)
        is_code = np.isin(numbers, np.asarray(special_values, dtype=np.float64))
        curve = _numeric(name, numbers[~is_code], own[~is_code], groups, gone, is_date=False)
        return replace(curve, specials=_specials(numbers[is_code], own[is_code]))
    return _categorical(name, known.astype(str), own, max_levels, gone)


def _specials(numbers: Floats, phi: Floats) -> tuple[SpecialEffect, ...]:
    return tuple(
        SpecialEffect(float(code), float(phi[numbers == code].mean()), int((numbers == code).sum()))
        for code in np.unique(numbers)
        if (numbers == code).sum() >= FEWEST_TOGETHER
    )


def _numeric(
    name: str, numbers: Floats, phi: Floats, groups: int, gone: tuple[float | None, int], *, is_date: bool
) -> DependenceData:
    finite = np.isfinite(numbers)
    numbers, phi = numbers[finite], phi[finite]
    edges = quantile_edges(numbers, groups) if len(np.unique(numbers)) > groups else np.unique(numbers)[1:]
    code = _together(np.searchsorted(edges, numbers, side="right"))
    used = np.unique(code)
    if len(numbers) < FEWEST_TOGETHER:
        used = used[:0]
    borders, heights = _histogram_of(numbers)
    return DependenceData(
        column=name,
        kind="numeric",
        x=theme.numbers([numbers[code == one].mean() for one in used], 15 if is_date else 6),
        levels=(),
        **_effects([phi[code == one] for one in used]),
        edges=theme.numbers(borders, 15 if is_date else 6),
        counts=tuple(heights.tolist()),
        missing_effect=gone[0],
        missing_count=gone[1],
        is_date=is_date,
    )


def _together(code: np.ndarray) -> np.ndarray:
    """Return the groups of rows, those of too few joined to the next, and at the end to the one before."""
    joined, place, held = np.zeros(int(code.max(initial=-1)) + 1, dtype=int), 0, 0
    for one, count in enumerate(np.bincount(code)):
        if held >= FEWEST_TOGETHER:
            place, held = place + 1, 0
        joined[one] = place
        held += int(count)
    if 0 < held < FEWEST_TOGETHER and place > 0:
        joined[joined == place] = place - 1
    return np.asarray(joined[code])


def population_of(values: pd.Series, special_values: Sequence[float] = ()) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Return the histogram of numbers or dates, its edges and counts: who stands behind a curve."""
    is_date = pd.api.types.is_datetime64_any_dtype(values)
    known = values[values.notna().to_numpy()]
    numbers = known.to_numpy("datetime64[ms]").astype(np.float64) if is_date else known.to_numpy(np.float64)
    numbers = numbers[np.isfinite(numbers) & ~np.isin(numbers, np.asarray(special_values, dtype=np.float64))]
    borders, heights = _histogram_of(numbers)
    return theme.numbers(borders, 15 if is_date else 6), tuple(heights.tolist())


def _histogram_of(numbers: Floats) -> tuple[np.ndarray, np.ndarray]:
    # The tails would squeeze the histogram into one bar.
    middle = tuple(np.quantile(numbers, [0.005, 0.995])) if len(numbers) else None
    bins = int(np.clip(len(numbers) // FEWEST_TOGETHER, 1, BARS))
    heights, borders = np.histogram(numbers, bins=bins, range=middle)
    return borders, np.where(heights < FEWEST_TOGETHER, 0, heights)


def _categorical(
    name: str, levels: pd.Series, phi: Floats, max_levels: int, gone: tuple[float | None, int]
) -> DependenceData:
    counts = levels.value_counts()
    counts = counts[counts >= FEWEST_TOGETHER].iloc[:max_levels]
    own = {level: phi[(levels == level).to_numpy()] for level in counts.index}
    ordered = sorted(own, key=lambda level: -float(own[level].mean()))
    return DependenceData(
        column=name,
        kind="categorical",
        x=(),
        levels=tuple(ordered),
        **_effects([own[level] for level in ordered]),
        edges=(),
        counts=tuple(int(counts[level]) for level in ordered),
        missing_effect=gone[0],
        missing_count=gone[1],
    )


def _effects(parts: list[Floats]) -> dict[str, Any]:
    return {
        "effects": theme.numbers([part.mean() for part in parts]),
        "low": theme.numbers([np.quantile(part, 0.1) for part in parts]),
        "high": theme.numbers([np.quantile(part, 0.9) for part in parts]),
    }


def dependence_drawing(
    data: DependenceData,
    labels: Mapping[str, str] | None = None,
    name: str | None = None,
    *,
    is_stepped: bool = False,
) -> Drawing:
    """Draw the curve over a grey histogram; ``name`` is the business name, ``is_stepped`` suits a scorecard."""
    words, called = worded(labels), name or data.column
    drawn = _categories(data, words) if data.kind == "categorical" else _curve(data, words, is_stepped)
    x_axis: dict[str, Any] = {"title": {"text": called}, "nticks": 6}
    if data.kind == "categorical":
        x_axis |= axis_of_levels(data.levels)
    elif data.is_date:
        x_axis |= {"type": "date"}
    people: dict[str, Any] = {"side": "right", "showgrid": False, "showticklabels": False, "zeroline": False}
    people["range"] = [0, 2.6 * max([1, *data.counts])]
    effect = {
        "zeroline": True,
        "overlaying": "y2",
        "tickmode": "auto",
        "nticks": 6,
        "title": {"text": words["effect"]},
        "side": "left",
    }
    names = [
        # Above the chart: inside, the curve and the bars would run through it.
        theme.label(1, 1, words["people"], "text-3", xref="paper", yref="paper", xanchor="right", yanchor="bottom")
    ]
    # What has no place on the scale is told beside the curve.
    beside = [
        (f"{words['special']} {minus(value_text(special.code))}", special.effect, special.count)
        for special in data.specials
    ]
    if data.missing_effect is not None:
        beside.insert(0, (words["missing"], data.missing_effect, data.missing_count))
    if beside:
        text = "<br>".join(f"{called}: {minus(f'{effect:+.2f}')} ({count:,})" for called, effect, count in beside)
        names.append(theme.label(1, 1, text, "text-3", xref="paper", yref="paper", xanchor="right", yanchor="top"))
    axes = {"xaxis": x_axis, "yaxis": effect, "yaxis2": people}
    return Drawing(drawn, {**axes, "margin": {"t": 26}, "annotations": names})


def histogram_bars(x: list[Any], counts: tuple[int, ...], words: Mapping[str, str], **more: Any) -> dict[str, Any]:
    """Return the grey bars of the population behind a curve."""
    look = {"marker": {"color": theme.token("border")}, "hovertemplate": words["hover_people"] + "<extra></extra>"}
    return {"type": "bar", "x": x, "y": list(counts), "yaxis": "y2", **look, **more}


def _curve(data: DependenceData, words: Mapping[str, str], is_stepped: bool) -> list[dict[str, Any]]:
    middles = [(low + high) / 2 for low, high in zip(data.edges[:-1], data.edges[1:], strict=True)]
    bar = 0.9 * (data.edges[1] - data.edges[0]) if len(data.edges) > 1 else 1.0
    style = {"shape": "hvh"} if is_stepped else {}
    return [
        histogram_bars(middles, data.counts, words, width=bar),
        *([] if is_stepped else [theme.ribbon(data.x, data.low, data.high, "event")]),
        theme.line(data.x, data.effects, "event", width=2.5, line=style, hover=words["hover_dependence"]),
    ]


def _categories(data: DependenceData, words: Mapping[str, str]) -> list[dict[str, Any]]:
    spread = {
        "type": "data",
        "symmetric": False,
        "array": [high - mean for high, mean in zip(data.high, data.effects, strict=True)],
        "arrayminus": [mean - low for low, mean in zip(data.low, data.effects, strict=True)],
        "color": theme.token("event"),
        "thickness": 1,
        "width": 0,
    }
    dots: dict[str, Any] = {"mode": "markers", "marker": {"size": 8, "color": theme.token("event")}, "error_y": spread}
    # Levels stand at places, so that two that are cut alike stay two; what is cut is told whole where one points.
    places, whole = list(range(len(data.levels))), list(data.levels)
    people, effect = (words[name].replace("%{x}", "%{customdata}") for name in ("hover_people", "hover_dependence"))
    return [
        histogram_bars(
            places, data.counts, words, width=0.7, customdata=whole, hovertemplate=people + "<extra></extra>"
        ),
        theme.line(places, data.effects, "event", hover=effect, customdata=whole, **dots),
    ]


def axis_of_levels(levels: Sequence[str]) -> dict[str, Any]:
    """Name the levels as short as there is room for: side by side, or slanted where they are many or long."""
    is_slanted = len(levels) > LEVELS_SIDE_BY_SIDE or max(map(len, levels), default=0) > LONGEST_SIDE_BY_SIDE
    short = [level if len(level) <= LONGEST_LEVEL else level[: LONGEST_LEVEL - 1] + "…" for level in levels]
    return {
        "tickvals": list(range(len(levels))), "ticktext": short, "tickangle": -35 if is_slanted else 0,
        "range": [-0.6, len(levels) - 0.4], "zeroline": False,
    }  # fmt: skip


def dependence_figure(
    data: DependenceData,
    palette: Palette = "light",
    labels: Mapping[str, str] | None = None,
    name: str | None = None,
    *,
    is_stepped: bool = False,
) -> "go.Figure":
    """Return the Plotly figure in one palette."""
    return dependence_drawing(data, labels, name, is_stepped=is_stepped).figure(palette)
