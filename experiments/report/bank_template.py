"""A bank's own Word template, looked at before it is used: is it Word, harmless, and does it take all that it must?

The bytes come from outside, so this runs where memory and time are limited, never in a web server.
"""

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO

from docxtpl import DocxTemplate
from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from experiments.errors import BadInput, gettext_noop
from experiments.report.chapters import CHAPTERS
from experiments.report.limits import MOST_BYTES, TOO_LARGE
from experiments.report.placeholders import KNOWN, NEEDED, PARAGRAPHS

__all__ = ["check_template"]

MOST_UNPACKED, MOST_FILES = 100 << 20, 2_000
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
TYPES, RELATIONS = "[Content_Types].xml", ".rels"
# Fields that fetch or start something from outside when the file is opened.
FETCHING = ("DDE", "DDEAUTO", "INCLUDETEXT", "INCLUDEPICTURE", "INCLUDE", "LINK", "IMPORT", "DATABASE", "RD")
_FILLED = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml")
_TAGS = re.compile(r"<[^>]+>")
_PARAGRAPH = re.compile(r"<w:p[ >].*?</w:p>", re.DOTALL)
_INSTRUCTION = re.compile(r"<w:instrText[^>]*>(.*?)</w:instrText>|w:instr=\"([^\"]*)\"", re.DOTALL)
_INLINE = re.compile(r"\{\{\s*(" + "|".join(PARAGRAPHS) + r")\b")

NO_WORD = gettext_noop("This is not a Word file. Save your template in Word as a document (.docx) and upload that.")
OTHER_WORD = gettext_noop(
    "This is a Word file of another kind: %(kind)s. Save it in Word as a document (.docx) and upload that."
)
MACROS = gettext_noop("The template contains macros or other programs (%(part)s). Remove them and upload it again.")
OUTSIDE = gettext_noop(
    "The template points to something outside of itself: %(target)s. Put pictures into the file, remove links and "
    "attached templates, and upload it again."
)
LACKS = gettext_noop("The template lacks what a report must state: %(names)s. Add it and upload the template again.")
LACKS_CHAPTERS = gettext_noop(
    "The template lacks the place of the chapters: write {{p body }} in a paragraph of its own, or name every chapter. "
    "Chapters that are not named: %(names)s."
)
NOT_KNOWN = gettext_noop("The template uses placeholders that no report has: %(names)s. Available: %(known)s.")
NOT_ALONE = gettext_noop(
    "In the template %(name)s stands within a line. Write {{p %(name)s }}, with the p, in a paragraph of its own."
)
BAD_SYNTAX = gettext_noop(
    "A placeholder in the template is malformed: “%(text)s”. Compare it with those of the standard template."
)


def check_template(written: bytes) -> None:
    """Refuse a template that cannot be used, in a sentence that says what to mend.

    Parameters
    ----------
    written : the file's bytes, as they were uploaded.

    Returns
    -------
    None

    Raises
    ------
    BadInput : it is no Word document, holds programs, points outside, lacks a placeholder or names one that is not.

    Examples
    --------
    >>> from experiments.report.word_template import standard_template
    >>> check_template(standard_template())
    >>> from experiments.errors import BadInput
    >>> try:
    ...     check_template(b"no Word")
    ... except BadInput as refused:
    ...     print(refused)
    This is not a Word file. Save your template in Word as a document (.docx) and upload that.
    """
    if len(written) > MOST_BYTES:
        raise BadInput(TOO_LARGE, limit=MOST_BYTES >> 20)
    parts = _parts(written)
    _refuse_other_kinds(parts)
    _refuse_programs(parts)
    _refuse_what_points_outside(parts)
    _refuse_placeholders(_named(written, parts))


def _parts(written: bytes) -> dict[str, bytes]:
    """Return the files of the package by name."""
    try:
        with zipfile.ZipFile(BytesIO(written)) as package:
            found = package.infolist()
            if len(found) > MOST_FILES or sum(one.file_size for one in found) > MOST_UNPACKED:
                raise BadInput(TOO_LARGE, limit=MOST_UNPACKED >> 20)
            return {one.filename: package.read(one) for one in found}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise BadInput(NO_WORD) from error


def _refuse_other_kinds(parts: dict[str, bytes]) -> None:
    types = _text(parts.get(TYPES, b""))
    main = re.search(r'PartName="/word/document\d*\.xml"[^>]*ContentType="([^"]+)"', types)
    main = main or re.search(r'ContentType="([^"]+main\+xml)"', types)
    if main is None or "word/document.xml" not in parts:
        raise BadInput(NO_WORD)
    if "macroEnabled" in main[1]:
        raise BadInput(MACROS, part=".docm")
    if main[1] != WORD:
        raise BadInput(OTHER_WORD, kind=".dotx" if "template" in main[1] else main[1])
    if any(b"<!DOCTYPE" in written or b"<!ENTITY" in written for written in parts.values() if _is_xml(written)):
        raise BadInput(NO_WORD)


