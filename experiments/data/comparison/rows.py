"""How the rows differ: how many, which customers were there before, and which rows came again."""

import math
from collections.abc import Sequence

import numpy as np
import polars as pl

from experiments.data.comparison.changes import SHARE_AMBER, SHARE_RED, Change, Verdict, percent
from experiments.data.comparison.counted import TableSide
from experiments.errors import gettext_noop

HASHES_KEPT = 8_000_000
WIDEST_ROW = 200
DIFFERENT_ROWS = 0.9
ROWS_NOW = gettext_noop("%(newer)s rows; before, %(older)s.")
ROWS_ADDED = gettext_noop("%(newer)s rows were added to %(older)s. The added rows are compared with those before.")
ROWS_SHRANK = gettext_noop("Only %(newer)s rows; before, %(older)s. Was the whole file sent?")
KEYS_KNOWN = gettext_noop("%(share)s of the distinct %(column)s were there before.")
KEYS_REPEAT = gettext_noop("%(count)s rows share their %(column)s with another row; before, %(older)s did.")
ROWS_REPEAT = gettext_noop("%(share)s of the rows were there before, identical in every column.")


class RowHashes:
    """Hashes of rows; for a large table only a random part, chosen by the hash and so the same on both sides."""

    def __init__(self, rows: int) -> None:
        self.one_in = max(1, math.ceil(rows / HASHES_KEPT))
        self.rows = 0
        self._parts: list[np.ndarray] = []
        self.kept = np.array([], dtype=np.uint64)
        self.counts = np.array([], dtype=np.int64)

    def add(self, frame: pl.DataFrame) -> None:
        """Add rows; entirely empty ones are ignored."""
        frame = frame.filter(~pl.all_horizontal(pl.all().is_null()))
        self.rows += frame.height
        alike = [pl.col(name).cast(pl.Float64) for name, type_ in frame.schema.items() if type_.is_numeric()]
        hashes = frame.with_columns(alike).hash_rows(seed=7).to_numpy()
        self._parts.append(hashes[hashes % self.one_in == 0])

    def finish(self) -> None:
        """Count equal hashes, once all rows are added."""
        if self._parts:
            self.kept, self.counts = np.unique(np.concatenate(self._parts), return_counts=True)
        self._parts = []

    @property
    def kept_repeats(self) -> int:
        """Rows among those kept beyond the first with their hash."""
        return int(self.counts.sum()) - len(self.kept)

    @property
    def repeats(self) -> int:
        """Rows beyond the first with their hash."""
        return self.kept_repeats * self.one_in

    def share_in(self, other: "RowHashes") -> float:
        """Return the share of different hashes that the other has too."""
        return float(np.isin(self.kept, other.kept, assume_unique=True).mean()) if len(self.kept) else 0.0

    def row_share_in(self, other: "RowHashes") -> float:
        """Return the share of rows whose hash the other has too."""
        known = np.isin(self.kept, other.kept, assume_unique=True)
        return float(self.counts[known].sum() / self.counts.sum()) if len(self.kept) else 0.0


def rows_change(older: TableSide, newer: TableSide, *, is_addition: bool) -> Change:
    """Report how many rows there are now, and how many there were."""
    words = {"older": f"{older.rows:,}", "newer": f"{newer.rows:,}"}
    if is_addition:
        return Change("rows", "green", ROWS_ADDED, words)
    if 2 * newer.rows < older.rows:
        return Change("rows", "amber", ROWS_SHRANK, words)
    return Change("rows", "green", ROWS_NOW, words)


def key_changes(older: TableSide, newer: TableSide, keys: Sequence[str]) -> list[Change]:
    """Report how many customers were there before, and if more of them repeat; by the first key both sides have."""
    key = next((name for name in keys if name in older.schema and name in newer.schema), None)
    if key is None:
        return []
    before, now = (_hashes_of(side, [key], larger=max(older.rows, newer.rows)) for side in (older, newer))
    if not len(before.kept) or not len(now.kept):
        return []
    changes = [Change("keys", "green", KEYS_KNOWN, {"share": percent(now.share_in(before)), "column": key})]
    if now.repeats and now.repeats / now.rows > before.repeats / max(1, before.rows) + SHARE_AMBER:
        words = {"count": f"{now.repeats:,}", "older": f"{before.repeats:,}", "column": key}
        changes.append(Change("keys_repeat", "amber", KEYS_REPEAT, words))
    return changes


def repeated_rows(older: TableSide, newer: TableSide, shared: Sequence[str], *, is_addition: bool) -> list[Change]:
    """Report rows that came again; only where the rows of the older table differ from each other."""
    if not 0 < len(shared) <= WIDEST_ROW or set(older.schema) != set(newer.schema):
        return []
    larger = max(older.rows, newer.rows)
    before = _hashes_of(older, shared, larger=larger)
    if not before.rows or len(before.kept) < DIFFERENT_ROWS * (len(before.kept) + before.kept_repeats):
        return []
    share = _hashes_of(newer, shared, larger=larger).row_share_in(before)
    if share < SHARE_AMBER:
        return []
    verdict: Verdict = "green"
    if is_addition:
        verdict = "red" if share >= SHARE_RED else "amber"
    return [Change("rows_repeat", verdict, ROWS_REPEAT, {"share": percent(share)})]


def _hashes_of(side: TableSide, names: Sequence[str], *, larger: int) -> RowHashes:
    """Hash a side's rows; ``larger`` is the number of rows of the larger side, which decides how many are kept."""
    hashes = RowHashes(larger)
    for frame in side.parts(names):
        hashes.add(frame.select(names))
    hashes.finish()
    return hashes
