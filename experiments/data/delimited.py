"""Finds the delimiter and the header of a text table, and says where a row does not fit."""

import csv
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.errors import BadInput, gettext_noop

DELIMITERS = (",", ";", "\t", "|", "^", "\x01")
SAMPLE_CHARACTERS = 1 << 20
SAMPLE_ROWS = 200
LONGEST_LINE = 2 << 20
LONGEST_NAME = 200

NO_ROWS = gettext_noop(
    "The file %(file)s has a header but no row of data. Check the export, which may have found no customer."
)
NO_HEADER = gettext_noop("The file %(file)s has no column names in its first line. Add a header line and upload again.")
FIELDS = gettext_noop(
    "Line %(line)s of %(file)s has %(found)s fields where the header has %(expected)s. The file may be cut off there, "
    "or a value holds the delimiter without quotes: mend the line or upload the whole file again."
)
OPEN_QUOTE = gettext_noop(
    "A quote opened in line %(line)s of %(file)s is never closed. The file may be cut off, or a value holds a single "
    "quote mark: mend the line or upload the whole file again."
)
LONG_LINE = gettext_noop(
    "Line %(line)s of %(file)s is longer than %(limit)s MB. A quote opened there may never be closed, or the file is "
    "not a table: mend the line and upload again."
)
UNREADABLE_LINE = gettext_noop(
    "Line %(line)s of %(file)s cannot be read as a row of the table. Mend the line and upload again."
)
UNREADABLE = gettext_noop("The file %(file)s cannot be read as a table. Export it again as CSV in UTF-8.")
RENAMED_DUPLICATE = gettext_noop("The name %(name)s stands over more than one column; the later ones became %(names)s.")
NAMED_EMPTY = gettext_noop("%(count)s columns have no name and are called %(names)s.")
DATA_IN_HEADER = gettext_noop(
    "The first line of the file looks like data, not like column names. If the header is missing, add it and upload "
    "again."
)


@dataclass(frozen=True)
class Note:
    """A sentence on what reading changed or assumed."""

    message: str
    params: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return the note as JSON-ready plain data."""
        return {"message": self.message, "params": self.params}


@dataclass(frozen=True)
class Layout:
    """The delimiter of a text table and the header's fields as they stand in the file."""

    delimiter: str
    header: tuple[str, ...]
    looks_like_data: bool = False


def find_layout(path: Path, *, name: str, delimiter: str | None = None) -> Layout:
    """Read the first rows of a UTF-8 table and settle on the delimiter that cuts them most evenly."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        sample = stream.read(SAMPLE_CHARACTERS)
    if not sample.strip():
        raise BadInput(NO_HEADER, file=name)
    candidates = DELIMITERS if delimiter is None else (delimiter,)
    rows_by = {candidate: _parse_sample(sample, candidate) for candidate in candidates}
    best = max(candidates, key=lambda candidate: _evenness(rows_by[candidate]))
    rows = rows_by[best]
    header = [field.strip() for field in rows[0]]
    if not any(header):
        raise BadInput(NO_HEADER, file=name)
    if len(rows) < 2 and len(sample) < SAMPLE_CHARACTERS:
        raise BadInput(NO_ROWS, file=name)
    return Layout(best, tuple(_without_trailing_empty(header, rows)), _looks_like_data(header))


def _parse_sample(sample: str, delimiter: str) -> list[list[str]]:
    csv.field_size_limit(LONGEST_LINE)
    rows: list[list[str]] = []
    reader = csv.reader(sample.splitlines(keepends=True), delimiter=delimiter)
    try:
        for row in reader:
            if any(row) or not rows:
                rows.append(row)
            if len(rows) > SAMPLE_ROWS:
                break
    except csv.Error:
        pass
    while len(rows) > 1 and not any(rows[0]):
        rows.pop(0)
    return rows or [[]]


def _evenness(rows: list[list[str]]) -> tuple[float, int]:
    """Share of rows with as many fields as the header (0 for a single field), then the number of fields."""
    width = len(rows[0])
    if width < 2:
        return 0.0, 1
    return sum(len(row) == width for row in rows) / len(rows), width


def _without_trailing_empty(header: list[str], rows: list[list[str]]) -> list[str]:
    """Drop the nameless last field that a delimiter at the end of every line makes."""
    if not header[-1] and all(len(row) < len(header) or not row[-1].strip() for row in rows[1:]):
        return header[:-1]
    return header


def _looks_like_data(header: Sequence[str]) -> bool:
    numbers = sum(bool(re.fullmatch(r"[-+]?\d+([.,]\d+)?", field)) for field in header)
    return len(header) > 1 and numbers > len(header) / 2


def tidy_names(header: Sequence[str]) -> tuple[list[str], list[Note]]:
    """Return unique names: NFC, trimmed, empty ones called ``column_7``, repeated ones with ``_2``, and what was done."""
    labels = [_tidy(field) for field in header]
    taken = {label for label in labels if label}
    empty = []
    names: list[str] = []
    repeats: dict[str, list[str]] = {}
    for position, label in enumerate(labels, start=1):
        name = label
        if not label:
            name = _free_name(f"column_{position}", taken)
            empty.append(name)
        elif label in names:
            name = _free_name(label, taken)
            repeats.setdefault(label, []).append(name)
        taken.add(name)
        names.append(name)
    notes = [Note(RENAMED_DUPLICATE, {"name": label, "names": _some(made)}) for label, made in repeats.items()]
    if empty:
        notes.append(Note(NAMED_EMPTY, {"count": len(empty), "names": _some(empty)}))
    return names, notes


def _tidy(field: str) -> str:
    text = unicodedata.normalize("NFC", field).replace("\ufeff", "").replace("\u3000", " ")
    printable = "".join(" " if unicodedata.category(character) == "Cc" else character for character in text)
    return " ".join(printable.split())[:LONGEST_NAME]


def _free_name(name: str, taken: set[str]) -> str:
    if name not in taken and name.startswith("column_"):
        return name
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else shown + ", …"


def line_error(message: str, *, name: str) -> BadInput:
    """Turn the CSV reader's complaint into a sentence that names the line."""
    found = re.search(r"CSV Error on Line: (\d+)", message)
    if not found:
        return BadInput(UNREADABLE, file=name)
    params: dict[str, Any] = {"file": name, "line": int(found[1])}
    widths = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", message)
    if widths:
        return BadInput(FIELDS, **params, expected=int(widths[1]), found=int(widths[2]))
    if "unterminated quote" in message:
        return BadInput(OPEN_QUOTE, **params)
    if "Maximum line size" in message:
        return BadInput(LONG_LINE, **params, limit=LONGEST_LINE >> 20)
    return BadInput(UNREADABLE_LINE, **params)

