"""A report as a Word file, set in a template that a bank may replace."""

import zipfile
from datetime import datetime
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any

from docx.opc.exceptions import PackageNotFoundError
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docxtpl import DocxTemplate
from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml.etree import XMLSyntaxError
from markupsafe import Markup

from experiments.errors import BadInput, gettext_noop
from experiments.report.content import Document, speakable
from experiments.report.word_charts import ChartParts
from experiments.report.word_template import dated_alike, standard_template, with_styles

BAD_TEMPLATE = gettext_noop("The Word template cannot be filled: %(why)s. Correct it, or use the standard template.")
NO_WORD_FILE = gettext_noop("The template is not a Word file. Save it in Word as .docx, or use the standard template.")
STYLES = {"missing": "ReportMissing", "few": "ReportFew"}
TWIPS = 635


def docx_of(document: Document, template: Path | None = None) -> bytes:
    """Return a report as a Word file.

    Raises
    ------
    BadInput : the bank's template names something that a report has not, or is none.
    """
    opened = _opened(standard_template() if template is None else template.read_bytes())
    with_styles(opened.docx)
    context = _context(document, opened)
    # What a bank writes into its template may name what is in a report, and do nothing else.
    guarded = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    try:
        opened.render(context, guarded, autoescape=True)
    except MemoryError:
        raise
    except Exception as error:  # Whatever a template has computed, such as 1 / 0, is the template's own fault.
        if template is None:
            raise
        raise BadInput(BAD_TEMPLATE, why=str(error)) from error
    return _saved(opened.docx, document)


def _opened(written: bytes) -> Any:
    """Return a template as Word's own parts; what is no Word file is refused."""
    opened = DocxTemplate(BytesIO(written))
    try:
        opened.init_docx()
    except (zipfile.BadZipFile, PackageNotFoundError, KeyError, ValueError, XMLSyntaxError) as error:
        raise BadInput(NO_WORD_FILE) from error
    return opened


def _context(document: Document, opened: Any) -> dict[str, Any]:
    """Return what a template may name, chapters as Word's own XML: ``body`` is all, ``chapter`` each by its name."""
    blocks = _macros(document, opened)
    chapters = {
        chapter.name: Markup(blocks.chapter(chapter, number))  # noqa: S704  escaped within
        for number, chapter in enumerate(document.chapters, 1)
    }
    facts = [{"name": speakable(name), "value": speakable(value)} for name, value in document.facts]
    return {
        "title": speakable(document.title), "subtitle": speakable(document.subtitle), "made_on": document.made_on,
        "words": document.words, "facts": facts, "chapter": chapters,
        "body": Markup("").join(chapters.values()), "contents": Markup(blocks.contents(document.chapters)),  # noqa: S704
    }  # fmt: skip


def _macros(document: Document, opened: Any) -> Any:
    pages = Environment(loader=PackageLoader("experiments.report"), autoescape=True, undefined=StrictUndefined)
    pages.filters["clean"] = lambda text: speakable(str(text))
    section, numbers = opened.docx.sections[0], count(1)
    width = (section.page_width - section.left_margin - section.right_margin) // TWIPS
    parts = ChartParts(opened.docx.part, document.made_on)
    named = {"width": width, "placed": parts.add, "numbered": lambda: next(numbers), "styles": STYLES}
    return pages.get_template("word.xml").make_module(named)


def _saved(opened: Any, document: Document) -> bytes:
    """Return the file, dated as the report is, with its contents list to be filled with pages when it is opened."""
    made_on = datetime.fromisoformat(document.made_on)
    facts = opened.core_properties
    facts.title, facts.subject = speakable(document.title), speakable(document.subtitle)
    facts.author = facts.comments = ""
    facts.created = facts.modified = made_on
    facts.last_modified_by, facts.revision = "", 1
    settings = opened.settings.element
    if settings.find(qn("w:updateFields")) is None:
        update = OxmlElement("w:updateFields")
        update.set(qn("w:val"), "true")
        settings.append(update)
    out = BytesIO()
    opened.save(out)
    return dated_alike(out.getvalue())
