"""Registers the app with Django and what it brings with those below it."""

from django.apps import AppConfig


class UploadsConfig(AppConfig):
    name = "uploads"

    def ready(self) -> None:
        from audit import words as audit_words
        from catalog.errors import TOO_LARGE, UploadRefused
        from catalog.words import DATA
        from common import addresses, intake, problems
        from jobs import registry
        from uploads import audited
        from uploads.forms import BROKEN_CHOICES, TOTALS_CHOICES
        from uploads.problems import refused_upload

        registry.register_tidying("uploads.pieces.expire")
        addresses.register_pages("uploads.urls")
        # /datasets/from-uploads comes before /datasets/{version_id}, which would fit it, too.
        addresses.register_operations("uploads.api.router", **DATA, weight=20)
        intake.register(handler="uploads.handler.StreamingUploadHandler", too_large=TOO_LARGE)
        problems.register(UploadRefused, refused_upload)
        audit_words.register(acts=audited.ACTS, facts=audited.FACTS)
        audit_words.tell_values(lambda: dict(BROKEN_CHOICES), "on_broken_bytes")
        audit_words.tell_values(lambda: dict(TOTALS_CHOICES), "totals")
