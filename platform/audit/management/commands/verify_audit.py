"""Checks the audit log from a terminal: links, signatures, the anchor, and decisions against signed entries."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from audit.anchor import Anchor, AnchorRefused
from audit.chain import verify_chain
from audit.words import told_of_chain


class Command(BaseCommand):
    help = "Check the audit log, against the anchor of this installation or against one that was kept elsewhere."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--anchor", metavar="FILE", help="an anchor that was downloaded earlier")

    def handle(self, *args: Any, **options: Any) -> None:
        against = anchor_in(Path(options["anchor"])) if options["anchor"] else None
        state = verify_chain(against)
        with translation.override("en"):
            lines = [line.text for line in told_of_chain(state)]
        self.stdout.write("\n".join(lines))
        if not state.is_sound:
            raise CommandError("The audit log is not as Xiaoyu wrote it.")


def anchor_in(path: Path) -> Anchor:
    try:
        return Anchor.of_text(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, AnchorRefused) as refused:
        raise CommandError(f"{path} cannot be used: {refused}.") from None
