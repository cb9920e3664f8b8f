"""Registers the app with Django and what others show of it."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "reports"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit import words as audit_words
        from common import addresses, menu, offers
        from registry.evidence import papers
        from registry.queries import shown_checks
        from reports import audited
        from reports.menu import ENTRIES
        from reports.queries import papers_of
        from training import hooks, samples

        addresses.register_pages("reports.urls")
        addresses.register_operations("reports.api.router", tag="reports", label=_("Validation reports"), weight=43)
        audit_words.register(acts=audited.ACTS, facts=audited.FACTS, objects=audited.OBJECTS)
        menu.register(*ENTRIES)
        offers.register(
            offers.Offer("candidate.papers", "reports/_of_candidate.html", weight=10),
            offers.Offer("model_version.acts", "reports/_of_version.html", weight=5),
            offers.Offer("approval.papers", "reports/_of_version.html", weight=10),
        )
        shown_checks.settle_on(papers.CODE, "candidate_reports", part="report", of_version="version_reports")
        papers.found_by(papers_of)
        hooks.register("reports", lets_go=_let_go)
        samples.once_finished("reports.services.reports.ask_for_sample", weight=30)


def _let_go(experiment: Any) -> list[str]:
    from reports.services.reports import let_go

    return let_go(experiment)
