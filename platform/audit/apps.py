"""Registers the app with Django."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        from audit import receivers, triggers  # noqa: F401  connects the signals, declares what the table refuses
        from common.triggers import watch_migrations

        watch_migrations(self)
