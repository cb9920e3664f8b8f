"""Reads the texts in a frame's columns as those of a file are read, and leaves what has a type of its own."""

import pandas as pd

from experiments.data.schema import ColumnReading
from experiments.data.values import needs_tidying, tidied
from experiments.features.contradictions import Contradictions


def read_cells(cells: pd.Series, kind: str, reading: ColumnReading) -> tuple[pd.Series, Contradictions]:
    """Return a column of a frame with its texts read as ``read_texts`` reads them; cells with a type of their own stay.

    Examples
    --------
    >>> read_cells(pd.Series([1.5, "12%", None], dtype=object), "numeric", ColumnReading())[0].tolist()
    [1.5, 0.12, nan]
    """
    if kind not in ("numeric", "date"):
        return _tidy_words(cells), Contradictions()
    is_text = cells.map(lambda cell: isinstance(cell, str)).to_numpy(dtype=bool)
    if not is_text.any():
        return cells, Contradictions()
    # Only here: a model whose columns come as numbers opens and scores without what reads files.
    import polars as pl

    from experiments.data.column_reading import read_texts

    listed = [cell if own else None for cell, own in zip(cells.tolist(), is_text, strict=True)]
    values, met = read_texts(pl.Series(listed, dtype=pl.String), kind, reading)
    if kind == "numeric":
        others = pd.to_numeric(cells.where(~is_text), errors="coerce").to_numpy(dtype=float, na_value=float("nan"))
        numbers = values.to_pandas().to_numpy(dtype=float)
        found = pd.Series(numbers, index=cells.index, name=cells.name)
        return found.where(is_text, pd.Series(others, index=cells.index)), met
    dates = pd.Series(values.to_numpy(), index=cells.index, name=cells.name)
    if is_text.all():
        return dates, met
    return dates.where(is_text, pd.to_datetime(cells.where(~is_text), errors="coerce")), met


def _tidy_words(cells: pd.Series) -> pd.Series:
    """Return words trimmed and without those for nothing; the very same column where there is nothing to do."""
    untidy = [cell for cell in pd.unique(cells).tolist() if isinstance(cell, str) and needs_tidying(cell)]
    if not untidy:
        return cells
    meant = {cell: tidied(cell) for cell in untidy}
    read = [meant.get(cell, cell) if isinstance(cell, str) else cell for cell in cells.tolist()]
    return pd.Series(read, index=cells.index, dtype=object, name=cells.name)
