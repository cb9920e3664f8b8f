"""Puts work in the queue, asks it to end, and picks up what a dead worker left."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User, Workspace
from experiments.errors import gettext_noop
from jobs.lease import holder_is_dead
from jobs.lifecycle import UNENDED, end, pause, resume, take_back
from jobs.models import Job, JobLogLine, JobState
from jobs.queues import queue_for
from jobs.registry import kind_named
from jobs.runner import MAX_ATTEMPTS
from jobs.tasks import run

log = logging.getLogger(__name__)

# A live process whose heartbeat stopped sits in code that never lets go of the interpreter: wait much longer.
ALIVE_BUT_SILENT = timedelta(minutes=10)
UNANSWERED = timedelta(seconds=10)
LONG_UNANSWERED = timedelta(minutes=5)

LOST_TOO_OFTEN = gettext_noop(
    "The worker stopped %(attempts)s times during this job, most likely because it ran out of "
    "memory. Use fewer columns or rows, or a machine with more memory, and start again."
)
GOES_ON = gettext_noop("The worker was lost; the work continues where it stopped.")


@transaction.atomic
def enqueue(kind: str, *, workspace: Workspace, owner: User | None, subject_id: int, size: int | None = None) -> Job:
    """Write the job's row now and send its message when the caller's transaction is done.

    Parameters
    ----------
    size : the bytes of the files that the work is about, where they are known; small ones do not wait for large ones.
    """
    queue = queue_for(kind_named(kind).queue, size)
    job = Job.objects.create(kind=kind, workspace=workspace, owner=owner, subject_id=subject_id, queue=queue)
    transaction.on_commit(lambda: send(job))
    return job


def send(job: Job) -> None:
    """Send a job's message; when the broker is away, ``recover_stale_jobs`` sends it again later."""
    Job.objects.filter(pk=job.pk).update(sent_at=timezone.now())
    try:
        run.apply_async([str(job.pk)], queue=job.queue, retry=False)
    except Exception:
        log.exception("could not send the message of job %s", job.pk)


def request_cancel(job: Job) -> None:
    """Ask a running job to stop and throw its unfinished work away; one that has not begun ends at once."""
    with transaction.atomic():
        row = Job.objects.select_for_update().get(pk=job.pk)
        if row.is_terminated:
            return
        Job.objects.filter(pk=row.pk).update(cancel_requested=True)
        if row.state in (JobState.QUEUED, JobState.PAUSED):
            end(row, JobState.CANCELLED)
    job.refresh_from_db()


def request_finish(job: Job) -> None:
    """Ask a running job to end its search and keep the best found so far; a paused one goes on to do so."""
    with transaction.atomic():
        # When it would have ended is no longer when it will.
        changes = {"finish_requested": True, "pause_requested": False, "expected_end_at": None}
        Job.objects.filter(pk=job.pk, state__in=UNENDED).update(**changes)
        request_resume(job)
    job.refresh_from_db()


def request_pause(job: Job) -> None:
    """Ask a running job to let go of its worker and keep what is finished; one that has not begun rests at once."""
    with transaction.atomic():
        row = Job.objects.select_for_update().get(pk=job.pk)
        is_ending = row.cancel_requested or row.finish_requested
        if row.state not in (JobState.QUEUED, JobState.RUNNING) or is_ending or not kind_named(row.kind).can_pause:
            return
        if row.state == JobState.QUEUED:
            pause(row)
        else:
            Job.objects.filter(pk=row.pk).update(pause_requested=True)
    job.refresh_from_db()


@transaction.atomic
def request_resume(job: Job) -> None:
    """Put a paused job back into the queue; a pause that was asked for but not yet heard is taken back."""
    Job.objects.filter(pk=job.pk, state=JobState.RUNNING).update(pause_requested=False)
    if resume(job):
        transaction.on_commit(lambda: send(job))


def recover_stale_jobs(*, trusts_silence: bool = True) -> int:
    """Give jobs of dead workers back to the queue and send lost messages again; return how many were touched.

    Parameters
    ----------
    trusts_silence : whether a job of which nothing was heard for long is given up; after the database was away, a
        worker may be silent that could not write.
    """
    running = Job.objects.filter(state=JobState.RUNNING)
    taken_back = sum(_take_back(job) for job in running if _is_abandoned(job, trusts_silence))
    return taken_back + sum(_send_again(job) for job in Job.objects.filter(state=JobState.QUEUED))


def _is_abandoned(job: Job, trusts_silence: bool) -> bool:
    silent = timezone.now() - (job.heartbeat_at or job.created_at)
    dead = holder_is_dead(job.lease) if job.lease else True
    if not dead and not trusts_silence:
        return False
    if dead is None:
        return silent > timedelta(seconds=settings.JOBS_STALE_SECONDS)
    return dead or silent > ALIVE_BUT_SILENT


def _take_back(job: Job) -> bool:
    """Free an abandoned job; the condition on its lease lets only one of several schedulers do it."""
    if job.cancel_requested:
        return end(job, JobState.CANCELLED)
    if job.pause_requested:
        return pause(job)
    if job.attempts >= MAX_ATTEMPTS:
        words = {"error_message": LOST_TOO_OFTEN, "error_params": {"attempts": job.attempts}}
        return end(job, JobState.FAILED, **words)
    if not take_back(job):
        return False
    log.warning("job %s was left by its worker and goes back to the queue", job.pk)
    JobLogLine.objects.create(job=job, message=GOES_ON)
    send(job)
    return True


def _send_again(job: Job) -> bool:
    """A message can be lost with the worker that had taken it; sending it twice costs nothing."""
    if job.sent_at is not None:
        waited = timezone.now() - job.sent_at
        if waited < UNANSWERED or (waited < LONG_UNANSWERED and _queue_is_busy(job.queue)):
            return False
    send(job)
    return True


def _queue_is_busy(queue: str) -> bool:
    return Job.objects.filter(queue=queue, state=JobState.RUNNING).exists()
