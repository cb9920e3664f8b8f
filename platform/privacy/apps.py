"""Registers the app with Django and what it brings with those below it."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "privacy"

    def ready(self) -> None:
        from audit import words as audit_words
        from catalog.words import DATA
        from common import addresses, offers
        from privacy import audited
        from privacy.page import WAYS

        addresses.register_pages("privacy.urls")
        offers.register(
            offers.Offer("version.tabs", "privacy/_tab.html", weight=30),
        )
        addresses.register_operations("privacy.api.router", **DATA, weight=22)
        audit_words.register(acts=audited.ACTS, facts=audited.FACTS)
        audit_words.tell_values(lambda: {way: words[0] for way, words in WAYS.items()}, "protection")
