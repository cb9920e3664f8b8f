"""Gives a CSV or Parquet file as a stream of small frames, with columns called f0, f1, … whatever their names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from experiments.data.parsing import as_texts
from experiments.errors import BadInput, gettext_noop
from experiments.ingest.broken_lines import UNREADABLE, find_broken_line
from experiments.ingest.column_names import some_names, tidy_names
from experiments.ingest.container import CUT_OFF, TOO_LARGE, ReadingLimits, gigabytes
from experiments.ingest.delimited import Layout

# Blocks that stay in the processor's cache are parsed in half the time; frames are larger, for each costs some too.
BLOCK_BYTES = 4 << 20
BLOCKS_IN_FRAME = 6
# Of a wide table a frame holds more, for what it costs to look at a column at all counts on few rows.
ROWS_IN_WIDE_FRAME, BLOCKS_IN_WIDE_FRAME = 16_384, 18
CELLS_IN_BATCH, BYTES_IN_BATCH = 2_500_000, 32 << 20
ROWS_OF_A_PROBE = 200
UNREADABLE_PARQUET = (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowKeyError, OSError)

NESTED = gettext_noop(
    "The column %(column)s of %(file)s holds lists or records, not single values. Write one value per cell and "
    "upload the file again."
)


LACKS_COLUMNS = gettext_noop(
    "The file %(file)s lacks %(columns)s, which %(first)s has. Files read as one table need the same columns, in "
    "any order. Correct the file, or upload it on its own."
)
HAS_MORE_COLUMNS = gettext_noop(
    "The file %(file)s also has %(others)s, which %(first)s does not have. Files read as one table need the same "
    "columns, in any order. Correct the file, or upload it on its own."
)
OTHER_COLUMNS = gettext_noop(
    "The file %(file)s lacks %(columns)s, which %(first)s has, and has %(others)s instead. Files read as one table "
    "need the same columns, in any order. Correct the file, or upload it on its own."
)


class Source(Protocol):
    """A table that can be read again and again, in pieces."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The names as they stand in the file."""

    @property
    def native_types(self) -> tuple[pa.DataType, ...] | None:
        """The types the columns come with; ``None`` where all are text."""

    @property
    def size(self) -> int:
        """Bytes to read, for the progress."""

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[tuple[float, pl.DataFrame]]:
        """Yield ``(share of the source read, frame)``; texts are as they stand, nothing between delimiters is null."""


@dataclass(frozen=True)
class CsvSource:
    """A UTF-8 text table whose layout is known."""

    path: Path
    layout: Layout
    name: str
    has_odd_quotes: bool = False
    native_types: None = None

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return max(1, self.path.stat().st_size)

    @property
    def labels(self) -> tuple[str, ...]:
        """The names in the header."""
        return self.layout.header

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[tuple[float, pl.DataFrame]]:
        names = [f"f{number}" for number in range(self.layout.width)]
        wanted = list(columns) if columns is not None else names[: len(self.layout.header)]
        try:
            with pa.OSFile(str(self.path)) as stream:
                for batches in _together(self._open(stream, names, wanted)):
                    yield min(1.0, stream.tell() / self.size), pl.DataFrame(pa.Table.from_batches(batches))
        except pa.ArrowInvalid as error:
            broken = find_broken_line(self.path, self.layout, name=self.name)
            raise broken or BadInput(UNREADABLE, file=self.name) from error
        if self.has_odd_quotes and (broken := find_broken_line(self.path, self.layout, name=self.name)):
            raise broken

    def _open(self, stream: pa.NativeFile, names: list[str], wanted: list[str]) -> Iterator[pa.RecordBatch]:
        return pa_csv.open_csv(
            stream,
            read_options=pa_csv.ReadOptions(
                block_size=BLOCK_BYTES, column_names=names, skip_rows=self.layout.header_lines
            ),
            parse_options=pa_csv.ParseOptions(delimiter=self.layout.delimiter, newlines_in_values=True),
            convert_options=pa_csv.ConvertOptions(
                check_utf8=False,
                column_types={name: pa.string() for name in names},
                strings_can_be_null=True,
                null_values=[""],
                include_columns=wanted,
            ),
        )


