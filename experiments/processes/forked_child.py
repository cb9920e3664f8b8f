"""The child's side of a fork_server: a process that forks workers, binds them to itself and limits their memory."""

import ctypes
import importlib
import os
import resource
import signal
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from experiments.processes.fork_server import ANSWER, FORK, READY, REQUEST

PR_SET_PDEATHSIG = 1
Work = Callable[[Connection], None]


def serve(descriptor: int, parent_pid: int, *, libraries: Sequence[str], work: Work) -> None:
    """Load the libraries once, then fork a process that does ``work`` whenever the parent asks for one."""
    die_with(parent_pid)
    for library in libraries:
        importlib.import_module(library)
    with socket.socket(fileno=descriptor) as parent:
        parent.sendall(READY)
        _answer(parent, work)


def _answer(parent: socket.socket, work: Work) -> None:
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
            answer = _fork(parent, descriptors[0], workers, work) if operation == FORK else _end(pid, workers)
            parent.sendall(ANSWER.pack(answer))
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGKILL)


def _fork(parent: socket.socket, descriptor: int, workers: set[int], work: Work) -> int:
    fork_server = os.getpid()
    pid = fork()
    if pid:
        os.close(descriptor)
        workers.add(pid)
        return pid
    try:
        workers.clear()
        parent.close()
        die_with(fork_server)
        work(Connection(descriptor))
    finally:
        os._exit(0)  # Nothing of the forking process may run on in its copy.


def fork() -> int:
    """Fork this process, which has loaded libraries but never used their threads."""
    with warnings.catch_warnings():
        # Python 3.12 and later warn of threads beside a fork; ours belong to memory pools, and no worker needs them.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


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
        threading.Thread(target=_watch, args=(parent,), name="parent-watch", daemon=True).start()
    if os.getppid() != parent:  # It died before we could ask.
        os._exit(1)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def limit_memory(most_bytes: int | None) -> None:
    """Let whoever asks for more than this beyond what is held fail in its own process; mapped files do not count."""
    if most_bytes is None or not sys.platform.startswith("linux"):
        return
    held = int(Path("/proc/self/status").read_text(encoding="ascii").split("VmData:")[1].split()[0]) * 1024
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = held + most_bytes
    resource.setrlimit(resource.RLIMIT_DATA, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
