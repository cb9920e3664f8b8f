"""Finds the line at which a delimited text cannot be read, and says why."""

import csv
import itertools
from pathlib import Path

from experiments.errors import BadInput, gettext_noop
from experiments.ingest.delimited import LONGEST_LINE, Layout

FIELDS = gettext_noop(
    "Line %(line)s of %(file)s has %(found)s fields where the header has %(expected)s. The file may be cut off "
    "there, or a value contains the delimiter without quotes. Correct the line, or upload the whole file again."
)
OPEN_QUOTE = gettext_noop(
    "A quote opened in line %(line)s of %(file)s is never closed. The file may be cut off, or a value contains a "
    "lone quote mark. Correct the line, or upload the whole file again."
)
LONG_LINE = gettext_noop(
    "Line %(line)s of %(file)s is longer than %(limit)s MB. A quote opened there may never be closed, or the file "
    "is not a table. Correct the line and upload the file again."
)
UNREADABLE_LINE = gettext_noop(
    "Line %(line)s of %(file)s cannot be read as a row of the table. Correct the line and upload the file again."
)
UNREADABLE = gettext_noop("The file %(file)s cannot be read as a table. Export it again as CSV in UTF-8.")


def find_broken_line(path: Path, layout: Layout, *, name: str) -> BadInput | None:
    """Look for the first row that does not fit, line by line, and say what is wrong with it.

    Slow, hence only after a faster reader has complained or where quote marks do not pair up.
    """
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for _ in range(layout.header_lines):
            stream.readline()
        reader = csv.reader(stream, delimiter=layout.delimiter)
        line = layout.header_lines + 1
        try:
            for row in reader:
                last, line = line, layout.header_lines + reader.line_num + 1
                if row and len(row) != layout.width:
                    wrong = FIELDS if not _ends_in_quote(path, last, layout.delimiter) else OPEN_QUOTE
                    return _line_error(wrong, name, last, found=len(row), expected=layout.width)
        except csv.Error:
            return _line_error(LONG_LINE, name, line, limit=LONGEST_LINE >> 20)
    if line > layout.header_lines + 1 and _ends_in_quote(path, last, layout.delimiter):
        return _line_error(OPEN_QUOTE, name, last)
    return None


def _line_error(message: str, name: str, line: int, **params: int) -> BadInput:
    return BadInput(message, file=name, line=line, **params)


def _ends_in_quote(path: Path, line: int, delimiter: str) -> bool:
    """Return whether the row that begins in a line runs to the end of the file inside a quote."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rest = itertools.islice(stream, line - 1, None)
        try:
            next(csv.reader(rest, delimiter=delimiter, strict=True))
        except csv.Error as error:
            return "end of data" in str(error)
        except StopIteration:
            pass
    return False
