"""Registers the app with Django and its work with the jobs, and listens to runs that end."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegistryConfig(AppConfig):
    name = "registry"

    def ready(self) -> None:
        from audit import words as audit_words
        from audit.chain import compare_with_entries
        from common import addresses, finding, home, inbox, menu, offers
        from jobs import registry
        from registry import audited, triggers  # noqa: F401  declares what the tables refuse
        from registry.finding import models
        from registry.home import CARDS
        from registry.inbox import answers_to_own_requests, requests_to_decide
        from registry.job_kinds import JobKind
        from registry.menu import ENTRIES
        from registry.models import ApprovalRequest
        from registry.queries.signed import differences
        from training.signals import result_stored

        compare_with_entries(differences)
        audit_words.register(acts=audited.ACTS, facts=audited.FACTS, objects=audited.OBJECTS)
        audit_words.tell_values(lambda: dict(ApprovalRequest.Decision.choices), "wanted", "decided")
        registry.register(JobKind.EVIDENCE, "registry.runner.dossier.run")
        registry.register(JobKind.COMPARISON, "registry.runner.comparison.run")
        registry.register_tidying("registry.services.dossiers.tidy")
        finding.register(finding.Finder(_("Models"), "box", models, weight=10))
        inbox.register("registry.to_decide", requests_to_decide, weight=10)
        inbox.register("registry.answers", answers_to_own_requests, weight=20)
        menu.register(*ENTRIES)
        addresses.register_pages("registry.urls")
        offers.register(
            offers.Offer("candidate.acts", "registry/_use_this_model.html", weight=10),
        )
        addresses.register_operations("registry.api.router", tag="registry", label=_("Models and approvals"), weight=40)
        home.register(*CARDS)
        result_stored.connect(_on_result_stored, dispatch_uid="registry")


def _on_result_stored(**said: Any) -> None:
    """Import what it takes only in the worker that ran the experiment."""
    from registry.services.dossiers import ask_for_recommended

    ask_for_recommended(said["experiment"])
