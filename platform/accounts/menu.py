"""The line of the sidebar that is about people."""

from django.utils.translation import gettext_lazy as _

from common.menu import Entry, Part

ENTRIES = (Entry("people", icon="users", label=_("People"), part=Part.GOVERNANCE, weight=30),)
