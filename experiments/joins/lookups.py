"""Lookup tables: each row finds at most one of theirs and takes over its columns."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from experiments.errors import BadInput, gettext_noop
from experiments.joins.keys import KeyIndex, tidy_key
from experiments.joins.report import TableReport
from experiments.joins.spec import JoinedTable
from experiments.joins.tables import TableFile, only_wanted
from experiments.joins.times import DAY, MISSING, microseconds

NOWHERE = -1

SEVERAL_ROWS = gettext_noop(
    "%(table)s has several rows for one %(columns)s: %(keys)s keys occur in more than one row, %(rows)s rows in "
    "all, so joining it would multiply rows. Aggregate its rows, or choose a column whose values are unique."
)


class Lookup:
    """The rows of a table that some parent rows ask for, and which of them each parent row finds.

    Attributes
    ----------
    found : for each parent row the place of its row in ``frame``, ``NOWHERE`` where there is none.
    frame : the wanted columns of the rows that were asked for.
    known_from : for each row of ``frame`` when it is known, in microseconds; ``None`` for a table without a time.
    """

    def __init__(
        self, table: JoinedTable, file: TableFile, parent_keys: Sequence[pl.Series], columns: Sequence[str]
    ) -> None:
        self.table = table
        needed = [*table.own_keys, *columns, *([table.time_column] if table.time_column else [])]
        file.need([*needed, *(column for column, _ in table.only)])
        self.index = KeyIndex(parent_keys, [file.layout.field(own).type for own in table.own_keys])
        refuse_several_rows(table, file, self.index.as_number)
        self.rows = self.without_key = 0
        self.frame, codes = self._read(file, needed)
        place = np.full(len(self.index) + 1, NOWHERE, dtype=np.int64)
        place[codes] = np.arange(len(codes))
        # A parent row without a key has the code -1: the last place, which stays nowhere.
        self.found = place[self.index.parent_codes]
        self.known_from = self._known_from()
        self.future = self.without_time = 0

    def forget_what_was_unknown(self, observed: np.ndarray) -> None:
        """Drop matches that were not yet known at the observation time."""
        if self.known_from is None:
            return
        known = np.append(self.known_from, MISSING)
        when = known[self.found]
        is_unknown = (self.found != NOWHERE) & ((when == MISSING) | (observed == MISSING) | (when > observed))
        used = np.unique(self.found[(self.found != NOWHERE) & ~is_unknown])
        refused = np.setdiff1d(np.unique(self.found[is_unknown]), used)
        self.without_time = int((known[refused] == MISSING).sum())
        self.future = len(refused) - self.without_time
        self.found[is_unknown] = NOWHERE

    def gather(self, column: str, rows: slice | np.ndarray = slice(None)) -> pl.Series:
        """Return what the parent rows find in a column; null where they find nothing."""
        found = self.found[rows]
        places = pl.Series(found).set(pl.Series(found == NOWHERE), None)
        return self.frame[column].gather(places)

    def report(self, sha256: str) -> TableReport:
        """Count what became of the rows."""
        known = self.frame.height - self.future - self.without_time
        others = self.rows - self.without_key - self.frame.height
        is_timed = self.known_from is not None
        return TableReport(self.rows, known, self.future, self.without_time, self.without_key, others, sha256, is_timed)

    def _read(self, file: TableFile, needed: Sequence[str]) -> tuple[pl.DataFrame, np.ndarray]:
        frames, codes = [], []
        for batch in file.batches([*needed, *(column for column, _ in self.table.only)]):
            batch = only_wanted(batch, self.table)
            keys = [batch[own] for own in self.table.own_keys]
            found = self.index.codes(keys)
            self.rows += batch.height
            self.without_key += int(self.index.lacks_part(keys).sum())
            frames.append(batch.filter(pl.Series(found >= 0)))
            codes.append(found[found >= 0])
        empty = pl.DataFrame({column: [] for column in needed})
        return (pl.concat(frames), np.concatenate(codes)) if frames else (empty, np.array([], dtype=np.int64))

    def _known_from(self) -> np.ndarray | None:
        if self.table.time_column is None:
            return None
        times = microseconds(self.frame[self.table.time_column], self.table.time_format).copy()
        times[times != MISSING] += self.table.lag_days * DAY
        return times


def refuse_several_rows(table: JoinedTable, file: TableFile, as_number: Sequence[bool]) -> None:
    """Make sure that a key stands in one row only; otherwise rows of the parent would be repeated.

    Raises
    ------
    BadInput : names the key, how many are not unique, and in how many rows.
    """
    parts = []
    for batch in file.batches([*table.own_keys, *(column for column, _ in table.only)]):
        batch = only_wanted(batch, table)
        pairs = zip(table.own_keys, as_number, strict=True)
        parts.append(pl.DataFrame([tidy_key(batch[own], numeric).alias(own) for own, numeric in pairs]))
    if not parts:
        return
    repeated = (
        pl.concat(parts).drop_nulls().group_by(list(dict.fromkeys(table.own_keys))).len().filter(pl.col("len") > 1)
    )
    if repeated.height:
        names = ", ".join(table.own_keys)
        raise BadInput(
            SEVERAL_ROWS, table=table.name, columns=names, keys=repeated.height, rows=int(repeated["len"].sum())
        )
