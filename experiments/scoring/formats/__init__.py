"""The files that scores leave in: one module each, and one line in this table."""

from pathlib import Path

from experiments.paths import AnyPath
from experiments.scoring.formats.csv import CSV
from experiments.scoring.formats.format import Format
from experiments.scoring.formats.parquet import PARQUET
from experiments.scoring.formats.workbook import XLSX

FORMATS: dict[str, Format] = {form.name: form for form in (CSV, PARQUET, XLSX)}

__all__ = ["FORMATS", "format_of"]


def format_of(path: AnyPath) -> str:
    """Return the format that the ending of a file's name asks for; CSV where it is no format's.

    Parameters
    ----------
    path : of the file that is wanted.

    Returns
    -------
    str
        A name of ``FORMATS``.

    Examples
    --------
    >>> format_of("scores.XLSX"), format_of("scores.txt")
    ('xlsx', 'csv')
    """
    ending = Path(path).suffix.lower().removeprefix(".")
    return ending if ending in FORMATS else CSV.name
