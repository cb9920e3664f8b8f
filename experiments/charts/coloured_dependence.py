"""Dependence with the column it interacts with most: the curve of one factor, its customers coloured by the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from experiments.charts import theme
from experiments.charts.dependence import DependenceData, dependence_drawing
from experiments.charts.theme import ChartData, Drawing, Palette
from experiments.charts.words import worded
from experiments.evaluation.ranking import Floats
from experiments.house_rules import FEWEST_TOGETHER

if TYPE_CHECKING:
    import plotly.graph_objects as go

DOTS, LEVELS_COLOURED, LONGEST_NAME = 150, 3, 22
LEVEL_TOKENS = ("validation", "challenger", "third")
# Where a customer stands on the scale, to this share of it: the chart shows no more, and nobody is found by a value.
GRAIN = 0.01


@dataclass(frozen=True)
class ColouredDependenceData(ChartData):
    """A curve, and a sample of customers in the order of their places: where they stand, the effect, and their colour.

    ``places`` are numbers, or positions of levels of the curve. ``ranks`` place the partner's value from 0 to 1, None
    where it is missing or a code; of a partner of categories ``partner_levels`` are the commonest, ``ranks`` their
    positions, and None all others.
    """

    curve: DependenceData
    partner: str
    places: tuple[float, ...]
    effects: tuple[float, ...]
    ranks: tuple[float | None, ...]
    partner_levels: tuple[str, ...] = ()


def coloured_dependence_data(
    curve: DependenceData,
    contributions: ArrayLike,
    *,
    values: pd.Series,
    partner: pd.Series,
    special_values: Mapping[str, Sequence[float]] | None = None,
    seed: int = 1,
) -> ColouredDependenceData:
    """Return the customers of a curve, coloured by another column.

    Parameters
    ----------
    curve : of the column. contributions, values : of each row. partner : the other column of the same rows.
    special_values : codes by column that are no quantities. seed : of the sample.
    """
    codes = special_values or {}
    places = _places(curve, values, codes.get(curve.column, ()))
    drawn = np.random.default_rng(seed).permutation(np.flatnonzero(~np.isnan(places)))[:DOTS]
    drawn = drawn[np.argsort(places[drawn], kind="stable")]
    ranks, levels = _colours(partner, codes.get(str(partner.name), ()))
    return ColouredDependenceData(
        curve=curve,
        partner=str(partner.name),
        places=theme.numbers(places[drawn], 15 if curve.is_date else 6),
        effects=theme.numbers(np.asarray(contributions, dtype=np.float64)[drawn], 3),
        ranks=tuple(None if np.isnan(rank) else round(float(rank), 2) for rank in ranks[drawn]),
        partner_levels=levels,
    )


def _places(curve: DependenceData, values: pd.Series, codes: Sequence[float]) -> Floats:
    """Return where each row stands under the curve, NaN where it has no place."""
    if curve.kind == "categorical":
        of_level = {level: place for place, level in enumerate(curve.levels)}
        return values.astype(object).map(lambda value: of_level.get(str(value), np.nan)).to_numpy(dtype=np.float64)
    if curve.is_date:
        known = values.notna().to_numpy()
        numbers = np.where(known, values.to_numpy("datetime64[ms]").astype(np.float64), np.nan)
    else:
        numbers = values.mask(values.isin(list(codes))).to_numpy(dtype=np.float64, na_value=np.nan)
    low, high = curve.edges[0], curve.edges[-1]
    grain = GRAIN * (high - low) or 1.0
    inside = (numbers >= low) & (numbers <= high)
    return np.where(inside, low + np.round((numbers - low) / grain) * grain, np.nan)


def _colours(partner: pd.Series, codes: Sequence[float]) -> tuple[Floats, tuple[str, ...]]:
    is_number = pd.api.types.is_numeric_dtype(partner) and not pd.api.types.is_bool_dtype(partner)
    if is_number or pd.api.types.is_datetime64_any_dtype(partner):
        ranks = partner.mask(partner.isin(list(codes))).rank(pct=True)
        return ranks.to_numpy(dtype=np.float64), ()
    counts = partner.dropna().value_counts()
    levels = [str(level) for level in counts[counts >= FEWEST_TOGETHER].index[:LEVELS_COLOURED]]
    of_level = {level: place for place, level in enumerate(levels)}
    found = partner.astype(object).map(lambda value: of_level.get(str(value), np.nan))
    return found.to_numpy(dtype=np.float64), tuple(levels)


def coloured_dependence_drawing(
    data: ColouredDependenceData,
    labels: Mapping[str, str] | None = None,
    name: str | None = None,
    partner: str | None = None,
    *,
    is_stepped: bool = False,
) -> Drawing:
    """Draw the curve over its customers; ``name`` and ``partner`` are the business names of the two columns."""
    words, plain = worded(labels), dependence_drawing(data.curve, labels, name, is_stepped=is_stepped)
    bars, *lines = plain.data
    legend = _legend(data, words, partner or data.partner)
    above = 16 * len(legend) + 10
    layout = plain.layout | {
        "annotations": [*plain.layout["annotations"], *legend], "margin": {"t": max(26, above)}
    }  # fmt: skip
    return Drawing([bars, _dots(data), *lines], layout)


def _dots(data: ColouredDependenceData) -> dict[str, Any]:
    if data.partner_levels:
        colour: Any = [theme.token("nonevent" if rank is None else LEVEL_TOKENS[int(rank)]) for rank in data.ranks]
        look = {"color": colour}
    else:
        ranks = [0.5 if rank is None else rank for rank in data.ranks]
        scale = [[0, theme.token("low")], [1, theme.token("high")]]
        look = {"color": ranks, "colorscale": scale, "cmin": 0, "cmax": 1}
    return {
        "type": "scatter", "mode": "markers", "x": _aside(data), "y": list(data.effects), "hoverinfo": "skip",
        "marker": {"size": 6, "opacity": 0.75, "showscale": False, **look},
    }  # fmt: skip


def _aside(data: ColouredDependenceData) -> list[float]:
    """Move customers of one level a little aside, so that they do not hide each other."""
    if data.curve.kind != "categorical":
        return list(data.places)
    moved = np.random.default_rng(0).uniform(-0.28, 0.28, len(data.places))
    return [round(float(place), 3) for place in np.asarray(data.places) + moved]


def _legend(data: ColouredDependenceData, words: Mapping[str, str], partner: str) -> list[dict[str, Any]]:
    # A line each, and short: a label wider than a phone would squeeze the chart.
    named = [("text-2", "", partner)]
    if data.partner_levels:
        named += [(token, "● ", level) for token, level in zip(LEVEL_TOKENS, data.partner_levels, strict=False)]
        if any(rank is None for rank in data.ranks):
            named.append(("nonevent", "● ", words["others"]))
    else:
        named += [("low", "● ", words["low_value"]), ("high", "● ", words["high_value"])]
    above: dict[str, Any] = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    return [
        theme.label(0, 1, dot + _short(name), token, yshift=16 * (len(named) - 1 - place), **_whole(name), **above)
        for place, (token, dot, name) in enumerate(named)
    ]


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "…"


def _whole(text: str) -> dict[str, Any]:
    """Tell a name that is cut whole where one points at it."""
    return {} if _short(text) == text else {"hovertext": text}


def coloured_dependence_figure(
    data: ColouredDependenceData,
    palette: Palette = "light",
    labels: Mapping[str, str] | None = None,
    name: str | None = None,
) -> "go.Figure":
    """Return the Plotly figure in one palette."""
    return coloured_dependence_drawing(data, labels, name).figure(palette)
