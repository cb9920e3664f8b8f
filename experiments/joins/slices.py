"""Sums up slices of sorted rows: the rows of one key inside one window lie side by side, so nothing is copied twice.

Every figure is made of the values of its own slice and nothing else, in their order: what lies beyond a slice, such as
a row of the future, changes no bit of it.
"""

from collections.abc import Iterator

import numpy as np

ROWS_AT_ONCE = 4_000_000
MONTH = 30.0


def blocks(starts: np.ndarray, ends: np.ndarray) -> Iterator[slice]:
    """Cut many slices into blocks of at most ``ROWS_AT_ONCE`` rows each, or of one slice that is longer."""
    reach = np.concatenate(([0], np.cumsum(ends - starts)))
    first = 0
    while first < len(starts):
        last = int(np.searchsorted(reach, reach[first] + ROWS_AT_ONCE, side="right")) - 1
        last = max(last, first + 1)
        yield slice(first, last)
        first = last


class Block:
    """The rows of some slices, one after the other."""

    def __init__(self, starts: np.ndarray, ends: np.ndarray) -> None:
        self.lengths = ends - starts
        self.has_rows = self.lengths > 0
        offsets = np.concatenate(([0], np.cumsum(self.lengths)))
        self.firsts = offsets[:-1][self.has_rows]
        self.rows = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], self.lengths)

    def repeat(self, values: np.ndarray) -> np.ndarray:
        """Give every row the value of its slice."""
        return np.repeat(values, self.lengths)

    def reduce(self, ufunc: np.ufunc, values: np.ndarray, empty: float) -> np.ndarray:
        """Reduce the values of each slice; ``empty`` where a slice has none."""
        result = np.full(len(self.lengths), empty, dtype=np.float64)
        if len(self.firsts):
            result[self.has_rows] = ufunc.reduceat(values, self.firsts)
        return result


def describe_numbers(
    values: np.ndarray, days: np.ndarray, starts: np.ndarray, ends: np.ndarray, wanted: set[str]
) -> dict[str, np.ndarray]:
    """Return sum, mean, max, min, std (n - 1), distinct and trend of each slice.

    Parameters
    ----------
    values, days : of rows sorted by key and time, without missing values; ``days`` is when, in days.
    starts, ends : where each slice begins and ends (half-open).
    wanted : which of the figures.

    Returns
    -------
    One array a figure. A sum or a count of different values over no rows is 0; the others are NaN then. The trend is
    the slope of a least-squares line, in units a 30 days; NaN unless there are two different times.
    """
    found = {name: np.full(len(starts), np.nan) for name in wanted}
    before = _place_before(values) if "distinct" in wanted else None
    for block in blocks(starts, ends):
        part = Block(starts[block], ends[block])
        for name, figures in _describe_block(part, values, days, starts[block], before, wanted).items():
            found[name][block] = figures
    return found


def _describe_block(
    part: Block,
    values: np.ndarray,
    days: np.ndarray,
    starts: np.ndarray,
    before: np.ndarray | None,
    wanted: set[str],
) -> dict[str, np.ndarray]:
    inside = values[part.rows]
    figures: dict[str, np.ndarray] = {}
    total = part.reduce(np.add, inside, 0.0)
    mean = np.divide(total, part.lengths, out=np.full(len(total), np.nan), where=part.has_rows)
    figures["sum"], figures["mean"] = total, mean
    if "max" in wanted:
        figures["max"] = part.reduce(np.maximum, inside, np.nan)
    if "min" in wanted:
        figures["min"] = part.reduce(np.minimum, inside, np.nan)
    if "distinct" in wanted and before is not None:
        figures["distinct"] = _distinct_in(part, before, starts)
    if wanted & {"std", "trend"}:
        away = inside - part.repeat(mean)
        if "std" in wanted:
            squares = part.reduce(np.add, away * away, 0.0)
            several = part.lengths > 1
            figures["std"] = np.sqrt(
                np.divide(squares, part.lengths - 1, out=np.full(len(total), np.nan), where=several)
            )
        if "trend" in wanted:
            figures["trend"] = _slope(part, away, days[part.rows])
    return {name: figures[name] for name in wanted}


def _slope(part: Block, away: np.ndarray, days: np.ndarray) -> np.ndarray:
    since = days - part.repeat(part.reduce(np.minimum, days, np.nan))
    center = np.divide(
        part.reduce(np.add, since, 0.0), part.lengths, where=part.has_rows, out=np.zeros(len(part.lengths))
    )
    since = since - part.repeat(center)
    spread = part.reduce(np.add, since * since, 0.0)
    together = part.reduce(np.add, since * away, 0.0)
    return np.divide(together * MONTH, spread, out=np.full(len(spread), np.nan), where=spread > 0)


def count_distinct(values: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return how many different values each slice holds."""
    before = _place_before(values)
    found = np.zeros(len(starts))
    for block in blocks(starts, ends):
        found[block] = _distinct_in(Block(starts[block], ends[block]), before, starts[block])
    return found


def _distinct_in(part: Block, before: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """A value is new in its slice where it last stood before the slice."""
    is_new = before[part.rows] < part.repeat(starts)
    return part.reduce(np.add, is_new.astype(np.float64), 0.0)


def _place_before(values: np.ndarray) -> np.ndarray:
    """Return for each row the place of the nearest row before it with the same value, -1 where there is none."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    before = np.full(len(values), -1, dtype=np.int64)
    same = ordered[1:] == ordered[:-1]
    before[order[1:][same]] = order[:-1][same]
    return before


class Present:
    """The rows of a column that hold a value, and where slices of all rows lie among them."""

    def __init__(self, is_present: np.ndarray) -> None:
        self.is_present = is_present
        self._counted = np.concatenate(([0], np.cumsum(is_present)))

    def among(self, places: np.ndarray) -> np.ndarray:
        return self._counted[places]
