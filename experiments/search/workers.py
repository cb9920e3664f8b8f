"""Side-by-side fits in processes of their own, one thread each.

One-threaded fits side by side are faster than one fit on all cores while tables are small, do not slow each other down
on a busy machine, and give the same numbers on every machine. A process each, because a learner may hang in native
code, crash or take all memory, and must only cost itself.
"""

import mmap
import struct
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from signal import SIGKILL
from time import monotonic
from typing import Any, Protocol, Self

from experiments.errors import gettext_noop, is_out_of_memory
from experiments.processes.fork_server import ForkServer, ForkServerLost
from experiments.processor import cores
from experiments.search.failure import frames_of, message_of
from experiments.search.fit_task import (
    FLAGS,
    FitFailure,
    FitResult,
    FitTask,
    SharedData,
    Welcome,
    peak_megabytes,
    share,
)
from experiments.search.memory import MEGABYTE, Memory
from experiments.search.time_policy import TimePolicy, seconds_of_patience
from experiments.search.training_data import TrainingData
from experiments.sentence import Sentence

SECONDS_BETWEEN_PULSES = 0.1
# How long an abandoned fit may take to notice.
SECONDS_OF_GRACE = 1.0
CRASHED = gettext_noop("The fit crashed.")
KILLED = gettext_noop("The fit was killed, most likely because memory ran out.")
HUNG = gettext_noop("The fit did not respond for too long and was stopped.")
WOULD_NOT_FIT = gettext_noop(
    "Left out: a fit would need about %(needed)s MB of memory, and only %(allowed)s MB are allowed."
)
MOST_FORK_SERVERS = 3


class FitFailed(Exception):
    """A fit ended without a model; ``is_grave`` when it crashed its process.

    Attributes
    ----------
    frames : the lines of our own code it failed in, where they are known; see ``failure.frames_of``.
    peak_mb : the most memory its process was seen to hold.
    """

    def __init__(
        self, message: str, *, is_grave: bool = False, frames: str = "", peak_mb: float = 0.0, **params: Any
    ) -> None:
        self.message, self.params, self.is_grave = message, params, is_grave
        self.frames, self.peak_mb = frames, peak_mb
        super().__init__(str(Sentence(message, params)))


Outcome = FitResult | FitFailed


def result_or_raise(outcome: Outcome) -> FitResult:
    """Return a result, or raise the failure in its place."""
    if isinstance(outcome, FitFailed):
        raise outcome
    return outcome


class WorkerPool(Protocol):
    """Where fits happen.

    Attributes
    ----------
    threads : how many of them go side by side.
    """

    threads: int

    def on(
        self, tasks: Sequence[FitTask], data: TrainingData, time: TimePolicy
    ) -> AbstractContextManager[Iterator[Outcome]]:
        """Work on several tasks at a time and give their outcomes in the tasks' order.

        Fits that go on when the caller leaves are given up. The listener of the run is only ever called from here.
        """

    def let_go(self) -> None:
        """Stop fits whose results are no longer needed, at once: others need the cores."""


class ThisProcess:
    """The pool without processes: one fit after the other, here."""

    def __init__(self) -> None:
        self.threads = cores()

    @contextmanager
    def on(self, tasks: Sequence[FitTask], data: TrainingData, time: TimePolicy) -> Iterator[Iterator[Outcome]]:
        """Do the tasks; see ``WorkerPool.on``."""
        yield self._in_order(tasks, data, time)

    def let_go(self) -> None:
        """Do nothing: no fit goes on when its caller leaves."""

    def _in_order(self, tasks: Sequence[FitTask], data: TrainingData, time: TimePolicy) -> Iterator[Outcome]:
        raised: list[BaseException] = []

        def pulse() -> None:
            try:
                time.pulse()
            except BaseException as error:
                raised.append(error)
                raise

        for task in tasks:
            try:
                outcome: Outcome = task.perform(data, pulse)
            except Exception as error:
                if raised:  # Raised by the listener or the clock, not by the learner.
                    raise raised[0] from None
                outcome = FitFailed(
                    message_of(error, columns=data.names), is_grave=is_out_of_memory(error),
                    frames=frames_of(error), peak_mb=peak_megabytes(),
                )  # fmt: skip
            yield outcome


