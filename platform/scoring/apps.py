"""Registers the app with Django and its work with the jobs."""

from django.apps import AppConfig


class ScoringConfig(AppConfig):
    name = "scoring"

    def ready(self) -> None:
        from audit import words as audit_words
        from catalog.signals import joined
        from jobs import registry
        from scoring import audited, following, triggers  # noqa: F401  declares what the table refuses
        from scoring.job_kinds import JobKind

        registry.register(JobKind.SCORING, "scoring.runner.run", on_end="scoring.runner.on_end")
        audit_words.register(acts=audited.ACTS, facts=audited.FACTS, objects=audited.OBJECTS)
        joined.connect(following.on_joined, dispatch_uid="scoring")
