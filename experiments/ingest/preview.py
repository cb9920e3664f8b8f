"""Shows the first lines of a file as they would be read, from its first megabyte, also before the rest is here."""

import csv
import itertools
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.data.parsing import as_texts
from experiments.ingest.column_names import tidy_names
from experiments.ingest.container import FileFormat, ReadingLimits
from experiments.ingest.decoding import decode_text
from experiments.ingest.delimited import find_layout
from experiments.ingest.reading import ReadingOptions
from experiments.ingest.workbook import workbook_to_csv
from experiments.paths import AnyPath

__all__ = ["Preview", "preview_file"]

HEAD_BYTES = 1 << 20
PACKED_BYTES = 4 << 20
# A workbook can only be read as a whole; a larger one is shown when it has been read.
LARGEST_WORKBOOK = 8 << 20
LARGEST_UNPACKED = 1 << 30
ROWS_OF_A_SHEET = 1_000
COMPOUND = b"\xd0\xcf\x11\xe0"
LOCAL_HEADER = 30
WIDEST = 200


@dataclass(frozen=True)
class Preview:
    r"""The first lines of a table, as texts.

    Attributes
    ----------
    encoding, delimiter : of a text; empty for others. names : of the first columns, tidied. rows : without the header;
        one that does not fit the names has fewer cells or more.
    width : how many columns the table has, of which the first are shown.
    broken : characters that are none in this encoding, in what was looked at.
    header_line : the line that holds the names, counted from 1; 0 where none does.
    sheet, sheets : of a workbook, the sheet that is shown and all there are.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_text("age;city\n23;A\n45;B\n")
    >>> preview_file(folder / "a.csv", name="a.csv").rows
    (('23', 'A'), ('45', 'B'))
    """

    file_format: FileFormat
    encoding: str
    delimiter: str
    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    width: int
    broken: int = 0
    header_line: int = 0
    sheet: str = ""
    sheets: tuple[str, ...] = ()


def preview_file(
    path: AnyPath, *, name: str, options: ReadingOptions | None = None, is_whole: bool = True, lines: int = 20
) -> Preview | None:
    r"""Return the first lines of a file, or of the first table packed in it; ``None`` where they cannot be known yet.

    They hold whatever the file holds; what people see comes from ``masked_preview``. Never reads more than a few
    megabytes.

    Parameters
    ----------
    is_whole : whether the file is complete; Parquet, Excel and their archives show nothing before.

    Returns
    -------
    Preview or None

    Raises
    ------
    BadInput : what is here is no table.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_text("age;city\n23;A\n45;B\n")
    >>> preview_file(folder / "a.csv", name="a.csv").names
    ('age', 'city')
    """
    path = Path(path)
    options = options or ReadingOptions()
    with tempfile.TemporaryDirectory(prefix="preview-") as folder:
        work = Path(folder)
        with path.open("rb") as stream:
            start = stream.read(4)
        try:
            if start == b"PAR1":
                return _of_parquet(path, lines) if is_whole else None
            file_format = _workbook_format(path, start)
            if file_format is not None:
                return _of_workbook(path, file_format, name, work, options, lines) if is_whole else None
            return _of_text(_head(path, start), name, work, options, lines)
        except (zlib.error, pa.ArrowInvalid, zipfile.BadZipFile):
            return None


def _of_parquet(path: Path, lines: int) -> Preview:
    file = pq.ParquetFile(path)
    width = len(file.schema_arrow.names)
    columns = file.schema_arrow.names[:WIDEST]
    batch = next(file.iter_batches(batch_size=lines, columns=columns), None)
    if batch is None:
        return Preview("parquet", "", "", tuple(columns), (), width)
    frame = pl.DataFrame(pa.Table.from_batches([batch]))
    texts = frame.select(as_texts(frame[column]).fill_null("") for column in frame.columns)
    return Preview("parquet", "", "", tuple(columns), tuple(texts.rows()), width)


