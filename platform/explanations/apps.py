"""Registers the app with Django, and what it asks of the model server."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExplanationsConfig(AppConfig):
    name = "explanations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit import words as audit_words
        from common import addresses, offers, problems
        from explanations import audited
        from explanations.errors import ChangeRefused, CustomerNotFound
        from explanations.problems import refused
        from serving import registry
        from serving.errors import ModelServerRefused
        from training import samples

        addresses.register_pages("explanations.urls")
        samples.once_finished("explanations.samples.explain_sample", weight=40)
        addresses.register_operations("explanations.api.router", tag="explanations", label=_("Explanations"), weight=37)
        for kind in (ChangeRefused, CustomerNotFound, ModelServerRefused):
            problems.register(kind, refused)
        offers.register(offers.Offer("scored_list.acts", "explanations/_explain_one.html", weight=10))
        audit_words.register(acts=audited.ACTS, facts=audited.FACTS)
        for name in ("find", "explain", "knobs", "smallest", "alike"):
            registry.register(f"customer.{name}", f"explanations.answers.{name}")
