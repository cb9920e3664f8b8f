"""Put a report together: what is on file and on record becomes one document, whatever it is written as."""

from datetime import date
from pathlib import Path

from experiments.errors import gettext_noop as _
from experiments.report.background import Background
from experiments.report.chapters import CHAPTERS
from experiments.report.content import Chapter, Document
from experiments.report.on_file import Report, read

WORDS = {
    "contents": _("Contents"),
    "chart": _("Chart"),
    "table": _("Table"),
    "sheet": _("Sheet"),
    "chapter": _("Chapter"),
    "made_on": _("Date"),
    "back": _("Back to the contents"),
    "page": _("Page"),
    "text": _("Text"),
}

# Imported with this file: what makes reports is forked from a process that has it open.
WRITTEN = [(name, title, write.function) for name, title, write in CHAPTERS]


def document_of(model_dir: Path, language: str, known: Background) -> Document:
    """Return the whole report on a saved model."""
    report = read(model_dir, language, known)
    chapters = [Chapter(name, report.word(title), write(report)) for name, title, write in WRITTEN]
    made_on = known.made_on or date.today()
    return Document(
        title=report.say("Model validation report"),
        subtitle=known.name or f"{report.question} · {report.family(report.facts['candidate'])}",
        language=language,
        made_on=made_on.isoformat(),
        facts=_facts(report),
        chapters=chapters,
        words={name: report.word(word) for name, word in WORDS.items()},
    )


def _facts(report: Report) -> list[tuple[str, str]]:
    return [
        (report.say("Question"), report.question),
        (report.say("Target"), str(report.facts["target"])),
        (report.say("Algorithm"), report.family(report.facts["candidate"])),
        (report.say("SHA-256"), report.manifest["hash"]),
        (report.say("Xiaoyu"), report.manifest["versions"].get("xiaoyu", "–")),
    ]
