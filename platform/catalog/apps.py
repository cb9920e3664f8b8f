"""Registers the app with Django and its work with the jobs."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self) -> None:
        from audit import words as audit_words
        from catalog import audited, hooks, joins
        from catalog.dictionary import DictionaryRefused
        from catalog.errors import TOO_LARGE, UploadRefused
        from catalog.finding import columns, datasets
        from catalog.inbox import files_that_failed
        from catalog.job_kinds import JobKind
        from catalog.menu import ENTRIES
        from catalog.problems import refused_dictionary, refused_upload
        from catalog.words import values_told
        from common import addresses, finding, inbox, intake, menu, problems
        from jobs import registry

        registry.register(JobKind.INGEST, "catalog.runner.ingest", on_end="catalog.endings.on_ingest_end")
        registry.register(JobKind.JOIN, "catalog.join_runner.run", on_end="catalog.endings.on_join_end")
        registry.register(JobKind.PROTECT, "catalog.protection_runner.run")
        registry.register(JobKind.VERIFY, "catalog.verifying.run")
        registry.register_tidying("catalog.uploads.expire")
        finding.register(finding.Finder(_("Columns"), "columns-3", columns, weight=40))
        finding.register(finding.Finder(_("Datasets"), "database", datasets, weight=30))
        inbox.register("catalog.failed", files_that_failed, weight=50)
        menu.register(*ENTRIES)
        hooks.register("joins", rests_on=joins.rests_on)
        addresses.register_pages("catalog.urls")
        # /datasets/from-uploads comes before /datasets/{version_id}, which would fit it, too.
        for weight, module in enumerate(("api_uploads", "api", "api_dictionary", "api_joins", "api_connections"), 20):
            addresses.register_operations(f"catalog.{module}.router", tag="data", label=_("Data"), weight=weight)
        intake.register(handler="catalog.upload_handler.StreamingUploadHandler", too_large=TOO_LARGE)
        problems.register(UploadRefused, refused_upload)
        problems.register(DictionaryRefused, refused_dictionary)
        audit_words.register(
            acts=audited.ACTS, facts=audited.FACTS, objects=audited.OBJECTS, by_column=audited.BY_COLUMN
        )
        for words, facts in values_told():
            audit_words.tell_values(words, *facts)