def _is_xml(written: bytes) -> bool:
    return written.lstrip()[:1] == b"<" or written[:3] == b"\xef\xbb\xbf"


def _refuse_programs(parts: dict[str, bytes]) -> None:
    for name in parts:
        low = name.lower()
        if "vba" in low or "activex" in low or "oleobject" in low or low.endswith((".exe", ".dll", ".js", ".vbs")):
            raise BadInput(MACROS, part=name)


def _refuse_what_points_outside(parts: dict[str, bytes]) -> None:
    for name, written in parts.items():
        text = _text(written)
        if name.endswith(RELATIONS):
            for relation in re.findall(r"<Relationship\b[^>]*>", text):
                if re.search(r"TargetMode\s*=\s*[\"']External", relation):
                    target = re.search(r"Target\s*=\s*[\"']([^\"']*)", relation)
                    raise BadInput(OUTSIDE, target=(target[1] if target else name)[:200])
        elif _FILLED.fullmatch(name):
            for said in _instructions(text):
                if said.split()[:1] and said.split()[0].upper() in FETCHING:
                    raise BadInput(OUTSIDE, target=said[:200])


def _instructions(text: str) -> Iterator[str]:
    """Yield what fields are told to do; Word may part one over several runs of a paragraph."""
    for paragraph in _PARAGRAPH.findall(text):
        said = "".join(one or other for one, other in _INSTRUCTION.findall(paragraph))
        if said.strip():
            yield _plain(said).strip()


def _named(written: bytes, parts: dict[str, bytes]) -> dict[str, set[str]]:
    """Return what the template names: names, and with ``chapter`` which of them."""
    opened = DocxTemplate(BytesIO(written))
    try:
        opened.init_docx()
        sources = [opened.patch_xml(opened.get_xml())]
    except Exception as error:  # Whatever a damaged package makes a reader raise, it is no Word file.
        raise BadInput(NO_WORD) from error
    sources += [
        opened.patch_xml(_text(own)) for name, own in parts.items()
        if _FILLED.fullmatch(name) and name != "word/document.xml"
    ]  # fmt: skip
    found: dict[str, set[str]] = {}
    for name, own in parts.items():
        if _FILLED.fullmatch(name) and (inline := _inline(_text(own))):
            raise BadInput(NOT_ALONE, name=inline)
    for source in sources:
        for name, chapter in _names_in(source):
            found.setdefault(name, set()).update({chapter} - {""})
    return found


def _inline(text: str) -> str:
    """Return what fills paragraphs and is named within a line, if anything."""
    for paragraph in _PARAGRAPH.findall(text):
        inline = _INLINE.search(_plain(_TAGS.sub("", paragraph)))
        if inline:
            return inline[1]
    return ""


def _names_in(source: str) -> Iterator[tuple[str, str]]:
    try:
        tree = ImmutableSandboxedEnvironment().parse(source)
    except TemplateSyntaxError as error:
        raise BadInput(BAD_SYNTAX, text=_around(source, error.lineno)) from error
    own = {name.name for name in tree.find_all(nodes.Name) if name.ctx == "store"}
    for name in tree.find_all(nodes.Name):
        if name.name not in own and name.name != "loop":
            yield name.name, ""
    for attribute in tree.find_all(nodes.Getattr):
        if _is_chapter(attribute.node):
            yield "chapter", attribute.attr
    for item in tree.find_all(nodes.Getitem):
        if _is_chapter(item.node):
            yield "chapter", str(getattr(item.arg, "value", ""))


def _is_chapter(node: nodes.Expr) -> bool:
    return isinstance(node, nodes.Name) and node.name == "chapter"


def _around(source: str, line: int) -> str:
    """Return the first placeholder of a line that cannot be read, without Word's own marks."""
    lines = source.splitlines()
    text = _plain(_TAGS.sub("", lines[line - 1] if 0 < line <= len(lines) else source))
    start = max(0, min((place for mark in ("{{", "{%") if (place := text.find(mark)) >= 0), default=0))
    return text[start : start + 80].strip()


def _refuse_placeholders(found: dict[str, set[str]]) -> None:
    chapters = {name for name, *_rest in CHAPTERS}
    strange = sorted(set(found) - set(KNOWN)) + sorted(found.get("chapter", set()) - chapters)
    if strange:
        raise BadInput(NOT_KNOWN, names=strange, known=list(KNOWN))
    lacking = [name for name in NEEDED if name not in found]
    if lacking:
        raise BadInput(LACKS, names=[f"{{{{ {name} }}}}" for name in lacking])
    unnamed = [name for name, *_rest in CHAPTERS if name not in found.get("chapter", set())]
    if "body" not in found and unnamed:
        raise BadInput(LACKS_CHAPTERS, names=unnamed)


def _text(written: bytes) -> str:
    return written.decode("utf-16" if written[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", errors="replace")


def _plain(text: str) -> str:
    for mark, letter in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(mark, letter)
    return text
