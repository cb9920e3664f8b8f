"""Registers the app with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommonConfig(AppConfig):
    name = "common"

    def ready(self) -> None:
        from common import checks, menu  # noqa: F401  registers the checks

        menu.register(menu.Entry("home", icon="home", label=_("Home"), part=menu.Part.WORK, weight=10))
