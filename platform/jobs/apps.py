"""Registers the app with Django, and every app's long work: the classes in its ``jobs.py``."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    name = "jobs"

    def ready(self) -> None:
        from common import addresses

        autodiscover_modules("jobs")
        addresses.register_pages("jobs.urls")
