"""Registers the app with Django."""

from django.apps import AppConfig


class ServingConfig(AppConfig):
    name = "serving"

    def ready(self) -> None:
        from common import problems
        from serving.errors import ModelServerAway
        from serving.problems import away

        problems.register(ModelServerAway, away)
