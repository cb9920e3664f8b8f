"""Registers the app with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ShellConfig(AppConfig):
    name = "shell"

    def ready(self) -> None:
        from common import addresses, menu

        addresses.register_pages("shell.urls")
        addresses.register_views(home="home")
        menu.register(menu.Entry("home", icon="home", label=_("Home"), part=menu.Part.WORK, weight=10))
