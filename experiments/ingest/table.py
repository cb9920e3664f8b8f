"""Loads a table into memory: the same way from the platform's Parquet and from a file on the command line."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.ingest.reading import ingest_file
from experiments.paths import AnyPath

__all__ = ["as_frame", "read_parquet", "read_table"]


def read_parquet(path: AnyPath, columns: Sequence[str] | None = None) -> pd.DataFrame:
    r"""Return an ingested table as a frame in the file's row order.

    Numbers are float64 (or int64 where every row has a whole one), dates datetime64, everything else ``object`` with
    ``None`` for missing. Columns may be replaced; the values in them may be read-only.

    Parameters
    ----------
    path : of a table that ``ingest_file`` wrote. columns : those wanted, all when ``None``.

    Returns
    -------
    pandas.DataFrame

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_text("age;city\n23;A\n45;B\n")
    >>> _ = ingest_file(folder / "a.csv", folder / "a.parquet")
    >>> read_parquet(folder / "a.parquet", columns=["age"])["age"].tolist()
    [23, 45]
    """
    path = Path(path)
    arrow = pq.read_table(path, columns=None if columns is None else list(columns))
    # Column by column, each let go of as it is turned over: a long table is never in memory twice.
    return _with_objects(arrow.to_pandas(split_blocks=True, self_destruct=True))


def rows_at(table: Path, rows: np.ndarray, columns: list[str] | None = None) -> pd.DataFrame:
    """Return some rows of a Parquet file by their places, in their order, typed as the engine types them."""
    kept, first = [], 0
    with pq.ParquetFile(table) as file:
        for batch in file.iter_batches(columns=columns):
            last = first + batch.num_rows
            places = rows[np.searchsorted(rows, first) : np.searchsorted(rows, last)] - first
            kept.append(batch.take(pa.array(places)))
            first = last
        schema = None if kept else file.schema_arrow
    return as_frame(pa.Table.from_batches(kept, schema=schema))


def as_frame(arrow: pa.Table) -> pd.DataFrame:
    """Return rows of an ingested table as ``read_parquet`` does.

    Parameters
    ----------
    arrow : the rows.

    Returns
    -------
    pandas.DataFrame

    Examples
    --------
    >>> as_frame(pa.table({"city": ["A", None]}))["city"].tolist()
    ['A', None]
    """
    return _with_objects(arrow.to_pandas(strings_to_categorical=False))


def _with_objects(frame: pd.DataFrame) -> pd.DataFrame:
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.StringDtype):
            texts = frame[name].astype(object)
            frame[name] = texts.where(texts.notna(), None)
    return frame


def read_table(path: AnyPath) -> pd.DataFrame:
    r"""Read any file ``ingest_file`` understands and return it as ``read_parquet`` does.

    Parameters
    ----------
    path : of the file.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    BadInput : the file cannot be read; the sentence says where and what to do.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_text("age;city\n23;A\n45;B\n")
    >>> read_table(folder / "a.csv").shape
    (2, 2)
    """
    path = Path(path)
    with tempfile.TemporaryDirectory(prefix="xiaoyu-") as folder:
        parquet = Path(folder) / "table.parquet"
        ingest_file(path, parquet, file_name=path.name)
        return read_parquet(parquet)
