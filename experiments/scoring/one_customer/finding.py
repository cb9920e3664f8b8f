"""One row of a table on disk by the customer's id, without reading the whole table into memory."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from experiments.errors import BadInput, gettext_noop
from experiments.ingest.table import as_frame, rows_at
from experiments.paths import AnyPath

__all__ = ["RowFound", "find_row", "is_sampled", "row_at", "sample_of"]

NO_COLUMN = gettext_noop("The table has no column %(column)s in which to look for a customer.")
NO_ROW = gettext_noop("The table has no row %(row)s; it has %(rows)s.")


@dataclass(frozen=True)
class RowFound:
    """Where a customer stands: the row, from 0, and how many rows have that id.

    Examples
    --------
    >>> RowFound(3, 1).row
    3
    """

    row: int
    count: int


def find_row(parquet: AnyPath, asked: str, *, column: str) -> RowFound | None:
    r"""Return the last row with an id, the newest where a customer comes again; nothing where there is none.

    Parameters
    ----------
    parquet : an ingested table. asked : an id as it is written; spaces around it do not count. column : of the ids.

    Returns
    -------
    RowFound or None

    Raises
    ------
    BadInput : the table has no such column.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> path = Path(tempfile.mkdtemp()) / "a.parquet"
    >>> pd.DataFrame({"id": ["C1", "C2", "C1"]}).to_parquet(path)
    >>> find_row(path, " C1 ", column="id"), find_row(path, "C9", column="id")
    (RowFound(row=2, count=2), None)
    """
    file = pq.ParquetFile(parquet)
    if column not in file.schema_arrow.names:
        raise BadInput(NO_COLUMN, column=column)
    seen = count = 0
    last = -1
    for batch in file.iter_batches(columns=[column]):
        hits = np.flatnonzero(_matches(batch.column(0), asked.strip()))
        if len(hits):
            last, count = seen + int(hits[-1]), count + len(hits)
        seen += len(batch)
    return None if last < 0 else RowFound(last, count)


def row_at(parquet: AnyPath, row: int) -> pd.DataFrame:
    """Return one row of an ingested table, by its number from 0.

    Parameters
    ----------
    parquet : an ingested table. row : its number.

    Returns
    -------
    DataFrame

    Raises
    ------
    BadInput : the table is shorter.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> path = Path(tempfile.mkdtemp()) / "a.parquet"
    >>> pd.DataFrame({"id": ["C1", "C2"]}).to_parquet(path)
    >>> row_at(path, 1)["id"].tolist()
    ['C2']
    """
    file = pq.ParquetFile(parquet)
    if not 0 <= row < file.metadata.num_rows:
        raise BadInput(NO_ROW, row=row + 1, rows=file.metadata.num_rows)
    group, left = 0, row
    while left >= (rows := file.metadata.row_group(group).num_rows):
        group, left = group + 1, left - rows
    return as_frame(file.read_row_group(group).slice(left, 1))


def sample_of(parquet: AnyPath, *, rows: int, seed: int = 1) -> pd.DataFrame:
    """Return some rows of an ingested table, chosen by chance over its whole length.

    Parameters
    ----------
    parquet : an ingested table. rows : how many at most. seed : of the choice.

    Returns
    -------
    DataFrame

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> path = Path(tempfile.mkdtemp()) / "a.parquet"
    >>> pd.DataFrame({"id": range(100)}).to_parquet(path)
    >>> len(sample_of(path, rows=10))
    10
    """
    return rows_at(Path(parquet), _chosen(parquet, rows, seed))


def is_sampled(parquet: AnyPath, row: int, *, rows: int, seed: int = 1) -> bool:
    """Tell whether a row of an ingested table is among those that ``sample_of`` takes.

    Parameters
    ----------
    parquet : an ingested table. row : its number from 0. rows, seed : of the sample.

    Returns
    -------
    bool

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> path = Path(tempfile.mkdtemp()) / "a.parquet"
    >>> pd.DataFrame({"id": range(100)}).to_parquet(path)
    >>> sum(is_sampled(path, row, rows=10) for row in range(100))
    10
    """
    return bool(np.isin(row, _chosen(parquet, rows, seed)))


def _chosen(parquet: AnyPath, rows: int, seed: int) -> np.ndarray:
    total = pq.ParquetFile(parquet).metadata.num_rows
    if total <= rows:
        return np.arange(total)
    return np.sort(np.random.default_rng(seed).choice(total, rows, replace=False))


def _matches(values: pa.Array, asked: str) -> np.ndarray:
    if pa.types.is_integer(values.type) or pa.types.is_floating(values.type):
        try:
            number = float(asked)
        except ValueError:
            return np.zeros(len(values), dtype=bool)
        # Whole numbers beyond 2**53 are compared as they are written.
        if pa.types.is_integer(values.type) and asked.lstrip("+-").isdigit():
            return _known(pc.equal(pc.cast(values, pa.string()), str(int(asked))))
        return _known(pc.equal(values, pa.scalar(number).cast(values.type, safe=False)))
    texts = values if pa.types.is_string(values.type) or pa.types.is_large_string(values.type) else None
    texts = pc.cast(values, pa.string()) if texts is None else texts
    return _known(pc.equal(pc.utf8_trim_whitespace(texts), asked))


def _known(hits: pa.Array) -> np.ndarray:
    return np.asarray(pc.fill_null(hits, False).to_numpy(zero_copy_only=False), dtype=bool)
