"""Registers the app with Django, its work with the jobs, and what other pages show of it."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ScorecardsConfig(AppConfig):
    name = "scorecards"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit import words as audit_words
        from common import addresses, offers, problems
        from scorecards import audited, triggers  # noqa: F401  declares what the table refuses
        from scorecards.errors import CardRefused
        from scorecards.problems import refused
        from training import hooks, samples

        addresses.register_pages("scorecards.urls")
        addresses.register_operations("scorecards.api.router", tag="scorecards", label=_("Scorecards"), weight=39)
        offers.register(
            offers.Offer("result.more", "scorecards/_edit_card.html", weight=20),
            offers.Offer("leaderboard.row", "scorecards/_edit_row.html", weight=20),
        )
        audit_words.register(acts=audited.ACTS, facts=audited.FACTS)
        problems.register(CardRefused, refused)
        samples.once_finished("scorecards.samples.open_sample", weight=50)
        hooks.register("scorecards", lets_go=_let_go)


def _let_go(experiment: Any) -> list[str]:
    from scorecards.services import let_go

    return let_go(experiment)
