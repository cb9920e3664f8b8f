"""Tells observation dates from slips of the pen and from days that systems write where they have none."""

import numpy as np

WIDEST_GAP = 24
STRAY_SHARE = 0.01
NEVER = np.datetime64("2100-01", "M")


def believable_span(months: np.ndarray, rows: np.ndarray) -> tuple[np.datetime64, np.datetime64] | None:
    """Return the first and the last month that observations may lie in; ``None`` without any.

    From the month in the middle of all rows outwards, months count until two years without a row are followed by less
    than one row in a hundred. Nothing is observed from 2100 on.

    Parameters
    ----------
    months : different months (``datetime64[M]``), in order. rows : of each.

    Examples
    --------
    >>> months = np.array(["1900-01", "2024-01", "2024-02", "9999-12"], dtype="datetime64[M]")
    >>> first, last = believable_span(months, np.array([1, 500, 480, 3]))
    >>> str(first), str(last)
    ('2024-01', '2024-02')
    """
    rows = np.where(months < NEVER, rows, 0)
    if not rows.sum():
        return None
    middle = int(np.searchsorted(np.cumsum(rows), rows.sum() / 2))
    last = _reach(months[middle:], rows[middle:], rows.sum())
    first = _reach(months[middle::-1], rows[middle::-1], rows.sum())
    return first, last


def _reach(months: np.ndarray, rows: np.ndarray, total: int) -> np.datetime64:
    """Return the farthest month that belongs to the first ones."""
    reached = 0
    for place in range(1, len(months)):
        gap = abs((months[place] - months[reached]).astype(int))
        if rows[place] and (gap <= WIDEST_GAP or rows[place:].sum() >= STRAY_SHARE * total):
            reached = place
    return np.datetime64(months[reached])
