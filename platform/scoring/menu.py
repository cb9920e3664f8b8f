"""The line of the sidebar that is about scoring."""

from django.utils.translation import gettext_lazy as _

from common.menu import Entry, Part

ENTRIES = (Entry("scoring_list", icon="target", label=_("Scoring"), part=Part.WORK, weight=50),)
