"""Compares a table with its predecessor, in memory that does not grow with either."""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from experiments.data.comparison.bins import bins_of_both
from experiments.data.comparison.changes import (
    RANK,
    Change,
    ColumnChange,
    Comparison,
    Question,
    summed_up,
)
from experiments.data.comparison.columns import (
    are_numbers,
    date_changes,
    level_changes,
    missing_changes,
    number_changes,
    psi_changes,
    rate_change,
    type_changes,
)
from experiments.data.comparison.counted import ColumnTally, TableSide, blocks_of
from experiments.data.comparison.renames import renamed_columns
from experiments.data.comparison.rows import key_changes, repeated_rows, rows_change
from experiments.errors import gettext_noop
from experiments.evaluation.psi import psi, psi_limit
from experiments.paths import AnyPath

__all__ = ["compare_tables"]

WORKERS = 2
RENAMES_LOOKED_AT = 20
REMOVED = gettext_noop("The column is gone.")
ADDED = gettext_noop("The column is new.")
RENAMED_TO = gettext_noop("The column is gone; it seems to have been renamed %(column)s.")
RENAMED_FROM = gettext_noop("The column is new and seems to be %(column)s, which is gone, under a new name.")
CONSTANT_NOW = gettext_noop("All rows have the same value now.")


def compare_tables(
    older: AnyPath,
    newer: AnyPath,
    *,
    added_after: int | None = None,
    keys: Sequence[str] = (),
    question: Question | None = None,
    special_values: Mapping[str, Sequence[float | str]] | None = None,
    quiet: Collection[str] = (),
    on_progress: Callable[[float], None] = lambda fraction: None,
) -> Comparison:
    r"""Compare two ingested tables, part by part; memory holds a few columns' counts, whatever the size.

    The distribution of a column is compared by the PSI over bins fixed on the older table (ten quantile bins, or the
    levels of 1 % and more, with bins for missing and special values), and nothing is said of a PSI that samples of
    these sizes reach by chance. Shares are compared only where they differ by three
    standard errors.

    Parameters
    ----------
    added_after : where ``newer`` is ``older`` with rows added behind it, the number of older rows; only what was added
        is compared then.
    keys : columns that identify customers: their distribution is not compared; the first tells who was there before.
    question : the target and its event, for the rates.
    special_values : codes that stand for no quantity, by column; each has a bin of its own.
    quiet : columns whose values must not be reported, such as personal data.
    on_progress : called with the share done; may raise to stop.

    Returns
    -------
    Comparison

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from experiments.ingest.reading import ingest_file
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_text("age,city,bad\n23,A,1\n45,B,0\n31,A,0\n")
    >>> _ = ingest_file(folder / "a.csv", folder / "a.parquet")
    >>> _ = (folder / "b.csv").write_text("age,city,bad\n23,A,1\n45,B,0\n")
    >>> _ = ingest_file(folder / "b.csv", folder / "b.parquet")
    >>> compare_tables(folder / "a.parquet", folder / "b.parquet").newer_rows
    2
    """
    older = Path(older)
    newer = Path(newer)
    return _Comparing(
        TableSide(older), TableSide(newer, added_after or 0), added_after is not None, tuple(keys), question,
        special_values or {}, frozenset(quiet), on_progress,
    ).run()  # fmt: skip


