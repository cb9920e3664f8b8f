"""The words in which the audit log tells acts on reports, and the facts they keep."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "report.asked": _("requested a validation report"),
    "report.made": _("stored a validation report"),
    "report.downloaded": _("downloaded a validation report"),
    "report.cancelled": _("cancelled a validation report"),
    "word_template.uploaded": _("uploaded a Word template"),
    "word_template.used": _("set the Word template of reports"),
    "word_template.reset": _("restored the standard Word template"),
}

FACTS = {
    "form": _("format"),
    "language": _("language"),
    "report_sha256": _("SHA-256 of the report"),
    "template_sha256": _("SHA-256 of the template"),
}

OBJECTS = {"reports.report": _("validation report"), "reports.wordtemplate": _("Word template")}
