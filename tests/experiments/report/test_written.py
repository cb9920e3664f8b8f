"""One content, four files: what each holds, that texts stay texts, and that two differ in their date only."""

import re
import shutil
import subprocess
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from docx import Document as WordFile
from lxml import etree
from openpyxl import load_workbook
from pypdf import PdfReader

from experiments.errors import BadInput
from experiments.report import make_report
from experiments.report.content import Cell, Chapter, Chart, Document, Heading, Points, Series, Table, Text
from experiments.report.html import page_of
from experiments.report.making import document_of
from experiments.report.pdf import pdf_of, why_no_pdf
from experiments.report.word import docx_of
from experiments.report.word_template import standard_template
from experiments.report.workbook import xlsx_of

HOSTILE = "<script>alert('1')</script> & \"<b>\" {{ 7 * 7 }} {% raw %} \x0b"
FORMULA = '=HYPERLINK("http://x";"y")'
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def small(text: str = "Words", made_on: str = "2026-05-01") -> Document:
    """A report with a block of every kind, all of whose texts are one."""
    table = Table(
        text, [text, "AUC"], [[Cell(text), Cell(0.71234, "d4")], [Cell(text, "code"), Cell(None, "d4", "few")]], 0
    )
    curves = Chart(text, "curves", [Series(text, (0.0, 0.5, 1.0), (0.0, 0.2, 1.0))], x_form="percent")
    lines = Chart(text, "lines", [Series(text, (0.7, None, 0.6)), Series("b", (None, 0.5, 0.4))], (text, "b", "c"))
    bars = Chart(text, "bars", [Series(text, (0.5, -0.25))], (text, "long " * 30))
    columns = Chart(text, "columns", [Series(text, (0.5, 0.25))], ("a", "b"), y_form="percent")
    blocks = [Text(text), Text(text, "missing"), Heading(text), Points([text]), table, curves, lines, bars, columns]
    words = {one: one for one in ("contents", "table", "sheet", "chapter", "made_on", "back", "text")}
    return Document(text, text, "en", made_on, [(text, text)], [Chapter("one", text, blocks)], words)


def test_hostile_texts_are_shown_and_never_run():
    page = BeautifulSoup(page_of(small(HOSTILE)), "html.parser")

    assert page.find_all("script") == []
    assert page.h1.get_text() == page.caption.get_text() == page.ol.li.get_text() == HOSTILE
    shown = WordFile(BytesIO(docx_of(small(HOSTILE))))
    clean = HOSTILE.replace("\x0b", "")
    assert [one.text for one in shown.paragraphs].count(clean) >= 4
    assert shown.tables[0].cell(1, 0).text == clean


def test_a_text_that_looks_like_a_formula_stays_a_text():
    book = load_workbook(BytesIO(xlsx_of(small(FORMULA))))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value == FORMULA]
    assert cells
    assert {cell.data_type for cell in cells} == {"s"}
    packed = zipfile.ZipFile(BytesIO(docx_of(small(FORMULA))))
    behind = [name for name in packed.namelist() if name.startswith("word/embeddings/")]
    assert behind
    for name in behind:
        assert b"<f>" not in zipfile.ZipFile(BytesIO(packed.read(name))).read("xl/worksheets/sheet1.xml")


def test_numbers_stay_numbers_in_the_workbook_and_every_chart_is_native():
    book = load_workbook(BytesIO(xlsx_of(small())))
    table = next(sheet for sheet in book if sheet["B4"].value == "AUC")

    assert table["B5"].value == 0.71234
    assert table["B5"].number_format == "#,##0.0000"
    assert sum(len(sheet._charts) for sheet in book) == 4


def test_charts_of_the_word_file_are_words_own_with_their_numbers_behind_them():
    packed = zipfile.ZipFile(BytesIO(docx_of(small())))
    charts = sorted(name for name in packed.namelist() if re.fullmatch(r"word/charts/\w+\.xml", name))

    assert len(charts) == 4
    first = etree.fromstring(packed.read(charts[0]))
    assert [float(one.text) for series in first.iter(f"{CHART}yVal") for one in series.iter(f"{CHART}v")] == [
        0.0,
        0.5,
        1.0,
    ]
    assert first.find(f"{CHART}externalData") is not None
    linked = packed.read(charts[0].replace("charts/", "charts/_rels/") + ".rels").decode()
    behind = re.search(r'Target="\.\./(embeddings/[^"]+)"', linked).group(1)
    numbers = load_workbook(BytesIO(packed.read(f"word/{behind}"))).active
    assert [row[1].value for row in numbers.iter_rows(min_row=2)] == [0.0, 0.5, 1.0]


def test_the_word_file_has_headings_tables_and_a_list_of_contents():
    found = WordFile(BytesIO(docx_of(small())))
    styles = [one.style.name for one in found.paragraphs]

    assert "Heading 1" in styles
    assert "Heading 2" in styles
    assert "Title" in styles
    assert found.tables[0].style.name == "Report Table"
    body = found.element.xml
    assert "TOC \\o" in body
    assert 'w:anchor="_Toc_one"' in body
    assert 'w:name="_Toc_one"' in body


@pytest.mark.parametrize("form", ["html", "docx", "xlsx", "pdf"])
def test_two_reports_on_one_model_differ_in_their_date_only(form, monkeypatch):
    write = {"html": lambda one: page_of(one).encode(), "docx": docx_of, "xlsx": xlsx_of, "pdf": pdf_of}[form]
    if form == "pdf" and why_no_pdf():
        pytest.skip(str(why_no_pdf()))
    first, again, later = write(small()), write(small()), write(small(made_on="2026-05-02"))

    assert first == again
    assert first != later
    if form == "html":
        assert first.decode().replace("2026-05-01", "") == later.decode().replace("2026-05-02", "")


