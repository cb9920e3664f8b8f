"""A bank's Word template is looked through before it is used, and refused in a sentence that says what to mend."""

import re
import sys
import zipfile
from collections.abc import Callable
from importlib import import_module
from io import BytesIO

import pytest
from docx import Document

import experiments.report
from experiments.errors import BadInput
from experiments.report.bank_template import (
    BAD_SYNTAX,
    EMBEDDED,
    LACKS,
    LACKS_CHAPTERS,
    MACROS,
    NO_WORD,
    NOT_ALONE,
    NOT_KNOWN,
    OTHER_WORD,
    OUTSIDE,
    check_template,
)
from experiments.report.chapters import CHAPTERS
from experiments.report.limits import MOST_BYTES, TOO_LARGE
from experiments.report.placeholders import placeholders
from experiments.report.trying import trial_document
from experiments.report.word import BAD_TEMPLATE, docx_of
from experiments.report.word_template import standard_template

NEEDED = ("{{ title }}", "{{ subtitle }}", "{{ made_on }}")


def written(*paragraphs: str) -> bytes:
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def with_part(name: str, text: str, *, instead: Callable[[str], str] | None = None, of: bytes | None = None) -> bytes:
    """Return a good template with one more file in its package, or one of its files changed."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(of or standard_template())) as before, zipfile.ZipFile(out, "w") as after:
        for one in before.namelist():
            found = before.read(one)
            after.writestr(one, instead(found.decode()) if instead and one == name else found)
        if instead is None:
            after.writestr(name, text)
    return out.getvalue()


def refusal(template: bytes) -> BadInput:
    with pytest.raises(BadInput) as refused:
        check_template(template)
    return refused.value


def test_what_a_template_may_name_is_told_without_what_writes_the_chapters(monkeypatch: pytest.MonkeyPatch) -> None:
    own = "experiments.report.chapters"
    # What the package holds is set anew by importing it, and back again when the test ends.
    monkeypatch.setattr(experiments.report, "chapters", experiments.report.chapters)
    monkeypatch.setattr(experiments.report, "placeholders", experiments.report.placeholders)
    for name in [name for name in sys.modules if name.startswith((own, "experiments.report.placeholders"))]:
        monkeypatch.delitem(sys.modules, name)

    found = import_module("experiments.report.placeholders").placeholders()

    assert [name for name in sys.modules if name.startswith(f"{own}.")] == []
    assert found == placeholders()


def test_the_standard_template_and_one_with_the_chapters_in_another_order_are_taken() -> None:
    chapters = [f"{{{{p chapter.{name} }}}}" for name, *_rest in reversed(CHAPTERS)]

    check_template(standard_template())
    check_template(written(*NEEDED, *chapters))
    check_template(written(*NEEDED, *(f'{{{{p chapter["{name}"] }}}}' for name, *_rest in CHAPTERS)))


def test_all_that_is_told_to_be_known_is_taken() -> None:
    loop = ["{%p for fact in facts %}", "{{ fact.name }}: {{ fact.value }}", "{%p endfor %}"]
    template = written(*[text for text in placeholders() if "endfor" not in text], *loop)

    check_template(template)
    whole = docx_of(trial_document("zh", "2026-05-01"), _kept(template))

    text = zipfile.ZipFile(BytesIO(whole)).read("word/document.xml").decode()
    assert "模型验证报告" in text
    assert "{{" not in text


def _kept(template: bytes):
    class Kept:
        def read_bytes(self) -> bytes:
            return template

    return Kept()


@pytest.mark.parametrize(
    "bytes_",
    [b"", b"%PDF-1.7", "<html>标题</html>".encode(), b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0" + b"\0" * 600],
    ids=["empty", "pdf", "html", "broken zip", "old doc"],
)  # fmt: skip
def test_what_is_no_word_file_is_refused(bytes_: bytes) -> None:
    assert refusal(bytes_).message == NO_WORD


def test_a_workbook_named_docx_is_refused() -> None:
    import xlsxwriter

    out = BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet()
    assert refusal(out.getvalue()).message == NO_WORD


def test_word_files_of_other_kinds_are_refused_by_their_kind() -> None:
    def typed(kind: str) -> bytes:
        return with_part(
            "[Content_Types].xml", "",
            instead=lambda text: text.replace(
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml", kind
            ),
        )  # fmt: skip

    macro = typed("application/vnd.ms-word.document.macroEnabled.main+xml")
    template = typed("application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml")

    assert refusal(macro).message == MACROS
    assert (refusal(template).message, refusal(template).params) == (OTHER_WORD, {"kind": ".dotx"})


@pytest.mark.parametrize(
    "name", ["word/vbaProject.bin", "word/activeX/activeX1.xml", "word/embeddings/oleObject1.bin", "word/VBADATA.xml"]
)
def test_programs_within_are_refused_by_name(name: str) -> None:
    found = refusal(with_part(name, "x"))
    assert (found.message, found.params) == (MACROS, {"part": name})


@pytest.mark.parametrize(
    ("kind", "target"),
    [("attachedTemplate", "file:///C:/bank.dotm"), ("image", "http://10.0.0.1/logo.png"), ("hyperlink", "https://x.cn")],
)  # fmt: skip
def test_what_points_outside_is_refused_with_where_it_points(kind: str, target: str) -> None:
    relation = (
        f'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" '
        f'Target="{target}" TargetMode="External"/></Relationships>'
    )
    found = refusal(
        with_part("word/_rels/document.xml.rels", "", instead=lambda text: text.replace("</Relationships>", relation))
    )
    assert (found.message, found.params) == (OUTSIDE, {"target": target})


def test_a_field_that_fetches_is_refused_also_where_it_is_parted() -> None:
    field = (
        '<w:p><w:r><w:instrText xml:space="preserve"> INCLUDE</w:instrText></w:r>'
        '<w:r><w:instrText>PICTURE "http://x/y.png"</w:instrText></w:r></w:p></w:body>'
    )
    found = refusal(with_part("word/document.xml", "", instead=lambda text: re.sub("</w:body>", field, text)))
    assert found.message == OUTSIDE


BEGIN, END = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "end"))
OTHER = 'xmlns:x="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
FETCHED = '<w:r><w:instrText> INCLUDETEXT"http://x/y"</w:instrText></w:r>'


@pytest.mark.parametrize(
    "field",
    [
        f"<w:p>{BEGIN}<w:r><w:instrText> PAGE </w:instrText></w:r>{END}{BEGIN}{FETCHED}{END}</w:p>",
        f"<w:p>{BEGIN}<w:r><w:instrText> IF 1=1 </w:instrText></w:r>{BEGIN}{FETCHED}{END}{END}</w:p>",
        f"<w:p>{BEGIN}</w:p><w:p>{FETCHED}{END}</w:p>",
        '<w:p><w:fldSimple w:instr=" DDEAUTO cmd "/></w:p>',
        f'<x:p {OTHER}><x:fldSimple x:instr="LINK a"/></x:p>',
        "<w:p><w:pPr><w:mailMerge/></w:pPr></w:p>",
    ],
    ids=["behind another", "within another", "over paragraphs", "simple", "another prefix", "mail merge"],
)  # fmt: skip
def test_a_field_that_fetches_is_refused_wherever_it_stands(field: str) -> None:
    found = refusal(
        with_part("word/document.xml", "", instead=lambda text: text.replace("</w:body>", f"{field}</w:body>"))
    )
    assert found.message == OUTSIDE


@pytest.mark.parametrize(
    ("relation", "message"),
    [
        ('<Relationship Id="rId99" Type="x/image" Target="http://x" TargetMode="Ext&#101;rnal"/>', OUTSIDE),
        (
            '<o:Relationship xmlns:o="http://schemas.openxmlformats.org/package/2006/relationships" Id="rId99" '
            'Type="x/image" Target="http://x" TargetMode="External"/>',
            OUTSIDE,
        ),
        ('<Relationship Id="rId99" Type="x/aFChunk" Target="page.html"/>', EMBEDDED),
        ('<Relationship Id="rId99" Type="x/vbaProject" Target="harmless.bin"/>', MACROS),
    ],
    ids=["spelt with a reference", "another prefix", "a document within", "a program under another name"],
)  # fmt: skip
def test_a_relation_is_refused_however_it_is_written(relation: str, message: str) -> None:
    found = refusal(
        with_part(
            "word/_rels/document.xml.rels", "",
            instead=lambda text: text.replace("</Relationships>", f"{relation}</Relationships>"),
        )
    )  # fmt: skip
    assert found.message == message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_part_that_declares_entities_is_refused_in_any_encoding(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    out = BytesIO(standard_template())
    with zipfile.ZipFile(out, "a") as package:
        package.writestr("word/comments.xml", text.encode(encoding))

    assert refusal(out.getvalue()).message == NO_WORD


@pytest.mark.parametrize("text", ["{{ 1 / 0 }}", "{{ title + 1 }}", '{% include "x" %}'])
def test_a_template_that_computes_what_cannot_be_says_so(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        docx_of(trial_document("en", "2026-05-01"), _kept(written(*NEEDED, "{{p body }}", text)))

    assert refused.value.message == BAD_TEMPLATE


@pytest.mark.parametrize(
    ("paragraphs", "message", "params"),
    [
        (["{{ title }}", "{{ made_on }}", "{{p body }}"], LACKS, {"names": ["{{ subtitle }}"]}),
        ([*NEEDED, "{{p body }}", "{{ bank }}"], NOT_KNOWN, None),
        ([*NEEDED, "{{p body }}", "{{p chapter.fairnes }}"], NOT_KNOWN, None),
        ([*NEEDED, "{{p chapter.fairness }}"], LACKS_CHAPTERS, None),
        ([*NEEDED], LACKS_CHAPTERS, None),
        ([*NEEDED, "see {{ body }}"], NOT_ALONE, {"name": "body"}),
        ([*NEEDED, "{{p body }}", "{{ title | }}"], BAD_SYNTAX, None),
        ([*NEEDED, "{{p body }}", "{% for one in facts %}"], BAD_SYNTAX, None),
    ],
)  # fmt: skip
def test_placeholders_that_lack_or_mean_nothing_are_named(paragraphs, message, params) -> None:
    found = refusal(written(*paragraphs))
    assert found.message == message
    assert params is None or found.params == params


def test_a_placeholder_of_the_header_counts() -> None:
    document = Document()
    document.sections[0].header.paragraphs[0].text = "{{ title }} {{ subtitle }} {{ made_on }}"
    document.add_paragraph("{{p body }}")
    out = BytesIO()
    document.save(out)

    check_template(out.getvalue())


def test_one_that_is_too_large_packed_or_unpacked_is_refused() -> None:
    bomb = with_part("word/media/picture.png", "")
    out = BytesIO(bomb)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as package, package.open("word/media/big.png", "w") as big:
        for _ in range(101):
            big.write(bytes(1 << 20))

    assert refusal(out.getvalue()).message == TOO_LARGE
    assert refusal(b"PK" + bytes(MOST_BYTES)).message == TOO_LARGE
