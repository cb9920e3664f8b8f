"""The report's page shows every text as it is: what a bank or its customers wrote is never markup."""

from bs4 import BeautifulSoup

from experiments.report.blocks import Big, Cell, Charts, Heading, Points, Section, Table, Text
from experiments.report.page import page_of

HOSTILE = "<script>alert('1')</script> & \"<b>\" {{ 7 * 7 }} {% raw %}"


def test_hostile_texts_are_shown_and_never_run():
    table = Table([HOSTILE], [[HOSTILE], [Cell(HOSTILE, "code")], [Cell(HOSTILE, "few")]], "text", chosen=1)
    blocks = [Text(HOSTILE), Heading(HOSTILE), Big(HOSTILE, HOSTILE, is_few=True), Points([HOSTILE]), table]
    page = BeautifulSoup(page_of("zh", HOSTILE, [Section(HOSTILE, blocks)]), "html.parser")

    assert len(page.find_all("script")) == 1  # Plotly itself
    assert page.title.get_text() == page.h1.get_text() == page.h3.get_text() == page.ol.li.get_text() == HOSTILE
    assert page.find(class_="big").get_text() == f"{HOSTILE} {HOSTILE}"
    assert [cell.get_text() for cell in page.table.find_all(["th", "td"])] == [HOSTILE] * 4
    assert [row.get("class") for row in page.table.find_all("tr")] == [None, None, ["chosen"], None]


def test_charts_are_the_html_that_plotly_made():
    page = BeautifulSoup(
        page_of("en", "t", [Section("s", [Charts(["<div id=a></div>", "<div id=b></div>"], in_pairs=True)])]),
        "html.parser",
    )
    assert [figure.div["id"] for figure in page.find(class_="pair").find_all("figure")] == ["a", "b"]
