"""What a model rests on, over many rows and for one, as small plain data that can be drawn or read."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from experiments.explanation.values import kind_of, ranked_values, value_text


class _Plain:
    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready plain data."""
        return asdict(self)  # type: ignore[call-overload]


@dataclass(frozen=True)
class Importance(_Plain):
    """A column's weight in the model.

    Attributes
    ----------
    mean_abs : mean absolute contribution in margin units; share : of all columns' sum.
    direction : rank correlation of value and contribution (−1 to 1), None for categories: the sign says which way it
        pushes, the size how steadily.
    """

    column: str
    mean_abs: float
    share: float
    direction: float | None


@dataclass(frozen=True)
class BeeswarmColumn(_Plain):
    """A sample of one column's contributions; ``rank`` is the value's place among all rows (0 to 1, None: no order)."""

    column: str
    phi: list[float]
    rank: list[float | None]
    value: list[str]


@dataclass(frozen=True)
class DependencePoint(_Plain):
    """Customers with values from ``low`` to ``high`` (or of one ``level``): their share and contributions.

    ``mean``, ``lower`` and ``upper`` are the mean and the 10 % and 90 % quantiles of the contribution.
    """

    low: float | None
    high: float | None
    level: str
    text: str
    rows: int
    share: float
    mean: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Dependence(_Plain):
    """How a column's contribution moves with its value; ``points`` in order of value, or most frequent level first."""

    column: str
    type: str
    points: list[DependencePoint] = field(default_factory=list)
    empty: DependencePoint | None = None


@dataclass(frozen=True)
class WaterfallStep(_Plain):
    """One column's part for one customer, beside the value that caused it."""

    column: str
    value: str
    phi: float


@dataclass(frozen=True)
class Waterfall(_Plain):
    """From the base to one customer's margin: the largest steps, all others summed in ``rest``."""

    base: float
    steps: list[WaterfallStep]
    rest: float
    rest_columns: int
    margin: float


def importance_of(phi: pd.DataFrame, frame: pd.DataFrame, types: Mapping[str, str] | None = None) -> list[Importance]:
    """Return every column's importance, largest first; ``phi`` and ``frame`` have the same rows and column names."""
    means = phi.abs().mean()
    total = float(means.sum()) or 1.0
    ranked = sorted(phi.columns, key=lambda name: (-means[name], str(name)))
    return [
        Importance(str(name), float(means[name]), float(means[name]) / total, _direction(phi[name], frame[name], types))
        for name in ranked
    ]


def beeswarm_of(
    phi: pd.DataFrame,
    frame: pd.DataFrame,
    types: Mapping[str, str] | None = None,
    *,
    columns: int = 10,
    points: int = 40,
    seed: int = 1,
) -> list[BeeswarmColumn]:
    """Return the same sample of rows for each of the most important columns, ``columns × points`` points in all."""
    top = [entry.column for entry in importance_of(phi, frame, types)[:columns]]
    size = min(points, len(phi))
    rows = np.sort(np.random.default_rng(seed).choice(len(phi), size, replace=False))
    return [_beeswarm_column(phi[name], frame[name], (types or {}).get(name), rows) for name in top]


def dependence_of(
    column: pd.Series, phi: np.ndarray, kind: str | None = None, *, bins: int = 20, levels: int = 15
) -> Dependence:
    """Return the curve of one column's contribution over its values; ``phi`` has shape (rows,)."""
    kind = kind_of(column, kind)
    values = ranked_values(column, kind)
    phi = np.asarray(phi, dtype=float)
    if values is None:
        return _level_dependence(column, phi, kind, levels)
    is_empty = np.isnan(values)
    points = _range_points(values[~is_empty], phi[~is_empty], kind, bins, len(phi))
    empty = _point(phi[is_empty], len(phi)) if is_empty.any() else None
    return Dependence(str(column.name), kind, points, empty)


def waterfall_of(
    phi: pd.Series,
    base: float,
    row: pd.Series,
    types: Mapping[str, str] | None = None,
    *,
    steps: int = 8,
    language: str = "en",
) -> Waterfall:
    """Return one customer's way from the base to the margin; ``phi`` and ``row`` are indexed by column."""
    ranked = sorted(phi.index, key=lambda name: (-abs(phi[name]), str(name)))
    shown = [name for name in ranked[:steps] if phi[name] != 0]
    hidden = [name for name in phi.index if name not in set(shown)]
    rest = float(sum(phi[name] for name in hidden))
    return Waterfall(
        base=float(base),
        steps=[_step(name, phi[name], row.get(name), (types or {}).get(name), language) for name in shown],
        rest=rest,
        rest_columns=len(hidden),
        margin=float(base + phi.sum()),
    )


