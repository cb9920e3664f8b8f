"""The line of the sidebar that is about the audit log."""

from django.utils.translation import gettext_lazy as _

from common.menu import Entry, Part

ENTRIES = (Entry("audit_log", icon="history", label=_("Audit log"), part=Part.GOVERNANCE, weight=20),)
