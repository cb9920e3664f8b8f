"""How a job passes from hand to hand: every step is one conditional write, so that of several only one succeeds."""

import logging
from uuid import UUID

from django.db import models, transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from jobs.lease import new_lease
from jobs.models import Job, JobState
from jobs.outage import OUTAGE, outlast
from jobs.registry import runner_of

log = logging.getLogger(__name__)
UNENDED = (JobState.QUEUED, JobState.RUNNING, JobState.PAUSED)


def claim(job_id: UUID | str) -> Job | None:
    """Take a waiting job for this process; of several takers the database lets one through."""
    now, lease = timezone.now(), new_lease()
    waiting = Job.objects.filter(pk=job_id, state=JobState.QUEUED)
    taken = {"attempts": models.F("attempts") + 1, "started_at": Coalesce("started_at", now), "heartbeat_at": now}
    outlast(lambda: waiting.update(state=JobState.RUNNING, lease=lease, **taken))
    # Not by what the update said: where the database went away, it may have been done without a word.
    return outlast(lambda: Job.objects.filter(pk=job_id, lease=lease).first())


def release(job: Job) -> None:
    """Give a job back on an orderly stop, which does not count as a failed attempt."""
    _to_queue(job, attempts=models.F("attempts") - 1)


def take_back(job: Job) -> bool:
    """Free the job of a worker that is gone."""
    return _to_queue(job)


def hand_over(job: Job, queue: str) -> bool:
    """Give a job that a worker had to stop to the workers of another queue, which is no failed attempt."""
    return _to_queue(job, queue=queue, attempts=models.F("attempts") - 1)


def pause(job: Job) -> bool:
    """Let a waiting or running job rest: no worker takes it and no recovery touches it until ``resume``."""
    mine = Job.objects.filter(pk=job.pk, lease=job.lease, state__in=(JobState.QUEUED, JobState.RUNNING))
    # A pause is no failed attempt, and the clock of the end stands still.
    rest = {"lease": "", "heartbeat_at": None, "pause_requested": False, "expected_end_at": None, "attempts": 0}
    return _change(job, mine, state=JobState.PAUSED, **rest)


def rest(job: Job) -> None:
    """Do what a worker owes that let go for a pause: if the wish was taken back meanwhile, the work goes on."""
    if Job.objects.filter(pk=job.pk, pause_requested=True).exists():
        pause(job)
    else:
        release(job)


def resume(job: Job) -> bool:
    """Put a paused job back into the queue; whoever calls sends its message."""
    paused = Job.objects.filter(pk=job.pk, state=JobState.PAUSED)
    return _change(job, paused, state=JobState.QUEUED, sent_at=None, queued_at=timezone.now())


def _change(job: Job, rows: models.QuerySet[Job], **values: object) -> bool:
    """Write a pause or its end, and tell the subject in the same transaction."""
    with transaction.atomic():
        written = rows.update(**values)
        job.refresh_from_db()
        if written:
            runner_of(job).on_pause()
    return bool(written)


def end(job: Job, state: str, **what_happened: object) -> bool:
    """Write a final state, only if the caller's view of who owns the job still holds, and tell the subject."""
    with transaction.atomic():
        written = Job.objects.filter(pk=job.pk, lease=job.lease, state__in=UNENDED).update(
            state=state, finished_at=timezone.now(), lease="", **what_happened
        )
        job.refresh_from_db()
        if not written:
            return False
        try:
            with transaction.atomic():
                runner_of(job).on_end()
        except OUTAGE:
            raise
        except Exception:
            log.exception("job %s ended, but its subject could not be told", job.pk)
    return True


def _to_queue(job: Job, **more: object) -> bool:
    """Without ``sent_at`` the scheduler sends the job's message at its next round."""
    mine = Job.objects.filter(pk=job.pk, state=JobState.RUNNING, lease=job.lease)
    waits = {"state": JobState.QUEUED, "lease": "", "heartbeat_at": None, "sent_at": None}
    return bool(mine.update(**waits, queued_at=timezone.now(), **more))
