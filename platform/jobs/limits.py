"""What one job may take of memory and time; the one place that says so."""

from dataclasses import dataclass

import psutil
from django.conf import settings

from jobs.models import Job
from jobs.queues import EXPERIMENTS, SMALL_FILES

LEAST_MEMORY = 3 << 30


@dataclass(frozen=True)
class JobLimits:
    """What one job may take; ``None`` is no limit."""

    memory_bytes: int | None
    seconds: float | None

    @property
    def gigabytes(self) -> str:
        return f"{(self.memory_bytes or 0) / (1 << 30):.3g}"


def limits_of(job: Job) -> JobLimits:
    """Return what a job may take; a search has its own budgets and limits its fits itself."""
    if job.queue == EXPERIMENTS:
        return JobLimits(None, None)
    seconds = settings.SMALL_FILE_JOB_SECONDS if job.queue == SMALL_FILES else settings.FILE_JOB_SECONDS
    return JobLimits(most_memory(), seconds)


def most_memory() -> int:
    """Return the bytes that one job on a file may take: as the installation says, else half of the machine's."""
    if settings.FILE_JOB_BYTES:
        return int(settings.FILE_JOB_BYTES)
    return max(LEAST_MEMORY, psutil.virtual_memory().total // 2)
