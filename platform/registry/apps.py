"""Registers the app with Django and listens to runs that end."""

from typing import Any

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "registry"

    def ready(self) -> None:
        from training.signals import result_stored

        result_stored.connect(_on_result_stored, dispatch_uid="registry")


def _on_result_stored(**said: Any) -> None:
    """Import what it takes only in the worker that ran the experiment."""
    from registry.trying import try_recommended

    try_recommended(said["experiment"])
