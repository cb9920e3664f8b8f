"""The validation report of a model: one document of chapters, written as HTML, Word, Excel or PDF."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.errors import BadInput, gettext_noop
from experiments.paths import AnyPath
from experiments.report.background import Background

if TYPE_CHECKING:
    from experiments.report.content import Document

__all__ = ["FORMS", "make_report"]

FORMS = ("html", "docx", "xlsx", "pdf")
UNKNOWN_FORM = gettext_noop("A report is written as %(known)s, not as %(found)s.")


def make_report(
    model_dir: AnyPath,
    form: str = "html",
    *,
    language: str = "en",
    known: Background | None = None,
    template: AnyPath | None = None,
) -> bytes:
    """Return the report on a saved model as the bytes of a file.

    Parameters
    ----------
    model_dir : the saved model's folder. form : one of ``FORMS``. language : ``en`` or ``zh``.
    known : what the bank has on record of the model beyond its folder. template : a Word file of the bank's own, for
        ``docx``.

    Returns
    -------
    bytes
        A file that is complete in itself.

    Raises
    ------
    ArtifactError : the folder holds no model, or one whose evidence is missing.
    BadInput : there is no such form, or the template cannot be used.
    NoPdf : PDF is asked for and cannot be made on this machine; the sentence says what to install.

    Examples
    --------
    >>> make_report(model_folder).startswith(b"<!doctype html>")
    True
    """
    if form not in FORMS:
        raise BadInput(UNKNOWN_FORM, known=list(FORMS), found=form)
    from experiments.report.making import document_of

    document = document_of(Path(model_dir), language, known or Background())
    return _writer(form, template)(document)


def _writer(form: str, template: AnyPath | None) -> "Callable[[Document], bytes]":
    """Return what writes a form; each loads what it needs only when it is asked for."""
    if form == "docx":
        from experiments.report.word import docx_of

        return lambda document: docx_of(document, None if template is None else Path(template))
    if form == "xlsx":
        from experiments.report.workbook import xlsx_of

        return xlsx_of
    if form == "pdf":
        from experiments.report.pdf import pdf_of

        return pdf_of
    from experiments.report.html import page_of

    return lambda document: page_of(document).encode()
