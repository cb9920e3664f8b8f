"""Registers the app with Django and what it brings with those below it."""

from django.apps import AppConfig


class ConnectionsConfig(AppConfig):
    name = "connections"

    def ready(self) -> None:
        from audit import words as audit_words
        from catalog.words import DATA
        from common import addresses
        from connections import audited
        from connections.models import Connection

        addresses.register_pages("connections.urls")
        addresses.register_operations("connections.api.router", **DATA, weight=24)
        audit_words.register(acts=audited.ACTS, facts=audited.FACTS, objects=audited.OBJECTS)
        audit_words.tell_values(lambda: dict(Connection.Kind.choices), "kind")
