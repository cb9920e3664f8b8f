"""The scheduler: picks up what dead workers left, and tidies."""

import logging
import signal
import threading
import time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import Error as DatabaseFailure
from django.db import connection

from common import storage
from common.private import close_throughout
from jobs.children import die_with_parent
from jobs.registry import tidy
from jobs.services import recover_stale_jobs
from jobs.signs import forget_the_dead, sign_of_scheduler

log = logging.getLogger(__name__)
LOOK_EVERY_SECONDS = 3.0
TIDY_EVERY_SECONDS = 6 * 3600.0


class Command(BaseCommand):
    help = "Run the scheduler. Several may run at once; each task is done by only one of them."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        die_with_parent()
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        tell = sign_of_scheduler()
        tidied_at = trusted_from = float("-inf")
        while not stop.is_set():
            try:
                tell()
                recover_stale_jobs(trusts_silence=time.monotonic() > trusted_from)
                if time.monotonic() - tidied_at > TIDY_EVERY_SECONDS:
                    call_command("clearsessions")
                    forget_the_dead()
                    for folder in {settings.VAR, storage.root()}:
                        close_throughout(folder)
                    tidy()
                    tidied_at = time.monotonic()
            except DatabaseFailure:
                # A database that is away for a moment must not cost the scheduler its life.
                log.exception("the scheduler could not do its round; next try soon")
                connection.close()
                # Whoever was silent could not write: all get the time to say that they are alive.
                trusted_from = time.monotonic() + settings.JOBS_STALE_SECONDS
            stop.wait(LOOK_EVERY_SECONDS)
