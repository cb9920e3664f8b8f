"""A report as PDF, where WeasyPrint and the libraries it draws with are at hand."""

from ctypes.util import find_library
from importlib.util import find_spec
from pathlib import Path

from experiments.errors import ExperimentError
from experiments.errors import gettext_noop as _
from experiments.report.content import Document
from experiments.report.html import page_of
from experiments.sentence import Sentence

# The names under which the systems know it, as WeasyPrint looks for it.
PANGO = ("pango-1.0", "pango-1.0-0", "libpango-1.0-0")
FONTS = Path(__file__).parent / "fonts"
NO_WEASYPRINT = _("PDF needs the Python package weasyprint. Install it with: pip install weasyprint")
NO_PANGO = _(
    "PDF needs the system library Pango for text layout. On Debian and Ubuntu: apt-get install libpango-1.0-0 "
    "libpangoft2-1.0-0; on Windows and macOS see the installation page of WeasyPrint."
)
# The report's own letters, so that Chinese is there on servers that have none.
FACES = "".join(
    f'@font-face{{font-family:"Report Sans";font-weight:{weight};src:url({(FONTS / name).as_uri()})}}'
    for name, weight in (("NotoSansSC-Regular.ttf", 400), ("NotoSansSC-Bold.ttf", 700))
)
STYLE = (
    FACES + 'body,code{font-family:"Report Sans",sans-serif}@page{@bottom-right{content:counter(page);'
    'font:8pt "Report Sans",sans-serif}}'
)


class NoPdf(ExperimentError):
    """PDF cannot be made on this machine; the sentence says what to install."""


def why_no_pdf() -> Sentence | None:
    """Return what to install before a PDF can be made; nothing where one can.

    Examples
    --------
    >>> found = why_no_pdf()
    >>> found is None or "PDF needs" in str(found)
    True
    """
    if find_spec("weasyprint") is None:
        return Sentence(NO_WEASYPRINT)
    # Importing it would tell as well, but takes more than a second of whoever asks, such as a page.
    return None if any(map(find_library, PANGO)) else Sentence(NO_PANGO)


def pdf_of(document: Document) -> bytes:
    """Return a report as PDF.

    Raises
    ------
    NoPdf : what draws it is not installed.
    """
    missing = why_no_pdf()
    if missing is not None:
        raise NoPdf(missing.message)
    try:
        from weasyprint import CSS, HTML
        from weasyprint.text.fonts import FontConfiguration
    except OSError:
        raise NoPdf(NO_PANGO) from None

    fonts = FontConfiguration()
    style = CSS(string=STYLE, font_config=fonts)
    page = HTML(string=page_of(document), url_fetcher=_nothing)
    # Without it the date of the file would be that of its making, and the name of it random.
    identifier = document.made_on.encode()
    written: bytes = page.write_pdf(stylesheets=[style], font_config=fonts, pdf_identifier=identifier)
    return written


def _nothing(url: str, *_rest: object) -> dict[str, object]:
    """Refuse whatever a text of the report may point to: it holds all it needs."""
    raise ValueError(url)
