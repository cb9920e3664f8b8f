"""The template of a data dictionary as an Excel workbook: headings that stay in sight, choices as lists, hints.

The file is written here and not by a library: a dictionary of 2,000 columns has to be there in an instant.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from xml.sax.saxutils import escape, quoteattr

from django.utils.translation import gettext as _

from catalog.dictionary_file import HEADINGS, MOST_ROWS
from experiments.formula_guard import is_formula, told_apart

HEADING, TEXT, FORMULA_LIKE, NUMBER = 1, 2, 3, 4
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# What XML cannot carry, and what would be read as an escape of ours, is written as _xHHHH_.
UNSPEAKABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


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
        for name, text in {**PARTS, "xl/worksheets/sheet1.xml": _sheet(lines)}.items():
            part = zipfile.ZipInfo(name)
            archive.writestr(part, XML + text, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def guides() -> list[Guide]:
    """Return the guides of the columns in their order, in the reader's language."""
    yes_or_no = ("是", "否", "yes", "no")
    direction = _("+: the higher, the more likely the event; -: the less likely; 0 or empty: either way.")
    said = _("Said to a customer instead of a sentence made of name and value.")
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
        "is_protected": Guide(12, _("Protected: no model ever learns from it"), yes_or_no),
        "reason_zh": Guide(32, said),
        "reason_en": Guide(32, said),
        "allowed_use": Guide(16, _("For example marketing, risk, both."), uses, takes_other_texts=True),
        "cost_per_query": Guide(12, _("In yuan."), number="decimal"),
        "enumerations": Guide(48, _("code=Chinese|English with semicolons between, for example 1=是|yes; 0=否|no.")),
    }
    return [known[heading.field] for heading in HEADINGS]


def _sheet(lines: Iterable[dict[str, str]]) -> str:
    columns = guides()
    rows = [_row(1, [_text(heading.text, HEADING) for heading in HEADINGS])]
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
    return _text(told_apart(text), FORMULA_LIKE if is_formula(text) else TEXT)


def _text(text: str, style: int) -> str:
    spoken = UNSPEAKABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    return f's="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(spoken)}</t></is>'


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


PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{OFFICE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{OFFICE}.styles+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{OFFICE}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>'
        '<sheet name="数据字典 dictionary" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{RELATIONS}/styles" Target="styles.xml"/></Relationships>'
    ),
    "xl/styles.xml": (
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
    ),
}
