"""Registers the app with Django and what others show of it, and compares re-runs as they end."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RerunsConfig(AppConfig):
    name = "reruns"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit import words as audit_words
        from common import addresses, offers, samples
        from registry.queries import shown_checks
        from reruns import audited, triggers  # noqa: F401  declares what the table refuses
        from training import samples as training_samples
        from training.signals import result_stored

        addresses.register_pages("reruns.urls")
        addresses.register_operations("reruns.api.router", tag="experiments", label=_("Experiments"), weight=32)
        offers.register(
            offers.Offer("result.more", "reruns/_run_again.html", weight=10),
            offers.Offer("settings.acts", "reruns/_run_again.html", weight=10),
            offers.Offer("model_version.acts", "reruns/_run_version_again.html", weight=20),
            offers.Offer("model_version.cards", "reruns/_version_card.html", weight=10),
        )
        shown_checks.settle_on("rerun", "rerun_list")
        audit_words.register(acts=audited.ACTS, facts=audited.FACTS, objects=audited.OBJECTS)
        samples.register("reruns.samples.bring_small_experiment", weight=30)
        training_samples.once_finished("reruns.samples.ask_for_sample", weight=60)
        result_stored.connect(_on_result_stored, dispatch_uid="reruns")


def _on_result_stored(**said: Any) -> None:
    """Import what it takes only in the worker that ran the experiment."""
    from reruns.comparing import compare_finished

    compare_finished(said["experiment"])
