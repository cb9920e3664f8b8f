"""Gives a small table, such as a data dictionary, cell by cell as it stands, without types."""

import csv
import itertools
import tempfile
from pathlib import Path

from experiments.ingest.container import FileFormat, ReadingLimits
from experiments.ingest.decoding import decode_text
from experiments.ingest.workbook import workbook_to_csv

LARGEST_SHEET = 64 << 20
DELIMITERS = ",;\t|"


def read_cells(path: Path, *, name: str, most_rows: int) -> list[list[str]]:
    """Return the first rows of an Excel workbook or a text of any encoding, the names among them.

    Raises
    ------
    BadInput : the file cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="cells-") as folder:
        work = Path(folder)
        kind = _workbook_kind(path)
        if kind is None:
            text = decode_text(path, name=name, work=work).path
        else:
            text = work / "sheet.csv"
            limits = ReadingLimits(unpacked_bytes=LARGEST_SHEET)
            workbook_to_csv(path, text, name=name, file_format=kind, limits=limits, explaining=True)
        with text.open(encoding="utf-8-sig", newline="") as stream:
            delimiter = _delimiter_of(stream.readline())
            stream.seek(0)
            return list(itertools.islice(csv.reader(stream, delimiter=delimiter), most_rows))


def _workbook_kind(path: Path) -> FileFormat | None:
    with path.open("rb") as stream:
        start = stream.read(4)
    if start == b"PK\x03\x04":
        return "xlsx"
    return "xls" if start == b"\xd0\xcf\x11\xe0" else None


def _delimiter_of(first: str) -> str:
    return max(DELIMITERS, key=first.count)
