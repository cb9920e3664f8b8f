"""What a column says alone, how it has moved, and how it looks bin by bin: in training and on rows set aside."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from experiments.evaluation.psi import psi_parts
from experiments.evaluation.psi_bins import PsiBins
from experiments.evaluation.ranking import Floats
from experiments.features.woe import information_value, iv_band, iv_noise_floor, iv_p_value, woe_of_bins
from experiments.stored import Part

__all__ = ["ColumnBin", "ColumnFacts", "column_facts"]


@dataclass(frozen=True)
class ColumnBin(Part):
    """One bin of a column; rates are NaN where it holds no row.

    Examples
    --------
    >>> facts = column_facts(np.arange(400), [0, 1] * 200, later=np.arange(400), later_y=[0, 1] * 200)
    >>> facts.bins[0].rows, facts.bins[0].event_rate
    (40, 0.5)
    """

    label: str
    rows: int
    event_rate: float
    woe: float
    later_rows: int
    later_event_rate: float
    psi: float


@dataclass(frozen=True)
class ColumnFacts(Part):
    """A column alone: strength (IV with what chance gives, in training and later), shift (PSI) and its bins.

    Attributes
    ----------
    column : its name. iv, iv_floor, iv_p_value, iv_band : information value in training, what noise has on average, the
        chance that noise reaches it, and the word for it. later_iv : on the rows set aside, in the same bins.
    psi, psi_limit : shift from training to the rows set aside, and what chance alone gives.
    missing, later_missing, unseen : shares of empty cells, and later of levels that training did not have.

    Examples
    --------
    >>> facts = column_facts(np.arange(400), [0] * 200 + [1] * 200, later=np.arange(400), later_y=[0] * 200 + [1] * 200)
    >>> facts.iv_band, facts.psi
    ('suspicious', 0.0)
    """

    column: str
    iv: float
    iv_floor: float
    iv_p_value: float
    iv_band: str
    later_iv: float
    psi: float
    psi_limit: float
    is_shift: bool
    missing: float
    later_missing: float
    unseen: float
    bins: tuple[ColumnBin, ...]


def column_facts(
    values: ArrayLike | pd.Series,
    y: ArrayLike,
    *,
    later: ArrayLike | pd.Series,
    later_y: ArrayLike,
    weight: ArrayLike | None = None,
    later_weight: ArrayLike | None = None,
    name: str = "",
    special_values: Sequence[float] = (),
) -> ColumnFacts:
    """Return what a column of training rows says alone, and how it has moved on later rows.

    Parameters
    ----------
    values, y, weight : the column in training, labels (1 or 0) and weights; shape (n,).
    later, later_y, later_weight : the same on the rows set aside; shape (m,).
    name : of the column. special_values : codes with a bin of their own.

    Returns
    -------
    ColumnFacts
        Everything in one set of bins: ten of equal frequency in training, missing and special values apart.

    References
    ----------
    Siddiqi, N. (2006). Credit Risk Scorecards. Wiley.

    Examples
    --------
    >>> y = [0, 0, 1, 0] * 100
    >>> facts = column_facts(["a", "b"] * 200, y, later=["a", "a"] * 200, later_y=y, name="city")
    >>> facts.column, [bin_.label for bin_ in facts.bins]
    ('city', ['a', 'b'])
    """
    column, later_column = _dates_as_months(pd.Series(values)), _dates_as_months(pd.Series(later))
    bins = PsiBins.fit(column, weight, special_values=special_values)
    then, now = _counted(bins, column, y, weight), _counted(bins, later_column, later_y, later_weight)
    shift = bins.compare(later_column, later_weight)
    used = (then.rows > 0) | (now.rows > 0)
    strong = then.rows > 0
    value = information_value(then.events[strong], then.others[strong])
    totals = {"events": float(then.events.sum()), "non_events": float(then.others.sum())}
    return ColumnFacts(
        column=name,
        iv=value,
        iv_floor=iv_noise_floor(int(strong.sum()), totals["events"], non_events=totals["non_events"]),
        iv_p_value=iv_p_value(value, int(strong.sum()), **totals),
        iv_band=iv_band(value),
        later_iv=information_value(now.events[strong], now.others[strong]),
        psi=shift.psi,
        psi_limit=shift.limit,
        is_shift=shift.is_alert,
        missing=float(column.isna().mean()),
        later_missing=float(later_column.isna().mean()),
        unseen=shift.unseen_share,
        bins=_bins(bins, then, now, used),
    )


@dataclass(frozen=True)
class _Counted:
    rows: Floats
    events: Floats
    others: Floats
    raw: Floats


def _counted(bins: PsiBins, column: pd.Series, y: ArrayLike, weight: ArrayLike | None) -> _Counted:
    labels = np.asarray(y, dtype=np.float64)
    weights = np.ones(len(labels)) if weight is None else np.asarray(weight, dtype=np.float64)
    rows, events = bins.tally(column, weights), bins.tally(column, weights * labels)
    return _Counted(rows, events, rows - events, bins.tally(column, np.ones(len(labels))))


def _bins(bins: PsiBins, then: _Counted, now: _Counted, used: np.ndarray) -> tuple[ColumnBin, ...]:
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = [np.where(one.rows > 0, one.events / one.rows, np.nan) for one in (then, now)]
    woe = np.full(len(used), np.nan)
    woe[then.rows > 0] = woe_of_bins(then.events[then.rows > 0], then.others[then.rows > 0])
    parts = psi_parts(then.rows, now.rows)
    labels = bins.labels
    return tuple(
        ColumnBin(
            labels[place], int(then.raw[place]), float(rates[0][place]), float(woe[place]),
            int(now.raw[place]), float(rates[1][place]), float(parts[place]),
        )
        for place in np.flatnonzero(used)
    )  # fmt: skip


def _dates_as_months(column: pd.Series) -> pd.Series:
    """A date moves on by itself: what is compared is whether there is one, and of levels the year."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.dt.strftime("%Y")
    return column