def example_rows(probability: np.ndarray, cut_off: float) -> dict[str, int]:
    """Return positions of a typical ``high`` row, the row ``near`` the cut-off, and a typical ``low`` row.

    High and low are the 98 % and 2 % quantiles rather than the extremes, which are often odd.
    """
    order = np.argsort(probability, kind="stable")
    last = len(order) - 1
    return {
        "high": int(order[round(0.98 * last)]),
        "near": int(np.argmin(np.abs(probability - cut_off))),
        "low": int(order[round(0.02 * last)]),
    }


def rank_correlation(values: np.ndarray | None, phi: np.ndarray) -> float | None:
    """Return Spearman's correlation over the filled cells; None where there is nothing to correlate."""
    if values is None:
        return None
    is_filled = ~np.isnan(values)
    if is_filled.sum() < 3 or np.ptp(values[is_filled]) == 0 or np.ptp(phi[is_filled]) == 0:
        return None
    return float(stats.spearmanr(values[is_filled], phi[is_filled]).statistic)


def _direction(phi: pd.Series, column: pd.Series, types: Mapping[str, str] | None) -> float | None:
    kind = kind_of(column, (types or {}).get(str(column.name)))
    return rank_correlation(ranked_values(column, kind), phi.to_numpy(dtype=float))


def _beeswarm_column(phi: pd.Series, column: pd.Series, kind: str | None, rows: np.ndarray) -> BeeswarmColumn:
    kind = kind_of(column, kind)
    values = ranked_values(column, kind)
    ranks: list[float | None] = [None] * len(rows)
    if values is not None and not np.isnan(values).all():
        places = stats.rankdata(values, nan_policy="omit")
        span = max(float(np.nanmax(places)) - 1, 1.0)
        ranks = [None if np.isnan(place) else float((place - 1) / span) for place in places[rows]]
    texts = [value_text(value, kind) for value in column.iloc[rows]]
    return BeeswarmColumn(str(column.name), phi.to_numpy(dtype=float)[rows].tolist(), ranks, texts)


def _range_points(values: np.ndarray, phi: np.ndarray, kind: str, bins: int, total: int) -> list[DependencePoint]:
    if values.size == 0:
        return []
    distinct = np.unique(values)
    if distinct.size > bins:
        distinct = np.unique(np.quantile(values, np.linspace(0, 1, bins + 1)[:-1], method="lower"))
    index = np.searchsorted(distinct, values, side="right") - 1
    points = []
    for position in range(len(distinct)):
        inside = values[index == position]
        low, high = float(inside.min()), float(inside.max())
        points.append(_point(phi[index == position], total, low, high, text=_range_text(low, high, kind)))
    return points


def _range_text(low: float, high: float, kind: str) -> str:
    texts = [_ordered_text(value, kind) for value in (low, high)]
    return texts[0] if texts[0] == texts[1] else f"{texts[0]} – {texts[1]}"


def _ordered_text(value: float, kind: str) -> str:
    if kind == "date":
        return str((pd.Timestamp("1970-01-01") + pd.Timedelta(days=value)).date())
    return value_text(value, kind)


def _level_dependence(column: pd.Series, phi: np.ndarray, kind: str, levels: int) -> Dependence:
    texts = np.array([value_text(value, kind) for value in column], dtype=object)
    counts = pd.Series(texts[texts != ""]).value_counts()
    ranked = sorted(counts.index, key=lambda text: (-counts[text], text))[:levels]
    points = [_point(phi[texts == text], len(phi), level=text, text=text) for text in ranked]
    empty = _point(phi[texts == ""], len(phi)) if (texts == "").any() else None
    return Dependence(str(column.name), kind, points, empty)


def _point(
    phi: np.ndarray, total: int, low: float | None = None, high: float | None = None, level: str = "", text: str = ""
) -> DependencePoint:
    lower, upper = np.quantile(phi, [0.1, 0.9])
    return DependencePoint(
        low, high, level, text, len(phi), len(phi) / total, float(phi.mean()), float(lower), float(upper)
    )


def _step(name: str, phi: float, value: object, kind: str | None, language: str) -> WaterfallStep:
    kind = kind or kind_of(pd.Series([value]), None)
    return WaterfallStep(str(name), value_text(value, kind, language), float(phi))


def to_plain(items: Sequence[_Plain]) -> list[dict[str, Any]]:
    """Return a list of the above as JSON-ready plain data."""
    return [item.to_dict() for item in items]
