"""Runs a join: for every row of the base what was known at its observation time, into one Parquet."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.data.schema import SCHEMA_KEY, ColumnReading, ColumnSchema, ColumnTypeName, file_hash, schema_json
from experiments.data.workspace import open_workspace
from experiments.errors import BadInput, gettext_noop
from experiments.joins.children import BaseKeys, Child, Figure
from experiments.joins.keys import KeyIndex
from experiments.joins.naming import Names, days_since, taken_over
from experiments.joins.report import JoinedColumn, JoinReport, TableReport
from experiments.joins.rows import Rows, refuse_repeated_base
from experiments.joins.spec import JoinedTable, JoinSpec
from experiments.joins.tables import TableFile, open_tables
from experiments.joins.times import DAY, MISSING, NATIVE, microseconds, to_datetime
from experiments.paths import AnyPath

__all__ = ["run_join"]

OnJoin = Callable[[float, str], None]
CELLS_IN_GROUP = 20_000_000
ROWS_IN_GROUP = 250_000
# Of the time it takes: opening and lookups, then reading and summing up, then writing.
SUMMED_UP_SHARE = 0.85

NO_TIMES_AT_ALL = gettext_noop(
    "No row of %(table)s has a time in %(column)s, so it is not known what the other tables held at that time. "
    "Choose another observation time."
)
ROWS_CHANGED = gettext_noop(
    "The result has %(found)s rows instead of %(expected)s, so it was discarded. Please tell your administrator."
)


def no_progress(fraction: float, table: str) -> None:
    """Ignore progress."""


def run_join(
    spec: JoinSpec,
    tables: Mapping[str, AnyPath],
    *,
    destination: AnyPath,
    on_progress: OnJoin = no_progress,
    sample_rows: int | None = None,
) -> JoinReport:
    r"""Join tables to the base and sum them up, knowing in each row only what was known at its observation time.

    A row of another table counts when its time plus its lag is at or before the observation time; a row exactly at the
    observation time is known. Times are compared to the microsecond: an observation that is only a date is its first
    moment, so that a row at 10:00 of that day is not known yet. A window of 30 days holds what happened after
    observation − 30 days. The base's rows keep their number and order. Running again gives the same file, bit for bit,
    and so does running with further rows that no row of the base may know.

    Counts, sums and different values over no rows are 0; everything else is empty then. Everything is empty where the
    base's key or its observation time is missing. Dates taken over from a single row become days before the
    observation; those after it are left empty.

    Memory holds the keys and times of the base, the lookups' wanted rows, and one range of keys of one table at a time.

    Parameters
    ----------
    spec : what to join.
    tables : the Parquet file (as ``ingest_file`` writes it) of the base and of every table's ``file``.
    destination : where the result appears, whole or not at all.
    on_progress : called with the share done (0 to 1) and the table at work; may raise to stop.
    sample_rows : only so many rows of the base, evenly spread, for a preview.

    Returns
    -------
    JoinReport

    Raises
    ------
    BadInput : a key that is not unique where it must be, a column that is not there, times that are none; the sentence
        says what to choose.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from experiments.ingest.reading import ingest_file
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "loan.csv").write_text("id\nA1\nA2\n")
    >>> _ = (folder / "trans.csv").write_text("id,amount\nA1,10\nA1,20\n")
    >>> names = ("loan", "trans")
    >>> _ = [ingest_file(folder / f"{name}.csv", folder / f"{name}.parquet") for name in names]
    >>> tables = {name: folder / f"{name}.parquet" for name in names}
    >>> from experiments.joins.spec import JoinedTable, JoinSpec
    >>> trans = JoinedTable(
    ...     "trans", "loan", (("id", "id"),), "many", numbers=("amount",), aggregates=("sum",)
    ... )
    >>> report = run_join(JoinSpec("loan", (trans,)), tables, destination=folder / "joined.parquet")
    >>> [column.name for column in report.columns]
    ['id', 'trans_amount_sum_all']
    """
    destination = Path(destination)
    files = _open(spec, {name: Path(path) for name, path in tables.items()})
    spec = _with_formats(spec, files)
    spec.check()
    with open_workspace(destination.parent) as folder:
        join = _Join(spec, files, folder, on_progress, sample_rows)
        join.run()
        partial = folder / "joined.parquet"
        columns = join.write(partial)
        if pq.read_metadata(partial).num_rows != len(join.base):
            raise BadInput(ROWS_CHANGED, found=pq.read_metadata(partial).num_rows, expected=len(join.base))
        hashes = {path: file_hash(path) for path in {file.path for file in files.values()}}
        report = JoinReport(
            row_count=len(join.base),
            columns=tuple(columns),
            tables=join.reports({name: hashes[file.path] for name, file in files.items()}),
            base_sha256=hashes[files[spec.base].path],
            sha256=file_hash(partial),
            spec=join.as_run(),
            without_observation_time=int((join.observed == MISSING).sum()) if spec.time_column else 0,
        )
        partial.replace(destination)
    on_progress(1.0, spec.base)
    return report


def _open(spec: JoinSpec, tables: Mapping[str, Path]) -> dict[str, TableFile]:
    opened = open_tables([spec.base, *(table.file for table in spec.tables)], tables)
    return {spec.base: opened[spec.base], **{table.name: opened[table.file] for table in spec.tables}}


def _with_formats(spec: JoinSpec, files: Mapping[str, TableFile]) -> JoinSpec:
    """Fill in how each table writes its times."""

    def filled(table: JoinedTable) -> JoinedTable:
        if table.time_column is None:
            return table
        files[table.name].need([table.time_column])
        return replace(table, time_format=files[table.name].time_format(table.time_column, table.time_format))

    time_format = ""
    if spec.time_column:
        files[spec.base].need([spec.time_column])
        time_format = files[spec.base].time_format(spec.time_column, spec.time_format)
    return replace(spec, tables=tuple(filled(table) for table in spec.tables), time_format=time_format)


@dataclass(frozen=True)
class _TakenOver:
    """A column of a lookup in the result; ``is_date`` as days before the observation."""

    column: JoinedColumn
    table: str
    source: str
    is_date: bool


class _Join:
    """One run: the base's rows, their lookups, and the figures of the tables that are summed up."""

    def __init__(
        self,
        spec: JoinSpec,
        files: Mapping[str, TableFile],
        folder: Path,
        on_progress: OnJoin,
        sample_rows: int | None,
    ) -> None:
        self.spec = spec
        self.files = files
        self.folder = folder
        self.on_progress = on_progress
        self.chosen = _spread(files[spec.base].rows, sample_rows)
        self.observed = self._observed()
        self.base = Rows(spec, spec.base, files, self.observed if spec.time_column else None, self.chosen)
        self.children: dict[str, Child] = {}
        self.names = Names(files[spec.base].layout.names)
        self.made: list[tuple[str, Figure, JoinedColumn]] = []

    def _observed(self) -> np.ndarray:
        base = self.files[self.spec.base]
        rows = base.rows if self.chosen is None else len(self.chosen)
        if self.spec.time_column is None:
            return np.full(rows, MISSING, dtype=np.int64)
        times = microseconds(base.column(self.spec.time_column), self.spec.time_format)
        if len(times) and (times == MISSING).all():
            raise BadInput(NO_TIMES_AT_ALL, table=base.name, column=self.spec.time_column)
        return times if self.chosen is None else times[self.chosen]

    def run(self) -> None:
        """Read and sum up table after table."""
        self.taken = list(self._taken_over())
        many = [table for table in self.spec.in_order() if table.relation == "many"]
        figures: list[np.ndarray] = []
        for rank, table in enumerate(many):
            self.on_progress(SUMMED_UP_SHARE * rank / len(many), table.name)
            figures.append(self._sum_up(table, rank, len(many)))
        self.figures = figures

    def _sum_up(self, table: JoinedTable, rank: int, count: int) -> np.ndarray:
        def tell(fraction: float) -> None:
            self.on_progress(SUMMED_UP_SHARE * (rank + fraction) / count, table.name)

        parent = self.children.get(table.parent)
        child = self.children[table.name] = Child(self.spec, table, self.files, self._base_keys(table), parent)
        folder = self.folder / f"table-{rank}"
        folder.mkdir()
        child.read(folder, lambda fraction: tell(0.6 * fraction))
        columns = child.columns(self.names)
        self.made += [(table.name, figure, column) for figure, column in columns]
        figures = _empty(folder / "figures", len(columns), len(self.base))
        place = {figure: number for number, (figure, _) in enumerate(columns)}

        def store(figure: Figure, rows: np.ndarray, values: np.ndarray) -> None:
            figures[place[figure], rows] = values

        child.sum_up(store, lambda fraction: tell(0.6 + 0.4 * fraction))
        return figures

    def _base_keys(self, table: JoinedTable) -> BaseKeys:
        """Number the base's keys as the table, or the one through which it hangs on the base, asks for them."""
        top = table
        while top.parent in self.children:
            top = self.spec.table(top.parent)
        if top is not table:
            return self.children[top.name].base
        keys = [self.base.column(table.parent, key) for key in table.parent_keys]
        file = self.files[table.name]
        file.need(table.own_keys)
        index = KeyIndex(keys, [file.layout.field(own).type for own in table.own_keys])
        if self.spec.counts_from_observation(table.name) and not self.spec.is_relative:
            refuse_repeated_base(self.spec, table, index)
            return BaseKeys(index, np.zeros(len(self.base), dtype=np.int64))
        return BaseKeys(index, self.observed)

    def as_run(self) -> JoinSpec:
        """Return what was done, with the values that got columns of their own: the recipe for other files."""

        def with_frequent(table: JoinedTable) -> JoinedTable:
            child = self.children.get(table.name)
            if child is None:
                return table
            return replace(table, frequent=tuple((name, tuple(found)) for name, found in child.levels.items()))

        return replace(self.spec, tables=tuple(map(with_frequent, self.spec.tables)))

    def _taken_over(self) -> Iterator[_TakenOver]:
        for name, lookup in self.base.lookups.items():
            for column in lookup.table.columns:
                type_ = self.files[name].type_of(column)
                is_time = column == lookup.table.time_column and not lookup.table.is_relative
                has_dates = self.spec.time_column is not None and not self.spec.is_relative
                is_date = has_dates and (type_ == "date" or is_time)
                named = (
                    days_since(self.spec, lookup.table, column, self.names)
                    if is_date
                    else taken_over(self.spec, lookup.table, column, type_, self.names)
                )
                yield _TakenOver(named, name, column, is_date)

    def reports(self, hashes: Mapping[str, str]) -> dict[str, TableReport]:
        """Return what became of the rows of each table."""
        found = {name: lookup.report(hashes[name]) for name, lookup in self.base.lookups.items()}
        for name, child in self.children.items():
            found[name] = child.report(hashes[name])
            found |= {inner: lookup.report(hashes[inner]) for inner, lookup in child.rows.lookups.items()}
        return {table.name: found[table.name] for table in self.spec.tables if table.name in found}

    def write(self, path: Path) -> list[JoinedColumn]:
        """Write the base's columns, what is taken over and the figures, and return all columns."""
        columns = [
            *self._base_columns(),
            *(taken.column for taken in self.taken),
            *(column for *_, column in self.made),
        ]
        labels = {column.name: column.label for column in columns}
        schema = [
            ColumnSchema(column.name, labels[column.name], column.type, self._reading_of(column)) for column in columns
        ]
        rows = max(1_000, min(ROWS_IN_GROUP, CELLS_IN_GROUP // max(1, len(columns))))
        writer: pq.ParquetWriter | None = None
        first = 0
        for table in self._base_tables(rows):
            part = self._with_joined(table, slice(first, first + table.num_rows))
            first += table.num_rows
            writer = writer or pq.ParquetWriter(path, part.schema, compression="snappy")
            writer.write_table(part)
            self.on_progress(SUMMED_UP_SHARE + (1 - SUMMED_UP_SHARE) * first / max(1, len(self.base)), self.spec.base)
        if writer is None:
            empty = self._with_joined(self.files[self.spec.base].layout.empty_table(), slice(0, 0))
            writer = pq.ParquetWriter(path, empty.schema, compression="snappy")
        writer.add_key_value_metadata({SCHEMA_KEY: schema_json(schema)})
        writer.close()
        return columns

    def _reading_of(self, column: JoinedColumn) -> ColumnReading:
        """Return how a column is written that was taken over as it is; what was made is written by nobody."""
        if column.aggregate is not None or column.column is None:
            return ColumnReading()
        return self.files[column.table].reading_of(column.column, column.type)

    def _base_columns(self) -> Iterator[JoinedColumn]:
        base = self.files[self.spec.base]
        for name in base.layout.names:
            is_time = name == self.spec.time_column and not self.spec.is_relative
            type_: ColumnTypeName = "date" if is_time else base.type_of(name)
            yield JoinedColumn(
                name, base.labels.get(name, name), f"{self.spec.base}.{name}", type_, self.spec.base, name
            )

    def _base_tables(self, rows: int) -> Iterator[pa.Table]:
        """Yield the base's columns, with the observation time as a time; only the chosen rows of a preview."""
        first = 0
        for table in self.files[self.spec.base].arrow_batches(rows):
            if self.chosen is not None:
                here = self.chosen[(self.chosen >= first) & (self.chosen < first + table.num_rows)] - first
                first += table.num_rows
                table = table.take(here)
                if not len(here):
                    continue
            yield table.replace_schema_metadata(None)

    def _with_joined(self, table: pa.Table, rows: slice) -> pa.Table:
        time = self.spec.time_column
        if time and not self.spec.is_relative and self.spec.time_format != NATIVE:
            times = to_datetime(pl.Series(table[time].to_pandas()), self.spec.time_format)
            place = table.column_names.index(time)
            table = table.set_column(place, time, _arrow(times).cast(pa.timestamp("us")))
        for taken in self.taken:
            table = table.append_column(taken.column.name, self._gathered(taken, rows))
        place = 0
        by_table = dict(zip(self.children, self.figures, strict=True))
        counted = dict.fromkeys(by_table, 0)
        for name, figure, column in self.made:
            place, counted[name] = counted[name], counted[name] + 1
            table = table.append_column(column.name, self._figure(name, figure, by_table[name][place, rows]))
        return table

    def _gathered(self, taken: _TakenOver, rows: slice) -> pa.Array:
        lookup = self.base.lookups[taken.table]
        values = lookup.gather(taken.source, rows)
        if not taken.is_date:
            return _arrow(values)
        told = lookup.table.time_format if taken.source == lookup.table.time_column else ""
        times = microseconds(values, told or self.files[taken.table].time_format(taken.source, ""))
        observed = self.observed[rows]
        is_known = (times != MISSING) & (observed != MISSING) & (times <= observed)
        return pa.array(np.where(is_known, (observed - times) / DAY, np.nan), from_pandas=True)

    def _figure(self, table: str, figure: Figure, values: np.ndarray) -> pa.Array:
        what, name, _, _ = figure
        child = self.children[table]
        if what != "last" or name not in child.words:
            return pa.array(np.asarray(values), from_pandas=True)
        codes = pl.Series(values).fill_nan(None).cast(pl.Int64)
        return _arrow(pl.Series(child.values[name], dtype=pl.String).gather(codes))


def _arrow(values: pl.Series) -> pa.Array:
    array = values.to_arrow(compat_level=pl.CompatLevel.oldest())
    return array.cast(pa.string()) if pa.types.is_large_string(array.type) else array


def _empty(path: Path, columns: int, rows: int) -> np.ndarray:
    """Return a place on disk for the figures, column by column, with nothing in it."""
    if not columns * rows:
        return np.empty((columns, rows))
    figures = np.memmap(path, dtype=np.float64, mode="w+", shape=(columns, rows))
    for column in figures:
        column[:] = np.nan
    return figures


def _spread(rows: int, wanted: int | None) -> np.ndarray | None:
    if wanted is None or wanted >= rows:
        return None
    return np.unique(np.linspace(0, rows - 1, wanted).astype(np.int64))
