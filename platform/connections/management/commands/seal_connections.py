"""Seals the passwords of all databases with the first of the keys, so that the others may go."""

from typing import Any

from django.core.management.base import BaseCommand

from connections import services


class Command(BaseCommand):
    help = "Seal every database password with the first key of XIAOYU_CONNECTION_KEYS; the other keys may then go."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{services.seal_again()} passwords sealed with the first key")
