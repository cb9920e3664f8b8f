"""The words in which the audit log tells acts on versions of datasets, and the facts they keep."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "dataset.verified": _("rebuilt a version to compare"),
    "dataset.compared": _("compared a version again"),
    "dataset.downloaded": _("downloaded a table"),
}

FACTS = {
    "format": _("format"),
    "hidden": _("hidden columns"),
}
