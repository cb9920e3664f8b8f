"""Registers the app with Django, and what it asks of the model server."""

from django.apps import AppConfig


class ExplanationsConfig(AppConfig):
    name = "explanations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit import words as audit_words
        from common import addresses
        from explanations import audited
        from serving import registry

        addresses.register_pages("explanations.urls")
        audit_words.register(acts=audited.ACTS, facts=audited.FACTS)
        for name in ("find", "explain", "knobs", "smallest", "alike"):
            registry.register(f"customer.{name}", f"explanations.answers.{name}")
