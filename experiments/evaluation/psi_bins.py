"""Bins frozen on a development sample, against which every later sample is compared."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from experiments.evaluation.deciles import quantile_edges
from experiments.evaluation.psi import Verdict, psi, psi_limit, psi_parts, psi_verdict, smoothed_shares
from experiments.evaluation.ranking import Floats
from experiments.house_rules import is_shift
from experiments.stored import plain_fields

__all__ = ["PsiBin", "PsiBins", "PsiResult", "Shift"]

PSI_BINS = 10
# Many files are compared with one frozen sample and share its chance. Where one file passes this limit once in a
# thousand times, nineteen of twenty stay below it for nearly every sample that a model may have been built on; a limit
# of 0.95 would be passed by every second file of an unlucky model.
LEVEL_OF_MANY_FILES = 0.999
# Scores nearer than this, in parts of themselves, are one score that arithmetic has rounded in two ways.
SAME_SCORE = 1e-9
# A level of the baseline with less than this share joins the others.
MIN_LEVEL_SHARE = 0.01


@dataclass(frozen=True)
class PsiBin:
    """One bin: counts on both sides, smoothed shares, its part of the PSI, and whether a side is empty.

    Examples
    --------
    >>> bin_ = PsiBins.fit(np.arange(100), bins=2).compare(np.arange(50)).bins[0]
    >>> bin_.expected, bin_.actual
    (50.0, 50.0)
    """

    label: str
    expected: float
    actual: float
    expected_share: float
    actual_share: float
    contribution: float
    is_empty: bool


@dataclass(frozen=True)
class PsiResult:
    """A PSI with the limit for its sample sizes.

    ``verdict`` is by size alone (below .10 green, below .25 amber); ``is_alert`` also asks that the PSI be
    above what chance gives.

    Examples
    --------
    >>> PsiBins.fit(np.arange(1_000), bins=4).compare(np.arange(500)).verdict
    'red'
    """

    psi: float
    limit: float
    verdict: Verdict
    is_alert: bool
    rows: int
    unseen_share: float
    missing_share: float
    bins: tuple[PsiBin, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready plain data."""
        return plain_fields(self)


