"""The words in which the audit log tells acts on reports, and the facts they keep."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "report.asked": _("requested a validation report"),
    "report.made": _("stored a validation report"),
    "report.downloaded": _("downloaded a validation report"),
    "report.cancelled": _("cancelled a validation report"),
}

FACTS = {
    "form": _("format"),
    "language": _("language"),
    "report_sha256": _("SHA-256 of the report"),
}

OBJECTS = {"reports.report": _("validation report")}
