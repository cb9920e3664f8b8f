"""Finds the layout of a delimited text: its delimiter, its titles and the line of its column names."""

import csv
import io
import itertools
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from experiments.data.reading_notes import Note
from experiments.errors import BadInput, gettext_noop
from experiments.ingest.column_names import PERSON
from experiments.privacy.personal_patterns import PersonalKind, is_a_value, matches

DELIMITERS = (",", ";", "\t", "|", "^", "\x01")
SAMPLE_CHARACTERS = 1 << 20
SAMPLE_ROWS = 200
LONGEST_LINE = 2 << 20
# How many rows of titles may stand above the names, and how full the row of names is.
MOST_TITLES, FULL_SHARE, HALF = 10, 0.8, 0.5
PEOPLE: tuple[PersonalKind, ...] = ("name", "address")
NUMBER = r"[-+]?\d+([.,]\d+)?"
# A first line by which spreadsheets are told the delimiter.
DECLARED_DELIMITER = re.compile(r'"?sep=(.)"?\r?\n', re.IGNORECASE)
NO_ROWS = gettext_noop(
    "The file %(file)s has a header but no rows of data. Check the export: it may have matched no customer."
)
NO_HEADER = gettext_noop(
    "The file %(file)s has no column names in its first line. Add a header line and upload the file again."
)
DATA_IN_HEADER = gettext_noop(
    "The first line of the file looks like data, not column names. If the header is missing, add it and upload the "
    "file again."
)
NAMELESS_LEFT = gettext_noop(
    "%(count)s columns at the end have no name and are empty in the first rows, so they were not read. If one "
    "belongs to the table, give it a name and upload the file again."
)
NO_NAMES = gettext_noop(
    "The first line of the file holds personal data, not column names. It was read as a row, and the columns are "
    "called column_1, column_2 and so on. Add a header line and upload the file again, or say which line holds the "
    "names."
)
NAMES_BELOW = gettext_noop(
    "The column names were taken from line %(line)s; what is above it was not read. If the names are in another "
    "line, say which and read the file again."
)


@dataclass(frozen=True)
class Layout:
    """How a text table is laid out.

    Attributes
    ----------
    header : the names as they stand in the file. header_lines : lines to skip before the data.
    width : fields a row, one more than names where every line ends in a delimiter. notes : what was assumed.
    """

    delimiter: str
    header: tuple[str, ...]
    header_lines: int
    width: int
    notes: tuple[Note, ...] = ()


def find_layout(path: Path, *, name: str, delimiter: str | None = None, header_line: int | None = None) -> Layout:
    """Read the first rows of a UTF-8 table and settle on the delimiter that cuts them most evenly.

    The names stand in ``header_line``, counted from 1, or nowhere if it is 0; ``None`` takes the first line that is
    filled, or one below it where titles stand above the names.
    """
    with path.open(encoding="utf-8-sig", newline="") as stream:
        above = sum(1 for _ in itertools.islice(stream, max(0, (header_line or 1) - 1)))
        sample = stream.read(SAMPLE_CHARACTERS)
    if not sample.strip():
        raise BadInput(NO_HEADER, file=name)
    declared = DECLARED_DELIMITER.match(sample) if header_line is None else None
    if declared:
        delimiter, above, sample = delimiter or declared[1], 1, sample[declared.end() :]
    candidates = DELIMITERS if delimiter is None else (delimiter,)
    is_free = header_line is None
    parsed = {candidate: _below_titles(_parse_sample(sample, candidate), is_free) for candidate in candidates}
    best = max(candidates, key=lambda candidate: _evenness(parsed[candidate]))
    table = parsed[best]
    header = [cell.strip() for cell in table.rows[0]]
    if not any(header):
        raise BadInput(NO_HEADER, file=name)
    if len(table.rows) < 2 and header_line != 0 and len(sample) < SAMPLE_CHARACTERS:
        raise BadInput(NO_ROWS, file=name)
    names, width = _without_trailing_empty(header, table.rows[1:])
    if header_line == 0:
        return Layout(best, ("",) * len(names), 0, width)
    is_data = _looks_like_data(header, table.rows[1:])
    if is_free and not table.titles and (_names_persons(names) or (is_data and _names_people(names, table.rows[1:]))):
        return Layout(best, ("",) * len(names), above, width, (Note(NO_NAMES, {}, "warning"),))
    line = above + table.lines[0]
    notes = [Note(NAMES_BELOW, {"line": line})] if table.titles else []
    if is_data:
        notes.append(Note(DATA_IN_HEADER, {}, "warning"))
    if len(header) - len(names) > 1:
        notes.append(Note(NAMELESS_LEFT, {"count": f"{len(header) - len(names):,}"}))
    # A line that somebody points at may be one of a customer; a single number in it is enough of a sign.
    if is_data or (header_line is not None and _share_like_data(header, table.rows[1:])):
        names = _without_people(names, table.rows[1:])
    labels = _told_apart(names, table.titles)
    return Layout(best, tuple(labels), line, width, tuple(notes))


@dataclass(frozen=True)
class _Sample:
    """The first rows that are not blank, the line in which each ends, and the rows of titles above them."""

    rows: list[list[str]]
    lines: list[int]
    titles: list[list[str]] = field(default_factory=list)


