"""Matches new columns with missing ones that they seem to be under another name."""

import difflib
from collections.abc import Sequence

import numpy as np

from experiments.data.comparison.bins import bins_of_both
from experiments.data.comparison.counted import ColumnTally

NAMES_ALIKE, NAMES_ALONE = 0.4, 0.6
CONTENT_ALIKE = 0.8


def renamed_columns(gone: Sequence[ColumnTally], new: Sequence[ColumnTally]) -> dict[str, str]:
    """Return old and new names of columns that seem to have been renamed, each used once, likeliest first."""
    pairs = [
        (likeness, before.column.name, after.column.name)
        for before in gone
        for after in new
        if (likeness := _likeness(before, after)) > 0
    ]
    renamed: dict[str, str] = {}
    for _, before, after in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if before not in renamed and after not in renamed.values():
            renamed[before] = after
    return renamed


def _likeness(older: ColumnTally, newer: ColumnTally) -> float:
    """Return how closely a new column resembles a missing one; 0 where it does not."""
    if older.is_number != newer.is_number or older.is_date != newer.is_date:
        return 0.0
    names = difflib.SequenceMatcher(
        None, older.column.name.casefold(), newer.column.name.casefold(), autojunk=False
    ).ratio()
    content = _content_alike(older, newer)
    if content is None:
        return names if names >= NAMES_ALONE else 0.0
    return content + names if content >= CONTENT_ALIKE and (names >= NAMES_ALIKE or older.distinct > 2) else 0.0


def _content_alike(older: ColumnTally, newer: ColumnTally) -> float | None:
    """Return 0 (other values) to 1 (the same distribution); ``None`` where values come only once."""
    if older.is_date or "text" in (older.column.type, newer.column.type):
        return None
    bins = bins_of_both(older, newer)
    if bins is None:
        return None
    expected, actual = (np.asarray(side, dtype=float) / max(1.0, sum(side)) for side in bins)
    return 1.0 - 0.5 * float(np.abs(expected - actual).sum())
