"""Counts to ``subject_id``, one file line a step, so that a test sees who counted what and whether twice."""

import ctypes
import os
import time
from pathlib import Path

from django.conf import settings

from jobs.context import JobContext
from jobs.models import Job
from jobs.registry import JobRunner


def ledger(job: Job) -> Path:
    return Path(settings.VAR) / f"count-{job.pk}"


def steps_done(job: Job) -> list[tuple[int, int]]:
    """Return (process, step) of every step that was done."""
    path = ledger(job)
    if not path.exists():
        return []
    return [(int(a), int(b)) for a, b in (line.split() for line in path.read_text().splitlines())]


class Count(JobRunner):
    name, label = "count", "Count"

    def run(self, context: JobContext) -> None:
        job = self.job
        first = len(steps_done(job))
        for step in range(first, job.subject_id):
            with ledger(job).open("a") as out:
                out.write(f"{os.getpid()} {step}\n")
            if step % 10 == 0:
                context.say("Step %(step)s", {"step": step})
            context.progress(percent=100 * step / job.subject_id, stage="Counting", params={"step": step})
            time.sleep(0.2)

    def on_end(self) -> None:
        ledger(self.job).with_suffix(".ended").write_text(self.job.state)


class Panic(BaseException):
    """As native code raises it: no Exception."""


class Greedy(JobRunner):
    """Takes memory without end, as Python code does."""

    name, label = "greedy", "Take memory"

    def run(self, context: JobContext) -> None:
        taken = []
        while True:
            taken.append(bytearray(64 << 20))


class GreedyNatively(JobRunner):
    """Ends as native code does that is refused memory."""

    name, label = "greedy_natively", "Take memory natively"

    def run(self, context: JobContext) -> None:
        os.abort()


class Broken(JobRunner):
    name, label = "broken", "Break"

    def run(self, context: JobContext) -> None:
        ctypes.string_at(0)


class Panicking(JobRunner):
    name, label = "panicking", "Panic"

    def run(self, context: JobContext) -> None:
        raise Panic("index out of bounds")


class Sleeping(JobRunner):
    """Sleeps for ``subject_id`` seconds without a word, as in compiled code."""

    name, label = "sleeping", "Sleep"

    def run(self, context: JobContext) -> None:
        time.sleep(self.job.subject_id)


class Working(JobRunner):
    """Keeps a processor busy for ``subject_id`` seconds."""

    name, label = "working", "Work"

    def run(self, context: JobContext) -> None:
        begun = time.process_time()
        while time.process_time() - begun < self.job.subject_id:
            pass
