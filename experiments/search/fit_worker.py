"""The child's side of a fit: a process that forks workers, and a worker's loop of fits.

Started as ``python -m experiments.search.fit_worker SOCKET PARENT`` by ``experiments.search.nursery``.
"""

import ctypes
import importlib
import mmap
import os
import resource
import signal
import socket
import struct
import sys
import threading
import time
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from experiments.search.fit_task import FLAGS, FitFailure, FitResult, FitTask, SharedData, Welcome, open_shared
from experiments.search.memory import let_go_of_heap
from experiments.search.nursery import ANSWER, FORK, READY, REQUEST
from experiments.search.training_data import TrainingData

LIBRARIES = ("lightgbm", "xgboost", "catboost", "sklearn.ensemble", "sklearn.linear_model", "threadpoolctl")
PR_SET_PDEATHSIG = 1


def main(descriptor: int, parent_pid: int) -> None:
    """Load the libraries once, then fork a worker whenever the parent asks for one."""
    die_with(parent_pid)
    for library in LIBRARIES:
        importlib.import_module(library)
    with socket.socket(fileno=descriptor) as parent:
        parent.sendall(READY)
        _serve(parent)


def _serve(parent: socket.socket) -> None:
    workers: set[int] = set()
    try:
        while True:
            try:
                message, descriptors, _, _ = socket.recv_fds(parent, REQUEST.size, 1)
            except ConnectionError:  # The parent ended without a word.
                return
            if len(message) < REQUEST.size:
                return
            operation, pid = REQUEST.unpack(message)
            answer = _fork(parent, descriptors[0], workers) if operation == FORK else _end(pid, workers)
            parent.sendall(ANSWER.pack(answer))
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGKILL)


def _fork(parent: socket.socket, descriptor: int, workers: set[int]) -> int:
    nursery = os.getpid()
    with warnings.catch_warnings():
        # Python 3.12 and later warn of threads beside a fork; ours belong to memory pools, and no fit needs them.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid:
        os.close(descriptor)
        workers.add(pid)
        return pid
    try:
        workers.clear()
        parent.close()
        die_with(nursery)
        work(Connection(descriptor))
    finally:
        os._exit(0)  # Nothing of the forking process may run on in its copy.


def _end(pid: int, workers: set[int]) -> int:
    if pid not in workers:
        return 0
    workers.discard(pid)
    # A dead child keeps its number until it is waited for, so this can hit no other process.
    os.kill(pid, signal.SIGKILL)
    status = os.waitpid(pid, 0)[1]
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def die_with(parent: int) -> None:
    """End this process when the one that started it ends, even by ``kill -9`` and even inside native code."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    if os.getppid() != parent:  # It died before we could ask.
        os._exit(1)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


class _Unwanted(Exception):
    """The parent no longer wants this result."""


class Flags:
    """Two numbers shared with the parent: up to which task nothing is wanted any more, and how often we have pulsed."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as stream:
            self._memory = mmap.mmap(stream.fileno(), FLAGS.size)

    def pulse_for(self, number: int) -> Callable[[], None]:
        """Return what a fit calls to show that it lives and to hear whether it should."""

        def pulse() -> None:
            unwanted, pulses = FLAGS.unpack_from(self._memory)
            struct.pack_into("=q", self._memory, 8, pulses + 1)
            if number <= unwanted:
                raise _Unwanted

        return pulse


def work(line: Connection) -> None:
    """Fit what comes down the line until it closes."""
    try:
        welcome: Welcome = line.recv()
        flags = Flags(welcome.flags)
        _limit_memory(welcome.most_bytes)
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
    except BaseException as error:  # SystemExit too: whatever a learner raises costs only this fit.
        return FitFailure(f"{type(error).__name__}: {error}".rstrip(": "), is_memory="bad_alloc" in str(error))


def _limit_memory(most_bytes: int | None) -> None:
    """Let a fit that asks for too much fail in its own process; pages of the shared table do not count."""
    if most_bytes is None or not sys.platform.startswith("linux"):
        return
    held = int(Path("/proc/self/status").read_text(encoding="ascii").split("VmData:")[1].split()[0]) * 1024
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = held + most_bytes
    resource.setrlimit(resource.RLIMIT_DATA, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
