"""Turns the sheet of a workbook that holds its table into a UTF-8 CSV, so that one way of reading serves both."""

import csv
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import IO, Any

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from experiments.data.reading_notes import Note, Severity
from experiments.errors import BadInput, gettext_noop
from experiments.ingest.column_names import some_names
from experiments.ingest.container import DAMAGED, FileFormat, ReadingLimits, check_workbook
from experiments.ingest.delimited import NO_ROWS
from experiments.ingest.sheet_extent import (
    CELL,
    LAST_ROW,
    PIECE,
    SheetExtent,
    Table,
    between_cells,
    column_letters,
    column_number,
    table_of,
)
from experiments.ingest.workbook_contents import Contents

LAST_ROW_OF_XLS = 65_536
# Cells a reader may make room for; above that, only where a good part of them is filled.
ROOM, LEAST_FILLED = 10_000_000, 0.05
# By its name, a sheet that explains others: proposed only if there is no other.
EXPLAINING = re.compile(
    r"说明|字典|码表|代码表?$|备注|注释|目录|封面|填写|参考|枚举|readme|read me|notes?\b|dictionary|codebook|codes?$|"
    r"legend|contents|cover|lookup|metadata|instructions?|about",
    re.IGNORECASE,
)
MOST_SHEETS_NAMED = 8