def _together(batches: Iterator[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    """Put small batches together until they fill a few blocks."""
    waiting: list[pa.RecordBatch] = []
    size = rows = 0
    for batch in batches:
        waiting.append(batch)
        size, rows = size + batch.nbytes, rows + batch.num_rows
        blocks = BLOCKS_IN_FRAME if rows >= ROWS_IN_WIDE_FRAME else BLOCKS_IN_WIDE_FRAME
        if size >= blocks * BLOCK_BYTES:
            yield waiting
            waiting, size, rows = [], 0, 0
    if waiting:
        yield waiting


class ParquetSource:
    """A Parquet file; texts in it are treated as those of a CSV are, other types are kept."""

    def __init__(self, path: Path, name: str, limits: ReadingLimits | None = None) -> None:
        self.path = path
        self.name = name
        self.limits = limits or ReadingLimits()
        try:
            self._file = pq.ParquetFile(path)
        except UNREADABLE_PARQUET as error:
            # The table of contents stands at the end of a Parquet file: without it, the end is missing.
            raise BadInput(CUT_OFF, file=name) from error
        self.labels = tuple(self._file.schema_arrow.names)
        self.native_types = tuple(field.type for field in self._file.schema_arrow)
        self.size = max(1, path.stat().st_size)
        for field in self._file.schema_arrow:
            if pa.types.is_nested(field.type):
                raise BadInput(NESTED, column=field.name, file=name)

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[tuple[float, pl.DataFrame]]:
        total = max(1, self._file.metadata.num_rows)
        done = taken = 0
        try:
            for batch in self._batches():
                batch = batch.rename_columns([f"f{number}" for number in range(batch.num_columns)])
                frame = _with_nulls(batch if columns is None else batch.select(list(columns)))
                done, taken = done + batch.num_rows, taken + _spelled_bytes(frame)
                if taken > self.limits.unpacked_bytes:
                    raise BadInput(TOO_LARGE, file=self.name, limit=gigabytes(self.limits.unpacked_bytes))
                yield done / total, frame
        except UNREADABLE_PARQUET as error:
            raise BadInput(CUT_OFF, file=self.name) from error

    def _batches(self) -> Iterator[pa.RecordBatch]:
        """Read as many rows at a time as are not too many bytes.

        A few kilobytes may stand for a text that comes back a million times, so that what a row takes in memory is only
        known when some are there.
        """
        most = max(1_000, CELLS_IN_BATCH // max(1, len(self.labels)))
        for group in range(self._file.metadata.num_row_groups):
            first = next(self._file.iter_batches(batch_size=min(most, ROWS_OF_A_PROBE), row_groups=[group]), None)
            if first is None:
                continue
            numbered = first.rename_columns([f"f{number}" for number in range(first.num_columns)])
            a_row = max(1, _spelled_bytes(_with_nulls(numbered)) // max(1, first.num_rows))
            size = max(1, min(most, BYTES_IN_BATCH // a_row))
            yield from self._file.iter_batches(batch_size=size, row_groups=[group])


def _spelled_bytes(frame: pl.DataFrame) -> int:
    """Return the bytes of all values, texts that are kept once for many rows counted in each."""
    texts = [name for name, type_ in frame.schema.items() if type_ == pl.String]
    spelled = sum(int(frame[name].str.len_bytes().sum() or 0) for name in texts)
    return int(spelled + frame.drop(texts).estimated_size())


def _with_nulls(batch: pa.RecordBatch) -> pl.DataFrame:
    frame = pl.DataFrame(pa.Table.from_batches([batch]))
    # How long something took is a number of seconds.
    seconds = (pl.col(pl.Duration).dt.total_microseconds() / 1e6).round(6)
    frame = frame.with_columns(seconds)
    others = [name for name, type_ in frame.schema.items() if not _is_understood(type_)]
    return frame.with_columns(pl.col(others).cast(pl.String))


def _is_understood(type_: pl.DataType) -> bool:
    return type_ in (pl.String, pl.Boolean, pl.Date, pl.Datetime) or type_.is_numeric()


class CombinedSource:
    """Several files of one layout, read one after the other as one table.

    Parameters
    ----------
    parts : the sources with the names people know them by; columns may stand in any order.
    source_column : a further column of this name that says which file a row came from.

    Raises
    ------
    BadInput : a file has other columns than the first.
    """

    def __init__(self, parts: Sequence[tuple[Source, str]], source_column: str | None = None) -> None:
        self.parts = list(parts)
        self.source_column = source_column
        first = self.parts[0][0]
        self.labels = first.labels if source_column is None else (*first.labels, source_column)
        self.size = sum(source.size for source, _ in self.parts)
        self.rows = [0] * len(self.parts)
        self._places = [_places(source, name, first, self.parts[0][1]) for source, name in self.parts]
        types = {self._types(source, places) for (source, _), places in zip(self.parts, self._places, strict=True)}
        self.native_types = next(iter(types)) if len(types) == 1 else None
        self._is_uniform = len(types) == 1

    @staticmethod
    def _types(source: Source, places: Sequence[int]) -> tuple[pa.DataType, ...] | None:
        return source.native_types and tuple(source.native_types[place] for place in places)

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[tuple[float, pl.DataFrame]]:
        wanted = [f"f{number}" for number in range(len(self.labels))] if columns is None else list(columns)
        done = 0
        for number, (source, name) in enumerate(self.parts):
            own = {f"f{rank}": f"f{place}" for rank, place in enumerate(self._places[number])}
            rows = 0
            for share, frame in source.batches([own[column] for column in wanted if column in own]):
                rows += frame.height
                yield (done + share * source.size) / self.size, self._as_of_first(frame, own, wanted, name)
            done += source.size
            self.rows[number] = rows

    def _as_of_first(self, frame: pl.DataFrame, own: dict[str, str], wanted: list[str], name: str) -> pl.DataFrame:
        columns = []
        for column in wanted:
            if column not in own:
                columns.append(pl.Series(column, [name], dtype=pl.String).new_from_index(0, frame.height).alias(column))
                continue
            values = frame[own[column]]
            columns.append((values if self._is_uniform else as_texts(values)).alias(column))
        return pl.DataFrame(columns)


def _places(source: Source, name: str, first: Source, first_name: str) -> list[int]:
    """Return where each column of the first file stands in this one."""
    wanted, found = tidy_names(first.labels)[0], tidy_names(source.labels)[0]
    lacking = [column for column in wanted if column not in found]
    more = [column for column in found if column not in wanted]
    if lacking or more:
        message = OTHER_COLUMNS if lacking and more else LACKS_COLUMNS if lacking else HAS_MORE_COLUMNS
        names = {"columns": some_names(lacking), "others": some_names(more)}
        raise BadInput(message, file=name, first=first_name, **names)
    return [found.index(column) for column in wanted]
