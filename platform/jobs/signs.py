"""Whether the work of the platform is being done: who takes jobs from each queue, and how long the oldest has waited.

A worker that waits for work says so itself, from the loop in which it waits; one that is at work shows by its job.
(Celery's own question to its workers is not answered by one that is at work, nor through folders as the broker.)
"""

import logging
import os
import socket
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from celery import bootsteps
from django.db import DatabaseError, connection
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext

from experiments.errors import gettext_noop
from jobs.models import Job, JobState, SignOfLife
from jobs.queues import QUEUES

log = logging.getLogger(__name__)
EVERY_SECONDS = 10.0
# Silent for longer than this, one counts as gone.
LIVELY = timedelta(seconds=45)
# A free worker takes a job within seconds; a message that was lost is sent again after ten.
LONGEST_WAIT_WHILE_FREE = timedelta(seconds=60)
KEPT = timedelta(days=1)

NO_WORKER = gettext_noop("No worker is taking jobs from the queue %(queue)s.")
NOT_TAKEN = gettext_noop(
    "A job has waited in the queue %(queue)s for %(seconds)s seconds, but no job there is being worked on."
)
NO_SCHEDULER = gettext_noop("No scheduler is running, so jobs of a lost worker are not resumed.")


class TellOfLife(bootsteps.StartStopStep):
    """Has a Celery worker say, from the very loop in which it waits for work, that it is there.

    No thread does it: a worker forks for each job, and a thread that holds a lock just then would hang the fork.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)
    entry: Any = None

    def start(self, consumer: Any) -> None:
        tell = sign_of(consumer.hostname, sorted(consumer.app.amqp.queues.consume_from))
        tell()
        if consumer.hub is not None:
            self.entry = consumer.timer.call_repeatedly(EVERY_SECONDS, tell)
            return
        pending = consumer.perform_pending_operations

        def round_of_waiting() -> None:
            tell()
            pending()

        consumer.perform_pending_operations = round_of_waiting

    def stop(self, consumer: Any) -> None:
        if self.entry is not None:
            self.entry.cancel()
            self.entry = None
        vars(consumer).pop("perform_pending_operations", None)


def sign_of(name: str, queues: list[str]) -> Callable[[], None]:
    """Return what says, at most every ten seconds, that someone is there; a database that is away is no matter."""
    told_at = float("-inf")

    def tell() -> None:
        nonlocal told_at
        if time.monotonic() - told_at < EVERY_SECONDS - 1:
            return
        told_at = time.monotonic()
        try:
            values = {"queues": queues, "seen_at": timezone.now()}
            SignOfLife.objects.update_or_create(name=name, defaults=values)
        except DatabaseError:
            log.warning("could not say that %s is there; the database does not answer", name)
            connection.close()

    return tell


def sign_of_scheduler() -> Callable[[], None]:
    return sign_of(f"scheduler-{os.getpid()}@{socket.gethostname()}", [])


def forget_the_dead() -> None:
    SignOfLife.objects.filter(seen_at__lt=timezone.now() - KEPT).delete()


@dataclass(frozen=True)
class QueueHealth:
    """One queue: who takes work from it, what is being done, what waits and since when."""

    name: str
    workers: int
    running: int
    waiting: int
    oldest_seconds: int

    @property
    def reasons(self) -> list[str]:
        if not self.workers:
            return [gettext(NO_WORKER) % {"queue": self.name}]
        if not self.running and self.oldest_seconds > LONGEST_WAIT_WHILE_FREE.total_seconds():
            return [gettext(NOT_TAKEN) % {"queue": self.name, "seconds": self.oldest_seconds}]
        return []


@dataclass(frozen=True)
class Health:
    """How the work goes, without a word about whose it is."""

    queues: list[QueueHealth]
    schedulers: int

    @property
    def reasons(self) -> list[str]:
        found = [reason for queue in self.queues for reason in queue.reasons]
        return found if self.schedulers else [*found, gettext(NO_SCHEDULER)]

    @property
    def is_good(self) -> bool:
        return not self.reasons

    def told(self) -> dict[str, Any]:
        """Return it as what ``/health/`` answers."""
        return {
            "status": "ok" if self.is_good else "degraded",
            "reasons": self.reasons,
            "queues": [asdict(queue) for queue in self.queues],
            "schedulers": self.schedulers,
        }


def health_of_jobs() -> Health:
    """Look who has said lately that they are there, and at the queues."""
    now = timezone.now()
    signs = list(SignOfLife.objects.filter(seen_at__gte=now - LIVELY).values_list("queues", flat=True))
    return Health([_health_of(queue, signs, now) for queue in QUEUES], schedulers=signs.count([]))


def _health_of(queue: str, signs: list[list[str]], now: datetime) -> QueueHealth:
    jobs = Job.objects.filter(queue=queue)
    running = jobs.filter(state=JobState.RUNNING, heartbeat_at__gte=now - LIVELY).count()
    waiting = jobs.filter(state=JobState.QUEUED)
    since = waiting.aggregate(oldest=Min("queued_at"))["oldest"]
    return QueueHealth(
        name=queue,
        workers=sum(queue in queues for queues in signs) or running,
        running=running,
        waiting=waiting.count(),
        oldest_seconds=int((now - since).total_seconds()) if since else 0,
    )
