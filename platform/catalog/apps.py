"""Registers the app with Django and its work with the jobs."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self) -> None:
        from audit.words import tell_values
        from catalog.finding import columns, datasets
        from catalog.job_kinds import JobKind
        from catalog.words import values_told
        from common import finding
        from jobs import registry

        registry.register(JobKind.INGEST, "catalog.runner.ingest", on_end="catalog.endings.on_ingest_end")
        registry.register(JobKind.JOIN, "catalog.join_runner.run", on_end="catalog.endings.on_join_end")
        registry.register(JobKind.PROTECT, "catalog.protection_runner.run")
        registry.register(JobKind.VERIFY, "catalog.verifying.run")
        registry.register(JobKind.CHECK, "catalog.check_runner.run", on_end="catalog.endings.on_check_end")
        registry.register_tidying("catalog.uploads.expire")
        finding.register(finding.Finder(_("Columns"), "columns-3", columns))
        finding.register(finding.Finder(_("Datasets"), "database", datasets))
        for words, facts in values_told():
            tell_values(words, *facts)
