"""Registers the app with Django and what it brings with those below it."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self) -> None:
        from audit import words as audit_words
        from catalog import audited
        from catalog.models import ColumnRole, ColumnType

        audit_words.register(acts={}, facts=audited.FACTS, objects=audited.OBJECTS)
        audit_words.tell_values(lambda: dict(ColumnRole.choices), "role", "before", "after")
        audit_words.tell_values(lambda: dict(ColumnType.choices), "type")
