"""Registers the app with Django and what others show of it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrackingConfig(AppConfig):
    name = "tracking"

    def ready(self) -> None:
        from audit import words as audit_words
        from common import addresses, menu, offers, samples
        from tracking import audited
        from tracking.menu import ENTRIES
        from training import hooks

        addresses.register_pages("tracking.urls")
        addresses.register_views(experiments="experiment_list")
        # Before the router of planning, to whose addresses it adds.
        addresses.register_operations("tracking.api.router", tag="experiments", label=_("Experiments"), weight=29)
        audit_words.register(acts=audited.ACTS, facts=audited.FACTS)
        menu.register(*ENTRIES)
        offers.register(offers.Offer("result.acts", "tracking/_clone_result.html", weight=5))
        samples.register("tracking.samples.mark_sample", weight=20)
        hooks.register("tracking", acts_without_part=audited.WITHOUT_PART)
