"""Folds in the order of time: fitted on older rows, validated on the rows that follow, with an embargo between them."""

from dataclasses import dataclass

import numpy as np

from experiments.errors import BadInput, gettext_noop

Fold = tuple[np.ndarray, np.ndarray]
LEAST_FIT, LEAST_VALID = 5, 2

NO_TIME_FOLDS = gettext_noop(
    "No fold can be split by time: with an embargo of %(days)s days, no date has enough events and non-events "
    "before and after it. Choose fewer folds, a shorter embargo or another scheme."
)


@dataclass(frozen=True)
class Customers:
    """Whose each row of the table is, and on which side a customer stays who is met before and after a fold's date.

    Attributes
    ----------
    group : number of the customer of each row.
    side : 0 (stays with the rows to fit on) or 1 (with those to validate on), the same for all rows of a customer.
    """

    group: np.ndarray
    side: np.ndarray


def time_folds(
    days: np.ndarray, y: np.ndarray, rows: np.ndarray, *, folds: int, embargo: int, customers: Customers | None
) -> list[Fold]:
    """Return folds whose rows to fit on all lie before the rows to validate on, oldest fold first.

    The rows are cut at dates into one block more than there are folds, of nearly equal size; each fold validates on
    one block and is fitted on all that is older, less the days of the embargo. Where dates leave a fold with too few
    rows of one kind, fewer folds are made.

    Parameters
    ----------
    days : date of each row of the table, ``datetime64[D]``; ``rows`` must be dated.
    y : 0/1 of each row of the table; rows : positions to divide.
    folds : how many are wanted; embargo : days left out before each block that is validated on.
    customers : keeps a customer from being fitted on and validated on in one fold; None when no customer repeats.

    Raises
    ------
    BadInput : not even one fold can be made.
    """
    for count in range(folds, 0, -1):
        made = _cut(days, y, rows, count, embargo, customers)
        if len(made) == count:
            return made
    raise BadInput(NO_TIME_FOLDS, days=embargo)


def before(days: np.ndarray, rows: np.ndarray, start: np.datetime64, embargo: int) -> np.ndarray:
    """Return the rows dated before ``start`` with the days of the embargo left out between."""
    return rows[days[rows] < start - np.timedelta64(embargo, "D")]


def _cut(
    days: np.ndarray, y: np.ndarray, rows: np.ndarray, count: int, embargo: int, customers: Customers | None
) -> list[Fold]:
    starts = _starts(days[rows], count)
    ends = [*starts[1:], days[rows].max() + np.timedelta64(1, "D")]
    made = []
    for start, end in zip(starts, ends, strict=True):
        fit = before(days, rows, start, embargo)
        valid = rows[(days[rows] >= start) & (days[rows] < end)]
        fit, valid = (fit, valid) if customers is None else _apart(fit, valid, customers)
        if _has_both(y[fit], LEAST_FIT) and _has_both(y[valid], LEAST_VALID):
            made.append((fit, valid))
    return made


def _starts(days: np.ndarray, count: int) -> list[np.datetime64]:
    """Return the first day of each block but the oldest; whole months where there are enough of them."""
    months = days.astype("datetime64[M]")
    periods = months if len(np.unique(months)) > count else days
    names, sizes = np.unique(periods, return_counts=True)
    share_before = (np.cumsum(sizes) - sizes) / len(days)
    starts = []
    for number in range(1, count + 1):
        place = int(np.argmin(np.abs(share_before - number / (count + 1))))
        starts.append(names[place].astype("datetime64[D]"))
    return [start for start in sorted(set(starts)) if start > days.min()]


def _apart(fit: np.ndarray, valid: np.ndarray, customers: Customers) -> Fold:
    met_twice = np.intersect1d(customers.group[fit], customers.group[valid])
    stays = [
        rows[~np.isin(customers.group[rows], met_twice) | (customers.side[rows] == side)]
        for side, rows in enumerate((fit, valid))
    ]
    return stays[0], stays[1]


def _has_both(y: np.ndarray, least: int) -> bool:
    return bool(min((y == 1).sum(), (y == 0).sum()) >= least)
