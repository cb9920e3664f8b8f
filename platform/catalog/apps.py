"""Registers the app with Django and its work with the jobs."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self) -> None:
        from jobs import registry
        from jobs.models import JobKind

        registry.register(JobKind.INGEST, "catalog.runner.ingest", on_end="catalog.endings.on_ingest_end")
        registry.register(JobKind.JOIN, "catalog.join_runner.run", on_end="catalog.endings.on_join_end")
        registry.register(JobKind.PROTECT, "catalog.protection_runner.run")
        registry.register(JobKind.VERIFY, "catalog.verifying.run")
        registry.register(JobKind.CHECK, "catalog.check_runner.run", on_end="catalog.endings.on_check_end")
        registry.register_tidying("catalog.uploads.expire")
