"""The line of the sidebar that is about data."""

from django.utils.translation import gettext_lazy as _

from common.menu import Entry, Part

ENTRIES = (Entry("dataset_list", icon="database", label=_("Data"), part=Part.WORK, weight=20),)
