"""Registers the app with Django, what its tables refuse, and what others show of it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegistryConfig(AppConfig):
    name = "registry"

    def ready(self) -> None:
        from audit import words as audit_words
        from audit.chain import compare_with_entries
        from common import addresses, finding, home, menu
        from registry import audited, triggers  # noqa: F401  declares what the tables refuse
        from registry.finding import models
        from registry.home import CARDS
        from registry.menu import ENTRIES
        from registry.queries.kept_experiments import keeps
        from registry.queries.rivals import champions_beside
        from registry.queries.signed import differences
        from results.queries import rivals
        from training import hooks

        compare_with_entries(differences)
        audit_words.register(acts=audited.ACTS, facts=audited.FACTS, objects=audited.OBJECTS)
        finding.register(finding.Finder(_("Models"), "box", models, weight=10))
        menu.register(*ENTRIES)
        addresses.register_pages("registry.urls")
        addresses.register_operations("registry.api.router", tag="registry", label=_("Models and approvals"), weight=40)
        home.register(*CARDS)
        hooks.register("registry", keeps=keeps)
        rivals.register("registry", champions_beside)
