"""Registers the app with Django and its work with the jobs."""

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "training"

    def ready(self) -> None:
        from jobs import registry
        from jobs.models import JobKind

        registry.register(
            JobKind.EXPERIMENT,
            "training.runner.run",
            on_end="training.services.end_experiment",
            on_pause="training.services.follow_pause",
        )
