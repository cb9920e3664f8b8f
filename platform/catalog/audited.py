"""The words in which the audit log tells datasets, their versions, and the facts that acts on them share."""

from django.utils.translation import gettext_lazy as _

FACTS = {
    "column": _("column"),
    "columns": _("columns"),
    "rows": _("rows"),
    "sha256": _("file hash"),
    "type": _("type"),
    "version": _("data version"),
}

OBJECTS = {
    "catalog.dataset": _("dataset"),
    "catalog.datasetversion": _("data version"),
}
