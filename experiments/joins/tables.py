"""Reads the Parquet files of a join: their layout, and the wanted columns batch by batch."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.data.schema import ColumnReading, ColumnTypeName, read_schema
from experiments.errors import BadInput, gettext_noop
from experiments.joins.keys import is_number
from experiments.joins.spec import JoinedTable
from experiments.joins.times import NATIVE, RELATIVE, find_format, find_offset

ROWS_IN_BATCH = 200_000
ROWS_IN_SAMPLE = 20_000

NO_FILE = gettext_noop("There is no table %(table)s.")
NO_COLUMN = gettext_noop("%(table)s has no column %(column)s. Choose another one.")
NO_TIMES = gettext_noop(
    "The values of %(column)s in %(table)s are not dates. Choose another column, or none, as its time."
)
NO_OFFSETS = gettext_noop(
    "The values of %(column)s in %(table)s are not counts of days or months before the observation. Choose the "
    "format of its time, or another column."
)


class TableFile:
    """One Parquet file that ``ingest_file`` wrote."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.path = path
        self._file = pq.ParquetFile(path)
        self.layout: pa.Schema = self._file.schema_arrow
        self.rows: int = self._file.metadata.num_rows
        schema = read_schema(path)
        self.types: dict[str, ColumnTypeName] = {column.name: column.type for column in schema}
        self.labels = {column.name: column.label for column in schema}
        self.readings = {column.name: column.reading for column in schema}

    def reading_of(self, column: str, type_: ColumnTypeName) -> ColumnReading:
        """Return how a column is written that is taken over as this type."""
        is_same = self.types.get(column) == type_
        return self.readings[column] if is_same else ColumnReading()

    def type_of(self, column: str) -> ColumnTypeName:
        """Return what a column holds, told from its values' type where the file does not say."""
        if column in self.types:
            return self.types[column]
        type_ = self.layout.field(column).type
        if pa.types.is_temporal(type_):
            return "date"
        return "numeric" if pa.types.is_integer(type_) or pa.types.is_floating(type_) else "categorical"

    def need(self, columns: Sequence[str]) -> None:
        """Refuse a column that is not there."""
        for column in columns:
            if column not in self.layout.names:
                raise BadInput(NO_COLUMN, table=self.name, column=column)

    def batches(self, columns: Sequence[str], rows: int = ROWS_IN_BATCH) -> Iterator[pl.DataFrame]:
        """Yield the wanted columns in the order of the file."""
        wanted = list(dict.fromkeys(columns))
        for batch in self._file.iter_batches(batch_size=rows, columns=wanted):
            yield pl.DataFrame(pa.Table.from_batches([batch])).select(wanted)

    def arrow_batches(self, rows: int) -> Iterator[pa.Table]:
        """Yield all columns as they are stored."""
        for batch in self._file.iter_batches(batch_size=rows):
            yield pa.Table.from_batches([batch])

    def column(self, name: str) -> pl.Series:
        """Return one column over all rows."""
        parts = [batch[name] for batch in self.batches([name])]
        return pl.concat(parts) if parts else pl.Series(name, [], dtype=pl.Null)

    def time_format(self, column: str, told: str) -> str:
        """Return how a column writes times; found out from its first rows unless told.

        Raises
        ------
        BadInput : it holds no times.
        """
        is_date = pa.types.is_temporal(self.layout.field(column).type)
        if told in RELATIVE and not is_number(self.layout.field(column).type):
            raise BadInput(NO_OFFSETS, column=column, table=self.name)
        if is_date:
            return NATIVE
        if told and told != NATIVE:
            return told
        sample = next(self.batches([column], ROWS_IN_SAMPLE), pl.DataFrame({column: []}))[column]
        found = find_format(sample) or find_offset(column, sample)
        if found is None and len(sample.drop_nulls()):
            raise BadInput(NO_TIMES, column=column, table=self.name)
        return found or NATIVE


def open_tables(names: Sequence[str], paths: Mapping[str, Path]) -> dict[str, TableFile]:
    """Open the named files.

    Raises
    ------
    BadInput : one is missing.
    """
    for name in names:
        if name not in paths or not Path(paths[name]).exists():
            raise BadInput(NO_FILE, table=name)
    return {name: TableFile(name, Path(paths[name])) for name in dict.fromkeys(names)}


def only_wanted(frame: pl.DataFrame, table: JoinedTable) -> pl.DataFrame:
    """Keep the rows the table's conditions ask for."""
    for column, wanted in table.only:
        frame = frame.filter(frame[column].cast(pl.String).str.strip_chars().is_in(list(wanted)))
    return frame
