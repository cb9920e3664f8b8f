"""Registers the app with Django."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"

    def ready(self) -> None:
        from common import addresses

        addresses.register_pages("api.urls")
