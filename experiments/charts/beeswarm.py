"""Beeswarm: how each factor moves the score of each customer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from experiments.charts import theme
from experiments.charts.theme import ChartData, Drawing, Palette
from experiments.charts.words import worded
from experiments.evaluation.ranking import Floats

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True)
class BeeswarmFactor(ChartData):
    """One factor: contributions of the sampled customers and where each value ranks, 0 low to 1 high.

    ``ranks`` is empty for a category, which has no order; ``None`` in it is a missing value.
    """

    column: str
    contributions: tuple[float, ...]
    ranks: tuple[float | None, ...]


@dataclass(frozen=True)
class BeeswarmData(ChartData):
    """The strongest factors, strongest first; ``mean_effects`` is the mean size of each one's contributions."""

    factors: tuple[BeeswarmFactor, ...]
    mean_effects: tuple[float, ...]


def beeswarm_data(
    contributions: ArrayLike,
    frame: pd.DataFrame,
    *,
    top: int = 10,
    customers: int = 100,
    seed: int = 1,
    special_values: Mapping[str, Sequence[float]] | None = None,
) -> BeeswarmData:
    """Return the swarm of the ``top`` columns of ``frame``.

    Parameters
    ----------
    contributions : one column for each of ``frame``; shape (n, columns).
    frame : the values, numbers or categories; n rows.
    customers : how many rows are drawn to be shown.
    special_values : codes by column that are no quantities; they have no rank, as a missing value.
    """
    phi = np.asarray(contributions, dtype=np.float64)
    effects = np.abs(phi).mean(axis=0) if len(phi) else np.zeros(phi.shape[1])
    strongest = np.argsort(-effects, kind="stable")[:top]
    drawn = np.random.default_rng(seed).permutation(len(phi))[:customers]
    return BeeswarmData(
        factors=tuple(
            BeeswarmFactor(
                column=str(frame.columns[place]),
                contributions=theme.numbers(phi[drawn, place], 4),
                ranks=_ranks(frame.iloc[:, place], drawn, (special_values or {}).get(str(frame.columns[place]), ())),
            )
            for place in strongest
        ),
        mean_effects=theme.numbers(effects[strongest]),
    )


def _ranks(column: pd.Series, drawn: np.ndarray, codes: Sequence[float]) -> tuple[float | None, ...]:
    has_order = pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column)
    if not has_order or pd.api.types.is_bool_dtype(column):
        return ()
    ranks = column.mask(column.isin(list(codes))).rank(pct=True).iloc[drawn]
    return tuple(None if pd.isna(rank) else round(float(rank), 3) for rank in ranks)


def beeswarm_drawing(
    data: BeeswarmData, labels: Mapping[str, str] | None = None, names: Mapping[str, str] | None = None
) -> Drawing:
    """Draw a row of dots for each factor; ``names`` gives the business name of a column."""
    words, called, count = worded(labels), names or {}, len(data.factors)
    width = max((abs(value) for factor in data.factors for value in factor.contributions), default=1.0) or 1.0
    rows = [
        _row(
            factor,
            count - place,
            width,
            place,
            called.get(factor.column, factor.column) + ": " + words["hover_effect"].replace("%{x", "%{customdata"),
        )
        for place, factor in enumerate(data.factors)
    ]
    return Drawing(
        rows,
        {
            "height": 40 * count + 46,
            "xaxis": {"zeroline": True, "showgrid": True, "title": {"text": words["effect"]}},
            "yaxis": {
                "tickvals": [count - place for place in range(count)],
                "ticktext": [called.get(factor.column, factor.column) for factor in data.factors],
                "range": [0.4, count + 0.6],
                "showgrid": False,
                "zeroline": False,
                "tickfont": {"size": 12.5, "color": theme.token("text")},
            },
        },
    )


def _row(factor: BeeswarmFactor, height: int, width: float, seed: int, hover: str) -> dict[str, Any]:
    x = np.asarray(factor.contributions)
    rng = np.random.default_rng(seed)
    y = height + _spread(x, width) * rng.uniform(-0.41, 0.41, len(x))
    ordered = [0.5 if rank is None else rank for rank in factor.ranks]
    scale = [[0, theme.token("low")], [1, theme.token("high")]]
    look = (
        {"color": ordered, "colorscale": scale, "cmin": 0, "cmax": 1} if ordered else {"color": theme.token("nonevent")}
    )
    return {
        "type": "scatter",
        "mode": "markers",
        "x": theme.numbers(x + rng.uniform(-0.004, 0.004, len(x)) * width, 4),
        "y": theme.numbers(y, 4),
        "customdata": list(factor.contributions),
        "marker": {"size": 5, "opacity": 0.62, "showscale": False, **look},
        "hovertemplate": f"{hover}<extra></extra>",
    }


def _spread(x: Floats, width: float) -> Floats:
    """Let a row swell where its dots crowd."""
    if not len(x):
        return x
    place = np.round(x / width * 25).astype(int)
    _, codes, counts = np.unique(place, return_inverse=True, return_counts=True)
    return np.sqrt(counts[codes] / counts.max())


def beeswarm_figure(
    data: BeeswarmData,
    palette: Palette = "light",
    labels: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
) -> "go.Figure":
    """Return the Plotly figure in one palette."""
    return beeswarm_drawing(data, labels, names).figure(palette)
