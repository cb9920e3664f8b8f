"""Registers the app with Django."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        from accounts.models import Role
        from audit import receivers, triggers, words  # noqa: F401  connects the signals, declares what the table refuses
        from audit.menu import ENTRIES
        from common import addresses, menu
        from common.triggers import watch_migrations

        watch_migrations(self)
        addresses.register_pages("audit.urls")
        menu.register(*ENTRIES)
        words.tell_values(lambda: words.ACTIONS, "action")
        words.tell_values(lambda: dict(Role.choices), "role", "before", "after")
