"""The Word template that a report is set in where a bank has none of its own, and the styles every template needs."""

import zipfile
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from experiments.charts.theme import PALETTES

COLOURS = PALETTES["light"]
TABLE_STYLE = "ReportTable"
# Styles the chapters are written in; a template without one is given ours. By name, with what it rests on.
PARAGRAPHS = {"Report Missing": "Normal", "Report Few": "Normal", "Report Caption": "Normal", "Report Cell": "Normal"}
LATIN, CHINESE = "Calibri", "Microsoft YaHei"
BODY = "{{p body }}"
# Every part of a Word file bears this date, so that the same report has the same bytes.
FIXED = (1980, 1, 1, 0, 0, 0)


def standard_template() -> bytes:
    """Return the template that the platform comes with, to be used or to be changed by a bank.

    Examples
    --------
    >>> standard_template()[:2]
    b'PK'
    """
    document = Document()
    _page(document)
    _styles(document)
    document.add_paragraph("{{ title }}", style="Title")
    document.add_paragraph("{{ subtitle }}", style="Subtitle")
    for line in ("{%p for fact in facts %}", "{{ fact.name }}: {{ fact.value }}", "{%p endfor %}"):
        document.add_paragraph(line)
    document.add_paragraph("{{ words.made_on }}: {{ made_on }}")
    heading = document.add_paragraph("{{ words.contents }}", style="Report Caption")
    heading.runs[0].font.size = Pt(14)
    document.add_paragraph("{{p contents }}")
    document.add_page_break()
    document.add_paragraph(BODY)
    out = BytesIO()
    document.save(out)
    return dated_alike(out.getvalue())


def dated_alike(packed: bytes) -> bytes:
    """Return a Word file whose parts bear one date, so that equal contents are equal bytes.

    Parameters
    ----------
    packed : of a file with any dates, in the order in which they stay.

    Returns
    -------
    The same parts, packed anew.

    Examples
    --------
    >>> dated_alike(standard_template()) == standard_template()
    True
    """
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(packed)) as found, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in found.namelist():
            made.writestr(zipfile.ZipInfo(name, FIXED), found.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def with_styles(document: Any) -> None:
    """Add to a bank's template the styles that it lacks, as the standard template has them."""
    present = {style.style_id for style in document.styles}
    ours = Document(BytesIO(standard_template()))
    for style in ours.styles:
        if style.style_id not in present:
            document.styles.element.append(style.element)


def _page(document: Any) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin = section.bottom_margin = Mm(20)
    section.header.paragraphs[0].text = "{{ title }} · {{ subtitle }}"
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for kind, text in (("begin", ""), ("", " PAGE "), ("end", "")):
        run = foot.add_run()
        mark = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark.text = text
        run._r.append(mark)


def _styles(document: Any) -> None:
    styles = document.styles
    _letters(styles["Normal"], 10.5)
    styles["Normal"].paragraph_format.space_after = Pt(6)
    for name, size in (("Title", 26), ("Subtitle", 14), ("Heading 1", 16), ("Heading 2", 12)):
        _letters(styles[name], size)
        styles[name].font.color.rgb = _colour("text")
        styles[name].font.italic = False
    for name, base in PARAGRAPHS.items():
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles[base]
    styles["Report Missing"].font.color.rgb = styles["Report Few"].font.color.rgb = _colour("text-2")
    styles["Report Missing"].paragraph_format.left_indent = Mm(5)
    styles["Report Few"].font.italic = True
    styles["Report Caption"].font.bold = True
    styles["Report Caption"].paragraph_format.keep_with_next = True
    styles["Report Caption"].paragraph_format.space_before = Pt(10)
    _letters(styles["Report Cell"], 7.5)
    styles["Report Cell"].paragraph_format.space_after = Pt(0)
    if "toc 1" not in [style.name for style in styles]:
        styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH).base_style = styles["Normal"]
    styles.element.append(parse_xml(_TABLE))


def _letters(style: Any, size: float) -> None:
    style.font.name, style.font.size = LATIN, Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        if name.endswith("Theme"):
            del fonts.attrib[name]
    fonts.set(qn("w:eastAsia"), CHINESE)
    fonts.set(qn("w:hAnsi"), LATIN)
    fonts.set(qn("w:cs"), LATIN)


def _colour(name: str) -> RGBColor:
    return RGBColor.from_string(COLOURS[name][1:])


_TABLE = f"""<w:style {nsdecls("w")} w:type="table" w:customStyle="1" w:styleId="{TABLE_STYLE}">
<w:name w:val="Report Table"/><w:basedOn w:val="TableNormal"/><w:qFormat/>
<w:tblPr><w:tblBorders><w:bottom w:val="single" w:sz="4" w:color="{COLOURS["border-strong"][1:]}"/>
<w:insideH w:val="single" w:sz="4" w:color="{COLOURS["border"][1:]}"/></w:tblBorders>
<w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar></w:tblPr>
<w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr><w:tcPr>
<w:shd w:val="clear" w:color="auto" w:fill="{COLOURS["sunken"][1:]}"/></w:tcPr></w:tblStylePr></w:style>"""
