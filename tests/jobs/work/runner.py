"""Counts to ``subject_id``, one file line a step, so that a test sees who counted what and whether twice."""

import ctypes
import os
import time
from pathlib import Path

from django.conf import settings

from jobs.context import JobContext
from jobs.models import Job


def ledger(job: Job) -> Path:
    return Path(settings.VAR) / f"count-{job.pk}"


def steps_done(job: Job) -> list[tuple[int, int]]:
    """Return (process, step) of every step that was done."""
    path = ledger(job)
    if not path.exists():
        return []
    return [(int(a), int(b)) for a, b in (line.split() for line in path.read_text().splitlines())]


def count(job: Job, context: JobContext) -> None:
    first = len(steps_done(job))
    for step in range(first, job.subject_id):
        with ledger(job).open("a") as out:
            out.write(f"{os.getpid()} {step}\n")
        if step % 10 == 0:
            context.say("Step %(step)s", {"step": step})
        context.progress(percent=100 * step / job.subject_id, stage="Counting", params={"step": step})
        time.sleep(0.2)


def ended(job: Job) -> None:
    ledger(job).with_suffix(".ended").write_text(job.state)


class Panic(BaseException):
    """As native code raises it: no Exception."""


def greedy(job: Job, context: JobContext) -> None:
    """Take memory without end, as Python code does."""
    taken = []
    while True:
        taken.append(bytearray(64 << 20))


def greedy_natively(job: Job, context: JobContext) -> None:
    """End as native code does that is refused memory."""
    os.abort()


def broken(job: Job, context: JobContext) -> None:
    ctypes.string_at(0)


def panicking(job: Job, context: JobContext) -> None:
    raise Panic("index out of bounds")


def sleeping(job: Job, context: JobContext) -> None:
    """Sleep for ``subject_id`` seconds without a word, as in compiled code."""
    time.sleep(job.subject_id)


def working(job: Job, context: JobContext) -> None:
    """Keep a processor busy for ``subject_id`` seconds."""
    begun = time.process_time()
    while time.process_time() - begun < job.subject_id:
        pass
