"""Does each job in a process of its own, limited in memory and time: what it costs is the job, never its worker.

A worker only forks; it never works itself, so that no thread of a library and no open line to the broker or the
database stands in a fork's way.
"""

import logging
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from uuid import UUID

import psutil
from django.db import connections

from common import storage
from experiments.disk import DISK_FULL
from experiments.errors import gettext_noop
from experiments.processes.forked_child import fork, limit_memory
from experiments.processor import cores
from jobs import stopping
from jobs.children import bind_grandchild
from jobs.lifecycle import claim, end, hand_over, take_back
from jobs.limits import JobLimits
from jobs.models import Job, JobLogLine, JobState
from jobs.outage import outlast
from jobs.queues import EXPERIMENTS, FILES, SMALL_FILES
from jobs.registry import kinds, limits_of
from jobs.runner import TOO_MUCH_MEMORY, perform

log = logging.getLogger(__name__)
LOOK_EVERY_SECONDS = 0.05
FULL_BELOW = 1 << 20
# Native code that is refused memory aborts; the system kills whoever takes the machine's last.
FOR_MEMORY = (signal.SIGABRT, signal.SIGKILL, signal.SIGBUS)

TOO_LONG = gettext_noop(
    "This was not finished after %(limit)s minutes, the limit for one file, so it was stopped. Use "
    "fewer columns or rows, or ask the administrator to raise the limit."
)
BROKE_DOWN = gettext_noop(
    "The process crashed, most likely because of something in the file (signal %(signal)s). Open "
    "the file, save it again, preferably as CSV, and try again."
)
GOES_ON_AMONG_LARGE = gettext_noop(
    "This takes longer than a small file should, so it continues in the queue for large files and "
    "no small file has to wait."
)


@dataclass(frozen=True)
class _Ended:
    """How a job's process ended: by itself, by a signal, or because its time was up."""

    signal: int = 0
    is_late: bool = False


def run_confined(job_id: UUID | str, *, is_stopping: Callable[[], bool] = stopping.is_stopping) -> None:
    """Claim the job, have a process of its own do it, and say what became of it where that process cannot."""
    job = claim(job_id)
    if job is None:
        return
    limits = limits_of(job)
    # A connection is of one process.
    connections.close_all()
    # What a process that is killed leaves lying about goes with this folder.
    with tempfile.TemporaryDirectory(prefix="xiaoyu-job-", ignore_cleanup_errors=True) as folder:
        pid = fork()
        if pid == 0:
            _work(job, limits, folder)
        ended = _watched(pid, limits, is_stopping)
    outlast(lambda: _account_for(job, ended, limits))


def load_ahead(queues: Sequence[str]) -> None:
    """Load what the jobs of these queues need, so that none waits for it in its own process."""
    for kind in kinds():
        waits_in = {kind.queue} if kind.queue else {FILES, SMALL_FILES}
        for module in kind.needs if waits_in & set(queues) else ():
            try:
                import_module(module)
            except Exception:
                log.exception("%s could not be loaded beforehand", module)


def _work(job: Job, limits: JobLimits, folder: str) -> None:
    """Do the job and end; nothing of the worker may run on in its copy."""
    code = 1
    try:
        bind_grandchild()
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        signal.signal(signal.SIGTERM, lambda *_: stopping.ask_to_stop())
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        limit_memory(limits.memory_bytes)
        perform(job, is_stopping=stopping.is_stopping)
        code = 0
    except BaseException:
        log.exception("job %s left its process", job.pk)
    finally:
        logging.shutdown()
        os._exit(code)


def _watched(pid: int, limits: JobLimits, is_stopping: Callable[[], bool]) -> _Ended:
    """Wait for a job's process; end it where its time is up, and pass on that the worker stops."""
    begun = time.monotonic()
    is_told = is_late = False
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return _Ended(os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, is_late)
        if is_stopping() and not is_told:
            os.kill(pid, signal.SIGTERM)
            is_told = True
        if not is_late and _is_up(pid, time.monotonic() - begun, limits):
            os.kill(pid, signal.SIGKILL)
            is_late = True
        time.sleep(LOOK_EVERY_SECONDS)


def _is_up(pid: int, seconds: float, limits: JobLimits) -> bool:
    if limits.seconds is not None and seconds > limits.seconds:
        return True
    # Nobody can have worked longer than the clock ran, on each of the processors.
    if limits.processor_seconds is None or seconds * cores() < limits.processor_seconds:
        return False
    try:
        taken = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return False
    return bool(sum(taken[:4]) > limits.processor_seconds)


def _account_for(job: Job, ended: _Ended, limits: JobLimits) -> None:
    """End a job whose process could not say so itself: at once, for a second try would end the same way."""
    if not Job.objects.filter(pk=job.pk, lease=job.lease, state=JobState.RUNNING).exists():
        return
    log.warning("the process of job %s ended (signal %s, late %s)", job.pk, ended.signal, ended.is_late)
    if job.queue == EXPERIMENTS:
        # A search goes on from the trials it has kept.
        take_back(job)
    elif ended.is_late and job.queue == SMALL_FILES:
        if hand_over(job, FILES):
            JobLogLine.objects.create(job=job, message=GOES_ON_AMONG_LARGE)
    elif ended.is_late:
        end(job, JobState.FAILED, error_message=TOO_LONG, error_params={"limit": f"{(limits.seconds or 0) / 60:g}"})
    elif ended.signal == signal.SIGBUS and _is_disk_full():
        end(job, JobState.FAILED, error_message=DISK_FULL)
    elif ended.signal in FOR_MEMORY:
        end(job, JobState.FAILED, error_message=TOO_MUCH_MEMORY, error_params={"limit": limits.gigabytes})
    else:
        end(job, JobState.FAILED, error_message=BROKE_DOWN, error_params={"signal": ended.signal})


def _is_disk_full() -> bool:
    """Whoever writes through memory on a full disk is ended by a signal that names no reason."""
    return any(shutil.disk_usage(place).free < FULL_BELOW for place in (storage.root(), tempfile.gettempdir()))
