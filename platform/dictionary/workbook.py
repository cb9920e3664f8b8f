"""The template of a data dictionary as an Excel workbook: headings that stay in sight, choices as lists, hints."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from dictionary.file import HEADINGS, MOST_ROWS
from experiments.writing.formula_guard import is_formula, told_apart
from experiments.writing.workbooks import LONGEST_TEXT
from experiments.yes_no import SAID

TITLE = "数据字典 dictionary"


@dataclass(frozen=True)
class Guide:
    """What a spreadsheet does for one column of the dictionary: width, a hint, and what may be entered."""

    width: int
    hint: str = ""
    choices: Sequence[str] = ()
    takes_other_texts: bool = False
    number: str = ""


def workbook(lines: Iterable[dict[str, str]]) -> bytes:
    """Return an .xlsx file with headings in both languages and the lines filled in as far as they are known."""
    packed, columns = io.BytesIO(), guides()
    with Workbook(packed, {"in_memory": True}) as book:
        sheet, formats = book.add_worksheet(TITLE), _formats(book)
        sheet.freeze_panes(1, 1)
        for place, (heading, guide) in enumerate(zip(HEADINGS, columns, strict=True)):
            sheet.write_string(0, place, heading.text, formats["heading"])
            # The rows yet to be written have their format: a text stays what was typed.
            sheet.set_column(place, place, guide.width, formats["number" if guide.number else "text"])
            if guide.hint:
                sheet.data_validation(1, place, MOST_ROWS - 1, place, _validation(guide))
        last = 0
        for last, line in enumerate(lines, start=1):
            _write_line(sheet, last, [line.get(heading.field, "") for heading in HEADINGS], columns, formats)
        sheet.autofilter(0, 0, last, len(HEADINGS) - 1)
    return packed.getvalue()


def guides() -> list[Guide]:
    """Return the guides of the columns in their order, in the reader's language."""
    yes_or_no = tuple(SAID[language][is_on] for language in ("zh", "en") for is_on in (True, False))
    direction = _("+: the higher, the more likely the event; -: the less likely; 0 or empty: either way.")
    group = _(
        "Columns of one group are summed and give the customer one reason. Chinese|English, or one name for both."
    )
    said = _("Shown to the customer instead of a sentence built from name and value.")
    uses = (_("marketing"), _("risk"), _("marketing and risk"))
    known = {
        "name": Guide(28),
        "name_zh": Guide(24),
        "name_en": Guide(28),
        "source": Guide(18, _("The system or table it comes from.")),
        "known_after_days": Guide(
            12, _("Days after the observation date; 0 or empty: known at that time."), number="whole"
        ),
        "expected_direction": Guide(12, direction, ("+", "-", "0")),
        "is_changeable": Guide(12, _("Changeable: the customer can change it, so a change may be advised"), yes_or_no),
        "is_sensitive": Guide(12, _("Sensitive: its values are not shown on pages"), yes_or_no),
        "is_protected": Guide(12, _("Protected: no model ever uses it"), yes_or_no),
        "reason_group": Guide(20, group),
        "reason_zh": Guide(32, said),
        "reason_en": Guide(32, said),
        "allowed_use": Guide(16, _("For example marketing, risk, or both."), uses, takes_other_texts=True),
        "cost_per_query": Guide(12, _("In yuan."), number="decimal"),
        "enumerations": Guide(48, _("code=Chinese|English, separated by semicolons, for example 1=是|yes; 0=否|no.")),
    }
    return [known[heading.field] for heading in HEADINGS]


def _formats(book: Workbook) -> dict[str, Format]:
    text = {"num_format": "@"}
    look = {"bold": True, "bg_color": "#E2EEF1", "valign": "top", "text_wrap": True}
    return {
        "heading": book.add_format({**text, **look}),
        "text": book.add_format(text),
        "formula-like": book.add_format({**text, "quote_prefix": True}),
        "number": book.add_format(),
    }


def _write_line(
    sheet: Worksheet, number: int, texts: Sequence[str], columns: Sequence[Guide], formats: dict[str, Format]
) -> None:
    """Write what a line says; cells that say nothing are left out."""
    for place, (text, guide) in enumerate(zip(texts, columns, strict=True)):
        if text and guide.number:
            sheet.write_number(number, place, float(text), formats["number"])
        elif text:
            # A text is never run as a formula; the format keeps it from becoming one when its cell is edited.
            kind = "formula-like" if is_formula(text) else "text"
            sheet.write_string(number, place, told_apart(text)[:LONGEST_TEXT], formats[kind])


def _validation(guide: Guide) -> dict[str, Any]:
    """Offer the choices or bounds of a column, and show its hint beside the cell one is in."""
    options: dict[str, Any] = {"validate": "any", "input_message": guide.hint}
    if guide.choices:
        return {**options, "validate": "list", "source": list(guide.choices), "show_error": not guide.takes_other_texts}
    if guide.number:
        kind = {"whole": "integer", "decimal": "decimal"}[guide.number]
        return {**options, "validate": kind, "criteria": ">=", "value": 0}
    return options
