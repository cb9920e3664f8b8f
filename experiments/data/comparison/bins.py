"""Both sides of a column in bins that are fixed on the older one, for the PSI."""

import numpy as np

from experiments.data.comparison.counted import LEVELS_COMPARED, ColumnTally
from experiments.data.tally import counts_between, quantile
from experiments.evaluation.psi_bins import MIN_LEVEL_SHARE, PSI_BINS


def bins_of_both(older: ColumnTally, newer: ColumnTally) -> tuple[list[float], list[float]] | None:
    """Return the rows of both sides in bins fixed on the older one; ``None`` where there is nothing to bin."""
    if not older.present or not newer.rows:
        return None
    expected, actual = _number_bins(older, newer) if older.is_number else _word_bins(older, newer)
    if not expected:
        return None
    return [*expected, older.missing], [*actual, newer.missing]


def _number_bins(older: ColumnTally, newer: ColumnTally) -> tuple[list[float], list[float]]:
    sides = [older.numbers.rows > 0, newer.numbers.rows > 0]
    edges = _edges(older) if sides[0] else np.array([])
    counted = [
        [float(count) for count in counts_between(seen.numbers.points, edges)] if has_rows else [0.0] * (len(edges) + 1)
        for seen, has_rows in zip((older, newer), sides, strict=True)
    ]
    return [*counted[0], *older.special_rows], [*counted[1], *newer.special_rows]


def _edges(older: ColumnTally) -> np.ndarray:
    values, _ = older.numbers.counted
    if older.numbers.is_exact and len(values) <= PSI_BINS:
        return np.asarray(values[1:], dtype=float)
    shares = np.arange(1, PSI_BINS) / PSI_BINS
    cuts = np.unique([float(quantile(older.numbers.points, share)) for share in shares])
    return cuts[cuts > float(older.numbers.lowest)]


def _word_bins(older: ColumnTally, newer: ColumnTally) -> tuple[list[float], list[float]]:
    """Bin the levels of 1 % and more, the others together, and those the older one did not have."""
    before = older.levels(LEVELS_COMPARED)
    levels = [word for word, count in before.items() if count >= MIN_LEVEL_SHARE * older.rows]
    if not levels or "text" in (older.column.type, newer.column.type):
        return [], []
    now = newer.levels(5 * LEVELS_COMPARED)
    named = [float(now.get(word, 0)) for word in levels]
    has_all = older.distinct <= LEVELS_COMPARED
    unseen = float(sum(count for word, count in now.items() if word not in before)) if has_all else 0.0
    expected = [float(before[word]) for word in levels]
    return (
        [*expected, older.present - sum(expected), 0.0],
        [*named, newer.present - sum(named) - unseen, unseen],
    )
