"""Writes Excel workbooks line by line: texts stay as they are, nothing is run as a formula, memory stays small.

The files are written here and not by a library: a million scored customers are streamed as they come.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from xml.sax.saxutils import escape

import pandas as pd

from experiments.errors import gettext_noop
from experiments.writing.formula_guard import is_formula, told_apart

# A sheet of Excel ends there; the headings are one of its lines.
MOST_LINES = 1_048_576
MOST_ROWS = MOST_LINES - 1
LONGEST_TEXT = 32_767
HEADING, TEXT, FORMULA_LIKE, NUMBER = 1, 2, 3, 4
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# What XML cannot carry, and what would be read as an escape of ours, is written as _xHHHH_.
UNSPEAKABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")
SHEET = "xl/worksheets/sheet1.xml"

TOO_MANY_ROWS = gettext_noop(
    "An Excel sheet holds %(limit)s rows and this table has %(rows)s, so no Excel file was made. CSV and Parquet "
    "contain all rows."
)


def _letters_of(place: int) -> str:
    """Return how Excel calls the column at a place.

    Examples
    --------
    >>> [_letters_of(place) for place in (0, 25, 26, 701, 702)]
    ['A', 'Z', 'AA', 'ZZ', 'AAA']
    """
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _text_cell(text: str, style: int | None = None) -> str:
    """Return the inside of a cell that holds a text; one that a spreadsheet would run is marked as text.

    Examples
    --------
    >>> _text_cell("=1+1")
    's="3" t="inlineStr"><is><t xml:space="preserve">=1+1</t></is>'
    """
    if style is None:
        style, text = (FORMULA_LIKE if is_formula(text) else TEXT), told_apart(text)
    spoken = UNSPEAKABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text[:LONGEST_TEXT])
    return f's="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(spoken)}</t></is>'


def _number_cell(number: Any) -> str:
    """Return the inside of a cell that holds a number."""
    return f's="{NUMBER}"><v>{number!r}</v>'


class Sheet:
    """A sheet that is being written; ``write`` takes tables of the columns it was opened with, one after the other."""

    def __init__(self, stream: Any, headings: Sequence[str]) -> None:
        self._stream = stream
        self._letters = [_letters_of(place) for place in range(len(headings))]
        self._line = 0
        self._put([_text_cell(heading, HEADING) for heading in headings])

    def write(self, frame: pd.DataFrame, as_text: Iterable[str] = ()) -> None:
        """Write the rows of a table; numbers are numbers, all else is text, and so are the columns ``as_text``."""
        texts = set(as_text)
        columns = [_cells(frame[name], is_text=name in texts) for name in frame.columns]
        for cells in zip(*columns, strict=True):
            self._put(cells)

    def _put(self, cells: Sequence[str]) -> None:
        self._line += 1
        line = self._line
        placed = [
            f'<c r="{letter}{line}" {cell}</c>' for letter, cell in zip(self._letters, cells, strict=True) if cell
        ]
        self._stream.write(f'<row r="{line}">{"".join(placed)}</row>'.encode())


def _cells(values: pd.Series, *, is_text: bool) -> list[str]:
    if not is_text and pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
        return [_number_cell(value) if value - value == 0 else "" for value in values.tolist()]
    return ["" if value is None or value is pd.NA or value != value else _text_cell(str(value))
            for value in values.tolist()]  # fmt: skip


@contextmanager
def open_sheet(
    path: Path | BinaryIO, title: str, headings: Sequence[str], widths: Sequence[int] = ()
) -> Iterator[Sheet]:
    """Write a workbook of one sheet, its headings in sight while one scrolls.

    Parameters
    ----------
    headings : of the columns, in their order. widths : of the columns in letters; 14 where nothing is said.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        for name, text in _package_parts(title).items():
            archive.writestr(zipfile.ZipInfo(name), XML + text, zipfile.ZIP_DEFLATED)
        rows = zipfile.ZipInfo(SHEET)
        rows.compress_type = zipfile.ZIP_DEFLATED
        with archive.open(rows, "w", force_zip64=True) as stream:
            stream.write((XML + _beginning(headings, widths)).encode())
            yield Sheet(stream, headings)
            stream.write(b"</sheetData></worksheet>")


def _beginning(headings: Sequence[str], widths: Sequence[int]) -> str:
    columns = "".join(
        f'<col min="{place}" max="{place}" width="{width}" customWidth="1"/>'
        for place, width in enumerate([*widths, *[14] * len(headings)][: len(headings)], start=1)
    )
    return (
        f'<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        f"</sheetView></sheetViews>{f'<cols>{columns}</cols>' if columns else ''}<sheetData>"
    )


def _package_parts(title: str) -> dict[str, str]:
    """Return the parts of a workbook of one sheet, but for the sheet."""
    name = escape(title, {'"': "&quot;"})
    return {
        "[Content_Types].xml": (
            f'<Types xmlns="{PACKAGE}/content-types">'
            f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{OFFICE}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{OFFICE}.styles+xml"/>'
            f'<Override PartName="/{SHEET}" ContentType="{OFFICE}.worksheet+xml"/></Types>'
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>'
            f'<sheet name="{name}" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="rId2" Type="{RELATIONS}/styles" Target="styles.xml"/></Relationships>'
        ),
        "xl/styles.xml": STYLES,
    }


STYLES = (
    f'<styleSheet xmlns="{MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFE2EEF1"/></patternFill></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    # Plain, HEADING, TEXT, FORMULA_LIKE, NUMBER: 49 is the format of text, 0 the general one.
    '<cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="1" fillId="2" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"'
    ' applyFill="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" quotePrefix="1"/>'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
