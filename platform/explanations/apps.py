"""Registers the app with Django."""

from django.apps import AppConfig


class ExplanationsConfig(AppConfig):
    name = "explanations"

    def ready(self) -> None:
        from common import addresses

        addresses.register_pages("explanations.urls")