def _parse_sample(sample: str, delimiter: str) -> _Sample:
    csv.field_size_limit(LONGEST_LINE)
    rows: list[list[str]] = []
    lines: list[int] = []
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            if not any(cell.strip() for cell in row) and not (rows and len(row) > 1):
                continue
            rows.append(row)
            lines.append(reader.line_num)
            if len(rows) > SAMPLE_ROWS:
                break
    except csv.Error:
        pass
    if len(sample) == SAMPLE_CHARACTERS and len(rows) > 2:
        # The sample's last row may be cut.
        rows.pop()
    return _Sample(rows or [[""]], lines or [0])


def _below_titles(sample: _Sample, is_free: bool) -> _Sample:
    """Skip report titles and group headings over merged cells above the column names.

    Names are the first row that is as full as the rows below it, where the first row is at most half as full.
    """
    filled = [sum(bool(cell.strip()) for cell in row) for row in sample.rows]
    width = statistics.mode(map(len, sample.rows[1:])) if len(sample.rows) > 1 else 0
    if not is_free or width < 2 or 2 * filled[0] > width:
        return sample
    for place in range(1, min(MOST_TITLES + 1, len(sample.rows) - 1)):
        row = sample.rows[place]
        if len(row) == width and filled[place] >= FULL_SHARE * width and _are_names(row):
            return _Sample(sample.rows[place:], sample.lines[place:], sample.rows[:place])
    return sample


def _are_names(row: Sequence[str]) -> bool:
    """Return whether a row may be one of names: not a number in it."""
    return not any(re.fullmatch(NUMBER, cell.strip()) for cell in row)


def _told_apart(names: Sequence[str], titles: Sequence[Sequence[str]]) -> list[str]:
    """Prefix names that occur more than once with the heading of their group."""
    if not titles:
        return list(names)
    groups: list[str] = []
    for title in [*titles[-1], *[""] * len(names)][: len(names)]:
        groups.append(title.strip() or (groups[-1] if groups else ""))
    return [
        f"{group} {name}".strip() if name and names.count(name) > 1 else name
        for name, group in zip(names, groups, strict=True)
    ]


def _names_persons(names: Sequence[str]) -> bool:
    """Return whether a name is the number or the e-mail address of a person, as in a file without a header."""
    cells = pl.Series([name for name in names if name], dtype=pl.String)
    return any(bool(matches(cells, kind).any()) for kind in ("id_card", "mobile", "bank_card", "email"))


def _names_people(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Return whether a name is that of a person, and stands above names of persons."""
    is_person = matches(pl.Series(list(names), dtype=pl.String), "name")
    for place in is_person.arg_true():
        below = pl.Series([row[place].strip() for row in rows if place < len(row)], dtype=pl.String)
        if len(below) and (matches(below, "name").mean() or 0) >= FULL_SHARE:  # type: ignore[operator]
            return True
    return False


def _without_people(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Drop column names that are names or addresses of persons, with more of the same below."""
    shown = list(names)
    for place, name in enumerate(names):
        kinds = [kind for kind in PEOPLE if is_a_value(name, kind)]
        if not kinds:
            continue
        below = pl.Series(
            [row[place].strip() for row in rows if place < len(row) and row[place].strip()], dtype=pl.String
        )
        if len(below) and any((matches(below, kind).mean() or 0) >= HALF for kind in kinds):  # type: ignore[operator]
            shown[place] = PERSON
    return shown


def _evenness(sample: _Sample) -> tuple[float, bool, int]:
    """Share of rows with as many fields as the header (0 for a single field), nothing above it, number of fields."""
    rows, width = sample.rows, len(sample.rows[0])
    if width < 2:
        return 0.0, not sample.titles, 1
    fitting = sum(len(row) == width or (len(row) == width + 1 and not row[-1]) for row in rows)
    return fitting / len(rows), not sample.titles, width


def _without_trailing_empty(header: list[str], rows: list[list[str]]) -> tuple[list[str], int]:
    """Return names and width without the nameless last fields that delimiters at the end of every line make.

    A single stray cell far to the right makes thousands of them when a spreadsheet is saved as text.
    """
    ends_empty = bool(rows) and all(not row[-1].strip() for row in rows if row)
    width = len(header)
    if ends_empty and all(len(row) == width + 1 for row in rows):
        return header, width + 1
    if not header[-1] and rows and all(len(row) == width - 1 for row in rows):
        return header[:-1], width - 1
    if not ends_empty:
        return header, width
    last = max((place for place, name in enumerate(header) if name), default=0)
    last = max(last, *(place for row in rows for place, cell in enumerate(row) if cell.strip()))
    return header[: last + 1], width


def _looks_like_data(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Return whether most names are numbers, or words that stand below them too."""
    return len(header) > 1 and _share_like_data(header, rows) > 0.5


def _share_like_data(header: Sequence[str], rows: Sequence[Sequence[str]]) -> float:
    likely = sum(
        bool(re.fullmatch(NUMBER, name))
        or (bool(name) and any(name == row[place].strip() for row in rows if place < len(row)))
        for place, name in enumerate(header)
    )
    return likely / len(header)
