"""Registers the app with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import checks  # noqa: F401  registers the check
        from accounts.finding import people
        from accounts.menu import ENTRIES
        from common import finding, menu

        finding.register(finding.Finder(_("People"), "users", people, weight=50))
        menu.register(*ENTRIES)
