"""Side-by-side fits on the cores of one machine, one thread each.

One-threaded fits side by side are faster than one fit on all cores while tables are small, do not slow each other down
on a busy machine, and give the same numbers on every machine.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

from threadpoolctl import threadpool_limits

from experiments.search.budget import Run

SECONDS_BETWEEN_PULSES = 0.2
Task = Callable[[Callable[[], None]], Any]


class _Stopped(Exception):
    """The caller no longer wants this result."""


@contextmanager
def one_after_the_other(tasks: Sequence[Task], run: Run) -> Iterator[Iterator[Any]]:
    """Work on several tasks at a time and yield their results in the tasks' order.

    Each task is given a callable to call often from within; it ends the task once the caller has left. The listener of
    the run is only ever called from the caller's thread.
    """
    stop = threading.Event()

    def pulse() -> None:
        if stop.is_set():
            raise _Stopped

    with ThreadPoolExecutor(max_workers=run.threads, initializer=threadpool_limits, initargs=(1,)) as pool:
        try:
            yield _in_order(tasks, run, pool, pulse)
        finally:
            stop.set()


def _in_order(tasks: Sequence[Task], run: Run, pool: ThreadPoolExecutor, pulse: Callable[[], None]) -> Iterator[Any]:
    pending: list[Future[Any]] = []
    waiting = list(tasks)
    while pending or waiting:
        while waiting and len(pending) < run.threads:
            pending.append(pool.submit(waiting.pop(0), pulse))
        while not wait(pending[:1], timeout=SECONDS_BETWEEN_PULSES).done:
            run.pulse()
        run.pulse()
        yield pending.pop(0).result()