@dataclass(frozen=True)
class PsiBins:
    """Bins of a baseline, fixed once, with its counts.

    Attributes
    ----------
    kind : ``numeric`` or ``categorical``.
    edges : inner edges of the numeric bins ``[a, b)``.
    levels : named levels of a categorical column.
    special_values : numeric codes with a bin of their own.
    counts : baseline count per bin (weighted, scaled so that they add up to ``rows``); numeric: bins, missing,
        specials; categorical: levels, other, missing, unseen.
    known_levels : every level the baseline had, so that a new one can be told from a rare one.
    unseen_counts : of a model's scores, the counts of as many rows that it has not learnt from; empty where they are
        like those it has.
    effective_rows : baseline size for the noise floor, (Σw)²/Σw².

    Examples
    --------
    >>> bins = PsiBins.fit(np.arange(1_000), bins=4)
    >>> bins.compare(np.arange(1_000)).psi
    0.0
    """

    kind: Literal["numeric", "categorical"]
    edges: tuple[float, ...]
    levels: tuple[str, ...]
    special_values: tuple[float, ...]
    counts: tuple[float, ...]
    known_levels: tuple[str, ...]
    rows: int
    effective_rows: float
    unseen_counts: tuple[float, ...] = ()

    @classmethod
    def of_scores(
        cls, scores: ArrayLike, weight: ArrayLike | None = None, *, unseen_weight: ArrayLike | None = None
    ) -> "PsiBins":
        """Fix the bins of a model's scores on those of development.

        Parameters
        ----------
        scores, weight : the model's own scores of development rows, none missing, and weights; shape (n,).
        unseen_weight : weights under which the same scores stand for rows that the model has not learnt from.

        Notes
        -----
        An edge lies midway between two scores and never on one, so that a customer scored again, on another machine or
        in other company, stays in the bin: equal scores may differ by a rounding.
        """
        values = np.asarray(scores, dtype=np.float64)
        weights = _weights(weight, len(values))
        fitted = cls.fit(values, weights, edges=_edges_between(values, weights))
        if unseen_weight is None:
            return fitted
        unseen = fitted.count(values, unseen_weight)
        return replace(fitted, unseen_counts=tuple(unseen.tolist()))

    @classmethod
    def fit(
        cls,
        values: ArrayLike | pd.Series,
        weight: ArrayLike | None = None,
        *,
        bins: int = PSI_BINS,
        special_values: Sequence[float] = (),
        edges: ArrayLike | None = None,
    ) -> "PsiBins":
        """Fix the bins on the development sample.

        Parameters
        ----------
        values : numbers (NaN = missing) or categories (None or NaN = missing); shape (n,).
        weight : weights; shape (n,).
        bins : quantile bins of a numeric column.
        special_values : codes such as −999 that get a bin each and stay out of the quantiles.
        edges : inner edges to use instead of quantiles (a scorecard's own).
        """
        column = pd.Series(values).reset_index(drop=True)
        weights = _weights(weight, len(column))
        if _is_numeric(column):
            numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
            plain_rows = np.isfinite(numbers) & ~np.isin(numbers, special_values)
            inner = (
                quantile_edges(numbers[plain_rows], bins, weight=weights[plain_rows])
                if edges is None
                else np.unique(np.asarray(edges, dtype=np.float64))
            )
            empty = cls("numeric", tuple(inner.tolist()), (), tuple(map(float, special_values)), (), (), 0, 0.0)
        else:
            names = _names(column)
            shares = pd.Series(weights).groupby(names).sum() / max(weights.sum(), np.finfo(float).tiny)
            levels = tuple(str(level) for level in shares.index[shares >= MIN_LEVEL_SHARE])
            empty = cls("categorical", (), levels, (), (), tuple(str(level) for level in shares.index), 0, 0.0)
        return cls(
            **{
                **empty.__dict__,
                "counts": tuple(empty.count(column, weights).tolist()),
                "rows": len(column),
                "effective_rows": _effective(weights),
            }
        )

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the bins' names: intervals or levels, then ``missing``, codes, ``other``, ``unseen``."""
        if self.kind == "categorical":
            return (*self.levels, "other", "missing", "unseen")
        outer = ["−∞", *(f"{edge:.6g}" for edge in self.edges), "+∞"]
        intervals = [f"[{low}, {high})" for low, high in itertools.pairwise(outer)]
        return (*intervals, "missing", *(f"{code:g}" for code in self.special_values))

    def count(self, values: ArrayLike | pd.Series, weight: ArrayLike | None = None) -> Floats:
        """Return the count of each bin, weights scaled to a mean of 1 so that ½ means half a row."""
        column = pd.Series(values).reset_index(drop=True)
        weights = _weights(weight, len(column))
        code = self._numeric_code(column) if self.kind == "numeric" else self._categorical_code(column)
        return np.bincount(code, weights, len(self.labels)).astype(np.float64)

    def tally(self, values: ArrayLike | pd.Series, rows: ArrayLike) -> Floats:
        """Return the count of each bin where every value stands for so many rows."""
        column = pd.Series(values).reset_index(drop=True)
        code = self._numeric_code(column) if self.kind == "numeric" else self._categorical_code(column)
        return np.bincount(code, np.asarray(rows, dtype=np.float64), len(self.labels)).astype(np.float64)

    def _numeric_code(self, column: pd.Series) -> np.ndarray:
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        missing = len(self.edges) + 1
        code = np.searchsorted(self.edges, numbers, side="right")
        code[np.isnan(numbers)] = missing
        for place, special in enumerate(self.special_values, start=missing + 1):
            code[numbers == special] = place
        return code

    def _categorical_code(self, column: pd.Series) -> np.ndarray:
        names = _names(column)
        other, missing, unseen = (len(self.levels) + place for place in range(3))
        code = names.map({level: place for place, level in enumerate(self.levels)}).to_numpy(np.float64, na_value=-1)
        code = np.nan_to_num(code, nan=-1).astype(np.intp)
        unnamed = code < 0
        code[unnamed] = np.where(names[unnamed].isin(self.known_levels), other, unseen)
        code[names.isna().to_numpy()] = missing
        return code

    def compare(self, values: ArrayLike | pd.Series, weight: ArrayLike | None = None) -> PsiResult:
        """Return the PSI of a new sample against the baseline, never re-cutting the bins.

        Parameters
        ----------
        values, weight : the new sample's values, of the baseline's type, and weights; shape (m,).
        """
        column = pd.Series(values)
        weights = _weights(weight, len(column))
        actual = self.count(column, weights)
        expected = self.expected_for(actual)
        used = (expected > 0) | (actual > 0)
        parts = psi_parts(expected, actual)
        shift = self.shift_of(actual, _effective(weights))
        base_shares, now_shares = smoothed_shares(expected[used]), smoothed_shares(actual[used])
        labels = np.array(self.labels, dtype=object)[used]
        total = max(actual.sum(), np.finfo(float).tiny)
        return PsiResult(
            psi=shift.psi,
            limit=shift.limit,
            verdict=shift.verdict,
            is_alert=shift.is_alert,
            rows=len(column),
            unseen_share=float(actual[-1] / total) if self.kind == "categorical" else 0.0,
            missing_share=float(actual[self.labels.index("missing")] / total),
            bins=tuple(
                PsiBin(str(label), float(e), float(a), float(es), float(as_), float(part), bool(e == 0 or a == 0))
                for label, e, a, es, as_, part in zip(
                    labels, expected[used], actual[used], base_shares, now_shares, parts[used], strict=True
                )
            ),
        )

    def expected_for(self, actual: ArrayLike) -> Floats:
        """Return the counts to expect of rows of which some, none or all are among those learnt from.

        Between the two rows of counts the mixture nearest to ``actual`` is taken: who scores the training rows again
        and who scores new customers both see no shift where there is none.
        """
        seen = np.asarray(self.counts, dtype=np.float64)
        if not self.unseen_counts:
            return seen
        unseen = np.asarray(self.unseen_counts, dtype=np.float64)
        now = np.asarray(actual, dtype=np.float64)

        def mixed(share: float) -> Floats:
            return share * seen + (1 - share) * unseen

        shares = [0.0, 1.0, _lowest(lambda share: psi(mixed(share), now))]
        return mixed(min(shares, key=lambda share: psi(mixed(share), now)))

    def shift_of(self, actual: ArrayLike, rows: float) -> "Shift":
        """Return the shift of a new sample by its counts.

        Parameters
        ----------
        actual : counts by bin, weights scaled to a mean of 1. rows : how many rows say as much without weights.
        """
        now = np.asarray(actual, dtype=np.float64)
        expected = self.expected_for(now)
        if not rows or not self.rows:
            return Shift(float("nan"), float("nan"), "green", is_alert=False)
        used = int(((expected > 0) | (now > 0)).sum())
        value = psi(expected, now)
        limit = psi_limit(self.effective_rows, rows, bins=used, level=LEVEL_OF_MANY_FILES)
        return Shift(value, limit, psi_verdict(value), is_alert=is_shift(value, limit))

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready plain data, to be stored in the model version."""
        return plain_fields(self)

    @classmethod
    def from_dict(cls, plain_data: dict[str, Any]) -> "PsiBins":
        """Build the bins from what ``to_dict`` gave."""
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in plain_data.items()
        }
        return cls(**values)


@dataclass(frozen=True)
class Shift:
    """A PSI, what chance may give of it, and what both say; NaN where there is nothing to compare.

    Examples
    --------
    >>> PsiBins.fit(np.arange(100), bins=2).shift_of([50, 50, 0], 100).is_alert
    False
    """

    psi: float
    limit: float
    verdict: Verdict
    is_alert: bool


def _lowest(value_at: Callable[[float], float], steps: int = 30) -> float:
    """Return the place between 0 and 1 at which a function with one valley is lowest."""
    low, high = 0.0, 1.0
    for _ in range(steps):
        third = (high - low) / 3
        if value_at(low + third) <= value_at(high - third):
            high -= third
        else:
            low += third
    return (low + high) / 2


def _edges_between(scores: Floats, weight: Floats) -> Floats:
    """Return edges for bins of about equal weight, each midway between two scores that differ by more than rounding."""
    order = np.argsort(scores, kind="stable")
    rising = scores[order]
    is_new = np.diff(rising) > SAME_SCORE * np.maximum(np.abs(rising[1:]), np.finfo(float).tiny)
    block = np.empty(len(scores))
    block[order] = np.concatenate([[0], np.cumsum(is_new)]) if len(scores) else []
    firsts = np.flatnonzero(is_new) + 1
    chosen = quantile_edges(block, PSI_BINS, weight=weight).astype(int)
    return (rising[firsts[chosen - 1] - 1] + rising[firsts[chosen - 1]]) / 2


def _is_numeric(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _names(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.notna()).map(str, na_action="ignore")


def _weights(weight: ArrayLike | None, rows: int) -> Floats:
    if weight is None:
        return np.ones(rows)
    weights = np.asarray(weight, dtype=np.float64)
    return weights / weights.mean() if rows and weights.sum() > 0 else weights


def _effective(weights: Floats) -> float:
    squares = float(weights @ weights)
    return float(weights.sum()) ** 2 / squares if squares > 0 else 0.0
