"""Appends the rows of one ingested table to another with the same columns, one row group at a time."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.data.parsing import parse_numbers
from experiments.data.schema import SCHEMA_KEY, ColumnSchema, read_schema, schema_json
from experiments.errors import BadInput, gettext_noop
from experiments.ingest.column_names import some_names

Family = Literal["numbers", "dates", "words"]
FAMILIES: Mapping[str, Family] = {"numeric": "numbers", "date": "dates"}
ROWS_LOOKED_AT = 100_000

LACKS = gettext_noop(
    "%(file)s lacks %(lacking)s, which %(base)s has. Rows can be added only with the same columns, in any order. "
    "Correct the file, or replace the version instead."
)
HAS_MORE = gettext_noop(
    "%(file)s also has %(more)s, which %(base)s does not have. Rows can be added only with the same columns, in "
    "any order. Correct the file, or replace the version instead."
)
OTHER_COLUMNS = gettext_noop(
    "%(file)s lacks %(lacking)s, which %(base)s has, and has %(more)s instead. Rows can be added only with the "
    "same columns, in any order. Correct the file, or replace the version instead."
)
OTHER_TYPES = gettext_noop(
    "Some columns of %(file)s differ in type from %(base)s: %(differences)s. Rows can be added only with the same "
    "types. Correct the file, or replace the version instead."
)
DIFFERENCE: Mapping[tuple[Family, Family], str] = {
    ("numbers", "dates"): gettext_noop("%(column)s had numbers and now has dates"),
    ("numbers", "words"): gettext_noop("%(column)s had numbers and now has text"),
    ("dates", "numbers"): gettext_noop("%(column)s had dates and now has numbers"),
    ("dates", "words"): gettext_noop("%(column)s had dates and now has text"),
    ("words", "numbers"): gettext_noop("%(column)s had text and now has numbers"),
    ("words", "dates"): gettext_noop("%(column)s had text and now has dates"),
}
DIFFERENCES_NAMED = 5


def family(type_: str) -> Family:
    """Return what a type is stored as: numbers, dates or words."""
    return FAMILIES.get(type_, "words")


@dataclass(frozen=True)
class Base:
    """The table that rows are added to.

    Attributes
    ----------
    parquet : as ``ingest_file`` wrote it.
    name : what people call it, for the sentences: words, or a sentence ``{"message", "params"}``.
    vault : the plain values of columns whose values were protected since, group of rows by group of rows; they are
        put back, so that what protects the whole table afterwards treats old and new rows alike.
    """

    parquet: Path
    name: str | dict[str, Any]
    vault: Path | None = None

    def schema(self) -> tuple[ColumnSchema, ...]:
        """Return the columns with the types they had when they were read."""
        kept = {column.name: column for column in read_schema(self.vault)} if self.vault is not None else {}
        return tuple(kept.get(column.name, column) for column in read_schema(self.parquet))

    def place_of(self, column: str) -> Path:
        """Return the file that has a column's plain values."""
        in_vault = self.vault is not None and column in pq.read_schema(self.vault).names
        return self.vault if self.vault is not None and in_vault else self.parquet


def read_as_in_base(base: Base, addition: Path) -> dict[str, ColumnSchema]:
    """Return the columns that ``addition`` alone would have read otherwise than the base was read, to be read as that.

    These are codes that look like numbers, and numbers and days that may be written in two ways.
    """
    codes = _codes_read_as_numbers(base, addition)
    newer = {column.name: column for column in read_schema(addition)}
    return {
        column.name: column
        for column in base.schema()
        if column.name in codes or (column.name in newer and _is_written_otherwise(column, newer[column.name]))
    }


def _is_written_otherwise(older: ColumnSchema, newer: ColumnSchema) -> bool:
    """Return whether an ambiguous notation was read in one way before and is read in the other now."""
    before, now = older.reading, newer.reading
    if older.type != newer.type or not (before.is_written and now.is_written):
        return False
    if older.type == "date":
        return bool(before.day_order and now.day_order) and before.day_order != now.day_order
    if before.decimal == ",":
        return now.decimal == "."
    # Whole numbers with marks between their thousands may have been fractions with a comma.
    return now.decimal == "." and now.is_grouped and not now.has_fractions and not before.is_grouped


def _codes_read_as_numbers(base: Base, addition: Path) -> set[str]:
    """Return the columns that hold codes in the base but look like numbers in ``addition``.

    A month of a code column may happen to have no code with a letter or a leading zero in it. Such a column has
    some number among its words in the base; one without any is really of another type and is not returned.
    """
    older = {column.name: column for column in base.schema()}
    doubtful = [
        column.name
        for column in read_schema(addition)
        if column.name in older and family(older[column.name].type) == "words" and family(column.type) != "words"
    ]
    return {name for name in doubtful if not is_empty(addition, name) and _has_numbers(base.place_of(name), name)}