EMPTY_WORKBOOK = gettext_noop("The workbook %(file)s has no filled sheet. Check the export and upload the new file.")
SHEET_READ = gettext_noop(
    "The workbook has %(count)s sheets; only %(sheet)s was read. Not read: %(others)s. If the table is on one of "
    "them, choose that sheet and read the file again."
)
ONLY_HIDDEN = gettext_noop("Every filled sheet of the workbook is hidden; %(sheet)s was read.")
NO_SUCH_SHEET = gettext_noop("The workbook %(file)s has no sheet named %(sheet)s. It has: %(sheets)s.")
EMPTY_SHEET = gettext_noop("The sheet %(sheet)s of %(file)s is empty. Choose one of the filled sheets: %(sheets)s.")
HIDDEN_SHEET = gettext_noop("%(sheet)s (hidden, %(rows)s rows)")
VISIBLE_SHEET = gettext_noop("%(sheet)s (%(rows)s rows)")
STRAY_CELLS = gettext_noop(
    "Cells far from the table on sheet %(sheet)s were not read: %(cells)s. If they belong to it, move them there "
    "and upload the file again."
)
TOO_SPREAD = gettext_noop(
    "The sheet %(sheet)s of %(file)s spans %(rows)s rows and %(columns)s columns, but only %(cells)s cells are "
    "filled. Copy the table into a new workbook, or save it as CSV, and upload that."
)
NO_VALUES = gettext_noop(
    "Formulas without a calculated value on sheet %(sheet)s: %(count)s, in columns %(columns)s. They were read as "
    "empty. Open the workbook in Excel, save it and upload it again."
)
FULL_SHEET = gettext_noop(
    "The sheet %(sheet)s is filled to row %(row)s, the last a sheet can have: rows were probably cut off. Export "
    "the table as CSV or in parts."
)
LOCKED_SHEETS = gettext_noop(
    "The old workbook %(file)s cannot be read: it may be protected by a password. Open it, save it as .xlsx "
    "without a password, and upload that."
)


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook: its name, whether it is shown, and its filled cells and rows as far as known."""

    name: str
    is_visible: bool
    cells: int
    rows: int

    @property
    def is_explaining(self) -> bool:
        """Whether its name says that it explains others."""
        return bool(EXPLAINING.search(self.name))

    @property
    def is_table(self) -> bool:
        """Whether it may be a table, and no page of remarks: some rows with mostly two cells or more."""
        return self.rows > 1 and self.cells >= 1.5 * self.rows


@dataclass(frozen=True)
class SheetRead:
    """Which sheet became the table, which others there are, and what was left aside."""

    sheet: str
    sheets: tuple[Sheet, ...]
    notes: tuple[Note, ...] = ()


def workbook_to_csv(
    path: Path,
    target: Path,
    *,
    name: str,
    file_format: FileFormat,
    limits: ReadingLimits,
    sheet: str | None = None,
    explaining: bool = False,
    most_rows: int | None = None,
) -> SheetRead:
    """Write the sheet that holds the table to ``target``.

    Parameters
    ----------
    sheet : its name; ``None`` takes the one that ``proposed`` gives. explaining : see there.
    most_rows : after so many filled rows it is enough.

    Raises
    ------
    BadInput : there is no such sheet, nothing in it, or its cells lie too far apart.
    """
    try:
        opened = _Xlsx(path, name, limits) if file_format == "xlsx" else _Xls(path, name)
        sheets = opened.sheets
        chosen = _named(sheets, sheet, name) if sheet else proposed(sheets, explaining=explaining)
        if chosen is None:
            raise BadInput(EMPTY_WORKBOOK, file=name)
        notes = opened.write(chosen.name, target, most_rows)
    except CalamineError as error:
        raise BadInput(DAMAGED if file_format == "xlsx" else LOCKED_SHEETS, file=name) from error
    told = _on_choice(chosen, sheets) if sheet is None else ()
    return SheetRead(chosen.name, tuple(sheets), (*told, *notes))


def proposed(sheets: Sequence[Sheet], *, explaining: bool = False) -> Sheet | None:
    """Return the sheet that most likely holds the table: one that is shown, explains no other, and is the largest.

    Parameters
    ----------
    explaining : whether a sheet is wanted that explains others, such as a dictionary of columns.
    """
    filled = [sheet for sheet in sheets if sheet.cells]

    def likelihood(sheet: Sheet) -> tuple[bool, bool, bool, int]:
        return sheet.is_visible, sheet.is_table, sheet.is_explaining is explaining, sheet.cells

    return max(filled, key=likelihood, default=None)


def _named(sheets: Sequence[Sheet], wanted: str, file: str) -> Sheet:
    found = next((sheet for sheet in sheets if sheet.name.strip().casefold() == wanted.strip().casefold()), None)
    if found is None:
        raise BadInput(NO_SUCH_SHEET, file=file, sheet=wanted, sheets=some_names([sheet.name for sheet in sheets]))
    if not found.cells:
        filled = [sheet.name for sheet in sheets if sheet.cells]
        if not filled:
            raise BadInput(EMPTY_WORKBOOK, file=file)
        raise BadInput(EMPTY_SHEET, file=file, sheet=found.name, sheets=some_names(filled))
    return found


def _on_choice(chosen: Sheet, sheets: Sequence[Sheet]) -> list[Note]:
    others = [sheet for sheet in sheets if sheet is not chosen and sheet.cells]
    if not others:
        return [] if chosen.is_visible else [Note(ONLY_HIDDEN, {"sheet": chosen.name}, "warning")]
    listed: list[Any] = [
        {
            "message": VISIBLE_SHEET if other.is_visible else HIDDEN_SHEET,
            "params": {"sheet": other.name, "rows": f"{other.rows:,}"},
        }
        for other in others[:MOST_SHEETS_NAMED]
    ]
    if len(others) > MOST_SHEETS_NAMED:
        listed.append("…")
    # Another table of its size may be the one that was meant.
    is_doubtful = any(
        other.is_visible and not other.is_explaining and 2 * other.cells > chosen.cells for other in others
    )
    severity: Severity = "warning" if is_doubtful or not chosen.is_visible else "info"
    words = {"count": len(sheets), "sheet": chosen.name, "others": listed}
    return [Note(SHEET_READ, words, severity)]


class _Xls:
    """An old workbook, whose sheets are small enough to be read as they are."""

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self._workbook = CalamineWorkbook.from_path(str(path))

    @cached_property
    def sheets(self) -> list[Sheet]:
        return [self._measured(facts) for facts in _worksheets(self._workbook)]

    def _measured(self, facts: Any) -> Sheet:
        read = self._workbook.get_sheet_by_name(facts.name)
        filled = [count for row in read.iter_rows() if (count := sum(_is_filled(cell) for cell in row))]
        return Sheet(facts.name, facts.visible == SheetVisibleEnum.Visible, sum(filled), len(filled))

    def write(self, sheet: str, target: Path, most_rows: int | None) -> list[Note]:
        read = self._workbook.get_sheet_by_name(sheet)
        _write_rows(read.iter_rows(), target, self.name, most_rows)
        is_full = read.end is not None and read.end[0] + 1 == LAST_ROW_OF_XLS
        return [_full(sheet, LAST_ROW_OF_XLS)] if is_full else []


class _Xlsx:
    """A workbook of today; where its cells are is known before any of them is read."""

    def __init__(self, path: Path, name: str, limits: ReadingLimits) -> None:
        self.path, self.name = path, name
        self._seen = Contents()
        check_workbook(path, name, limits, self._seen)
        self._extents = self._seen.extents()

    @cached_property
    def sheets(self) -> list[Sheet]:
        workbook = CalamineWorkbook.from_path(str(self.path))
        return [self._measured(facts) for facts in _worksheets(workbook)]

    def _measured(self, facts: Any) -> Sheet:
        extent = self._extents.get(facts.name, SheetExtent())
        rows = sum(run.last - run.first + 1 for run in extent.rows) + extent.unplaced_rows
        is_visible = facts.visible == SheetVisibleEnum.Visible
        return Sheet(facts.name, is_visible, extent.cells + extent.unplaced_cells, rows)

    def write(self, sheet: str, target: Path, most_rows: int | None) -> list[Note]:
        extent = self._extents.get(sheet, SheetExtent())
        table = table_of(extent)
        if table is None:
            unplaced = CalamineWorkbook.from_path(str(self.path)).get_sheet_by_name(sheet)
            _write_rows(unplaced.iter_rows(), target, self.name, most_rows)
            return []
        if table.box > ROOM and extent.cells < LEAST_FILLED * table.box:
            columns = max(table.columns) - min(table.columns) + 1
            words = {"rows": f"{table.last_row:,}", "columns": f"{columns:,}", "cells": f"{extent.cells:,}"}
            raise BadInput(TOO_SPREAD, file=self.name, sheet=sheet, **words)
        path = self._without_strays(sheet, table, target) if table.stray and extent.box > 2 * table.box else self.path
        read = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet)
        _write_rows(_within(read, table), target, self.name, most_rows)
        return self._notes(sheet, extent, table)

    def _without_strays(self, sheet: str, table: Table, target: Path) -> Path:
        """Copy the workbook without the cells that lie far from the table of one sheet."""
        part, copy = self._seen.part_of(sheet), target.with_suffix(".table.xlsx")
        with (
            zipfile.ZipFile(self.path) as source,
            zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out,
        ):
            for member in source.infolist():
                with source.open(member) as stream, out.open(member.filename, "w", force_zip64=True) as written:
                    if member.filename == part:
                        written.writelines(CELL.sub(_kept(table), piece) for piece in between_cells(_pieces(stream)))
                    else:
                        written.writelines(_pieces(stream))
        return copy

    def _notes(self, sheet: str, extent: SheetExtent, table: Table) -> list[Note]:
        notes = []
        if table.stray:
            notes.append(Note(STRAY_CELLS, {"sheet": sheet, "cells": some_names(table.stray)}, "warning"))
        if extent.uncalculated:
            columns = [column_letters(column) for column in sorted(extent.uncalculated)]
            words = {"count": f"{extent.uncalculated.total():,}", "sheet": sheet, "columns": some_names(columns)}
            notes.append(Note(NO_VALUES, words, "warning"))
        if table.last_row == LAST_ROW:
            notes.append(_full(sheet, LAST_ROW))
        return notes


def _worksheets(workbook: CalamineWorkbook) -> list[Any]:
    return [facts for facts in workbook.sheets_metadata if facts.typ == SheetTypeEnum.WorkSheet]


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    while piece := stream.read(PIECE):
        yield piece


def _kept(table: Table) -> Callable[[re.Match[bytes]], bytes]:
    def keep(cell: re.Match[bytes]) -> bytes:
        is_inside = column_number(cell[1]) in table.columns and int(cell[2]) <= table.last_row
        return cell[0] if is_inside else b""

    return keep


def _within(sheet: Any, table: Table) -> Iterator[list[Any]]:
    """Yield the rows of a table, without the columns that are no part of it."""
    if sheet.start is None:
        return
    first_row, first = sheet.start[0] + 1, sheet.start[1] + 1
    begin, end = min(table.columns) - first, max(table.columns) - first + 1
    for number, row in enumerate(sheet.iter_rows(), start=first_row):
        if number > table.last_row:
            return
        yield row[max(0, begin) : end]


def _write_rows(rows: Iterator[list[Any]], target: Path, name: str, most_rows: int | None) -> None:
    written = 0
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        for row in rows:
            if any(map(_is_filled, row)):
                writer.writerow([_spell(cell) for cell in row])
                written += 1
                if written == most_rows:
                    break
    if written < 2:
        raise BadInput(NO_ROWS, file=name)


def _is_filled(cell: Any) -> bool:
    return cell != "" and cell is not None


def _full(sheet: str, row: int) -> Note:
    return Note(FULL_SHEET, {"sheet": sheet, "row": f"{row:,}"}, "warning")


def _spell(cell: Any) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e21:
        # Also beyond 15 digits, where the zeros at the end show what the spreadsheet has lost.
        return str(int(cell)) if abs(cell) < 1e15 else str(int(Decimal(f"{cell:.14e}")))
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ") if cell.time() != time() else cell.date().isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell.total_seconds())
    return str(cell)