def test_a_banks_own_template_is_filled_and_given_the_styles_it_lacks(tmp_path: Path):
    own = WordFile()
    own.add_paragraph("Bank of Examples: {{ title }}")
    own.add_paragraph("{{p chapter.one }}")
    own.save(tmp_path / "own.docx")

    found = WordFile(BytesIO(docx_of(small(), tmp_path / "own.docx")))

    assert found.paragraphs[0].text == "Bank of Examples: Words"
    assert found.tables[0].style.name == "Report Table"


@pytest.mark.parametrize("written", ["{{ nobody }}", "{% for x in %}", "{{ title.__class__.__mro__ }}"])
def test_a_template_that_cannot_be_filled_is_refused_with_the_reason(tmp_path: Path, written: str):
    own = WordFile()
    own.add_paragraph(written)
    own.save(tmp_path / "own.docx")

    with pytest.raises(BadInput, match="template cannot be filled"):
        docx_of(small(), tmp_path / "own.docx")


@pytest.mark.parametrize("written", [b"", b"words", b"PK\x03\x04 cut off", "empty zip", "workbook", "no XML"])
def test_a_template_that_is_no_word_file_is_refused(tmp_path: Path, written: bytes | str):
    packed = BytesIO()
    if written == "workbook":
        packed = BytesIO(xlsx_of(small()))
    elif written == "empty zip":
        zipfile.ZipFile(packed, "w").close()
    elif written == "no XML":
        whole = zipfile.ZipFile(BytesIO(standard_template()))
        with zipfile.ZipFile(packed, "w") as broken:
            for name in whole.namelist():
                broken.writestr(name, b"<" if name == "word/document.xml" else whole.read(name))
    else:
        packed = BytesIO(written)
    (tmp_path / "own.docx").write_bytes(packed.getvalue())

    with pytest.raises(BadInput, match="not a Word file"):
        docx_of(small(), tmp_path / "own.docx")


def test_the_standard_template_has_the_same_bytes_whenever_it_is_made():
    with zipfile.ZipFile(BytesIO(standard_template())) as package:
        assert {part.date_time for part in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_standard_template_is_one_that_can_be_given_back(tmp_path: Path):
    (tmp_path / "own.docx").write_bytes(standard_template())
    assert docx_of(small(), tmp_path / "own.docx") == docx_of(small())


def test_long_names_of_bars_are_cut_with_an_ellipsis_and_told_whole():
    page = BeautifulSoup(page_of(small()), "html.parser")
    cut = next(text for text in page.find_all("text") if "…" in text.get_text())
    assert cut.title.get_text() == "long " * 30


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_form_holds_the_same_titles(folders, known, language):
    document = document_of(folders["scorecard"], language, known[language])
    titles = [block.title for kind in ("table", "chart") for _chapter, block in document.blocks(kind)]
    page = BeautifulSoup(page_of(document), "html.parser")
    word = WordFile(BytesIO(docx_of(document)))
    book = load_workbook(BytesIO(xlsx_of(document)))

    assert sorted(one.get_text() for one in page.find_all(["caption", "figcaption"])) == sorted(titles)
    captions = [one.text for one in word.paragraphs if one.style.name == "Report Caption"]
    assert Counter([document.words["contents"], *titles]) == Counter(captions)
    said = [one.text for one in word.paragraphs]
    assert [title for title in titles if title not in said] == []
    assert sorted(sheet["A2"].value for sheet in book.worksheets[2:]) == sorted(titles)
    assert len(page_of(document).encode()) < 5_000_000


@pytest.mark.slow
def test_a_pdf_holds_chinese_letters_of_its_own(folders, known):
    if why_no_pdf():
        pytest.skip(str(why_no_pdf()))
    written = make_report(folders["scorecard"], "pdf", language="zh", known=known["zh"])
    read = PdfReader(BytesIO(written))
    text = "".join(page.extract_text() for page in read.pages)

    assert "模型验证报告" in text
    fonts = [font.get_object()["/BaseFont"] for font in read.pages[1]["/Resources"]["/Font"].values()]
    # On a server without any fonts nothing of it falls back.
    assert {name.split("+")[1].removesuffix("-Bold") for name in fonts} == {"Report-Sans"}


@pytest.mark.slow
@pytest.mark.parametrize("form", ["docx", "xlsx"])
def test_libreoffice_opens_it_and_shows_all_chapters(folders, known, tmp_path: Path, form: str):
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not installed: apt-get install libreoffice-writer-nogui libreoffice-calc-nogui")
    (tmp_path / f"report.{form}").write_bytes(make_report(folders["scorecard"], form, known=known["en"]))
    asked = [office, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", "pdf"]
    subprocess.run(
        [*asked, "--outdir", str(tmp_path), str(tmp_path / f"report.{form}")], check=True, capture_output=True
    )

    text = "".join(page.extract_text() for page in PdfReader(tmp_path / "report.pdf").pages)
    for title in ("Purpose and limits of use", "Stability", "Sign-offs"):
        assert title in text


def test_an_unknown_form_is_refused(tmp_path: Path):
    with pytest.raises(BadInput, match="html, docx, xlsx, pdf"):
        make_report(tmp_path, "odt")


@pytest.mark.slow
def test_the_date_is_that_of_the_day_unless_it_is_given(folders, known):
    document = document_of(folders["linear"], "en", replace(known["en"], made_on=None))
    assert document.made_on == date.today().isoformat()
