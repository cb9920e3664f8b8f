"""The child's side of a fit: a process that forks workers, and a worker's loop of fits.

Started as ``python -m experiments.search.fit_worker SOCKET PARENT`` by ``experiments.processes.fork_server``.
"""

import mmap
import struct
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from experiments.errors import is_out_of_memory
from experiments.learners import LEARNERS
from experiments.processes.forked_child import limit_memory, serve
from experiments.search.failure import frames_of, message_of
from experiments.search.fit_task import (
    FLAGS,
    FitFailure,
    FitResult,
    FitTask,
    SharedData,
    Welcome,
    open_shared,
    peak_megabytes,
)
from experiments.search.pages import let_go_of_heap
from experiments.search.training_data import TrainingData

LIBRARIES = (*dict.fromkeys(name for one in LEARNERS.values() for name in one.about.preloads), "threadpoolctl")


def main(descriptor: int, parent_pid: int) -> None:
    """Load the libraries once, then fork a worker whenever the parent asks for one."""
    serve(descriptor, parent_pid, libraries=LIBRARIES, work=work)


class _Unwanted(Exception):
    """The parent no longer needs this result."""


class Flags:
    """What is shared with the parent: the last task whose result is no longer needed, our pulse count, our peak."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as stream:
            self._memory = mmap.mmap(stream.fileno(), FLAGS.size)

    def pulse_for(self, number: int) -> Callable[[], None]:
        """Return the callback by which a fit shows that it is alive and learns whether to stop."""

        def pulse() -> None:
            unwanted, pulses, _peak = FLAGS.unpack_from(self._memory)
            struct.pack_into("=qq", self._memory, 8, pulses + 1, int(1024 * peak_megabytes()))
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
    except BaseException as error:  # SystemExit too: anything a learner raises costs only this fit.
        told = message_of(error, columns=data.names)
        return FitFailure(told, is_memory=is_out_of_memory(error), frames=frames_of(error), peak_mb=peak_megabytes())


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
