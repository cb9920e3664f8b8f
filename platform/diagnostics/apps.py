"""Registers the app with Django and what others show of it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DiagnosticsConfig(AppConfig):
    name = "diagnostics"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from common import addresses, offers

        addresses.register_pages("diagnostics.urls")
        addresses.register_operations("diagnostics.api.router", tag="experiments", label=_("Experiments"), weight=36)
        offers.register(
            offers.Offer("result.parts", "diagnostics/_parts.html", weight=10),
            offers.Offer("trials.search", "diagnostics/_search.html", weight=10),
        )
