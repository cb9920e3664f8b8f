"""Registers the app with Django and its work with the jobs."""

from collections.abc import Callable
from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrainingConfig(AppConfig):
    name = "training"

    def ready(self) -> None:
        from audit import words as audit_words
        from catalog import hooks
        from checks import hosts
        from common import addresses, finding, home, inbox, samples
        from training import audited
        from training.finding import experiments
        from training.home import CARDS
        from training.hosting import ExperimentHost
        from training.inbox import ended_experiments
        from training.queries.experiments import is_in_use

        finding.register(finding.Finder(_("Experiments"), "flask", experiments, weight=20))
        inbox.register("training.ended", ended_experiments, weight=30)
        addresses.register_pages("training.urls")
        addresses.register_views(run="experiment_run")
        addresses.register_operations("training.api.router", tag="experiments", label=_("Experiments"), weight=31)
        home.register(*CARDS)
        audit_words.register(
            acts=audited.ACTS, facts=audited.FACTS, objects=audited.OBJECTS, by_column=audited.BY_COLUMN
        )
        for words, facts in _values_told():
            audit_words.tell_values(words, *facts)
        samples.register("training.samples.fill_finished", weight=40)
        hosts.register(ExperimentHost())
        hooks.register("training", is_in_use=is_in_use)


def _values_told() -> list[tuple[Callable[[], Any], tuple[str, ...]]]:
    """Return the words in which the audit log tells values of experiments, with the facts they belong to."""
    from training.models import Budget, TargetKind
    from training.words import LEARNERS

    return [
        (lambda: dict(TargetKind.choices), ("kind",)),
        (lambda: dict(Budget.choices), ("budget",)),
        (lambda: {name: words[0] for name, words in LEARNERS.items()}, ("learners", "candidate")),
    ]
