"""What one job may take of memory and time; the one place that says so."""

from dataclasses import dataclass

import psutil
from django.conf import settings

from jobs.queues import EXPERIMENTS, SMALL_FILES

LEAST_MEMORY = 3 << 30
# How many times as long the same work may take where others work beside it.
BUSY_MACHINE = 10


@dataclass(frozen=True)
class JobLimits:
    """What one job may take; ``None`` is no limit.

    Attributes
    ----------
    seconds : on the clock. processor_seconds : at work, which a busy machine does not stretch.
    """

    memory_bytes: int | None = None
    seconds: float | None = None
    processor_seconds: float | None = None

    @property
    def gigabytes(self) -> str:
        return f"{(self.memory_bytes or 0) / (1 << 30):.3g}"


def limits_in(queue: str) -> JobLimits:
    """Return what a job of a queue may take; a search has its own budgets and limits its fits itself."""
    if queue == EXPERIMENTS:
        return JobLimits()
    if queue == SMALL_FILES:
        at_work = settings.SMALL_FILE_JOB_SECONDS
        return JobLimits(most_memory(), BUSY_MACHINE * at_work, at_work)
    return JobLimits(most_memory(), settings.FILE_JOB_SECONDS)


def most_memory() -> int:
    """Return the bytes that one job on a file may take: as the installation says, else half of the machine's."""
    if settings.FILE_JOB_BYTES:
        return int(settings.FILE_JOB_BYTES)
    return max(LEAST_MEMORY, psutil.virtual_memory().total // 2)
