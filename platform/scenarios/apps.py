"""Registers the app with Django and what others show of it."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ScenariosConfig(AppConfig):
    name = "scenarios"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit import words as audit_words
        from common import addresses, offers
        from inventory import dependants
        from scenarios import audited
        from scenarios.inventoried import KINDS
        from training import hooks, samples

        addresses.register_pages("scenarios.urls")
        addresses.register_operations("scenarios.api.router", tag="scenarios", label=_("Scenarios"), weight=42)
        audit_words.register(acts=audited.ACTS, facts=audited.FACTS, objects=audited.OBJECTS)
        offers.register(offers.Offer("act.below", "scenarios/_save.html", weight=10))
        dependants.register(*KINDS)
        samples.once_finished("scenarios.services.keep_sample", weight=20)
        hooks.register("scenarios", lets_go=_let_go)


def _let_go(experiment: Any) -> list[str]:
    from scenarios.services import let_go

    return let_go(experiment)
