"""The first lines of a file, made fit to be shown: columns that hold data of persons are unreadable."""

from collections.abc import Sequence

import polars as pl

from catalog.personal_data import masked
from experiments.data.personal import PersonalKind, kind_of
from experiments.data.protection import mask_of


def masked_rows(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return the cells row by row, masked; a row shorter than the header stays so.

    >>> masked_rows(["phone", "age"], [["13912345678", "41"]])
    [['139****5678', '41']]
    """
    found = [_personal(name, rows, place) for place, name in enumerate(names)]
    return [
        [_shown(cell, found[place] if place < len(found) else None) for place, cell in enumerate(row)] for row in rows
    ]


def _personal(name: str, rows: Sequence[Sequence[str]], place: int) -> tuple[PersonalKind, bool] | None:
    cells = [row[place].strip() for row in rows if place < len(row) and row[place].strip()]
    return kind_of(name, pl.Series(cells)) if cells else None


def _shown(cell: str, found: tuple[PersonalKind, bool] | None) -> str:
    if found is None or not cell:
        return masked(cell)
    kind, is_within_text = found
    return masked(mask_of(cell, kind, is_within_text=is_within_text))
