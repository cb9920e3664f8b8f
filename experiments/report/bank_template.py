"""A bank's own Word template, looked at before it is used: is it Word, harmless, and does it take all that it must?

The bytes come from outside, so this runs where memory and time are limited, never in a web server.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from docxtpl import DocxTemplate
from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml import etree

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
_FIELD = re.compile(r"\s*([A-Za-z]+)")
# Kinds of relation that lead to what Word would start, and to a document that it would lay out as it stands.
PROGRAMS = ("vbaproject", "oleobject", "control", "activexcontrolbinary", "wordvbadata")
ANOTHER_DOCUMENT = "afchunk"
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
EMBEDDED = gettext_noop(
    "The template embeds another document (%(part)s). Paste its text into the template, and upload it again."
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
    trees = _trees(parts)
    _refuse_relations(trees)
    _refuse_fetching(trees)
    _refuse_placeholders(_named(written, parts))


def _parts(written: bytes) -> dict[str, bytes]:
    """Return the files of the package by name."""
    try:
        with zipfile.ZipFile(BytesIO(written)) as package:
            found = package.infolist()
            if len(found) > MOST_FILES or sum(one.file_size for one in found) > MOST_UNPACKED:
                raise BadInput(TOO_LARGE, limit=MOST_UNPACKED >> 20)
            return {one.filename: package.read(one) for one in found}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
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


def _trees(parts: dict[str, bytes]) -> dict[str, etree._Element]:
    """Return the package's XML by the names of its files, read as Word does: in any encoding, prefix or spelling."""
    found = {}
    for name, written in parts.items():
        is_named_so = name.lower().endswith((".xml", RELATIONS))
        if not is_named_so and not _text(written[:64]).lstrip("\ufeff\r\n\t ").startswith("<"):
            continue
        try:
            root = etree.fromstring(written, etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError as error:
            if is_named_so:
                raise BadInput(NO_WORD) from error
            continue
        if not root.getroottree().docinfo.doctype:
            found[name] = root
        elif is_named_so:
            raise BadInput(NO_WORD)
    return found


def _refuse_programs(parts: dict[str, bytes]) -> None:
    for name in parts:
        low = name.lower()
        if "vba" in low or "activex" in low or "oleobject" in low or low.endswith((".exe", ".dll", ".js", ".vbs")):
            raise BadInput(MACROS, part=name)


def _refuse_relations(trees: dict[str, etree._Element]) -> None:
    """Refuse what is started, laid out or fetched from elsewhere, whatever its file is called."""
    for name, root in trees.items():
        if not name.lower().endswith(RELATIONS):
            continue
        for relation in root.iter("{*}Relationship"):
            kind, target = relation.get("Type", "").rpartition("/")[2].lower(), relation.get("Target", name)[:200]
            if kind in PROGRAMS:
                raise BadInput(MACROS, part=target)
            if kind == ANOTHER_DOCUMENT:
                raise BadInput(EMBEDDED, part=target)
            if relation.get("TargetMode", "").strip().lower() == "external":
                raise BadInput(OUTSIDE, target=target)


def _refuse_fetching(trees: dict[str, etree._Element]) -> None:
    """Refuse fields that fetch something when the file is opened, and letters that are merged from a database."""
    for root in trees.values():
        for said in _instructions(root):
            kind = _FIELD.match(said)
            if kind and kind[1].upper() in FETCHING:
                raise BadInput(OUTSIDE, target=said.strip()[:200])
        if next(root.iter("{*}mailMerge"), None) is not None:
            raise BadInput(OUTSIDE, target="mailMerge")


def _instructions(root: etree._Element) -> Iterator[str]:
    """Yield what each field is told to do; Word parts one over runs and paragraphs, and puts one into another."""
    parted: list[list[str]] = [[]]
    for one in root.iter("{*}fldSimple", "{*}fldChar", "{*}instrText"):
        match etree.QName(one).localname:
            case "fldSimple":
                yield _own(one, "instr")
            case "instrText":
                parted[-1].append(one.text or "")
            case _ if _own(one, "fldCharType") == "begin":
                parted.append([])
            case _ if _own(one, "fldCharType") == "end" and len(parted) > 1:
                yield "".join(parted.pop())
    yield from map("".join, parted)


def _own(element: etree._Element, name: str) -> str:
    """Return an attribute, whatever prefix it bears."""
    return next((str(value) for key, value in element.attrib.items() if etree.QName(key).localname == name), "")


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
