"""Tables with many rows for one row of the base: what was known at its observation time is summed up."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.joins.keys import KeyIndex
from experiments.joins.lookups import NOWHERE, refuse_several_rows
from experiments.joins.naming import Names, summed_up
from experiments.joins.report import JoinedColumn, TableReport
from experiments.joins.rows import Rows, as_floats, as_words, find_rows, known_times
from experiments.joins.slices import Present, count_distinct, describe_numbers
from experiments.joins.spec import ALL_HISTORY, JoinedTable, JoinSpec
from experiments.joins.tables import ROWS_IN_BATCH, TableFile, only_wanted
from experiments.joins.times import DAY, MISSING, microseconds

CELLS_AT_ONCE = 60_000_000
NUMBER_FIGURES = ("sum", "mean", "max", "min", "std", "distinct", "trend")

Figure = tuple[str, str | None, int | None, str | None]
Store = Callable[[Figure, np.ndarray, np.ndarray], None]


@dataclass(frozen=True)
class BaseKeys:
    """What the base looks up in a table: each row's key as a number, and its observation time."""

    index: KeyIndex
    observed: np.ndarray

    @cached_property
    def last_observed(self) -> np.ndarray:
        """For every key the latest observation of any row that has it."""
        latest = np.full(len(self.index), MISSING, dtype=np.int64)
        codes = self.index.parent_codes
        np.maximum.at(latest, codes[codes >= 0], self.observed[codes >= 0])
        return latest


class Link:
    """The way from a table to the base through its parent's rows, whose key columns must be unique."""

    def __init__(self, table: JoinedTable, parent: "Child") -> None:
        columns = list(table.parent_keys)
        file = parent.file
        file.need(columns)
        unique = JoinedTable(parent.table.name, "", tuple((own, own) for own in columns), "one", only=parent.table.only)
        keys, codes, known = parent.keys_and_codes(columns)
        self.index = KeyIndex(keys, [parent.own_type(table, rank) for rank in range(len(columns))])
        refuse_several_rows(unique, file, self.index.as_number)
        place = np.full(len(self.index) + 1, NOWHERE, dtype=np.int64)
        place[self.index.parent_codes] = np.arange(len(codes))
        place[-1] = NOWHERE
        self._place, self._codes, self._known = place, codes, known

    @property
    def is_timed(self) -> bool:
        return self._known is not None

    def follow(self, keys: list[pl.Series]) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the number of the base's key for each row, and since when the way is known."""
        found = self._place[self.index.codes(keys)]
        known = None if self._known is None else find_rows(found, self._known, MISSING)
        return find_rows(found, self._codes, NOWHERE), known


