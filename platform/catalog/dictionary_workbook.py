"""The template of a data dictionary as an Excel workbook: headings that stay in sight, choices as lists, hints.

The file is written here and not by a library: a dictionary of 2,000 columns has to be there in an instant.
"""

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from xml.sax.saxutils import escape, quoteattr

from django.utils.translation import gettext as _

from catalog.dictionary_file import HEADINGS, MOST_ROWS
from experiments.writing.workbooks import HEADING, MAIN, NUMBER, SHEET, TEXT, XML, package_parts, text_cell
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
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in {**package_parts(TITLE), SHEET: _sheet(lines)}.items():
            part = zipfile.ZipInfo(name)
            archive.writestr(part, XML + text, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def guides() -> list[Guide]:
    """Return the guides of the columns in their order, in the reader's language."""
    yes_or_no = tuple(SAID[language][is_on] for language in ("zh", "en") for is_on in (True, False))
    direction = _("+: the higher, the more likely the event; -: the less likely; 0 or empty: either way.")
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
        "is_sensitive": Guide(12, _("Sensitive: its values are not shown on pages"), yes_or_no),
        "is_protected": Guide(12, _("Protected: no model ever uses it"), yes_or_no),
        "reason_zh": Guide(32, said),
        "reason_en": Guide(32, said),
        "allowed_use": Guide(16, _("For example marketing, risk, or both."), uses, takes_other_texts=True),
        "cost_per_query": Guide(12, _("In yuan."), number="decimal"),
        "enumerations": Guide(48, _("code=Chinese|English, separated by semicolons, for example 1=是|yes; 0=否|no.")),
    }
    return [known[heading.field] for heading in HEADINGS]


def _sheet(lines: Iterable[dict[str, str]]) -> str:
    columns = guides()
    rows = [_row(1, [text_cell(heading.text, HEADING) for heading in HEADINGS])]
    for number, line in enumerate(lines, start=2):
        texts = (line.get(heading.field, "") for heading in HEADINGS)
        rows.append(_row(number, [_cell(text, guide) for text, guide in zip(texts, columns, strict=True)]))
    last = ascii_uppercase[len(HEADINGS) - 1]
    return (
        f'<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane xSplit="1" ySplit="1" topLeftCell="B2" activePane="bottomRight" state="frozen"/>'
        f"</sheetView></sheetViews>{_widths(columns)}<sheetData>{''.join(rows)}</sheetData>"
        f'<autoFilter ref="A1:{last}{len(rows)}"/>{_validations(columns)}</worksheet>'
    )


def _widths(columns: Sequence[Guide]) -> str:
    """Give each column its width, and the rows yet to be written their format: a text stays what was typed."""
    widths = (
        f'<col min="{place}" max="{place}" width="{guide.width}" style="{NUMBER if guide.number else TEXT}"'
        ' customWidth="1"/>'
        for place, guide in enumerate(columns, start=1)
    )
    return f"<cols>{''.join(widths)}</cols>"


def _row(number: int, cells: Sequence[str]) -> str:
    """Put cells into a row; those that say nothing are left out."""
    placed = (f'<c r="{ascii_uppercase[place]}{number}" {cell}</c>' for place, cell in enumerate(cells) if cell)
    return f'<row r="{number}">{"".join(placed)}</row>'


def _cell(text: str, guide: Guide) -> str:
    if not text:
        return ""
    if guide.number:
        return f's="{NUMBER}"><v>{escape(text)}</v>'
    # A text is never run as a formula; the format keeps it from becoming one when its cell is edited.
    return text_cell(text)


def _validations(columns: Sequence[Guide]) -> str:
    guided = [(letter, guide) for letter, guide in zip(ascii_uppercase, columns, strict=False) if guide.hint]
    written = "".join(_validation(f"{letter}2:{letter}{MOST_ROWS}", guide) for letter, guide in guided)
    return f'<dataValidations count="{len(guided)}">{written}</dataValidations>'


def _validation(cells: str, guide: Guide) -> str:
    """Offer the choices or bounds of a column, and show its hint beside the cell one is in."""
    attributes = f'allowBlank="1" showInputMessage="1" prompt={quoteattr(guide.hint)} sqref="{cells}"'
    if guide.choices:
        strict = "" if guide.takes_other_texts else ' showErrorMessage="1"'
        choices = escape('"' + ",".join(guide.choices) + '"')
        return f'<dataValidation type="list"{strict} {attributes}><formula1>{choices}</formula1></dataValidation>'
    if guide.number:
        bound = 'operator="greaterThanOrEqual" showErrorMessage="1"'
        return f'<dataValidation type="{guide.number}" {bound} {attributes}><formula1>0</formula1></dataValidation>'
    return f"<dataValidation {attributes}/>"
