"""The line of the sidebar that leads to the deployments."""

from django.utils.translation import gettext_lazy as _

from common.menu import Entry, Part

ENTRIES = (Entry("deployment_list", icon="server", label=_("Deployments"), part=Part.WORK, weight=55),)
