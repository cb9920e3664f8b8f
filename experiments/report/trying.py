"""A report of nothing, with all that a report may hold: what a bank's template is tried with."""

from experiments.errors import gettext_noop as _
from experiments.report.chapters import CHAPTERS
from experiments.report.content import Block, Cell, Chapter, Chart, Document, Heading, Points, Series, Table, Text
from experiments.report.making import WORDS
from experiments.sentence import translated

__all__ = ["trial_document"]

ROWS = 6
TRIED = _("This page shows how a report looks in this template. Its numbers are made up.")


def trial_document(language: str, made_on: str) -> Document:
    """Return a document with every chapter, a table, a list and a chart, its numbers made up.

    Parameters
    ----------
    language : ``en`` or ``zh``. made_on : the day it bears, as ISO 8601 has it.

    Returns
    -------
    Document
        As ``making.document_of`` gives of a model.

    Examples
    --------
    >>> len(trial_document("en", "2026-05-01").chapters)
    18
    """

    def word(text: str) -> str:
        return translated(text, language)

    table = Table(
        word(_("Months")), [word(_("Period")), word(_("Rows")), word(_("Event rate"))],
        [[Cell(f"2026-{month:02}"), Cell(1000 * month, "count"), Cell(0.01 * month, "percent2")]
         for month in range(1, ROWS + 1)],
    )  # fmt: skip
    chart = Chart(
        word(_("AUC by month")), "lines", [Series("AUC", [0.7 + 0.01 * month for month in range(ROWS)])],
        categories=[f"2026-{month:02}" for month in range(1, ROWS + 1)], y_title="AUC",
    )  # fmt: skip
    first: list[Block] = [Heading(word(_("Months"))), Text(word(TRIED)), table, chart, Points([word(TRIED)] * 2)]
    others: list[Block] = [Text(word(TRIED)), table]
    chapters = [
        Chapter(name, word(title), first if place == 0 else others)
        for place, (name, title, _write) in enumerate(CHAPTERS)
    ]
    return Document(
        title=word(_("Model validation report")), subtitle=word(_("Trial of the template")), language=language,
        made_on=made_on, facts=[(word(_("Algorithm")), "LightGBM"), ("SHA-256", "0" * 64)],
        chapters=chapters, words={name: word(text) for name, text in WORDS.items()},
    )  # fmt: skip