def _merged_schema(base: Base, addition: Path, file_name: str) -> tuple[ColumnSchema, ...]:
    """Return the columns of both tables together, in the base's order.

    Raises
    ------
    BadInput : the columns are not the same, or one is of another type; the sentence names them.
    """
    older, newer = base.schema(), {column.name: column for column in read_schema(addition)}
    _refuse_other_columns([column.name for column in older], list(newer), base.name, file_name)
    merged, differences = [], []
    for column in older:
        found = newer[column.name]
        if family(column.type) == family(found.type) or is_empty(addition, column.name):
            merged.append(column)
        elif is_empty(base.place_of(column.name), column.name):
            merged.append(ColumnSchema(column.name, column.label, found.type, found.reading))
        else:
            message = DIFFERENCE[family(column.type), family(found.type)]
            differences.append({"message": message, "params": {"column": column.name}})
    if differences:
        raise BadInput(OTHER_TYPES, file=file_name, base=base.name, differences=differences[:DIFFERENCES_NAMED])
    return tuple(merged)


def append_table(
    base: Base,
    addition: Path,
    destination: Path,
    *,
    file_name: str,
    on_progress: Callable[[float, int], None] = lambda fraction, rows: None,
) -> tuple[ColumnSchema, ...]:
    """Write the rows of the base and then those of ``addition`` into one Parquet and return its columns.

    ``addition`` was written by ``ingest_file`` too. A group of rows is in memory at a time. The same files give the
    same bytes. ``destination`` is for the caller to move into place.

    Raises
    ------
    BadInput : see ``_merged_schema``.
    """
    columns = _merged_schema(base, addition, file_name)
    layout = _layout(columns, base, addition)
    done = 0
    with ExitStack() as opened:
        first, second = (opened.enter_context(pq.ParquetFile(path)) for path in (base.parquet, addition))
        vault = opened.enter_context(pq.ParquetFile(base.vault)) if base.vault is not None else None
        total = max(1, first.metadata.num_rows + second.metadata.num_rows)
        writer = opened.enter_context(
            pq.ParquetWriter(destination, layout, compression="snappy", use_dictionary=_repeated(first))
        )
        for table in chain(_groups(first, layout, vault), _groups(second, layout)):
            writer.write_table(table)
            done += table.num_rows
            on_progress(done / total, done)
        writer.add_key_value_metadata({SCHEMA_KEY: schema_json(columns)})
    return columns


def is_empty(parquet: Path, column: str) -> bool:
    """Return whether a column has no value at all."""
    with pq.ParquetFile(parquet) as table:
        place = table.schema_arrow.get_field_index(column)
        for number in range(table.num_row_groups):
            group = table.metadata.row_group(number)
            known = group.column(place).statistics
            missing = known.null_count if known is not None and known.has_null_count else None
            if missing is None:
                missing = table.read_row_group(number, columns=[column]).column(0).null_count
            if missing < group.num_rows:
                return False
    return True


def _has_numbers(parquet: Path, column: str) -> bool:
    with pq.ParquetFile(parquet) as table:
        batch = next(table.iter_batches(batch_size=ROWS_LOOKED_AT, columns=[column]), None)
    if batch is None:
        return True
    words = pl.Series(batch.column(0)).drop_nulls().unique()
    return words.is_empty() or bool(parse_numbers(words).is_not_null().any())


def _refuse_other_columns(wanted: list[str], found: list[str], base_name: str | dict[str, Any], file_name: str) -> None:
    lacking = [name for name in wanted if name not in set(found)]
    more = [name for name in found if name not in set(wanted)]
    if lacking or more:
        message = OTHER_COLUMNS if lacking and more else LACKS if lacking else HAS_MORE
        raise BadInput(message, file=file_name, base=base_name, lacking=some_names(lacking), more=some_names(more))


def _layout(columns: tuple[ColumnSchema, ...], base: Base, addition: Path) -> pa.Schema:
    """Whole numbers stay whole where both tables have them so."""
    second = pq.read_schema(addition)
    stored = {"numbers": pa.float64(), "dates": pa.timestamp("us"), "words": pa.string()}
    fields = []
    for column in columns:
        older = pq.read_schema(base.place_of(column.name)).field(column.name).type
        is_same = older == second.field(column.name).type
        fields.append((column.name, older if is_same else stored[family(column.type)]))
    return pa.schema(fields)


def _repeated(table: pq.ParquetFile) -> list[str]:
    """Dictionary-encode repeated values where the base does."""
    if not table.num_row_groups:
        return []
    group = table.metadata.row_group(0)
    columns = (group.column(place) for place in range(group.num_columns))
    return [column.path_in_schema for column in columns if column.has_dictionary_page]


def _groups(table: pq.ParquetFile, layout: pa.Schema, vault: pq.ParquetFile | None = None) -> Iterator[pa.Table]:
    for number in range(table.num_row_groups):
        group = table.read_row_group(number, columns=layout.names)
        if vault is not None:
            kept = vault.read_row_group(number)
            for name in kept.column_names:
                group = group.set_column(group.schema.get_field_index(name), kept.schema.field(name), kept[name])
        yield pa.table([_cast(group[field.name], field.type) for field in layout], schema=layout)


def _cast(values: pa.ChunkedArray, type_: pa.DataType) -> pa.ChunkedArray:
    # A column without any value is stored as numbers, which are not cast to dates.
    if values.null_count == len(values):
        return pa.chunked_array([pa.nulls(len(values), type_)])
    # Numbers too long for a float were kept as text when they were read, so none is rounded here.
    return values.cast(type_)
