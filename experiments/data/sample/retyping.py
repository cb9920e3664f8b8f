"""Writes columns with the types that people gave them."""

from collections.abc import Mapping, Sequence

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.data.conversion import ColumnPlan, convert
from experiments.data.known_plans import expected_plan
from experiments.data.parsing import as_texts
from experiments.data.sample.definition import SampleDefinition
from experiments.data.schema import SCHEMA_KEY, ColumnSchema, ColumnTypeName, schema_json
from experiments.data.written_counts import count_column

ROWS_LOOKED_AT = 20_000


def changed_types(
    by_name: Mapping[str, ColumnSchema], types: Mapping[str, ColumnTypeName], definition: SampleDefinition
) -> dict[str, ColumnTypeName]:
    """Return the columns that are written as another type than they have."""
    changed = {name: kind for name, kind in types.items() if name in by_name and by_name[name].type != kind}
    if definition.event:
        changed[definition.event.column] = "boolean"
    return changed


def retyped_arrow_schema(source: pa.Schema, changed: Mapping[str, str], layout: Sequence[ColumnSchema]) -> pa.Schema:
    """Return the schema of the written table."""
    kinds = {"numeric": pa.float64(), "date": pa.timestamp("us")}
    fields = [
        pa.field(each.name, kinds.get(changed[each.name], pa.string())) if each.name in changed else each
        for each in source
    ]
    return pa.schema(fields, metadata={**(source.metadata or {}), SCHEMA_KEY.encode(): schema_json(layout).encode()})


def reading_plans(table: pq.ParquetFile, kinds: Mapping[str, ColumnTypeName]) -> dict[str, ColumnPlan]:
    """Return how each column is to be read as another type, by the way its first values are written."""
    first = next(table.iter_batches(batch_size=ROWS_LOOKED_AT, columns=list(kinds)), None)
    values = {name: pl.Series(name, first[name]) if first is not None else pl.Series(name, []) for name in kinds}
    return {name: expected_plan(kind, count_column(_tidy_texts(values[name]))) for name, kind in kinds.items()}


def retyped(values: pl.Series, plan: ColumnPlan) -> pl.Series:
    """Return a column as another type, as reading a file would; what cannot be read as that type becomes missing.

    Examples
    --------
    >>> texts = pl.Series(["1.2万", "12%", "many"])
    >>> retyped(texts, expected_plan("numeric", count_column(texts))).to_list()
    [12000.0, 0.12, None]
    """
    if plan.way == "words" and values.dtype == pl.Datetime:
        return values.dt.strftime("%Y-%m-%d")
    return convert(_tidy_texts(values) if plan.way != "words" else as_texts(values), plan)


def _tidy_texts(values: pl.Series) -> pl.Series:
    if values.dtype == pl.Datetime:
        values = values.dt.strftime("%Y-%m-%d %H:%M:%S")
    return as_texts(values).str.strip_chars()