def _of_workbook(
    path: Path, file_format: FileFormat, name: str, work: Path, options: ReadingOptions, lines: int
) -> Preview | None:
    if path.stat().st_size > LARGEST_WORKBOOK:
        return None
    sheet = work / "sheet.csv"
    limits = ReadingLimits(unpacked_bytes=LARGEST_UNPACKED)
    read = workbook_to_csv(
        path, sheet, name=name, file_format=file_format, limits=limits, sheet=options.sheet, most_rows=ROWS_OF_A_SHEET
    )
    as_written = replace(options, encoding="utf-8", delimiter=",")
    with sheet.open("rb") as stream:
        shown = _of_text(stream.read(HEAD_BYTES), name, work, as_written, lines)
    if shown is None:
        return None
    sheets = tuple(sheet.name for sheet in read.sheets)
    return replace(shown, file_format=file_format, encoding="", delimiter="", sheet=read.sheet, sheets=sheets)


def _of_text(head: bytes | None, name: str, work: Path, options: ReadingOptions, lines: int) -> Preview | None:
    if not head or head.startswith((b"PAR1", b"PK\x03\x04")):
        return None
    start = work / "start.csv"
    start.write_bytes(_whole_lines(head) if len(head) >= HEAD_BYTES else head)
    text = decode_text(start, name=name, work=work, encoding=options.encoding, on_broken_bytes="replace")
    layout = find_layout(text.path, name=name, delimiter=options.delimiter, header_line=options.header_line)
    with text.path.open(encoding="utf-8-sig", newline="") as stream:
        for _ in range(layout.header_lines):
            stream.readline()
        rows = list(itertools.islice(_filled(csv.reader(stream, delimiter=layout.delimiter)), lines))
    every = tidy_names(layout.header)[0]
    names = every[:WIDEST]
    broken = next((int(note.params["count"]) for note in text.notes), 0)
    # The nameless last field of a row that ends in a delimiter is none.
    shown = tuple(tuple(row[: len(names)] if len(row) <= layout.width else row) for row in rows)
    header_line = layout.header_lines if any(layout.header) else 0
    return Preview("csv", text.encoding, layout.delimiter, tuple(names), shown, len(every), broken, header_line)


def _filled(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        yield from (row for row in rows if row)
    except csv.Error:
        return


def _whole_lines(head: bytes) -> bytes:
    """Leave out the last line, which is cut; UTF-16 keeps whole characters, as its pieces are even."""
    is_wide = b"\0" in head[:4096]
    end = head.rfind(b"\n")
    return head if is_wide or end < 0 else head[: end + 1]


def _head(path: Path, start: bytes) -> bytes | None:
    """Return the first bytes of a text, unpacked."""
    with path.open("rb") as stream:
        if start[:2] == b"\x1f\x8b":
            return zlib.decompressobj(31).decompress(stream.read(PACKED_BYTES), HEAD_BYTES)
        if start == b"PK\x03\x04":
            return _head_of_first_member(stream.read(PACKED_BYTES))
        return stream.read(HEAD_BYTES)


def _head_of_first_member(packed: bytes) -> bytes | None:
    """Unpack the beginning of a zip's first file from the header before it; the list of files stands at the end."""
    if len(packed) < LOCAL_HEADER:
        return None
    flags, method = int.from_bytes(packed[6:8], "little"), int.from_bytes(packed[8:10], "little")
    begin = LOCAL_HEADER + int.from_bytes(packed[26:28], "little") + int.from_bytes(packed[28:30], "little")
    if flags & 1 or method not in (0, 8):
        return None
    if method == 8:
        return zlib.decompressobj(-15).decompress(packed[begin:], HEAD_BYTES)
    size = int.from_bytes(packed[18:22], "little")
    return packed[begin : begin + min(size or HEAD_BYTES, HEAD_BYTES)]


def _workbook_format(path: Path, start: bytes) -> FileFormat | None:
    if start == COMPOUND:
        return "xls"
    return "xlsx" if start == b"PK\x03\x04" and _is_workbook(path) else None


def _is_workbook(path: Path) -> bool:
    """Tell by the name of the first part, which every program that makes workbooks chooses from these."""
    with path.open("rb") as stream:
        head = stream.read(LOCAL_HEADER + 256)
    first = head[LOCAL_HEADER : LOCAL_HEADER + int.from_bytes(head[26:28], "little")]
    return first.startswith((b"[Content_Types].xml", b"xl/", b"_rels/", b"docProps/"))
