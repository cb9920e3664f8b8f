"""Registers the app with Django, its work with the jobs and its acts with the audit log."""

from typing import Any

from django.apps import AppConfig


class ChecksConfig(AppConfig):
    name = "checks"

    def ready(self) -> None:
        from audit import words as audit_words
        from catalog import hooks
        from catalog.signals import version_ready
        from checks import audited, lifecycle
        from checks.page import MARKS
        from checks.sample_words import OPERATOR_WORDS
        from checks.templatetags.data_check_pages import meanings
        from common import addresses

        addresses.register_pages("checks.urls")
        audit_words.register(acts=audited.ACTS, facts=audited.FACTS, objects=audited.OBJECTS)
        audit_words.tell_values(lambda: MARKS, "code")
        audit_words.tell_values(lambda: OPERATOR_WORDS, "operator")
        audit_words.tell_values(meanings, "meaning")
        hooks.register("checks", rests_on=lifecycle.rests_on, latest_question=lifecycle.latest_question)
        version_ready.connect(_on_version_ready, dispatch_uid="checks")


def _on_version_ready(version: Any, **_said: Any) -> None:
    """Import what it takes only in the worker that made the version."""
    from checks.lifecycle import begin_waiting_checks

    begin_waiting_checks(version)
