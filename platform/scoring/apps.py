"""Registers the app with Django and its work with the jobs."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ScoringConfig(AppConfig):
    name = "scoring"

    def ready(self) -> None:
        from audit import words as audit_words
        from common import addresses, home, inbox, menu, offers
        from inventory import dependants
        from joins.signals import joined
        from scoring import audited, following, triggers  # noqa: F401  declares what the table refuses
        from scoring.home import CARDS
        from scoring.inbox import ended_scoring
        from scoring.inventoried import KINDS
        from scoring.menu import ENTRIES

        inbox.register("scoring.ended", ended_scoring, weight=40)
        menu.register(*ENTRIES)
        addresses.register_pages("scoring.urls")
        addresses.register_views(scores="scoring_detail", score="scoring_new")
        offers.register(
            offers.Offer("version.rows", "scoring/_score_table.html", weight=10),
            offers.Offer("join.acts", "scoring/_run_and_score.html", weight=10),
            offers.Offer("champion.acts", "scoring/_score_with.html", weight=10),
            offers.Offer("champion.row", "scoring/_score_with_row.html", weight=10),
        )
        for weight, module in enumerate(("api", "api_tables"), 50):
            addresses.register_operations(f"scoring.{module}.router", tag="scoring", label=_("Scoring"), weight=weight)
        dependants.register(*KINDS)
        home.register(*CARDS)
        audit_words.register(acts=audited.ACTS, facts=audited.FACTS, objects=audited.OBJECTS)
        joined.connect(following.on_joined, dispatch_uid="scoring")