@dataclass
class _Worker:
    """One worker process; ``task`` is the number of the task it is at, and ``unwanted_since`` when it was given up."""

    pid: int
    line: Connection
    flags: mmap.mmap
    has_data: bool = False
    task: int | None = None
    unwanted_since: float | None = None
    pulses: int = 0
    pulsed_at: float = field(default_factory=monotonic)

    def begin(self, number: int) -> None:
        self.task, self.unwanted_since, self.pulsed_at = number, None, monotonic()

    def give_up(self) -> None:
        if self.task is not None and self.unwanted_since is None:
            struct.pack_into("=q", self.flags, 0, self.task)
            self.unwanted_since = monotonic()

    @property
    def peak_mb(self) -> float:
        """The most it had held when it last gave its pulse; who is killed between two held more."""
        return float(FLAGS.unpack_from(self.flags)[2]) / 1024

    def seconds_of_silence(self) -> float:
        pulses = FLAGS.unpack_from(self.flags)[1]
        if pulses != self.pulses:
            self.pulses, self.pulsed_at = pulses, monotonic()
        return monotonic() - self.pulsed_at


class Workers:
    """The processes of one run's fits, made when they are needed and replaced when they are lost.

    Parameters
    ----------
    folder : for the table they share; emptied at the end.
    threads : how many fits go side by side; as many as there are cores where it is not said.
    fork_server : where processes come from; closed at the end, like everything else.
    """

    def __init__(self, folder: Path, fork_server: ForkServer | None = None, *, threads: int | None = None) -> None:
        self.folder = folder
        self.threads = threads or cores()
        self._fork_server = fork_server or ForkServer()
        self._workers: list[_Worker] = []
        self._data: TrainingData | None = None
        self._shared: SharedData | None = None
        self._memory: Memory | None = None
        self._outcomes: dict[int, Outcome] = {}
        self._numbers = self._shares = 0
        folder.mkdir(parents=True, exist_ok=True)
        self._empty()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End every process at once, whatever it is doing, and delete the shared table."""
        self._fork_server.close()
        for worker in self._workers:
            worker.line.close()
        self._workers.clear()
        self._empty()
        self.folder.rmdir()

    def let_go(self) -> None:
        """End the processes of such fits; see ``WorkerPool.let_go``."""
        for worker in [worker for worker in self._workers if worker.task is not None]:
            self._end(worker)

    def _empty(self) -> None:
        # A run that was killed may have left its table.
        for path in self.folder.glob("*"):
            path.unlink()

    @contextmanager
    def on(self, tasks: Sequence[FitTask], data: TrainingData, time: TimePolicy) -> Iterator[Iterator[Outcome]]:
        """Do the tasks; see ``WorkerPool.on``."""
        self._share(data)
        try:
            yield self._in_order(tasks, time)
        finally:
            for worker in self._workers:
                worker.give_up()

    def _share(self, data: TrainingData) -> None:
        if self._data is data:
            return
        for path in self.folder.glob("table_*"):
            path.unlink()
        self._shares += 1
        # A name of its own each time: the pages of an earlier file may still be mapped.
        self._data, self._shared = data, share(data, self.folder, f"table_{self._shares}")
        self._memory = Memory.of(data)
        for worker in self._workers:
            worker.has_data = False

    def _in_order(self, tasks: Sequence[FitTask], time: TimePolicy) -> Iterator[Outcome]:
        waiting = deque(range(len(tasks)))
        numbers: dict[int, int] = {}
        self._outcomes = {}
        width = self._limits.width(tasks, self.threads)
        for turn in range(len(tasks)):
            while turn not in numbers or numbers[turn] not in self._outcomes:
                # A little ahead, so that no worker idles behind the slowest, but not much: it may not be needed.
                while waiting and waiting[0] <= turn + width and self._at_work(numbers) < width:
                    number = self._begin(tasks[waiting[0]], time)
                    if number is None:
                        break
                    numbers[waiting.popleft()] = number
                if turn not in numbers or numbers[turn] not in self._outcomes:
                    self._wait(time)
            outcome = self._outcomes.pop(numbers[turn])
            if isinstance(outcome, FitResult):
                time.clock.worked(outcome.seconds, outcome.cpu_seconds)
            yield outcome

    def _at_work(self, numbers: dict[int, int]) -> int:
        mine = set(numbers.values())
        return sum(worker.task in mine for worker in self._workers)

    @property
    def _limits(self) -> Memory:
        assert self._memory is not None
        return self._memory

    def _begin(self, task: FitTask, time: TimePolicy) -> int | None:
        """Give a task to a worker and return its number, or None while there is no worker for it."""
        needed, allowed = self._limits.estimate(task), self._limits.most_bytes_a_fit(self.threads)
        worker = self._free_worker(time) if needed <= allowed else None
        if worker is None and needed <= allowed:
            return None
        self._numbers += 1
        if worker is None:
            words: dict[str, Any] = {"needed": needed // MEGABYTE, "allowed": allowed // MEGABYTE}
            self._outcomes[self._numbers] = FitFailed(WOULD_NOT_FIT, is_grave=True, **words)
        else:
            self._give(worker, self._numbers, task)
        return self._numbers

    def _give(self, worker: _Worker, number: int, task: FitTask) -> None:
        worker.begin(number)
        # If it has died meanwhile, the wait will find out.
        with suppress(BrokenPipeError, ConnectionResetError):
            if not worker.has_data:
                worker.line.send(self._shared)
                worker.has_data = True
            worker.line.send((number, task))

    def _free_worker(self, time: TimePolicy) -> _Worker | None:
        """Return an idle worker or a new one; None while all are busy with what was given up a moment ago."""
        for worker in [worker for worker in self._workers if worker.task is None]:
            if not worker.line.poll():
                return worker
            self._end(worker)  # Nothing was asked, so what came is the end of the line.
        return self._new_worker(time) if len(self._workers) < self.threads else None

    def _new_worker(self, time: TimePolicy) -> _Worker:
        pid, line = self._fork(time)
        path = self.folder / f"worker_{pid}.flags"
        path.write_bytes(bytes(FLAGS.size))
        with path.open("r+b") as stream:
            flags = mmap.mmap(stream.fileno(), FLAGS.size)
        worker = _Worker(pid, line, flags)
        self._workers.append(worker)
        with suppress(BrokenPipeError, ConnectionResetError):
            line.send(Welcome(path, self._limits.most_bytes_a_fit(self.threads)))
        return worker

    def _fork(self, time: TimePolicy) -> tuple[int, Connection]:
        for _ in range(MOST_FORK_SERVERS):
            try:
                while not self._fork_server.is_ready(SECONDS_BETWEEN_PULSES):
                    time.pulse()
                return self._fork_server.fork()
            except ForkServerLost:
                self._fork_server.close()
                self._fork_server = ForkServer()
        raise ForkServerLost

    def _wait(self, time: TimePolicy) -> None:
        """Give the run its pulse and collect the results that have arrived."""
        lines: list[Any] = [worker.line for worker in self._workers if worker.task is not None]
        ready = wait(lines, SECONDS_BETWEEN_PULSES)
        time.pulse()
        patience = seconds_of_patience(time.clock, 0 if self._data is None else len(self._data.y))
        for worker in [worker for worker in self._workers if worker.task is not None]:
            if worker.line in ready:
                self._receive(worker)
            elif worker.unwanted_since is not None:
                if monotonic() - worker.unwanted_since > SECONDS_OF_GRACE:
                    self._end(worker)
            elif worker.seconds_of_silence() > patience:
                self._lose(worker, HUNG)

    def _receive(self, worker: _Worker) -> None:
        try:
            number, outcome = worker.line.recv()
        except (EOFError, OSError):
            self._lose(worker, CRASHED)
            return
        except Exception as error:  # A model that cannot be read here is its learner's fault.
            self._lose(worker, message_of(error), frames=frames_of(error))
            return
        worker.task = worker.unwanted_since = None
        if isinstance(outcome, FitFailure):
            self._outcomes[number] = FitFailed(
                outcome.message, is_grave=outcome.is_memory, frames=outcome.frames, peak_mb=outcome.peak_mb
            )
            if outcome.is_memory:
                self._end(worker)
        elif outcome is not None:
            self._outcomes[number] = outcome

    def _lose(self, worker: _Worker, message: str, *, frames: str = "") -> None:
        """Note that a task crashed its process."""
        peak_mb = worker.peak_mb
        signal = self._end(worker)
        if worker.task is not None:
            words = KILLED if message == CRASHED and signal == SIGKILL else message
            self._outcomes[worker.task] = FitFailed(words, is_grave=True, frames=frames, peak_mb=peak_mb)

    def _end(self, worker: _Worker) -> int:
        self._workers.remove(worker)
        signal = self._fork_server.end(worker.pid)
        worker.line.close()
        worker.flags.close()
        (self.folder / f"worker_{worker.pid}.flags").unlink(missing_ok=True)
        return signal
