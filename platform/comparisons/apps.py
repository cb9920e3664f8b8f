"""Registers the app with Django, its work with the jobs, and what other pages show of it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComparisonsConfig(AppConfig):
    name = "comparisons"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from common import addresses, home, offers
        from comparisons.home import CARDS
        from training import samples

        addresses.register_pages("comparisons.urls")
        addresses.register_views(compare="compare")
        addresses.register_operations("comparisons.api.router", tag="comparisons", label=_("Comparisons"), weight=38)
        offers.register(
            offers.Offer("candidate.acts", "comparisons/_compare_finalists.html", weight=5),
            offers.Offer("leaderboard.row", "comparisons/_compare_row.html", weight=10),
            offers.Offer("model_version.acts", "comparisons/_compare_version.html", weight=5),
            offers.Offer("champion.row", "comparisons/_compare_version_row.html", weight=5),
        )
        home.register(*CARDS)
        samples.once_finished("comparisons.services.ask_for_sample", weight=10)
