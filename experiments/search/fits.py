"""The fits of a run, several at a time, with their results in the order of the tasks."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from experiments.search.fit_task import FitResult, FitTask
from experiments.search.run import Run
from experiments.search.training_data import TrainingData
from experiments.search.workers import Outcome, ThisProcess, WorkerPool, result_or_raise

# Learners that fit faster than a process starts: a run's first score must not wait.
INSTANT, CELLS_OF_AN_INSTANT = ("baseline",), 3_000_000


@contextmanager
def one_after_the_other(tasks: Sequence[FitTask], data: TrainingData, run: Run) -> Iterator[Iterator[FitResult]]:
    """Work on several tasks at a time and yield their results in the tasks' order; see ``WorkerPool.on``.

    Raises
    ------
    FitFailed : from the iterator, in its turn, for a task without a result.
    """
    with each_outcome(tasks, data, run) as outcomes:
        yield map(result_or_raise, outcomes)


@contextmanager
def each_outcome(tasks: Sequence[FitTask], data: TrainingData, run: Run) -> Iterator[Iterator[Outcome]]:
    """Like ``one_after_the_other``, but yield failures among the results."""
    is_instant = data.matrix.size <= CELLS_OF_AN_INSTANT and all(task.learner.name in INSTANT for task in tasks)
    pool: WorkerPool = ThisProcess() if is_instant else run.workers
    with pool.on(tasks, data, run.time) as outcomes:
        yield outcomes
