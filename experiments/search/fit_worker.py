"""The child's side of a fit: a process that forks workers, and a worker's loop of fits.

Started as ``python -m experiments.search.fit_worker SOCKET PARENT`` by ``experiments.processes.fork_server``.
"""

import mmap
import struct
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from experiments.learners import LEARNERS
from experiments.processes.forked_child import limit_memory, serve
from experiments.search.fit_task import FLAGS, FitFailure, FitResult, FitTask, SharedData, Welcome, open_shared
from experiments.search.pages import let_go_of_heap
from experiments.search.training_data import TrainingData

LIBRARIES = (*dict.fromkeys(name for one in LEARNERS.values() for name in one.about.preloads), "threadpoolctl")


def main(descriptor: int, parent_pid: int) -> None:
    """Load the libraries once, then fork a worker whenever the parent asks for one."""
    serve(descriptor, parent_pid, libraries=LIBRARIES, work=work)


class _Unwanted(Exception):
    """The parent no longer needs this result."""


class Flags:
    """Two numbers shared with the parent: the last task whose result is no longer needed, and our pulse count."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as stream:
            self._memory = mmap.mmap(stream.fileno(), FLAGS.size)

    def pulse_for(self, number: int) -> Callable[[], None]:
        """Return the callback by which a fit shows that it is alive and learns whether to stop."""

        def pulse() -> None:
            unwanted, pulses = FLAGS.unpack_from(self._memory)
            struct.pack_into("=q", self._memory, 8, pulses + 1)
            if number <= unwanted:
                raise _Unwanted

        return pulse


def work(line: Connection) -> None:
    """Fit task after task until the connection closes."""
    try:
        welcome: Welcome = line.recv()
        flags = Flags(welcome.flags)
        limit_memory(welcome.most_bytes)
        data: TrainingData | None = None
        while True:
            message = line.recv()
            if isinstance(message, SharedData):
                data = open_shared(message)
                continue
            number, task = message
            assert data is not None
            line.send((number, _outcome(task, data, flags.pulse_for(number))))
            del message, task
            let_go_of_heap()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _outcome(task: FitTask, data: TrainingData, pulse: Callable[[], None]) -> FitResult | FitFailure | None:
    try:
        return task.perform(data, pulse)
    except _Unwanted:
        return None
    except MemoryError as error:
        return FitFailure(f"MemoryError: {error}".rstrip(": "), is_memory=True)
    except BaseException as error:  # SystemExit too: anything a learner raises costs only this fit.
        return FitFailure(f"{type(error).__name__}: {error}".rstrip(": "), is_memory="bad_alloc" in str(error))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
