"""The line of the sidebar that leads to the inventory."""

from django.utils.translation import gettext_lazy as _

from common.menu import Entry, Part

ENTRIES = (Entry("inventory_list", icon="list-details", label=_("Model inventory"), part=Part.GOVERNANCE, weight=15),)
