"""Compares a table with the one before it: columns, types, gaps, values, distributions, customers and events."""

import difflib
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from experiments.data.parts import parts_of
from experiments.data.schema import ColumnSchema, read_schema
from experiments.data.tally import NumberTally, WordTally, counts_between, quantile
from experiments.errors import gettext_noop
from experiments.evaluation.psi import psi, psi_limit, psi_verdict
from experiments.evaluation.psi_bins import MIN_LEVEL_SHARE, PSI_BINS
from experiments.house_rules import PSI_AMBER
from experiments.telling import apart

Verdict = Literal["red", "amber", "green"]
RANK: Mapping[Verdict, int] = {"green": 0, "amber": 1, "red": 2}

ROWS_AT_ONCE = 500_000
CELLS_AT_ONCE = 8_000_000
COLUMNS_AT_ONCE = 200
WORKERS = 2
# A level is missed only where chance alone would have brought about so many rows of it.
EXPECTED_ROWS = 10
LEVELS_COMPARED = 1_000
LEVELS_NAMED = 5
LONGEST_LEVEL = 40
MISSING_AMBER, MISSING_RED = 0.05, 0.20
SHARE_AMBER, SHARE_RED = 0.01, 0.10
SHIFT_AMBER = 0.5
RATE_AMBER, RATE_RED = 0.10, 0.50
# Standard errors by which two shares must differ before anything is said of it.
SURE = 3.0
RENAMES_LOOKED_AT = 20
NAMES_ALIKE, NAMES_ALONE = 0.4, 0.6
CONTENT_ALIKE = 0.8
HASHES_KEPT = 8_000_000
WIDEST_ROW = 200
DIFFERENT_ROWS = 0.9
US_A_DAY = 86_400_000_000

TYPE_WORDS: Mapping[str, str] = {
    "numeric": gettext_noop("numbers"),
    "categorical": gettext_noop("categories"),
    "boolean": gettext_noop("yes or no"),
    "date": gettext_noop("dates"),
    "text": gettext_noop("free text"),
}
REMOVED = gettext_noop("The column is gone.")
ADDED = gettext_noop("The column is new.")
RENAMED_TO = gettext_noop("The column is gone; it seems to have been renamed %(column)s.")
RENAMED_FROM = gettext_noop("The column is new and seems to be %(column)s, which is gone, under a new name.")
TYPE_CHANGED = gettext_noop("It held %(older)s and now holds %(newer)s.")
EMPTY_NOW = gettext_noop("It is empty now.")
MISSING_MOVED = gettext_noop("%(newer)s of the rows are empty; before, %(older)s were.")
NEW_LEVELS = gettext_noop("New values in %(share)s of the rows: %(levels)s.")
VANISHED_LEVELS = gettext_noop("Values no longer there (%(share)s of the rows before): %(levels)s.")
OUT_OF_RANGE = gettext_noop(
    "%(share)s of the values lie outside the earlier range of %(low)s to %(high)s; they now run from %(lowest)s to "
    "%(highest)s."
)
MEDIAN_MOVED = gettext_noop("The median went from %(older)s to %(newer)s.")
PSI_MOVED = gettext_noop("The distribution has shifted: PSI %(psi)s; normal variation reaches at most %(limit)s.")
CONSTANT_NOW = gettext_noop("All rows have the same value now.")
DATES_REACH = gettext_noop("The dates run from %(lowest)s to %(highest)s; before, from %(low)s to %(high)s.")
DATES_WENT_BACK = gettext_noop("The newest day is %(highest)s, earlier than before (%(high)s).")

ROWS_NOW = gettext_noop("%(newer)s rows; before, %(older)s.")
ROWS_ADDED = gettext_noop("%(newer)s rows were added to %(older)s. The added rows are compared with those before.")
ROWS_SHRANK = gettext_noop("Only %(newer)s rows; before, %(older)s. Was the whole file sent?")
KEYS_KNOWN = gettext_noop("%(share)s of the distinct %(column)s were there before.")
KEYS_REPEAT = gettext_noop("%(count)s rows share their %(column)s with another row; before, %(older)s did.")
ROWS_REPEAT = gettext_noop("%(share)s of the rows were there before, identical in every column.")
RATE_STAYED = gettext_noop("The rate of %(event)s in %(column)s is %(newer)s; before, %(older)s.")
NO_EVENTS = gettext_noop("%(event)s no longer occurs in %(column)s; its rate was %(older)s.")


