"""Registers the app with Django and what it brings with those below it."""

from django.apps import AppConfig


class DictionaryConfig(AppConfig):
    name = "dictionary"

    def ready(self) -> None:
        from audit import words as audit_words
        from catalog.words import DATA
        from common import addresses, offers, problems
        from dictionary import audited
        from dictionary.problems import refused_dictionary
        from dictionary.services import DictionaryRefused

        addresses.register_pages("dictionary.urls")
        offers.register(
            offers.Offer("version.tabs", "dictionary/_tab.html", weight=20),
        )
        addresses.register_operations("dictionary.api.router", **DATA, weight=22)
        problems.register(DictionaryRefused, refused_dictionary)
        audit_words.register(acts=audited.ACTS, facts=audited.FACTS, by_column=audited.BY_COLUMN)
