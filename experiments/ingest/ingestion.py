"""Streams a source into a typed Parquet: in one pass where the first rows predict the rest, else in two or three."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.data.column_reading import read_texts
from experiments.data.conversion import ColumnPlan, convert, is_surprise
from experiments.data.known_plans import as_written_plan, ids_plan, kept_plan, learnt_plan, native_plan, reads_back
from experiments.data.parsing import as_texts, without_missing
from experiments.data.reading_notes import Note, huge_note, learnt_notes
from experiments.data.roles import tells_customers_apart
from experiments.data.schema import SCHEMA_KEY, ColumnReading, ColumnSchema, ColumnTypeName, DecimalMark, schema_json
from experiments.data.type_inference import decide
from experiments.data.written_counts import Counts, count_column
from experiments.errors import gettext_noop
from experiments.features.contradictions import Contradictions
from experiments.ingest.column_names import labels_of, some_names
from experiments.ingest.sources import Source

OnIngest = Callable[[float, int], None]
CELLS_IN_SAMPLE = 1_000_000
ROWS_IN_SAMPLE = 20_000
WORKERS = 2
# Large groups of rows keep the table of contents of a wide file small; 30 million cells are 240 MB of numbers.
ROWS_IN_GROUP = 250_000
CELLS_IN_GROUP = 30_000_000
BYTES_IN_GROUP = 256 << 20
# Something is left to tell for a pass that must be made again.
WRITING_SHARE, COUNTING_SHARE = 0.95, 0.3
REPEATED_SHARE, REPEATED_VALUES = 0.1, 100
# These ways give null for whatever is not as usual, so that a part without a new null needs no second look.
STRICT_WAYS = ("whole", "numbers", "dates")
# From this size on, people who group digits do so.
A_THOUSAND = 1_000
ARROW_TYPES = {
    "whole": pa.int64(),
    "native_whole": pa.int64(),
    "words": pa.string(),
    "as_written": pa.string(),
    "yes_no": pa.string(),
    "native_words": pa.string(),
    "dates": pa.timestamp("us"),
    "native_dates": pa.timestamp("us"),
}

MISSING_WORDS = gettext_noop(
    "%(count)s cells in %(columns)s hold a word that means “no value” and count as missing: %(words)s."
)


class _SurprisedError(Exception):
    """Some columns hold values that earlier rows did not suggest; the pass must be repeated."""


class Ingestion:
    """The ingestion of one source into one Parquet file.

    A sample decides a plan for each column. Columns in which the sample found anything but clean values are counted
    over all rows while they are written, and the pass is made again where these counts decide otherwise. The others
    are checked while they are written, and where a later row does not fit, the column is counted over all rows before
    the pass is made again. So every type rests on all rows.
    """

    def __init__(
        self,
        source: Source,
        names: Sequence[str],
        types: Mapping[str, ColumnTypeName],
        on_progress: OnIngest,
        decimal: DecimalMark | None = None,
        readings: Mapping[str, ColumnReading] | None = None,
        as_written: Collection[str] = (),
    ) -> None:
        self.source = source
        self.names = {f"f{number}": name for number, name in enumerate(names)}
        self.types = types
        self.on_progress = on_progress
        self.decimal = decimal
        self.readings = readings or {}
        self.as_written = frozenset(as_written)
        self.plans: dict[str, ColumnPlan] = {}
        self.certain: set[str] = set()
        self.ids: set[str] = set()
        self.repeated: set[str] = set()
        self.told = 0.0
        self._start()

    def _start(self) -> None:
        self.rows = 0
        self.counts = {
            column: Counts() for column, plan in self.plans.items() if column not in self.certain and not plan.is_clean
        }
        self.met: dict[str, Contradictions] = {}
        self.thousands: set[str] = set()
        self.huge: Counter[str] = Counter()
        self.missing: dict[str, Counter[str]] = {}

    def write(self, target: Path) -> int:
        """Write the table and return its number of rows."""
        self._plan_from_sample()
        while True:
            try:
                self._write_pass(target)
                return self.rows
            except _SurprisedError as error:
                # Where all rows were counted on the way, they need not be counted again.
                unsure = (error.args[0] | self.counts.keys()) - self.certain
                self._plan_from_all_rows([column for column in self.names if column in unsure])

    def schema(self) -> tuple[ColumnSchema, ...]:
        """Return the columns as they were written."""
        labels = labels_of(self.source.labels, list(self.names.values()))
        return tuple(
            ColumnSchema(name, label, self.plans[column].type, self._reading_of(column))
            for (column, name), label in zip(self.names.items(), labels, strict=True)
        )

    def _reading_of(self, column: str) -> ColumnReading:
        reading = self.plans[column].reading
        return replace(reading, has_thousands=True) if column in self.thousands else reading

    def contradictions(self) -> dict[str, Contradictions]:
        """Return what was met in each column that contradicts the reading taught, by the column's name."""
        return {name: self.met[column] for column, name in self.names.items() if self.met.get(column)}

    def notes(self) -> list[Note]:
        """Return what was changed on the way, column by column."""
        notes: list[Note] = []
        for column, name in self.names.items():
            notes += self.plans[column].notes
            if column in self.met:
                notes += learnt_notes(name, self.met[column])
            elif self.huge[column]:
                notes.append(huge_note(name, self.huge[column]))
        return [*notes, *self._missing_note()]

    def _missing_note(self) -> list[Note]:
        """Name all words that were read as missing in one sentence, for they are the same in most columns."""
        words: Counter[str] = sum(self.missing.values(), Counter())
        if not words:
            return []
        shown = some_names(
            [f"{word} ({count:,})" for word, count in sorted(words.items(), key=lambda item: (-item[1], item[0]))]
        )
        columns = some_names([name for column, name in self.names.items() if self.missing.get(column)])
        return [Note(MISSING_WORDS, {"words": shown, "count": words.total(), "columns": columns})]

    def _plan_from_sample(self) -> None:
        """Plan from the first rows; where these are all rows, the plans are certain."""
        batches = self.source.batches()
        _, first = next(batches, (1.0, pl.DataFrame({column: [] for column in self.names}, strict=False)))
        rows = max(500, min(ROWS_IN_SAMPLE, CELLS_IN_SAMPLE // max(1, len(self.names))))
        is_whole = first.height <= rows and next(batches, None) is None
        sample = first.head(rows)
        for column, name in self.names.items():
            self._plan_column(column, name, sample[column], first[column])
            # Dictionary encoding pays only where values repeat.
            if sample[column].n_unique() <= max(REPEATED_SHARE * sample.height, REPEATED_VALUES):
                self.repeated.add(column)
            if is_whole:
                self.certain.add(column)

    def _plan_column(self, column: str, name: str, values: pl.Series, first: pl.Series) -> None:
        if name in self.as_written:
            self.plans[column] = as_written_plan(first)
            self.certain.add(column)
            return
        if name in self.types:
            reading = self.readings.get(name, ColumnReading())
            if self.decimal:
                # What the user says about this file takes precedence over what other files taught.
                reading = replace(reading, decimal=self.decimal, is_grouped=True)
            self.plans[column] = learnt_plan(self.types[name], reading, first)
            self.certain.add(column)
            return
        plan = native_plan(name, first) or decide(name, count_column(_tidy(values)), self.decimal)
        if tells_customers_apart(name, values):
            self.ids.add(column)
            plan = ids_plan(name, plan, values)
        self.plans[column] = plan

    def _plan_from_all_rows(self, columns: list[str]) -> None:
        if not columns:
            return
        counts = {column: Counts() for column in columns}
        tell = self._progress_of(COUNTING_SHARE)
        for share, frame in self.source.batches(columns):
            tell(share, 0)
            for column in columns:
                counts[column].add(count_column(_tidy(frame[column])))
        self._plan_from_counts(counts)

    def _plan_from_counts(self, counts: Mapping[str, Counts]) -> None:
        for column, counted in counts.items():
            plan = decide(self.names[column], counted, self.decimal)
            # Ids are counted only after some of them would have been changed.
            self.plans[column] = kept_plan(self.names[column], plan) if column in self.ids else plan
            self.certain.add(column)

    def _progress_of(self, part: float) -> OnIngest:
        """Return what tells the progress of a pass, which takes this part of what is left to tell."""
        begin, size = self.told, part * (1.0 - self.told)

        def tell(share: float, rows: int) -> None:
            self.told = begin + size * share
            self.on_progress(self.told, rows)

        return tell

    def _settle(self) -> None:
        """Plan anew the columns that were counted on the way; raise where one was written by another plan."""
        before = dict(self.plans)
        self._plan_from_counts(self.counts)
        changed = {column for column in self.counts if not _writes_alike(before[column], self.plans[column])}
        if changed:
            raise _SurprisedError(changed)

    def _write_pass(self, target: Path) -> None:
        self._start()
        layout = pa.schema([(name, self._arrow_type(column)) for column, name in self.names.items()])
        repeated = [name for column, name in self.names.items() if column in self.repeated]
        # Minimum and maximum of text columns are of no use here.
        ordered = [field.name for field in layout if not pa.types.is_string(field.type)]
        with (
            pq.ParquetWriter(
                target, layout, compression="snappy", use_dictionary=repeated, write_statistics=ordered
            ) as writer,
            _Background() as background,
        ):
            for table in _in_groups(self._converted(layout)):
                background.run(writer.write_table, table)
            background.wait()
            self._settle()
            writer.add_key_value_metadata({SCHEMA_KEY: schema_json(self.schema())})

    def _arrow_type(self, column: str) -> pa.DataType:
        plan = self.plans[column]
        if plan.way == "learnt" and plan.type == "date":
            return ARROW_TYPES["dates"]
        return ARROW_TYPES.get(plan.way, pa.float64())

    def _converted(self, layout: pa.Schema) -> Iterator[pa.Table]:
        tell = self._progress_of(WRITING_SHARE)
        with ThreadPoolExecutor(WORKERS) as pool:
            for share, frame in _ahead(self.source.batches()):
                columns = list(self.names)
                arrays = list(pool.map(lambda column, frame=frame: self._array_of(column, frame[column]), columns))
                surprised = {column for column, array in zip(columns, arrays, strict=True) if array is None}
                if surprised:
                    raise _SurprisedError(surprised)
                self.rows += frame.height
                tell(share, self.rows)
                yield pa.Table.from_arrays(arrays, schema=layout)

    def _array_of(self, column: str, raw: pl.Series) -> pa.Array | None:
        """Return the column's values as they are written, or ``None`` where they do not fit the plan."""
        values = self._convert(column, raw)
        if values is None:
            return None
        return values.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(self._arrow_type(column))

    def _convert(self, column: str, raw: pl.Series) -> pl.Series | None:
        """Return the column's values, or ``None`` where they do not fit the plan."""
        plan = self.plans[column]
        is_native = plan.way.startswith("native")
        texts = raw if is_native else as_texts(raw)
        if plan.way == "learnt":
            return self._as_learnt(column, plan, texts)
        if plan.way == "as_written":
            return convert(texts, plan)
        if plan.way == "whole" and column in self.ids and not reads_back(texts):
            return None
        values = convert(texts, plan) if is_native or plan.way in STRICT_WAYS else None
        if values is None or (not is_native and values.null_count() > texts.null_count()):
            texts, words = without_missing(texts)
            self.missing.setdefault(column, Counter()).update(words)
            values = convert(texts, plan)
        if column in self.counts:
            self.counts[column].add(count_column(texts))
        elif column not in self.certain and is_surprise(texts, values, plan):
            return None
        if plan.way == "native_numbers":
            lost = values.null_count() - texts.null_count()
            self.huge[column] += lost - int(texts.cast(pl.Float64).is_nan().sum()) if lost else 0
        if plan.type == "numeric" and column not in self.thousands and (values.abs().max() or 0) >= A_THOUSAND:  # type: ignore[operator]
            self.thousands.add(column)
        return values

    def _as_learnt(self, column: str, plan: ColumnPlan, texts: pl.Series) -> pl.Series:
        values, met = read_texts(texts, plan.type, plan.reading)
        before = self.met.get(column)
        self.met[column] = before.plus(met) if before else met
        return values


def _writes_alike(one: ColumnPlan, other: ColumnPlan) -> bool:
    return (one.way, one.formats) == (other.way, other.formats)


def _tidy(values: pl.Series) -> pl.Series:
    return without_missing(as_texts(values))[0]


def _in_groups(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Put small tables together until they make a group of rows worth its place in the table of contents."""
    waiting: list[pa.Table] = []
    for table in tables:
        waiting.append(table)
        rows = sum(part.num_rows for part in waiting)
        is_full = rows >= ROWS_IN_GROUP or rows * table.num_columns >= CELLS_IN_GROUP
        if is_full or sum(part.nbytes for part in waiting) >= BYTES_IN_GROUP:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)


def _ahead(batches: Iterator[tuple[float, pl.DataFrame]]) -> Iterator[tuple[float, pl.DataFrame]]:
    """Fetch one frame beside the main thread while the one before is worked on."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = pool.submit(next, batches, None)
            yield batch


class _Background:
    """Does one piece of work beside the main thread, with at most one more waiting, in order."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1)
        self._pending: Future[None] | None = None

    def __enter__(self) -> "_Background":
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def run(self, work: Callable[..., None], *arguments: object) -> None:
        """Start a piece of work once the one before is done."""
        self.wait()
        self._pending = self._pool.submit(work, *arguments)

    def wait(self) -> None:
        """Wait for the work under way and raise what it raised."""
        if self._pending is not None:
            self._pending.result()
            self._pending = None
