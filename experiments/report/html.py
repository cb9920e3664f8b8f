"""A report as one HTML page that needs nothing else: no script, no file, no network."""

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from experiments.report.content import Chart, Document
from experiments.report.svg import plot

_pages = Environment(
    loader=PackageLoader("experiments.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
    lstrip_blocks=True,
)  # fmt: skip


def page_of(document: Document) -> str:
    """Return a report as a page; every text is shown as it is written."""
    return _pages.get_template("page.html").render(document=document, drawn=_drawn, breakable=_breakable)


def _drawn(chart: Chart) -> Markup:
    return Markup(_pages.get_template("chart.svg").render(chart=chart, plot=plot(chart)))  # noqa: S704  escaped within


def _breakable(text: str) -> Markup:
    """Let a name be broken where people would: after an underscore."""
    return Markup("<wbr>").join(Markup.escape(part) for part in text.replace("_", "_\0").split("\0"))
