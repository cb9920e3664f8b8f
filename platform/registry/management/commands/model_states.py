"""Draws the states of a model version into the documentation."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from registry.drawing import document


class Command(BaseCommand):
    help = "Write docs/model-states.md from the table of moves; with --check, tell whether it is up to date."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing, fail where the page is not up to date")

    def handle(self, *args: Any, **options: Any) -> None:
        path = settings.ROOT / "docs" / "model-states.md"
        if not options["check"]:
            path.write_text(document(), encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != document():
            raise CommandError("docs/model-states.md is not up to date: run python manage.py model_states")