@dataclass
class _Comparing:
    """The state of one comparison."""

    older: TableSide
    newer: TableSide
    is_addition: bool
    keys: tuple[str, ...]
    question: Question | None
    special_values: Mapping[str, Sequence[float | str]]
    quiet: frozenset[str]
    on_progress: Callable[[float], None]
    rate: tuple[Change, ...] = ()
    steps_done: float = 0.0

    def run(self) -> Comparison:
        shared = [name for name in self.older.schema if name in self.newer.schema]
        self.steps = 2 * len(shared) + 2
        columns = [
            change
            for block in blocks_of(shared, rows=max(self.older.rows, self.newer.rows))
            for change in self._compare_block(block)
        ]
        columns += self._gone_and_new()
        columns.sort(key=lambda change: (-change.gravity, change.name))
        table = (
            rows_change(self.older, self.newer, is_addition=self.is_addition),
            *self.rate,
            *key_changes(self.older, self.newer, self.keys),
            *repeated_rows(self.older, self.newer, shared, is_addition=self.is_addition),
        )
        self.on_progress(1.0)
        ordered = sorted(table, key=lambda change: -RANK[change.verdict])
        return Comparison(self.older.rows, self.newer.rows, tuple(ordered), tuple(columns))

    def _count(self, table: TableSide, names: Sequence[str]) -> list[ColumnTally]:
        seen = [ColumnTally(table.schema[name], self.special_values.get(name, ())) for name in names]
        done = 0
        with ThreadPoolExecutor(WORKERS) as pool:
            for frame in table.parts(names):
                list(pool.map(lambda one, frame=frame: one.add(frame[one.column.name]), seen))
                done += frame.height
                self.on_progress((self.steps_done + len(names) * done / max(1, table.rows)) / self.steps)
        self.steps_done += len(names)
        return seen

    def _compare_block(self, names: Sequence[str]) -> list[ColumnChange]:
        pairs = list(zip(self._count(self.older, names), self._count(self.newer, names), strict=True))
        if self.question is not None and self.question.column in names:
            self.rate = rate_change(self.question, *pairs[list(names).index(self.question.column)])
        return [self._compare(older, newer) for older, newer in pairs]

    def _compare(self, older: ColumnTally, newer: ColumnTally) -> ColumnChange:
        name = older.column.name
        changes = [*type_changes(older, newer), *missing_changes(older, newer)]
        value, limit = None, None
        is_quiet = name in self.quiet
        if older.is_number == newer.is_number and older.is_date == newer.is_date and not is_quiet:
            if older.is_date:
                changes += date_changes(older, newer, self.is_addition)
            elif name not in self.keys:
                bins = bins_of_both(older, newer)
                value, limit = (psi(*bins), self._limit(*bins)) if bins is not None else (None, None)
                has_moved = value is not None and limit is not None and value > limit
                changes += psi_changes(value, limit) if has_moved else []
                changes += number_changes(older, newer, has_moved) if older.is_number else level_changes(older, newer)
        if newer.present and older.distinct > 1 and newer.distinct == 1 and not newer.specials:
            changes.append(Change("constant", "amber", CONSTANT_NOW))
        middle = (older.at(0.5), newer.at(0.5)) if are_numbers(older, newer) and not is_quiet else (None, None)
        return summed_up(newer.column, changes, value, limit, (older.missing_share, newer.missing_share), middle)

    def _limit(self, expected: Sequence[float], actual: Sequence[float]) -> float | None:
        """Return the PSI that chance exceeds in one comparison of twenty, in whichever of all its columns."""
        used = sum(a > 0 or b > 0 for a, b in zip(expected, actual, strict=True))
        level = 1 - 0.05 / max(1, len(self.newer.schema))
        limit = psi_limit(sum(expected), sum(actual), bins=used, level=level)
        return limit if math.isfinite(limit) else None

    def _gone_and_new(self) -> list[ColumnChange]:
        gone = [name for name in self.older.schema if name not in self.newer.schema]
        new = [name for name in self.newer.schema if name not in self.older.schema]
        renamed = self._renamed(gone, new)
        former = {after: before for before, after in renamed.items()}
        changes = []
        for name in gone:
            told = Change("renamed", "amber", RENAMED_TO, {"column": renamed[name]}) if name in renamed else None
            changes.append(summed_up(self.older.schema[name], [told or Change("removed", "red", REMOVED)], None, None))
        for name in new:
            told = Change("renamed", "amber", RENAMED_FROM, {"column": former[name]}) if name in former else None
            changes.append(summed_up(self.newer.schema[name], [told or Change("added", "amber", ADDED)], None, None))
        return changes

    def _renamed(self, gone: Sequence[str], new: Sequence[str]) -> dict[str, str]:
        if not gone or not new or max(len(gone), len(new)) > RENAMES_LOOKED_AT:
            return {}
        self.steps += len(gone) + len(new)
        return renamed_columns(self._count(self.older, gone), self._count(self.newer, new))
