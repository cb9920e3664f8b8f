"""Put the report together: for each question a sentence, a number, a chart and a table."""

from collections.abc import Callable, Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from plotly.offline import get_plotlyjs

from experiments.report.blocks import Section
from experiments.report.making import making, software, summary
from experiments.report.measures import calibration, gains, leaderboard, periods, segments, separation
from experiments.report.on_file import Report, read
from experiments.report.reasons import card, customers, factors, made

SECTIONS: tuple[Callable[[Report], Section | None], ...] = (
    *(summary, leaderboard, separation, gains, calibration, periods, segments, factors, made, customers),
    *(card, making, software),
)
_pages = Environment(
    loader=PackageLoader("experiments.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
    lstrip_blocks=True,
)  # fmt: skip


def render(model_dir: Path, language: str, sample: Sequence[str] = ()) -> str:
    """Return the whole page."""
    report = read(model_dir, language, sample)
    sections = [shown for section in SECTIONS if (shown := section(report)) is not None]
    title = f"{report.say('Validation report')} – {report.family(report.facts['candidate'])}"
    return page_of(language, title, sections)


def page_of(language: str, title: str, sections: Sequence[Section]) -> str:
    """Return sections as a page that needs nothing else; every text is shown as it is written."""
    page = _pages.get_template("page.html")
    return page.render(language=language, title=title, sections=sections, plotly=get_plotlyjs())
