"""Runs one job from claim to end; whatever happens inside, its row tells the truth afterwards."""

import logging
import secrets
import traceback
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from common.masking import mask_traceback
from experiments.disk import DISK_FULL, is_disk_full
from experiments.errors import Cancelled, ExperimentError, gettext_noop, is_out_of_memory
from experiments.privacy.masking import masked_throughout
from jobs.context import JobContext
from jobs.errors import LeaseLost, PauseAsked, WorkerStopping
from jobs.lifecycle import claim, end, release, rest, take_back
from jobs.models import Job, JobLogLine, JobState
from jobs.outage import OUTAGE, outlast
from jobs.registry import limits_of, runner_of

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 8
DATABASE_WAS_AWAY = gettext_noop("The database was briefly unavailable; the work continues where it stopped.")
AWAY_TOO_OFTEN = gettext_noop(
    "The database was unavailable %(attempts)s times during this job. Ask the administrator to "
    "check it, then start again."
)
TOO_MUCH_MEMORY = gettext_noop(
    "This needed more than %(limit)s GB of memory, the limit for one file, so it was stopped. Use "
    "fewer columns or rows, or ask the administrator to raise the limit."
)


def run_job(job_id: UUID | str, *, is_stopping: Callable[[], bool] = lambda: False) -> Job | None:
    """Claim the job and do its work; return ``None`` when it is not waiting (any more): another worker has it."""
    job = claim(job_id)
    if job is not None:
        perform(job, is_stopping=is_stopping)
    return job


def perform(job: Job, *, is_stopping: Callable[[], bool] = lambda: False) -> None:
    """Do the work of a job that this process or its parent has claimed; a database that is away is waited for."""
    state, what_happened = _outcome(job, is_stopping)
    if state is not None:
        outlast(lambda: end(job, state, **what_happened))


def _outcome(job: Job, is_stopping: Callable[[], bool]) -> tuple[str | None, dict[str, Any]]:
    """Do the work; return the final state to write, or none where the job is given back or belongs to another."""
    try:
        with JobContext(job, heartbeat_seconds=settings.JOBS_HEARTBEAT_SECONDS, is_stopping=is_stopping) as context:
            runner_of(job).run(context)
    except LeaseLost:
        log.warning("job %s was taken over by another worker", job.pk)
    except WorkerStopping:
        outlast(lambda: release(job))
    except PauseAsked:
        outlast(lambda: rest(job))
    except Cancelled:
        return JobState.CANCELLED, {}
    except ExperimentError as error:
        return JobState.FAILED, {"error_message": error.message, "error_params": _plain(error.params)}
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # Panics of native code are no Exception.
        return _unexpected(job, error)
    else:
        return JobState.SUCCEEDED, {"percent": 100.0}
    return None, {}


def _unexpected(job: Job, error: BaseException) -> tuple[str | None, dict[str, Any]]:
    """What the machine lacked has its sentence; the rest a reference for the person, and its traceback in the log."""
    if is_out_of_memory(error):
        limit = {"limit": limits_of(job).gigabytes}
        return JobState.FAILED, {"error_message": TOO_MUCH_MEMORY, "error_params": limit}
    if is_disk_full(error):
        log.warning("job %s failed, for the disk is full: %s", job.pk, error)
        return JobState.FAILED, {"error_message": DISK_FULL}
    if isinstance(error, OUTAGE) and not connection.in_atomic_block:
        return _go_on_after_outage(job)
    reference = f"E-{secrets.token_hex(4)}"
    log.exception("job %s failed, shown as %s", job.pk, reference)
    told = {"traceback": mask_traceback(traceback.format_exc())}
    outlast(lambda: JobLogLine.objects.create(job=job, message="%(traceback)s", params=told, is_technical=True))
    return JobState.FAILED, {"error_reference": reference}


def _go_on_after_outage(job: Job) -> tuple[str | None, dict[str, Any]]:
    """Give the job back when the database answers again: it goes on from what is kept."""
    connection.close()
    if job.attempts >= MAX_ATTEMPTS:
        return JobState.FAILED, {"error_message": AWAY_TOO_OFTEN, "error_params": {"attempts": job.attempts}}
    log.warning("the database went away under job %s, which goes on when it is back", job.pk)
    outlast(lambda: take_back(job))
    outlast(lambda: JobLogLine.objects.create(job=job, message=DATABASE_WAS_AWAY))
    return None, {}


def _plain(params: dict[str, object]) -> dict[str, object]:
    """Keep numbers as numbers and sentences within the sentence; anything JSON does not know becomes text.

    A sentence may quote a cell, and a cell may hold the number of a person.
    """
    return masked_throughout({
        name: value if isinstance(value, (int, float, str, bool, list, dict, type(None))) else str(value)
        for name, value in params.items()
    })  # type: ignore[no-any-return]  # fmt: skip
