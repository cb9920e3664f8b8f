"""Reads a table that ``ingest_file`` wrote part by part, each so small that it fits into memory whatever it holds."""

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

# As much as the largest group of rows: a part is one of them, several small ones, or a piece of one.
BYTES_IN_PART = 256 << 20


def parts_of(
    table: pq.ParquetFile, columns: Sequence[str] | None = None, *, rows: int, groups: Sequence[int] | None = None
) -> Iterator[pa.Table]:
    """Yield these columns in the order of the rows, about so many rows at a time, fewer where they are long.

    Parameters
    ----------
    groups : which groups of rows; all of them where not said.
    """
    # Asked for many rows of all groups at once, the reader would join groups, however many bytes they are.
    wanted = None if columns is None else list(columns)
    waiting: list[pa.RecordBatch] = []
    for group in range(table.metadata.num_row_groups) if groups is None else groups:
        for batch in table.iter_batches(batch_size=rows, row_groups=[group], columns=wanted):
            waiting.append(batch)
            is_large = sum(part.nbytes for part in waiting) >= BYTES_IN_PART
            if is_large or sum(part.num_rows for part in waiting) >= rows:
                yield pa.Table.from_batches(waiting)
                waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting)
