"""Turns the first sheet with a table of an Excel workbook into a UTF-8 CSV, so that one way of reading serves both."""

import csv
import itertools
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from experiments.data.container import DAMAGED, FileFormat, ReadingLimits, check_workbook
from experiments.data.delimited import NO_ROWS, Note
from experiments.errors import BadInput, gettext_noop

EMPTY_WORKBOOK = gettext_noop("The workbook %(file)s has no filled sheet. Check the export and upload the new file.")
FIRST_SHEET_READ = gettext_noop("The workbook has %(count)s sheets; only the first with a table, %(sheet)s, was read.")


LOCKED_SHEETS = gettext_noop(
    "The old workbook %(file)s cannot be read: it may be protected by a password. Open it, save it as .xlsx without "
    "one, and upload that."
)


def workbook_to_csv(
    path: Path, target: Path, *, name: str, file_format: FileFormat, limits: ReadingLimits
) -> list[Note]:
    """Write the first sheet with a table to ``target`` and return notes on what was left aside."""
    if file_format == "xlsx":
        check_workbook(path, name, limits)
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        names = workbook.sheet_names
        sheet_name, sheet = _first_table(workbook, names)
        if sheet is not None:
            _write_rows(sheet, target, name)
            return [Note(FIRST_SHEET_READ, {"count": len(names), "sheet": sheet_name})] if len(names) > 1 else []
    except CalamineError as error:
        raise BadInput(DAMAGED if file_format == "xlsx" else LOCKED_SHEETS, file=name) from error
    raise BadInput(EMPTY_WORKBOOK, file=name)


def _first_table(workbook: CalamineWorkbook, names: list[str]) -> tuple[str, Any]:
    """Return the first sheet with a table, else the first filled one, else nothing."""
    found: tuple[str, Any] = ("", None)
    for sheet_name in names:
        sheet = workbook.get_sheet_by_name(sheet_name)
        if sheet.start is not None:
            if _is_table(sheet):
                return sheet_name, sheet
            found = found if found[1] is not None else (sheet_name, sheet)
    return found


def _is_table(sheet: Any) -> bool:
    """Tell a table from a page of remarks: at least two rows with two cells or more."""
    rows = (sum(cell not in ("", None) for cell in row) > 1 for row in sheet.iter_rows())
    return len(list(itertools.islice((row for row in rows if row), 2))) == 2


def _write_rows(sheet: Any, target: Path, name: str) -> None:
    written = 0
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        for row in sheet.iter_rows():
            if any(cell not in ("", None) for cell in row):
                writer.writerow([_spell(cell) for cell in row])
                written += 1
    if written < 2:
        raise BadInput(NO_ROWS, file=name)


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
