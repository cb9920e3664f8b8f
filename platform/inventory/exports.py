"""The inventory as CSV and as an Excel workbook."""

import io
from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from inventory.queries import Line, table_of
from results.views.chosen import attachment, csv_response

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTHS = (28, 16, 12, 16, 16, 44, 44)
OTHERS = 14


def file_of(lines: Iterable[Line], form: str) -> HttpResponseBase:
    """Answer with the lines as a file: ``csv`` or ``xlsx``."""
    head, rows = table_of(lines)
    name = f"{_('Model inventory')} {timezone.localdate().isoformat()}"
    if form == "csv":
        return csv_response([head, *rows], name)
    answer = HttpResponse(workbook(head, rows), content_type=XLSX)
    answer["Content-Disposition"] = attachment(name, "xlsx")
    return answer


def workbook(head: list[str], rows: list[list[Any]]) -> bytes:
    """Return an .xlsx file; texts are written as texts, so that no cell of them is run."""
    packed = io.BytesIO()
    with Workbook(packed, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet, bold = book.add_worksheet("inventory"), book.add_format({"bold": True})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        sheet.freeze_panes(1, 1)
        for place, title in enumerate(head):
            sheet.set_column(place, place, WIDTHS[place] if place < len(WIDTHS) else OTHERS)
            sheet.write_string(0, place, title, bold)
        for number, row in enumerate(rows, start=1):
            for place, cell in enumerate(row):
                write = sheet.write_number if isinstance(cell, int) else sheet.write_string
                write(number, place, cell, wrapped)
        sheet.autofilter(0, 0, max(len(rows), 1), len(head) - 1)
    return packed.getvalue()
