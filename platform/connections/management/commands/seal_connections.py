"""Seals the passwords of all databases with the first of the keys, so that the others may go."""

from typing import Any

from django.core.management.base import BaseCommand

from connections import services


class Command(BaseCommand):
    help = "Re-encrypt every database password with the first key of XIAOYU_CONNECTION_KEYS; the others can then go."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Passwords re-encrypted with the first key: {services.seal_again()}.")
