"""Choose columns for a scorecard, with a reason on record for every column left out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from experiments.errors import gettext_noop as _
from experiments.features.bins import BinnedColumn
from experiments.features.levels import as_numbers, factorize_levels
from experiments.features.woe import information_value, iv_by_chance, iv_noise_floor
from experiments.sentence import Sentence
from experiments.stored import Part
from experiments.telling import apart

__all__ = ["correlations", "variance_inflation"]


@dataclass(frozen=True)
class Selected(Part):
    """What became of one column at one step of selection.

    Attributes
    ----------
    code : ``kept``, ``concentrated`` (kept, but much hangs on it) or the step that left it out: ``unpromising``,
        ``one_bin``, ``weak``, ``correlated``, ``too_many``, ``inflated``, ``sign`` or ``insignificant``.
    message : sentence for people, with ``params``.
    value, threshold : the number that decided and the limit it was held against, None where a step has none.
    """

    column: str
    code: str
    message: str
    params: dict[str, Any] = field(default_factory=dict)
    value: float | None = None
    threshold: float | None = None

    @property
    def is_kept(self) -> bool:
        """Return whether the column is in the model."""
        return self.code == "kept"

    @property
    def sentence(self) -> Sentence:
        """The reason."""
        return Sentence(self.message, self.params)


def variance_inflation(matrix: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """Return the variance inflation factor of each column of ``matrix``, with an intercept: ``1/(1−R²)``.

    The diagonal of the inverse of the (weighted) correlation matrix; a constant column has 1.

    Parameters
    ----------
    matrix : shape (rows, columns). weight : shape (rows,); all alike when ``None``.

    Returns
    -------
    numpy.ndarray
        Shape (columns,), at least 1.

    References
    ----------
    Marquardt, D. W. (1970). Generalized inverses, ridge regression and biased linear estimation. Technometrics
    12.

    Examples
    --------
    >>> variance_inflation(np.array([[1.0, 1.0], [2.0, 3.0], [3.0, 2.0], [4.0, 4.0]])).round(2).tolist()
    [2.78, 2.78]
    """
    if matrix.shape[1] < 2:
        return np.ones(matrix.shape[1])
    correlation = correlations(matrix, weight)
    # The pseudo-inverse reports exact copies as 0.25 or so; a trace of ridge makes them huge, as they should be.
    return np.maximum(np.diag(np.linalg.inv(correlation + 1e-9 * np.eye(len(correlation)))), 1.0)


def correlations(matrix: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """Return the weighted correlation matrix; a constant column correlates with nothing but itself.

    Parameters
    ----------
    matrix : shape (rows, columns). weight : shape (rows,); all alike when ``None``.

    Returns
    -------
    numpy.ndarray
        Shape (columns, columns).

    Examples
    --------
    >>> correlations(np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]])).round(3).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    weights = np.ones(len(matrix)) if weight is None else weight
    centred = matrix - np.average(matrix, axis=0, weights=weights)
    covariance = (centred * weights[:, None]).T @ centred / weights.sum()
    deviation = np.sqrt(np.diag(covariance))
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = covariance / np.outer(deviation, deviation)
    correlation[~np.isfinite(correlation)] = 0.0
    np.fill_diagonal(correlation, 1.0)
    return np.clip(correlation, -1.0, 1.0)


def strength(column: BinnedColumn) -> float:
    """Return the information value above what noise alone would reach."""
    return column.iv - column.iv_floor


def most_promising(
    frame: pd.DataFrame, names: Sequence[str], y: np.ndarray, weight: np.ndarray, *, limit: int
) -> list[str]:
    """Return the ``limit`` names whose ten coarse groups tell most above chance: a cheap look before real binning."""
    promise = {name: _coarse_strength(frame[name], y, weight) for name in names}
    kept = set(sorted(names, key=lambda name: (-promise[name], name))[:limit])
    return [name for name in names if name in kept]


