"""Gives a CSV or Parquet file as a stream of small frames, with columns called f0, f1, … whatever their names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from experiments.data.container import CUT_OFF
from experiments.data.delimited import UNREADABLE, Layout, find_broken_line
from experiments.data.values import MISSING
from experiments.errors import BadInput, gettext_noop

BLOCK_BYTES = 16 << 20
CELLS_IN_BATCH = 2_500_000

NESTED = gettext_noop(
    "The column %(column)s of %(file)s holds lists or records, not single values. Write one value a cell and upload "
    "again."
)


class Source(Protocol):
    """A table that can be read again and again, in pieces."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The names as they stand in the file."""
        ...

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[tuple[float, pl.DataFrame]]:
        """Yield ``(share of the file read, frame)``; texts are trimmed and have nulls for missing."""
        ...


@dataclass(frozen=True)
class CsvSource:
    """A UTF-8 text table whose layout is known."""

    path: Path
    layout: Layout
    name: str
    has_odd_quotes: bool = False

    @property
    def labels(self) -> tuple[str, ...]:
        """The names in the header."""
        return self.layout.header

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[tuple[float, pl.DataFrame]]:
        names = [f"f{number}" for number in range(self.layout.width)]
        wanted = list(columns) if columns is not None else names[: len(self.layout.header)]
        size = max(1, self.path.stat().st_size)
        try:
            with pa.OSFile(str(self.path)) as stream:
                for batch in self._open(stream, names, wanted):
                    yield min(1.0, stream.tell() / size), _trimmed(batch)
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
                null_values=list(MISSING),
                include_columns=wanted,
            ),
        )


def _trimmed(batch: pa.RecordBatch) -> pl.DataFrame:
    frame = pl.DataFrame(pa.Table.from_batches([batch]))
    return frame.with_columns(pl.all().str.strip_chars())


class ParquetSource:
    """A Parquet file; texts in it are treated as those of a CSV are, other types are kept."""

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.name = name
        try:
            self._file = pq.ParquetFile(path)
        except (pa.ArrowInvalid, OSError) as error:
            # The table of contents stands at the end of a Parquet file: without it, the end is missing.
            raise BadInput(CUT_OFF, file=name) from error
        self.labels = tuple(self._file.schema_arrow.names)
        for field in self._file.schema_arrow:
            if pa.types.is_nested(field.type):
                raise BadInput(NESTED, column=field.name, file=name)

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[tuple[float, pl.DataFrame]]:
        total = max(1, self._file.metadata.num_rows)
        size = max(1_000, CELLS_IN_BATCH // max(1, len(self.labels)))
        done = 0
        try:
            for batch in self._file.iter_batches(batch_size=size):
                done += batch.num_rows
                batch = batch.rename_columns([f"f{number}" for number in range(batch.num_columns)])
                yield done / total, _with_nulls(batch if columns is None else batch.select(list(columns)))
        except (pa.ArrowInvalid, OSError) as error:
            raise BadInput(CUT_OFF, file=self.name) from error


def _with_nulls(batch: pa.RecordBatch) -> pl.DataFrame:
    frame = pl.DataFrame(pa.Table.from_batches([batch]))
    others = [name for name, type_ in frame.schema.items() if not _is_understood(type_)]
    frame = frame.with_columns(pl.col(others).cast(pl.String))
    texts = pl.col(pl.String).str.strip_chars()
    return frame.with_columns(pl.when(texts.is_in(list(MISSING))).then(None).otherwise(texts).name.keep())


def _is_understood(type_: pl.DataType) -> bool:
    return type_ in (pl.String, pl.Boolean, pl.Date, pl.Datetime) or type_.is_numeric()
