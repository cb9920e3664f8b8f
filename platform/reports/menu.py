"""The line of the sidebar that leads to the Word template of reports, for those who may set it."""

from django.utils.translation import gettext_lazy as _

from common.menu import Entry, Part

ENTRIES = (Entry("word_template", icon="file-text", label=_("Report template"), part=Part.GOVERNANCE, weight=40),)