@dataclass(frozen=True)
class Change:
    """One thing that differs: a sentence with its parameters, and how grave it is."""

    code: str
    verdict: Verdict
    message: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ColumnChange:
    """How one column differs.

    Attributes
    ----------
    verdict : of its gravest change; green where nothing is said. gravity : higher is graver, for sorting.
    psi, psi_limit : over bins fixed on the older table, and what samples of these sizes exceed by chance in one
        comparison of twenty, in any of its columns; ``None`` where a distribution says nothing (keys, days, free text,
        persons).
    missing : shares of rows without a value, older and newer; ``None`` on a side without the column.
    middle : medians of numbers, older and newer.
    """

    name: str
    type: str
    verdict: Verdict
    gravity: float
    changes: tuple[Change, ...]
    psi: float | None = None
    psi_limit: float | None = None
    missing: tuple[float | None, float | None] = (None, None)
    middle: tuple[float | None, float | None] = (None, None)


@dataclass(frozen=True)
class Comparison:
    """What ``compare_tables`` found; columns come gravest first."""

    older_rows: int
    newer_rows: int
    table: tuple[Change, ...]
    columns: tuple[ColumnChange, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready plain data."""
        counts = {verdict: sum(column.verdict == verdict for column in self.columns) for verdict in RANK}
        plain = asdict(self)
        return {**plain, "table": list(plain["table"]), "columns": list(plain["columns"]), "counts": counts}


@dataclass(frozen=True)
class Question:
    """What a target column says is the event."""

    column: str
    event: str


def compare_tables(
    older: Path,
    newer: Path,
    *,
    added_after: int | None = None,
    keys: Sequence[str] = (),
    question: Question | None = None,
    special_values: Mapping[str, Sequence[float | str]] | None = None,
    quiet: Collection[str] = (),
    on_progress: Callable[[float], None] = lambda fraction: None,
) -> Comparison:
    """Compare two ingested tables, part by part; memory holds a few columns' counts, whatever the size.

    The distribution of a column is compared by the PSI over bins fixed on the older table (ten quantile bins, or the
    levels of 1 % and more, with bins for missing and special values), and nothing is said of a PSI that samples of
    these sizes reach by chance (domain specification 1.3). Shares are compared only where they differ by three
    standard errors.

    Parameters
    ----------
    added_after : where ``newer`` is ``older`` with rows added behind it, the number of older rows; only what was added
        is compared then.
    keys : columns that name customers: no distribution is asked of them; the first tells who was there before.
    question : the target and its event, for the rates.
    special_values : codes that stand for no quantity, by column; each has a bin of its own.
    quiet : columns of whose values nothing is to be said, such as those of persons.
    on_progress : called with the share done; may raise to stop.
    """
    return _Comparing(
        _Table(older), _Table(newer, added_after or 0), added_after is not None, tuple(keys), question,
        special_values or {}, frozenset(quiet), on_progress,
    ).run()  # fmt: skip


class _Table:
    """A Parquet file, from some row on."""

    def __init__(self, parquet: Path, first_row: int = 0) -> None:
        self.parquet = parquet
        self.first_row = first_row
        self.schema = {column.name: column for column in read_schema(parquet)}
        self.rows = pq.read_metadata(parquet).num_rows - first_row

    def parts(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Yield the rows in parts of a bounded number of cells."""
        size = max(1_000, min(ROWS_AT_ONCE, CELLS_AT_ONCE // max(1, len(columns))))
        with pq.ParquetFile(self.parquet) as table:
            start, groups = 0, []
            for number in range(table.num_row_groups):
                rows = table.metadata.row_group(number).num_rows
                if start + rows > self.first_row:
                    groups.append(number)
                elif not groups:
                    start += rows
            skip = self.first_row - start
            for part in parts_of(table, columns, rows=size, groups=groups):
                frame = pl.DataFrame(part).slice(min(skip, part.num_rows))
                skip = max(0, skip - part.num_rows)
                if frame.height:
                    yield frame


class _Seen:
    """Counts of one column on one side."""

    def __init__(self, column: ColumnSchema, specials: Sequence[float | str]) -> None:
        self.column = column
        self.is_date = column.type == "date"
        self.is_number = column.type in ("numeric", "date")
        self.specials = [value for value in specials if isinstance(value, int | float)] if self.is_number else []
        self.rows = self.missing = 0
        self.special_rows = [0] * len(self.specials)
        self.numbers, self.words = NumberTally(), WordTally()

    def add(self, values: pl.Series) -> None:
        self.rows += len(values)
        self.missing += values.null_count()
        present = values.drop_nulls()
        if not self.is_number:
            self.words.add(present.cast(pl.String))
            return
        numbers = present.cast(pl.Int64) if self.is_date else present
        for place, code in enumerate(self.specials):
            self.special_rows[place] += int((numbers == code).sum())
        if self.specials:
            numbers = numbers.filter(~numbers.is_in(self.specials))
        self.numbers.add(numbers.sort().to_numpy())

    @property
    def present(self) -> int:
        return self.rows - self.missing

    @property
    def missing_share(self) -> float:
        return self.missing / self.rows if self.rows else 0.0

    @property
    def distinct(self) -> int:
        return self.numbers.distinct if self.is_number else self.words.distinct

    def levels(self, limit: int) -> dict[str, int]:
        """Return the most frequent words and their rows."""
        return dict(self.words.most_frequent(limit)) if self.words.rows else {}

    def at(self, share: float) -> float | None:
        """Return a quantile of the ordinary values."""
        return float(quantile(self.numbers.points, share)) if self.numbers.rows else None

    def rows_with(self, value: str) -> int:
        """Return the rows whose value reads like this."""
        if not self.is_number:
            return self.levels(LEVELS_COMPARED).get(value, 0)
        try:
            number = float(value)
        except ValueError:
            return 0
        values, counts = self.numbers.counted
        specials = sum(rows for code, rows in zip(self.specials, self.special_rows, strict=True) if code == number)
        return int(counts[values == number].sum()) + specials


@dataclass
class _Comparing:
    """One comparison on its way."""

    older: _Table
    newer: _Table
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
        columns = [change for block in self._blocks(shared) for change in self._compare_block(block)]
        columns += self._gone_and_new()
        columns.sort(key=lambda change: (-change.gravity, change.name))
        table = (self._rows(), *self.rate, *self._customers(), *self._repeated_rows(shared))
        self.on_progress(1.0)
        ordered = sorted(table, key=lambda change: -RANK[change.verdict])
        return Comparison(self.older.rows, self.newer.rows, tuple(ordered), tuple(columns))

    def _blocks(self, names: Sequence[str]) -> Iterator[Sequence[str]]:
        rows = min(max(self.older.rows, self.newer.rows, 1), ROWS_AT_ONCE)
        size = max(1, min(COLUMNS_AT_ONCE, CELLS_AT_ONCE // rows))
        for start in range(0, len(names), size):
            yield names[start : start + size]

    def _count(self, table: _Table, names: Sequence[str]) -> list[_Seen]:
        seen = [_Seen(table.schema[name], self.special_values.get(name, ())) for name in names]
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
            self.rate = _rate_change(self.question, *pairs[list(names).index(self.question.column)])
        return [self._compare(older, newer) for older, newer in pairs]

    def _compare(self, older: _Seen, newer: _Seen) -> ColumnChange:
        name = older.column.name
        changes = [*_type_changes(older, newer), *_missing_changes(older, newer)]
        value, limit = None, None
        is_quiet = name in self.quiet
        if older.is_number == newer.is_number and older.is_date == newer.is_date and not is_quiet:
            if older.is_date:
                changes += _date_changes(older, newer, self.is_addition)
            elif name not in self.keys:
                bins = _bins(older, newer)
                value, limit = (psi(*bins), self._limit(*bins)) if bins is not None else (None, None)
                has_moved = value is not None and limit is not None and value > limit
                changes += _psi_changes(value, limit) if has_moved else []
                changes += _number_changes(older, newer, has_moved) if older.is_number else _level_changes(older, newer)
        if newer.present and older.distinct > 1 and newer.distinct == 1 and not newer.specials:
            changes.append(Change("constant", "amber", CONSTANT_NOW))
        middle = (older.at(0.5), newer.at(0.5)) if _are_numbers(older, newer) and not is_quiet else (None, None)
        return _summed_up(newer.column, changes, value, limit, (older.missing_share, newer.missing_share), middle)

    def _limit(self, expected: Sequence[float], actual: Sequence[float]) -> float | None:
        """Return the PSI that chance exceeds in one comparison of twenty, in whichever of all its columns."""
        used = sum(a > 0 or b > 0 for a, b in zip(expected, actual, strict=True))
        level = 1 - 0.05 / max(1, len(self.newer.schema))
        limit = psi_limit(sum(expected), sum(actual), used, level)
        return limit if math.isfinite(limit) else None

    def _gone_and_new(self) -> list[ColumnChange]:
        gone = [name for name in self.older.schema if name not in self.newer.schema]
        new = [name for name in self.newer.schema if name not in self.older.schema]
        renamed = self._renamed(gone, new)
        former = {after: before for before, after in renamed.items()}
        changes = []
        for name in gone:
            told = Change("renamed", "amber", RENAMED_TO, {"column": renamed[name]}) if name in renamed else None
            changes.append(_summed_up(self.older.schema[name], [told or Change("removed", "red", REMOVED)], None, None))
        for name in new:
            told = Change("renamed", "amber", RENAMED_FROM, {"column": former[name]}) if name in former else None
            changes.append(_summed_up(self.newer.schema[name], [told or Change("added", "amber", ADDED)], None, None))
        return changes

    def _renamed(self, gone: Sequence[str], new: Sequence[str]) -> dict[str, str]:
        """Return the columns that seem to go by another name, each taken once, the likeliest first."""
        if not gone or not new:
            return {}
        pairs: list[tuple[float, str, str]]
        if max(len(gone), len(new)) > RENAMES_LOOKED_AT:
            return {}
        self.steps += len(gone) + len(new)
        olds, news = self._count(self.older, gone), self._count(self.newer, new)
        pairs = [
            (likeness, before.column.name, after.column.name)
            for before in olds
            for after in news
            if (likeness := _likeness(before, after)) > 0
        ]
        renamed: dict[str, str] = {}
        for _, before, after in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
            if before not in renamed and after not in renamed.values():
                renamed[before] = after
        return renamed

    def _rows(self) -> Change:
        words = {"older": f"{self.older.rows:,}", "newer": f"{self.newer.rows:,}"}
        if self.is_addition:
            return Change("rows", "green", ROWS_ADDED, words)
        if 2 * self.newer.rows < self.older.rows:
            return Change("rows", "amber", ROWS_SHRANK, words)
        return Change("rows", "green", ROWS_NOW, words)

    def _customers(self) -> list[Change]:
        key = next((name for name in self.keys if name in self.older.schema and name in self.newer.schema), None)
        if key is None:
            return []
        before, now = self._hashes(self.older, [key]), self._hashes(self.newer, [key])
        if not len(before.kept) or not len(now.kept):
            return []
        changes = [Change("keys", "green", KEYS_KNOWN, {"share": _percent(now.share_in(before)), "column": key})]
        if now.repeats and now.repeats / now.rows > before.repeats / max(1, before.rows) + SHARE_AMBER:
            words = {"count": f"{now.repeats:,}", "older": f"{before.repeats:,}", "column": key}
            changes.append(Change("keys_repeat", "amber", KEYS_REPEAT, words))
        return changes

    def _repeated_rows(self, shared: Sequence[str]) -> list[Change]:
        """Tell whether the same rows came again; only where rows of the older table differ from each other."""
        if not 0 < len(shared) <= WIDEST_ROW or set(self.older.schema) != set(self.newer.schema):
            return []
        before = self._hashes(self.older, shared)
        if not before.rows or len(before.kept) < DIFFERENT_ROWS * (len(before.kept) + before.kept_repeats):
            return []
        share = self._hashes(self.newer, shared).row_share_in(before)
        if share < SHARE_AMBER:
            return []
        verdict: Verdict = "green"
        if self.is_addition:
            verdict = "red" if share >= SHARE_RED else "amber"
        return [Change("rows_repeat", verdict, ROWS_REPEAT, {"share": _percent(share)})]

    def _hashes(self, table: _Table, names: Sequence[str]) -> "_Hashes":
        hashes = _Hashes(max(self.older.rows, self.newer.rows))
        for frame in table.parts(names):
            hashes.add(frame.select(names))
        hashes.finish()
        return hashes


class _Hashes:
    """Hashes of rows; of a large table only of a random part, chosen by the hash, the same on both sides."""

    def __init__(self, rows: int) -> None:
        self.one_in = max(1, math.ceil(rows / HASHES_KEPT))
        self.rows = 0
        self._parts: list[np.ndarray] = []
        self.kept = np.array([], dtype=np.uint64)
        self.counts = np.array([], dtype=np.int64)

    def add(self, frame: pl.DataFrame) -> None:
        """Add rows; those without any value are no one's."""
        frame = frame.filter(~pl.all_horizontal(pl.all().is_null()))
        self.rows += frame.height
        alike = [pl.col(name).cast(pl.Float64) for name, type_ in frame.schema.items() if type_.is_numeric()]
        hashes = frame.with_columns(alike).hash_rows(seed=7).to_numpy()
        self._parts.append(hashes[hashes % self.one_in == 0])

    def finish(self) -> None:
        if self._parts:
            self.kept, self.counts = np.unique(np.concatenate(self._parts), return_counts=True)
        self._parts = []

    @property
    def kept_repeats(self) -> int:
        return int(self.counts.sum()) - len(self.kept)

    @property
    def repeats(self) -> int:
        """Rows beyond the first with their hash."""
        return self.kept_repeats * self.one_in

    def share_in(self, other: "_Hashes") -> float:
        """Return the share of different hashes that the other has too."""
        return float(np.isin(self.kept, other.kept, assume_unique=True).mean()) if len(self.kept) else 0.0

    def row_share_in(self, other: "_Hashes") -> float:
        """Return the share of rows whose hash the other has too."""
        known = np.isin(self.kept, other.kept, assume_unique=True)
        return float(self.counts[known].sum() / self.counts.sum()) if len(self.kept) else 0.0


def _are_numbers(older: _Seen, newer: _Seen) -> bool:
    return older.column.type == "numeric" and newer.column.type == "numeric"


def _summed_up(
    column: ColumnSchema,
    changes: Sequence[Change],
    value: float | None,
    limit: float | None,
    missing: tuple[float | None, float | None] = (None, None),
    middle: tuple[float | None, float | None] = (None, None),
) -> ColumnChange:
    told = tuple(sorted(changes, key=lambda change: -RANK[change.verdict]))
    verdict: Verdict = told[0].verdict if told else "green"
    moved = abs((missing[1] or 0) - (missing[0] or 0)) if None not in missing else 1.0
    within = min(9.0, (value or 0.0) + 2 * moved + 0.1 * len(told))
    return ColumnChange(
        column.name, column.type, verdict, round(10 * RANK[verdict] + within, 4), told,
        _rounded(value), _rounded(limit), (_rounded(missing[0]), _rounded(missing[1])),
        (_rounded(middle[0], 8), _rounded(middle[1], 8)),
    )  # fmt: skip


def _type_changes(older: _Seen, newer: _Seen) -> list[Change]:
    if older.column.type == newer.column.type or not older.present or not newer.present:
        return []
    is_stored_alike = older.is_number == newer.is_number and older.is_date == newer.is_date
    words = {
        "older": {"message": TYPE_WORDS[older.column.type]},
        "newer": {"message": TYPE_WORDS[newer.column.type]},
    }
    # Among words, few rows are enough to take categories for free text: worth a word, no alarm.
    return [Change("type", "green" if is_stored_alike else "red", TYPE_CHANGED, words)]


def _missing_changes(older: _Seen, newer: _Seen) -> list[Change]:
    if older.present and newer.rows and not newer.present:
        return [Change("empty", "red", EMPTY_NOW)]
    moved = abs(newer.missing_share - older.missing_share)
    if moved < MISSING_AMBER or not _differ(older.missing, older.rows, newer.missing, newer.rows):
        return []
    verdict: Verdict = "red" if moved >= MISSING_RED else "amber"
    words = {"older": _percent(older.missing_share), "newer": _percent(newer.missing_share)}
    return [Change("missing", verdict, MISSING_MOVED, words)]


def _psi_changes(value: float | None, limit: float | None) -> list[Change]:
    if value is None or value < PSI_AMBER:
        return []
    shown, chance = apart(value, limit or 0.0)
    return [Change("psi", psi_verdict(value), PSI_MOVED, {"psi": shown, "limit": chance})]


def _number_changes(older: _Seen, newer: _Seen, has_moved: bool) -> list[Change]:
    if not older.numbers.rows or not newer.numbers.rows:
        return []
    changes = []
    low, high = float(older.numbers.lowest), float(older.numbers.highest)
    below, _, above = counts_between(newer.numbers.points, np.array([low, np.nextafter(high, np.inf)]))
    share = (below + above) / newer.numbers.rows
    # So many of the older rows would have been out there, too, if the values still came from the same place.
    if share >= SHARE_AMBER and share * older.numbers.rows >= EXPECTED_ROWS:
        words = {
            "share": _percent(share),
            "low": _number(low),
            "high": _number(high),
            "lowest": _number(float(newer.numbers.lowest)),
            "highest": _number(float(newer.numbers.highest)),
        }
        changes.append(Change("range", "red" if share >= SHARE_RED else "amber", OUT_OF_RANGE, words))
    lower, before, upper, now = older.at(0.25), older.at(0.5), older.at(0.75), newer.at(0.5)
    if lower is None or before is None or upper is None or now is None or now == before:
        return changes
    if has_moved and abs(now - before) > SHIFT_AMBER * (upper - lower):
        words = {"older": _number(before), "newer": _number(now)}
        changes.append(Change("median", "amber", MEDIAN_MOVED, words))
    return changes


def _date_changes(older: _Seen, newer: _Seen, is_addition: bool) -> list[Change]:
    if not older.numbers.rows or not newer.numbers.rows:
        return []
    ends = {"low": older.numbers.lowest, "high": older.numbers.highest,
            "lowest": newer.numbers.lowest, "highest": newer.numbers.highest}  # fmt: skip
    words = {name: _day(value) for name, value in ends.items()}
    if newer.numbers.highest < older.numbers.highest and not is_addition:
        return [Change("dates", "amber", DATES_WENT_BACK, words)]
    is_same = (words["low"], words["high"]) == (words["lowest"], words["highest"])
    return [] if is_same else [Change("dates", "green", DATES_REACH, words)]


def _level_changes(older: _Seen, newer: _Seen) -> list[Change]:
    if max(older.distinct, newer.distinct) > LEVELS_COMPARED or "text" in (older.column.type, newer.column.type):
        return []
    before, now = older.levels(LEVELS_COMPARED), newer.levels(LEVELS_COMPARED)
    return [
        *_levels_only_in(now, newer.present, before, older.present, "new_levels", NEW_LEVELS),
        *_levels_only_in(before, older.present, now, newer.present, "vanished_levels", VANISHED_LEVELS),
    ]


def _levels_only_in(
    one: Mapping[str, int], rows: int, other: Mapping[str, int], other_rows: int, code: str, message: str
) -> list[Change]:
    """Tell the levels of one side that the other would have to have, were it only a matter of chance."""
    if not rows or not other_rows:
        return []
    missed = [word for word, n in one.items() if word not in other and n / rows * other_rows >= EXPECTED_ROWS]
    if not missed:
        return []
    share = sum(one[word] for word in missed) / rows
    verdict: Verdict = "red" if share >= SHARE_RED else "amber" if share >= SHARE_AMBER else "green"
    named = [word[:LONGEST_LEVEL] for word in missed[:LEVELS_NAMED]] + (["…"] if len(missed) > LEVELS_NAMED else [])
    return [Change(code, verdict, message, {"share": _percent(share), "levels": named})]


def _bins(older: _Seen, newer: _Seen) -> tuple[list[float], list[float]] | None:
    """Return the rows of both sides in bins fixed on the older one; ``None`` where there is nothing to bin."""
    if not older.present or not newer.rows:
        return None
    expected, actual = _number_bins(older, newer) if older.is_number else _word_bins(older, newer)
    if not expected:
        return None
    return [*expected, older.missing], [*actual, newer.missing]


def _number_bins(older: _Seen, newer: _Seen) -> tuple[list[float], list[float]]:
    sides = [older.numbers.rows > 0, newer.numbers.rows > 0]
    edges = _edges(older) if sides[0] else np.array([])
    counted = [
        [float(count) for count in counts_between(seen.numbers.points, edges)] if has_rows else [0.0] * (len(edges) + 1)
        for seen, has_rows in zip((older, newer), sides, strict=True)
    ]
    return [*counted[0], *older.special_rows], [*counted[1], *newer.special_rows]


def _edges(older: _Seen) -> np.ndarray:
    values, _ = older.numbers.counted
    if older.numbers.is_exact and len(values) <= PSI_BINS:
        return np.asarray(values[1:], dtype=float)
    shares = np.arange(1, PSI_BINS) / PSI_BINS
    cuts = np.unique([float(quantile(older.numbers.points, share)) for share in shares])
    return cuts[cuts > float(older.numbers.lowest)]


def _word_bins(older: _Seen, newer: _Seen) -> tuple[list[float], list[float]]:
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


def _likeness(older: _Seen, newer: _Seen) -> float:
    """Return how much a column that is new looks like one that is gone; 0 where it does not."""
    if older.is_number != newer.is_number or older.is_date != newer.is_date:
        return 0.0
    names = difflib.SequenceMatcher(
        None, older.column.name.casefold(), newer.column.name.casefold(), autojunk=False
    ).ratio()
    content = _content_alike(older, newer)
    if content is None:
        return names if names >= NAMES_ALONE else 0.0
    return content + names if content >= CONTENT_ALIKE and (names >= NAMES_ALIKE or older.distinct > 2) else 0.0


def _content_alike(older: _Seen, newer: _Seen) -> float | None:
    """Return 0 (other values) to 1 (the same distribution); ``None`` where values come only once."""
    if older.is_date or "text" in (older.column.type, newer.column.type):
        return None
    bins = _bins(older, newer)
    if bins is None:
        return None
    expected, actual = (np.asarray(side, dtype=float) / max(1.0, sum(side)) for side in bins)
    return 1.0 - 0.5 * float(np.abs(expected - actual).sum())


def _rate_change(question: Question, older: _Seen, newer: _Seen) -> tuple[Change, ...]:
    if not older.present or not newer.present:
        return ()
    before, now = older.rows_with(question.event), newer.rows_with(question.event)
    rates = before / older.present, now / newer.present
    words = {
        "event": question.event,
        "column": question.column,
        "older": _percent(rates[0]),
        "newer": _percent(rates[1]),
    }
    if before and not now and rates[0] * newer.present >= EXPECTED_ROWS:
        return (Change("rate", "red", NO_EVENTS, words),)
    verdict: Verdict = "green"
    if _differ(before, older.present, now, newer.present):
        moved = abs(rates[1] - rates[0]) / max(rates[0], 1 / older.present)
        verdict = "red" if moved >= RATE_RED else "amber" if moved >= RATE_AMBER else "green"
    return (Change("rate", verdict, RATE_STAYED, words),)


def _differ(one: int, of_one: int, other: int, of_other: int) -> bool:
    """Tell whether two shares differ by more than chance explains: three standard errors, pooled."""
    if not of_one or not of_other:
        return False
    pooled = (one + other) / (of_one + of_other)
    error = math.sqrt(pooled * (1 - pooled) * (1 / of_one + 1 / of_other))
    return error > 0 and abs(one / of_one - other / of_other) > SURE * error


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def _number(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return f"{value:,.0f}"
    return f"{value:,.2f}" if abs(value) >= 1_000 else f"{value:.4g}"


def _day(microseconds: float) -> str:
    return str(np.datetime64(int(microseconds // US_A_DAY), "D"))


def _rounded(value: float | None, digits: int = 4) -> float | None:
    return None if value is None or not math.isfinite(value) else round(float(value), digits)
