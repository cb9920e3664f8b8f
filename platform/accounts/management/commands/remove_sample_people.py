"""Closes the sample accounts before a server is opened to others."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.samples import remove_sample_people


class Command(BaseCommand):
    help = "Close the sample accounts; nobody can sign in with them any more."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{remove_sample_people()} sample accounts closed.")
