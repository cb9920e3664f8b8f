"""Registers the app with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import checks  # noqa: F401  registers the check
        from accounts.finding import people
        from accounts.menu import ENTRIES
        from common import addresses, finding, menu

        addresses.register_pages("accounts.urls")
        addresses.register_operations("accounts.api.router", tag="people", label=_("People"), weight=10)
        finding.register(finding.Finder(_("People"), "users", people, weight=50))
        menu.register(*ENTRIES)
