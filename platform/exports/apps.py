"""Registers the app with Django, what it asks of the model server, and what others show of it."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExportsConfig(AppConfig):
    name = "exports"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from approvals.signals import evidence_gathered
        from audit import words as audit_words
        from common import addresses, offers
        from exports import audited
        from serving import registry
        from training import hooks, samples

        addresses.register_pages("exports.urls")
        addresses.register_operations("exports.api.router", tag="exports", label=_("Exports"), weight=44)
        audit_words.register(acts=audited.ACTS, facts=audited.FACTS, objects=audited.OBJECTS)
        offers.register(offers.Offer("model_version.cards", "exports/_of_version.html", weight=40))
        registry.register("exports.why_not", "exports.opened.formats_of")
        hooks.register("exports", lets_go=_let_go)
        samples.once_finished("exports.samples.export_sample", weight=80)
        # After the deployments, which have the sample's model approved.
        evidence_gathered.connect(_on_evidence_gathered, dispatch_uid="exports")


def _let_go(experiment: Any) -> list[str]:
    from exports.services import let_go

    return let_go(experiment)


def _on_evidence_gathered(**said: Any) -> None:
    from exports.samples import export_sample

    export_sample(said["row"].experiment)
