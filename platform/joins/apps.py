"""Registers the app with Django and what it brings with those below it."""

from django.apps import AppConfig


class JoinsConfig(AppConfig):
    name = "joins"

    def ready(self) -> None:
        from audit import words as audit_words
        from catalog import hooks
        from catalog.words import DATA
        from common import addresses, offers
        from joins import audited, forms
        from joins import queries as join_queries
        from joins.words import RELATIONS

        addresses.register_pages("joins.urls")
        addresses.register_views(join="join_detail", joins="join_list")
        offers.register(
            offers.Offer("version.acts", "joins/_join_tables.html", weight=20),
        )
        addresses.register_operations("joins.api.router", **DATA, weight=23)
        hooks.register("joins", rests_on=join_queries.rests_on)
        audit_words.register(
            acts=audited.ACTS, facts=audited.FACTS, objects=audited.OBJECTS, by_column=audited.BY_COLUMN
        )
        audit_words.tell_values(lambda: forms.WORDS, "aggregates")
        audit_words.tell_values(lambda: forms.FORMATS, "time_format")
        audit_words.tell_values(lambda: RELATIONS, "relation")