class Child:
    """One table that is summed up.

    Rows that no row of the base may know are dropped before anything is made of them, so that nothing (no figure, not
    even the choice of the frequent values) depends on the future.
    """

    def __init__(
        self, spec: JoinSpec, table: JoinedTable, files: Mapping[str, TableFile], base: BaseKeys, parent: "Child | None"
    ) -> None:
        self.spec = spec
        self.table = table
        self.file = files[table.name]
        self.base = base
        self._files = files
        self.file.need([*table.own_keys, *table.numbers, *table.categories, *(column for column, _ in table.only)])
        self.link = None if parent is None else Link(table, parent)
        self.is_timed = table.time_column is not None or (self.link is not None and self.link.is_timed)
        has_timed_lookups = any(other.relation == "one" and other.time_column for other in spec.tables)
        self.rows = Rows(spec, table.name, files, known_times(table, self.file) if has_timed_lookups else None)
        self.numbers, self.words = self._columns()
        self._no_values = {(each.name, name): codes for each in spec.tables for name, codes in each.no_values}
        self.levels: dict[str, list[str]] = {}
        self.values: dict[str, list[str]] = {}
        self._tally = Counter[str]()

    def own_type(self, child: JoinedTable, rank: int) -> pa.DataType:
        """Return the type of a key column in a table that hangs on this one."""
        return self._files[child.name].layout.field(child.own_keys[rank]).type

    def _columns(self) -> tuple[dict[str, tuple[str, str]], dict[str, tuple[str, str]]]:
        """Return numbers and categories by the name they get, each as table and column."""
        own = self.table.name
        numbers = {column: (own, column) for column in self.table.numbers}
        words = {column: (own, column) for column in self.table.categories}
        for name, lookup in self.rows.lookups.items():
            for column in lookup.table.columns:
                type_ = self._files[name].type_of(column)
                if type_ == "numeric":
                    numbers[f"{name} {column}"] = (name, column)
                elif type_ in ("categorical", "boolean"):
                    words[f"{name} {column}"] = (name, column)
        return numbers, words

    def keys_and_codes(self, columns: list[str]) -> tuple[list[pl.Series], np.ndarray, np.ndarray | None]:
        """Return key columns of the rows that lead to the base, the number of its key, and since when it is known."""
        keys: list[pl.DataFrame] = []
        codes, known = [], []
        for _, batch in self._batches(columns):
            found, since = self._way_to_base(batch)
            times = self._known(batch, since)
            leads = (found != NOWHERE) & (True if times is None else times != MISSING)
            keys.append(batch.filter(pl.Series(leads)).select(columns))
            codes.append(found[leads])
            if times is not None:
                known.append(times[leads])
        frame = pl.concat(keys) if keys else pl.DataFrame({column: [] for column in columns})
        nothing = np.array([], dtype=np.int64)
        all_codes = np.concatenate(codes) if codes else nothing
        return list(frame), all_codes, (np.concatenate(known) if known else nothing) if self.is_timed else None

    def _batches(self, columns: list[str]) -> Iterator[tuple[np.ndarray, pl.DataFrame]]:
        """Yield the rows that count with their places in the file."""
        time = [self.table.time_column] if self.table.time_column else []
        wanted = [*columns, *self.table.own_keys, *time, *(column for column, _ in self.table.only)]
        first = 0
        for batch in self.file.batches(wanted, ROWS_IN_BATCH):
            places = pl.Series("__place__", np.arange(first, first + batch.height))
            first += batch.height
            kept = only_wanted(batch.with_columns(places), self.table)
            yield kept["__place__"].to_numpy(), kept.drop("__place__")

    def _way_to_base(self, batch: pl.DataFrame) -> tuple[np.ndarray, np.ndarray | None]:
        keys = [batch[own] for own in self.table.own_keys]
        return (self.base.index.codes(keys), None) if self.link is None else self.link.follow(keys)

    def _known(self, batch: pl.DataFrame, since: np.ndarray | None) -> np.ndarray | None:
        """Return when each row and its way to the base are both known."""
        if self.table.time_column is None:
            return since
        times = microseconds(batch[self.table.time_column], self.table.time_format)
        known = np.where(times == MISSING, MISSING, times + self.table.lag_days * DAY)
        if since is None:
            return known
        return np.where((known == MISSING) | (since == MISSING), MISSING, np.maximum(known, since))

    def read(self, folder: Path, on_progress: Callable[[float], None]) -> None:
        """Read the rows that some row of the base knows, and find the frequent values among them."""
        width = len(self.numbers) + len(self.words) + 2
        count = max(1, min(len(self.base.index), -(-self.file.rows * width // CELLS_AT_ONCE)))
        self._bounds = np.linspace(0, len(self.base.index), count + 1).astype(np.int64)
        self._kept: list[list[pl.DataFrame]] = [[] for _ in range(count)]
        self._folder = folder if count > 1 else None
        counted = {name: Counter[str]() for name in self.words}
        sources = (*self.numbers.values(), *self.words.values())
        own_columns = [column for table, column in sources if table == self.table.name]
        with _Spill(self._folder) as spill:
            for places, batch in self._batches(own_columns):
                known = self._known_rows(places, batch)
                for name in self.words:
                    tally = known[_word(self, name)].drop_nulls().value_counts(name="n")
                    counted[name].update(dict(zip(tally.to_series(0).to_list(), tally["n"].to_list(), strict=True)))
                self._keep(known, spill)
                on_progress(float(places[-1] + 1) / max(1, self.file.rows) if len(places) else 1.0)
        told = dict(self.table.frequent)
        for name, counter in counted.items():
            ranked = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
            self.levels[name] = [*told[name]] if name in told else [value for value, _ in ranked[: self.table.levels]]
            self.values[name] = sorted({*counter, *self.levels[name]})

    def _keep(self, known: pl.DataFrame, spill: "_Spill") -> None:
        if self._folder is None:
            self._kept[0].append(known)
            return
        part = np.searchsorted(self._bounds, known["code"].to_numpy(), side="right") - 1
        for number in np.unique(part):
            spill.write(int(number), known.filter(pl.Series(part == number)))

    def _known_rows(self, places: np.ndarray, batch: pl.DataFrame) -> pl.DataFrame:
        """Keep what some row of the base knows, and count what is refused."""
        codes, since = self._way_to_base(batch)
        known = self._known(batch, since)
        keys = [batch[own] for own in self.table.own_keys]
        without_key = int(self.base_key_lacks(keys).sum())
        belongs = codes != NOWHERE
        if known is None:
            counts, times = belongs, np.zeros(len(codes), dtype=np.int64)
        else:
            latest = find_rows(np.where(belongs, codes, NOWHERE), self.base.last_observed, MISSING)
            has_time = known != MISSING
            counts = belongs & has_time & (known <= latest)
            times = known - self.table.lag_days * DAY
            self._tally["without_time"] += int((belongs & ~has_time).sum())
            self._tally["future"] += int((belongs & has_time & ~counts).sum())
        self._tally["rows"] += len(codes)
        self._tally["known"] += int(counts.sum())
        self._tally["without_key"] += without_key
        self._tally["of_others"] += int((~belongs).sum()) - without_key
        columns: list[pl.Series] = [pl.Series("code", codes), pl.Series("time", times)]
        for rank, (table, column) in enumerate(self.numbers.values()):
            numbers = as_floats(self._values(table, column, places, batch))
            no_values = self._no_values.get((table, column), ())
            columns.append(pl.Series(f"n{rank}", np.where(np.isin(numbers, no_values), np.nan, numbers)))
        for rank, (table, column) in enumerate(self.words.values()):
            columns.append(as_words(self._values(table, column, places, batch)).alias(f"w{rank}"))
        return pl.DataFrame(columns).filter(pl.Series(counts))

    def base_key_lacks(self, keys: list[pl.Series]) -> np.ndarray:
        """Return which rows have no whole key."""
        index = self.base.index if self.link is None else self.link.index
        return index.lacks_part(keys)

    def _values(self, table: str, column: str, places: np.ndarray, batch: pl.DataFrame) -> pl.Series:
        return batch[column] if table == self.table.name else self.rows.lookups[table].gather(column, places)

    def report(self, sha256: str) -> TableReport:
        """Count what became of the rows."""
        names = ("rows", "known", "future", "without_time", "without_key", "of_others")
        return TableReport(**{name: self._tally[name] for name in names}, sha256=sha256, is_timed=self.is_timed)

    def columns(self, names: Names) -> list[tuple[Figure, JoinedColumn]]:
        """Return the columns that are made, in their order in the result."""
        return [(figure, self._named(figure, names)) for figure in self.figures()]

    def _named(self, figure: Figure, names: Names) -> JoinedColumn:
        what, column, window, level = figure
        longest = self._longest if what in ("ratio", "count_ratio") else None
        is_word = what == "last" and column in self.words
        return summed_up(
            self.spec, self.table, what, names, column=column, window=window, level=level, longest=longest,
            type_="categorical" if is_word else "numeric",
        )  # fmt: skip

    @property
    def _longest(self) -> int:
        return self.table.used_windows[-1]

    def figures(self) -> list[Figure]:
        """Return what is made: figure, column, window and level."""
        wanted, windows = self.table.used_aggregates, self.table.used_windows
        made: list[Figure] = []
        if "count" in wanted:
            made += [("count", None, window, None) for window in windows]
        if "recency" in wanted:
            made.append(("recency", None, None, None))
        if "ratio" in wanted:
            made += [("count_ratio", None, window, None) for window in windows[:-1]]
        for column in self.numbers:
            made += [(name, column, window, None) for name in NUMBER_FIGURES if name in wanted for window in windows]
            made += [("ratio", column, window, None) for window in windows[:-1] if "ratio" in wanted]
            made += [("last", column, None, None)] if "last" in wanted else []
        for column in self.words:
            for window in windows:
                made += [("distinct", column, window, None)] if "distinct" in wanted else []
                made += [
                    (f"level_{name}", column, window, level)
                    for level in self.levels.get(column, [])
                    for name in ("count", "share")
                    if name in wanted
                ]
            made += [("last", column, None, None)] if "last" in wanted else []
        return made

    def sum_up(self, store: Store, on_progress: Callable[[float], None]) -> None:
        """Make every figure for every row of the base and hand it to ``store`` with the rows it is for."""
        codes = self.base.index.parent_codes
        asks = codes != NOWHERE
        if self.is_timed:
            asks &= self.base.observed != MISSING
        order = np.flatnonzero(asks)
        order = order[np.argsort(codes[order], kind="stable")]
        cuts = np.searchsorted(codes[order], self._bounds)
        for number in range(len(self._bounds) - 1):
            base_rows = order[cuts[number] : cuts[number + 1]]
            if len(base_rows):
                _Part(self, self._part(number), base_rows).sum_up(store)
            on_progress((number + 1) / (len(self._bounds) - 1))

    def _part(self, number: int) -> pl.DataFrame:
        if self._folder is None:
            frames, self._kept[0] = self._kept[0], []
            frame = pl.concat(frames) if frames else self._nothing()
        else:
            path = _part_path(self._folder, number)
            frame = pl.read_parquet(path) if path.exists() else self._nothing()
        return frame.sort("code", "time", maintain_order=True)

    def _nothing(self) -> pl.DataFrame:
        numbers = {f"n{rank}": pl.Float64 for rank in range(len(self.numbers))}
        words = {f"w{rank}": pl.String for rank in range(len(self.words))}
        return pl.DataFrame(schema={"code": pl.Int64, "time": pl.Int64, **numbers, **words})


class _Part:
    """The known rows of a range of keys, sorted by key and time, and the base rows that ask for them."""

    def __init__(self, child: Child, frame: pl.DataFrame, base_rows: np.ndarray) -> None:
        self.child = child
        self.frame = frame
        self.base_rows = base_rows
        self.codes = frame["code"].to_numpy()
        self.times = frame["time"].to_numpy()
        self.days = (self.times - (self.times.min() if len(self.times) else 0)) / DAY
        self.asked = child.base.index.parent_codes[base_rows]
        self.observed = child.base.observed[base_rows] if child.is_timed else np.zeros(len(base_rows), dtype=np.int64)
        # Key and time as one rising number: times are ranked, so that it fits into 64 bits.
        self._moments = np.unique(self.times)
        self._places = self.codes * (len(self._moments) + 1) + np.searchsorted(self._moments, self.times)
        lag = child.table.lag_days * DAY if child.is_timed else 0
        self.firsts = np.searchsorted(self.codes, self.asked)
        self.ends = self._place_after(self.observed - lag)

    def _place_after(self, moments: np.ndarray) -> np.ndarray:
        """Return for each base row the place after the last row of its key at or before a moment."""
        rank = np.searchsorted(self._moments, moments, side="right")
        return np.searchsorted(self._places, self.asked * (len(self._moments) + 1) + rank)

    def _starts(self, window: int) -> np.ndarray:
        if window == ALL_HISTORY:
            return self.firsts
        return np.minimum(self._place_after(self.observed - window * DAY), self.ends)

    def sum_up(self, store: Store) -> None:
        table = self.child.table
        wanted = set(table.used_aggregates)
        starts = {window: self._starts(window) for window in table.used_windows}

        def keep(figure: Figure, values: np.ndarray) -> None:
            store(figure, self.base_rows, values)

        self._sum_up_rows(starts, wanted, keep)
        for rank, name in enumerate(self.child.numbers):
            self._sum_up_numbers(name, self.frame[f"n{rank}"].to_numpy(), starts, wanted, keep)
        for rank, name in enumerate(self.child.words):
            self._sum_up_words(name, self.frame[f"w{rank}"], starts, wanted, keep)

    def _sum_up_rows(
        self, starts: dict[int, np.ndarray], wanted: set[str], keep: Callable[[Figure, np.ndarray], None]
    ) -> None:
        counts = {window: (self.ends - start).astype(np.float64) for window, start in starts.items()}
        for window, count in counts.items():
            if "count" in wanted:
                keep(("count", None, window, None), count)
            if "ratio" in wanted and window != self.child._longest:
                keep(("count_ratio", None, window, None), _ratio(count, counts[self.child._longest]))
        if "recency" in wanted:
            has_rows = self.ends > self.firsts
            last = np.append(self.times, 0)[np.where(has_rows, self.ends - 1, -1)]
            keep(("recency", None, None, None), np.where(has_rows, (self.observed - last) / DAY, np.nan))

    def _sum_up_numbers(
        self,
        name: str,
        values: np.ndarray,
        starts: dict[int, np.ndarray],
        wanted: set[str],
        keep: Callable[[Figure, np.ndarray], None],
    ) -> None:
        present = Present(~np.isnan(values))
        numbers, days = values[present.is_present], self.days[present.is_present]
        ends = present.among(self.ends)
        asked = {figure for figure in NUMBER_FIGURES if figure in wanted}
        sums: dict[int, np.ndarray] = {}
        for window, start in starts.items():
            figures = describe_numbers(
                numbers, days, present.among(start), ends, asked | ({"sum"} if "ratio" in wanted else set())
            )
            sums[window] = figures.get("sum", np.array([]))
            for figure in asked:
                keep((figure, name, window, None), figures[figure])
        for window in list(starts)[:-1] if "ratio" in wanted else []:
            keep(("ratio", name, window, None), _ratio(sums[window], sums[self.child._longest]))
        if "last" in wanted:
            keep(("last", name, None, None), _last(numbers, present.among(self.firsts), ends))

    def _sum_up_words(
        self,
        name: str,
        words: pl.Series,
        starts: dict[int, np.ndarray],
        wanted: set[str],
        keep: Callable[[Figure, np.ndarray], None],
    ) -> None:
        known = self.child.values[name]
        places = words.cast(pl.Enum(known)).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
        present = Present(places >= 0)
        codes, ends = places[present.is_present], present.among(self.ends)
        for level in self.child.levels[name]:
            counted = np.concatenate(([0], np.cumsum(places == known.index(level))))
            for window, start in starts.items():
                count = (counted[self.ends] - counted[start]).astype(np.float64)
                if "count" in wanted:
                    keep(("level_count", name, window, level), count)
                if "share" in wanted:
                    keep(("level_share", name, window, level), _ratio(count, self.ends - start))
        for window, start in starts.items() if "distinct" in wanted else ():
            keep(("distinct", name, window, None), count_distinct(codes, present.among(start), ends))
        if "last" in wanted:
            keep(("last", name, None, None), _last(codes.astype(np.float64), present.among(self.firsts), ends))


def _last(values: np.ndarray, firsts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    has_rows = ends > firsts
    return np.append(values, np.nan)[np.where(has_rows, ends - 1, -1)]


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    # Where signed amounts cancel out to rounding noise, shares are undefined.
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=np.abs(whole) > 1e-9 * np.abs(part))


def _word(child: Child, name: str) -> str:
    return f"w{list(child.words).index(name)}"


def _part_path(folder: Path, number: int) -> Path:
    return folder / f"part-{number}.parquet"


class _Spill:
    """Spills rows into one file per range of keys when they do not fit into memory."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._writers: dict[int, pq.ParquetWriter] = {}

    def __enter__(self) -> "_Spill":
        return self

    def write(self, number: int, rows: pl.DataFrame) -> None:
        assert self._folder is not None
        arrow = rows.to_arrow(compat_level=pl.CompatLevel.oldest())
        if number not in self._writers:
            self._writers[number] = pq.ParquetWriter(_part_path(self._folder, number), arrow.schema)
        self._writers[number].write_table(arrow)

    def __exit__(self, *error: object) -> None:
        for writer in self._writers.values():
            writer.close()
