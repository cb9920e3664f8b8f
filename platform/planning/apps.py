"""Registers the app with Django and what others show of it."""

from collections.abc import Callable
from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlanningConfig(AppConfig):
    name = "planning"

    def ready(self) -> None:
        from audit import words as audit_words
        from checks.signals import checked
        from common import addresses, home, offers, samples
        from planning import audited
        from planning.home import CARDS

        addresses.register_pages("planning.urls")
        addresses.register_views(plan="experiment_plan", question="experiment_new")
        addresses.register_operations("planning.api.router", tag="experiments", label=_("Experiments"), weight=30)
        offers.register(offers.Offer("version.acts", "planning/_build_with_it.html", weight=30))
        home.register(*CARDS)
        samples.register("planning.services.samples.load_samples", weight=10)
        audit_words.register(acts=audited.ACTS, facts=audited.FACTS)
        for words, facts in _values_told():
            audit_words.tell_values(words, *facts)
        checked.connect(_on_checked, dispatch_uid="planning")


def _values_told() -> list[tuple[Callable[[], Any], tuple[str, ...]]]:
    """Return the words in which the audit log tells what a plan chose, with the facts they belong to."""
    from planning.words import DIRECTIONS, EFFORTS, RANKINGS, SCHEMES
    from training.models import ExperimentState

    return [
        (lambda: dict(ExperimentState.choices), ("state",)),
        (lambda: SCHEMES, ("scheme",)),
        (lambda: RANKINGS, ("ranking",)),
        (lambda: {name: words[0] for name, words in EFFORTS.items()}, ("feature_effort",)),
        (lambda: DIRECTIONS, ("monotone",)),
    ]


def _on_checked(**said: Any) -> None:
    """Import what it takes only in the worker that made the check."""
    from planning.runner.planned_split import on_checked

    on_checked(**said)
