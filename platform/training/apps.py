"""Registers the app with Django and its work with the jobs."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrainingConfig(AppConfig):
    name = "training"

    def ready(self) -> None:
        from catalog.signals import checked
        from common import finding
        from jobs import registry
        from jobs.models import JobKind
        from training.finding import experiments

        registry.register(
            JobKind.EXPERIMENT,
            "training.runner.run",
            on_end="training.services.end_experiment",
            on_pause="training.services.follow_pause",
        )
        registry.register(JobKind.SPLIT, "training.planned_splits.run", on_end="training.planned_splits.on_end")
        finding.register(finding.Finder(_("Experiments"), "flask", experiments))
        checked.connect(_on_checked, dispatch_uid="training")


def _on_checked(**said: Any) -> None:
    """Import what it takes only in the worker that made the check."""
    from training.planned_splits import on_checked

    on_checked(**said)
