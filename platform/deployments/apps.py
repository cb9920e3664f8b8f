"""Registers the app with Django, what its tables refuse, and what others show of it."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeploymentsConfig(AppConfig):
    name = "deployments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from approvals.signals import evidence_gathered
        from audit import words as audit_words
        from common import addresses, menu, offers, problems
        from deployments import audited, triggers  # noqa: F401  declares what the tables refuse
        from deployments.errors import NotServed
        from deployments.inventoried import KINDS
        from deployments.menu import ENTRIES
        from deployments.problems import not_served, rows_refused
        from experiments.scoring.wrong_cells import RowsRefused
        from inventory import dependants
        from jobs import registry
        from training import samples

        addresses.register_pages("deployments.urls")
        for weight, router in enumerate(("configuring", "scoring"), start=45):
            path = f"deployments.api.{router}.router"
            addresses.register_operations(path, tag="deployments", label=_("Deployments"), weight=weight)
        addresses.register_pages("deployments.open_inference_urls")
        for kind, refused in ((RowsRefused, rows_refused), (NotServed, not_served)):
            problems.register(kind, refused)
        audit_words.register(acts=audited.ACTS, facts=audited.FACTS, objects=audited.OBJECTS)
        menu.register(*ENTRIES)
        dependants.register(*KINDS)
        samples.once_finished("deployments.samples.deploy_sample", weight=70)
        registry.register_tidying("deployments.live.score_log.tidy")
        evidence_gathered.connect(_on_evidence_gathered, dispatch_uid="deployments")
        offers.register(
            offers.Offer("model_version.acts", "deployments/_deploy.html", weight=20),
            offers.Offer("model_version.cards", "deployments/_used.html", weight=30),
        )


def _on_evidence_gathered(**said: Any) -> None:
    from deployments.samples import on_gathered

    on_gathered(said["row"])
