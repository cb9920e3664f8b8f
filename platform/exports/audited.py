"""The words in which the audit log tells acts on exports, and the facts they keep."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "export.asked": _("requested an export of a model"),
    "export.made": _("stored an export of a model"),
    "export.downloaded": _("downloaded an export of a model"),
    "export.cancelled": _("cancelled an export of a model"),
    "export.deleted": _("deleted an export of a model"),
}

FACTS = {
    "form": _("format"),
    "dialect": _("SQL dialect"),
    "export_sha256": _("SHA-256 of the export"),
}

OBJECTS = {"exports.export": _("export of a model")}
