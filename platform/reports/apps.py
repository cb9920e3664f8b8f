"""Registers the app with Django and what others show of it."""

from typing import Any

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit import words as audit_words
        from common import addresses, offers
        from reports import audited
        from training import hooks
        from training.signals import result_stored

        addresses.register_pages("reports.urls")
        audit_words.register(acts=audited.ACTS, facts=audited.FACTS, objects=audited.OBJECTS)
        offers.register(
            offers.Offer("candidate.papers", "reports/_of_candidate.html", weight=10),
            offers.Offer("model_version.acts", "reports/_of_version.html", weight=5),
            offers.Offer("approval.papers", "reports/_of_version.html", weight=10),
        )
        hooks.register("reports", lets_go=_let_go)
        result_stored.connect(_on_result_stored, dispatch_uid="reports")


def _on_result_stored(**said: Any) -> None:
    """A sample workspace has a report ready; what it takes is imported only in the worker that ran the experiment."""
    from reports.services import ask_for_sample

    ask_for_sample(said["experiment"])


def _let_go(experiment: Any) -> list[str]:
    from reports.services import let_go

    return let_go(experiment)
