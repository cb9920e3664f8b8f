"""Where limited processes come from: one process that has the libraries in memory and forks a worker in no time.

It is started by its own name and not by ``multiprocessing``, whose children a background worker may not have.
Nothing here needs numpy, so that a command can start it first and import the rest meanwhile.
"""

import os
import select
import signal
import socket
import struct
import subprocess
import sys
from multiprocessing.connection import Connection
from typing import Self

FORK, END = b"f", b"e"
READY = b"r"
FITS = "experiments.search.fit_worker"
REQUEST, ANSWER = struct.Struct("=cq"), struct.Struct("=q")
# One thread each, and no second memory pool beside Python's: many processes share the machine.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}


class ForkServerLost(Exception):
    """The process that forks workers has died."""


class ForkServer:
    """The parent's end of the process that forks workers.

    Parameters
    ----------
    module : what the process runs; it calls ``experiments.processes.forked_child.serve``.
    """

    def __init__(self, module: str = FITS) -> None:
        ours, theirs = socket.socketpair()
        modules = os.pathsep.join(path or os.getcwd() for path in sys.path)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  (our own module)
                [sys.executable, "-m", module, str(theirs.fileno()), str(os.getpid())],
                pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                process_group=0,  # Ctrl-C is for the run, which ends us.
                env={**os.environ, **ENVIRONMENT, "PYTHONPATH": modules},
            )  # fmt: skip
        self._socket = ours
        self._is_ready = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def is_ready(self, timeout: float) -> bool:
        """Wait until its libraries are in memory, and tell whether they are."""
        if not self._is_ready and select.select([self._socket], [], [], timeout)[0]:
            self._is_ready = self._receive(1) == READY
        return self._is_ready

    def fork(self) -> tuple[int, Connection]:
        """Return a new worker's process number and the line to it."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._socket, [REQUEST.pack(FORK, 0)], [theirs.fileno()])
            except OSError as error:
                raise ForkServerLost from error
        pid = ANSWER.unpack(self._receive(ANSWER.size))[0]
        return pid, Connection(ours.detach())

    def end(self, pid: int) -> int:
        """Kill a worker, if it still lives, and return the signal that ended it (0 = none)."""
        try:
            self._socket.sendall(REQUEST.pack(END, pid))
            return int(ANSWER.unpack(self._receive(ANSWER.size))[0])
        except (OSError, ForkServerLost):
            return signal.SIGKILL

    def close(self) -> None:
        """End it and every worker it forked."""
        self._socket.close()
        self._process.kill()
        self._process.wait()

    def _receive(self, count: int) -> bytes:
        received = b""
        while len(received) < count:
            try:
                part = self._socket.recv(count - len(received))
            except OSError as error:
                raise ForkServerLost from error
            if not part:
                raise ForkServerLost
            received += part
        return received
