"""The first lines of a file, made fit to be shown: columns that hold data of persons are unreadable."""

from collections.abc import Sequence

import polars as pl

from catalog.personal_data import MASK, masked
from experiments.data.personal import kind_of


def masked_rows(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return the cells row by row, masked; a row shorter than the header stays so.

    >>> masked_rows(["phone", "age"], [["13912345678", "41"]])
    [['139****5678', '41']]
    """
    hidden = {place for place, name in enumerate(names) if _is_personal(name, rows, place)}
    return [[_shown(cell, place in hidden) for place, cell in enumerate(row)] for row in rows]


def _is_personal(name: str, rows: Sequence[Sequence[str]], place: int) -> bool:
    cells = [row[place].strip() for row in rows if place < len(row) and row[place].strip()]
    return bool(cells) and kind_of(name, pl.Series(cells)) is not None


def _shown(cell: str, is_hidden: bool) -> str:
    shown = masked(cell)
    return f"{cell[:1]}{MASK}" if is_hidden and cell and shown == cell else shown
