"""Registers the app with Django and what others show of it."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ScenariosConfig(AppConfig):
    name = "scenarios"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit import words as audit_words
        from common import addresses, offers, samples
        from scenarios import audited
        from training import hooks
        from training.signals import result_stored

        addresses.register_pages("scenarios.urls")
        addresses.register_operations("scenarios.api.router", tag="scenarios", label=_("Scenarios"), weight=42)
        audit_words.register(acts=audited.ACTS, facts=audited.FACTS, objects=audited.OBJECTS)
        offers.register(offers.Offer("act.below", "scenarios/_save.html", weight=10))
        samples.register("scenarios.samples.load", weight=40)
        hooks.register("scenarios", lets_go=_let_go)
        result_stored.connect(_on_result_stored, dispatch_uid="scenarios")


def _on_result_stored(**said: Any) -> None:
    """Have scenarios ready in the sample workspace; what it takes is imported only in the worker."""
    from scenarios.services import keep_sample

    keep_sample(said["experiment"])


def _let_go(experiment: Any) -> list[str]:
    from scenarios.services import let_go

    return let_go(experiment)
