"""Scores as Parquet, for programs: types and names as they are, ids without the quote that guards a spreadsheet."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.artifact.needed_columns import ROW_NUMBER, id_heading
from experiments.scoring.formats.format import NUMBERS, Format, Layout, Write


@contextmanager
def _open(path: Path, layout: Layout) -> Iterator[Write]:
    with ExitStack() as opened:
        opened_for: dict[str, pq.ParquetWriter] = {}

        def write(frame: pd.DataFrame) -> None:
            table = pa.Table.from_pandas(frame, preserve_index=False, schema=_types_of(frame, layout))
            if not opened_for:
                opened_for["scores"] = opened.enter_context(pq.ParquetWriter(path, table.schema))
            opened_for["scores"].write_table(table)

        yield write


def _types_of(frame: pd.DataFrame, layout: Layout) -> pa.Schema:
    """Return the types of the scores, which do not depend on what the first rows hold."""
    types = dict.fromkeys(NUMBERS, pa.float64()) | {ROW_NUMBER: pa.int64()}
    if layout.id_column is not None:
        types[id_heading(layout.id_column)] = layout.id_type
    return pa.schema([(name, types.get(name, pa.string())) for name in frame.columns])


PARQUET = Format("parquet", _open, label="Parquet", content_type="application/vnd.apache.parquet", is_appended=True)
