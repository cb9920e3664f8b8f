"""Brings the sample data and the sample experiment into the sample workspace."""

from typing import Any

from django.core.management.base import BaseCommand

from common import samples
from jobs.children import die_with_parent


class Command(BaseCommand):
    help = "Load the sample datasets and start the sample experiment; does nothing where they are already."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        die_with_parent()
        for loader in samples.loaders():
            loader.load()
