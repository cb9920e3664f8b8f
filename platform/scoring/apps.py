"""Registers the app with Django and its work with the jobs."""

from django.apps import AppConfig


class ScoringConfig(AppConfig):
    name = "scoring"

    def ready(self) -> None:
        from audit import words as audit_words
        from catalog.signals import joined
        from common import home, inbox, menu
        from jobs import registry
        from scoring import audited, following, triggers  # noqa: F401  declares what the table refuses
        from scoring.home import CARDS
        from scoring.inbox import ended_scoring
        from scoring.job_kinds import JobKind
        from scoring.menu import ENTRIES

        registry.register(JobKind.SCORING, "scoring.runner.run", on_end="scoring.runner.on_end")
        inbox.register("scoring.ended", ended_scoring, weight=40)
        menu.register(*ENTRIES)
        home.register(*CARDS)
        audit_words.register(acts=audited.ACTS, facts=audited.FACTS, objects=audited.OBJECTS)
        joined.connect(following.on_joined, dispatch_uid="scoring")
