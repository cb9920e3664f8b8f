"""Runs one job from claim to end; whatever happens inside, its row tells the truth afterwards."""

import logging
import secrets
import traceback
from collections.abc import Callable
from uuid import UUID

from django.conf import settings

from common.masking import mask_traceback
from experiments.data.masking import masked_throughout
from experiments.errors import Cancelled, ExperimentError, gettext_noop
from jobs.context import JobContext
from jobs.errors import LeaseLost, PauseAsked, WorkerStopping
from jobs.lifecycle import claim, end, release, rest
from jobs.limits import limits_of
from jobs.models import Job, JobLogLine, JobState
from jobs.registry import work_for

log = logging.getLogger(__name__)
TOO_MUCH_MEMORY = gettext_noop(
    "This took more memory than the %(limit)s GB that work on a file may take, so it was stopped. Use fewer columns or "
    "rows, or ask the administrator for more memory."
)


def run_job(job_id: UUID | str, *, is_stopping: Callable[[], bool] = lambda: False) -> Job | None:
    """Claim the job and do its work; return ``None`` when it is not waiting (any more): another worker has it."""
    job = claim(job_id)
    if job is not None:
        perform(job, is_stopping=is_stopping)
    return job


def perform(job: Job, *, is_stopping: Callable[[], bool] = lambda: False) -> None:
    """Do the work of a job that this process or its parent has claimed."""
    try:
        with JobContext(job, heartbeat_seconds=settings.JOBS_HEARTBEAT_SECONDS, is_stopping=is_stopping) as context:
            work_for(job.kind).run(job, context)
    except LeaseLost:
        log.warning("job %s was taken over by another worker", job.pk)
    except WorkerStopping:
        release(job)
    except PauseAsked:
        rest(job)
    except Cancelled:
        end(job, JobState.CANCELLED)
    except ExperimentError as error:
        end(job, JobState.FAILED, error_message=error.message, error_params=_plain(error.params))
    except MemoryError:
        end(job, JobState.FAILED, error_message=TOO_MUCH_MEMORY, error_params={"limit": limits_of(job).gigabytes})
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # Panics of native code are no Exception.
        _end_with_reference(job)
    else:
        end(job, JobState.SUCCEEDED, percent=100.0)


def _end_with_reference(job: Job) -> None:
    """An unexpected failure: a reference for the person, the traceback in the technical log."""
    reference = f"E-{secrets.token_hex(4)}"
    log.exception("job %s failed, shown as %s", job.pk, reference)
    told = {"traceback": mask_traceback(traceback.format_exc())}
    JobLogLine.objects.create(job=job, message="%(traceback)s", params=told, is_technical=True)
    end(job, JobState.FAILED, error_reference=reference)


def _plain(params: dict[str, object]) -> dict[str, object]:
    """Keep numbers as numbers and sentences within the sentence; anything JSON does not know becomes text.

    A sentence may quote a cell, and a cell may hold the number of a person.
    """
    return masked_throughout({
        name: value if isinstance(value, (int, float, str, bool, list, dict, type(None))) else str(value)
        for name, value in params.items()
    })  # type: ignore[no-any-return]  # fmt: skip
