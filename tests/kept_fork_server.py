"""One process that forks the fits of all runs of these tests: its libraries are loaded once, and not once a run.

What a run gets of it is what a process of its own would give: it never fits itself, and a fit's process ends with the
run it was forked for.
"""

import os
import sys
from multiprocessing.connection import Connection

from experiments.processes.fork_server import ForkServer


class LentForkServer(ForkServer):
    """Is closed by the run it is lent to, and then waits for the next one."""

    def __init__(self) -> None:
        super().__init__()
        self.begun_as = circumstances()
        self.is_lent = self._is_asked = False
        self._forked: list[int] = []

    def fork(self) -> tuple[int, Connection]:
        """Fork as for one run, and remember what is to end with it."""
        self._is_asked = True
        pid, line = super().fork()
        self._is_asked = False
        self._forked.append(pid)
        return pid, line

    def close(self) -> None:
        """End what was forked for the run."""
        for pid in self._forked:
            self.end(pid)
        self._forked.clear()
        self.is_lent = False

    def end_for_good(self) -> None:
        """End it as its run would."""
        super().close()

    @property
    def is_good(self) -> bool:
        """Tell whether it lives, owes no answer, and would start as it did."""
        return self._process.poll() is None and not self._is_asked and self.begun_as == circumstances()


class Lender:
    """Stands in the place of the class: ``Lender()()`` is a process for a run."""

    def __init__(self) -> None:
        self._kept: LentForkServer | None = None

    def __call__(self) -> ForkServer:
        """Lend the process that is kept; one of its own goes to a run within another, or in a forked process."""
        if self._kept is not None and (self._kept.is_lent or self._kept.begun_as[0] != os.getpid()):
            return ForkServer()
        if self._kept is None or not self._kept.is_good:
            self.close()
            self._kept = LentForkServer()
        self._kept.is_lent = True
        return self._kept

    def close(self) -> None:
        """End the process that was kept."""
        if self._kept is not None:
            self._kept.end_for_good()
        self._kept = None


def circumstances() -> tuple[object, ...]:
    """Return all that a new process would take over from this one."""
    # Which test is running is told to every process, and means nothing to it.
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    return os.getpid(), os.getcwd(), tuple(sys.path), tuple(sorted(environment.items()))
