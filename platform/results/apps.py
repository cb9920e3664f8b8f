"""Registers the app with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ResultsConfig(AppConfig):
    name = "results"

    def ready(self) -> None:
        from common import addresses

        addresses.register_pages("results.urls")
        addresses.register_views(
            result="experiment_result",
            trials="experiment_trials",
            trials_csv="experiment_trials_csv",
            settings="experiment_settings",
        )
        addresses.register_operations("results.api.router", tag="experiments", label=_("Experiments"), weight=35)
