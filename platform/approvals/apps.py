"""Registers the app with Django and its work with the jobs, and listens to runs that end."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApprovalsConfig(AppConfig):
    name = "approvals"

    def ready(self) -> None:
        from approvals import audited
        from approvals.inbox import answers_to_own_requests, requests_to_decide
        from approvals.menu import ENTRIES
        from approvals.queries.deciders import refusal_for_version
        from audit import words as audit_words
        from common import addresses, inbox, menu, offers
        from jobs import registry
        from registry.models import ApprovalRequest
        from registry.moves import Who
        from registry.queries import movers
        from training.signals import result_stored

        audit_words.register(acts=audited.ACTS, facts=audited.FACTS)
        audit_words.tell_values(lambda: dict(ApprovalRequest.Decision.choices), "wanted", "decided")
        registry.register_tidying("approvals.services.dossiers.tidy")
        inbox.register("approvals.to_decide", requests_to_decide, weight=10)
        inbox.register("approvals.answers", answers_to_own_requests, weight=20)
        menu.register(*ENTRIES)
        movers.register(Who.DECIDER, refusal_for_version)
        addresses.register_pages("approvals.urls")
        offers.register(
            offers.Offer("candidate.acts", "approvals/_use_this_model.html", weight=10),
            offers.Offer("model_version.acts", "approvals/_answer_change.html", weight=10),
        )
        addresses.register_operations(
            "approvals.api.router", tag="registry", label=_("Models and approvals"), weight=41
        )
        result_stored.connect(_on_result_stored, dispatch_uid="approvals")


def _on_result_stored(**said: Any) -> None:
    """Import what it takes only in the worker that ran the experiment."""
    from approvals.services.dossiers import ask_for_recommended

    ask_for_recommended(said["experiment"])