def _coarse_strength(column: pd.Series, y: np.ndarray, weight: np.ndarray) -> float:
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        values, _unreadable = as_numbers(column)
        filled = values[~np.isnan(values)]
        edges = np.unique(np.quantile(filled, np.linspace(0, 1, 11)[1:-1])) if filled.size else np.zeros(0)
        groups = np.where(np.isnan(values), 0, np.searchsorted(edges, values, side="right") + 1)
    else:
        codes, levels = factorize_levels(column)
        common = np.argsort(-np.bincount(codes[codes >= 0], minlength=len(levels)), kind="stable")[:20]
        place = np.full(len(levels) + 1, 21)
        place[common] = np.arange(len(common))
        groups = np.where(codes < 0, 22, place[codes])
    events = np.bincount(groups, weights=y * weight)
    others = np.bincount(groups, weights=weight) - events
    is_filled = events + others > 0
    floor = iv_noise_floor(int(is_filled.sum()), float(y.sum()), non_events=float(len(y) - y.sum()))
    return information_value(events[is_filled], others[is_filled]) - floor


def weak_columns(bins: dict[str, BinnedColumn], *, max_p_value: float, min_strength: float) -> list[Selected]:
    """Return the columns whose information value noise could reach, or that have only one bin."""
    dropped = []
    for name, column in bins.items():
        if len(column.bins) < 2:
            dropped.append(
                Selected(
                    name,
                    "one_bin",
                    _("%(column)s does not separate customers into groups that differ."),
                    {"column": name},
                    value=float(len(column.bins)),
                    threshold=2.0,
                )
            )
        elif column.p_value > max_p_value or strength(column) < min_strength:
            by_chance = iv_by_chance(column.iv_floor, len(column.bins), max_p_value)
            iv, reached = apart(column.iv, max(by_chance, column.iv_floor), digits=4)
            params = {"column": name, "iv": iv, "by_chance": reached}
            message = _(
                "%(column)s is no more predictive than noise (information value %(iv)s; noise alone reaches up to "
                "%(by_chance)s)."
            )
            dropped.append(Selected(name, "weak", message, params, value=column.iv, threshold=column.iv_floor))
    return dropped


def strongest_first(bins: dict[str, BinnedColumn], names: Sequence[str]) -> list[str]:
    """Return the names by falling strength; equal ones by name, so that the order of columns never matters."""
    return sorted(names, key=lambda name: (-strength(bins[name]), name))


def correlated_columns(
    matrix: np.ndarray, names: Sequence[str], weight: np.ndarray | None, *, max_correlation: float
) -> list[Selected]:
    """Return the columns too close to a stronger one; ``names`` come strongest first."""
    correlation = np.abs(correlations(matrix, weight))
    kept: list[int] = []
    dropped = []
    for position, name in enumerate(names):
        rival = next((other for other in kept if correlation[position, other] > max_correlation), None)
        if rival is None:
            kept.append(position)
            continue
        value = float(correlation[position, rival])
        params = {"column": name, "other": names[rival], "correlation": round(value, 2)}
        message = _("%(column)s is nearly the same as %(other)s (correlation %(correlation)s).")
        dropped.append(Selected(name, "correlated", message, params, value=value, threshold=max_correlation))
    return dropped


def inflated_columns(
    matrix: np.ndarray, names: Sequence[str], weight: np.ndarray | None, *, max_vif: float
) -> list[Selected]:
    """Return the columns that the others together repeat, taken out one by one, the most repeated first."""
    left = list(range(len(names)))
    dropped = []
    while len(left) > 1:
        vif = variance_inflation(matrix[:, left], weight)
        worst = int(np.argmax(vif))
        if vif[worst] <= max_vif:
            break
        value = float(min(vif[worst], 1e6))
        params = {"column": names[left[worst]], "vif": round(value, 1)}
        message = _("%(column)s is explained by the other columns together (VIF %(vif)s).")
        dropped.append(Selected(names[left[worst]], "inflated", message, params, value=value, threshold=max_vif))
        del left[worst]
    return dropped
