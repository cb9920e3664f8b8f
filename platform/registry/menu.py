"""The line of the sidebar that leads to the models."""

from django.utils.translation import gettext_lazy as _

from common.menu import Entry, Part

ENTRIES = (Entry("model_list", icon="box", label=_("Models"), part=Part.WORK, weight=40),)
