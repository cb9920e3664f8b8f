"""Registers the app with Django and what it brings with those below it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DatasetsConfig(AppConfig):
    name = "datasets"

    def ready(self) -> None:
        from audit import words as audit_words
        from catalog.words import DATA
        from common import addresses, finding, inbox, menu, offers
        from datasets import audited
        from datasets.finding import columns, datasets
        from datasets.inbox import files_that_failed
        from datasets.menu import ENTRIES

        finding.register(finding.Finder(_("Columns"), "columns-3", columns, weight=40))
        finding.register(finding.Finder(_("Datasets"), "database", datasets, weight=30))
        inbox.register("datasets.failed", files_that_failed, weight=50)
        menu.register(*ENTRIES)
        addresses.register_pages("datasets.urls")
        addresses.register_views(data="dataset_list", version="dataset_detail", read_again="dataset_read_again")
        offers.register(
            offers.Offer("version.tabs", "datasets/_tab.html", weight=10),
        )
        addresses.register_operations("datasets.api.router", **DATA, weight=21)
        audit_words.register(acts=audited.ACTS, facts=audited.FACTS)
