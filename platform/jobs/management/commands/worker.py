"""A worker: takes jobs from the queues and does them, one after the other."""

import os
import socket
import warnings
from typing import Any

from celery import current_app, signals
from celery.exceptions import SecurityWarning
from django.core.management.base import BaseCommand, CommandParser

from jobs.children import die_with_parent, let_others_first
from jobs.confinement import load_ahead
from jobs.queues import QUEUES
from jobs.signs import TellOfLife
from jobs.stopping import ask_to_stop


class Command(BaseCommand):
    help = "Run a worker. It does one job at a time; start as many as the machine has room for."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--queues", default=",".join(QUEUES), help=f"of: {', '.join(QUEUES)} (default: all)")

    def handle(self, *args: Any, **options: Any) -> None:
        die_with_parent()
        let_others_first()
        warnings.filterwarnings("ignore", category=SecurityWarning)  # messages are plain JSON: nothing to exploit
        signals.worker_shutting_down.connect(_let_go, weak=False)
        name = f"{options['queues'].replace(',', '-')}-{os.getpid()}@{socket.gethostname()}"
        load_ahead(options["queues"].split(","))
        current_app.steps["consumer"].add(TellOfLife)
        # The solo pool forks one process a job from this very one: when it is killed, nothing goes on in an orphan.
        quiet = ("--loglevel=WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat")
        named = (f"--queues={options['queues']}", f"--hostname={name}")
        current_app.worker_main(["--quiet", "worker", "--pool=solo", *named, *quiet])


def _let_go(**_kwargs: object) -> None:
    ask_to_stop()
