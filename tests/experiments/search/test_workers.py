"""Fits in processes of their own: the same numbers, and a fit that misbehaves costs only itself."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest

from experiments import ExperimentSpec, SearchBudget
from experiments.errors import Cancelled
from experiments.learners import LEARNERS
from experiments.progress import Tick, ignore
from experiments.search import time_policy
from experiments.search import workers as pool
from experiments.search.fit_task import FitTask, open_shared, share
from experiments.search.fits import each_outcome, one_after_the_other
from experiments.search.preparing import prepare
from experiments.search.run import Run
from experiments.search.time_policy import OutOfTime
from experiments.search.workers import FitFailed, Workers
from tests.experiments.customers import customers
from tests.experiments.search import hostile
from tests.platform_process import wait_until

SPEC = ExperimentSpec("bad", "yes", id_column="id", budget=SearchBudget(None, 4))
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data():
    return prepare(SPEC, customers(300))


@pytest.fixture(scope="module")
def workers(tmp_path_factory):
    with Workers(tmp_path_factory.mktemp("run") / "fits", threads=2) as workers:
        yield workers


@pytest.fixture
def run(workers):
    return Run.begun(SearchBudget(None, 4), ignore, workers=workers)


def _tasks(learner, data, count: int = 2) -> list[FitTask]:
    params = learner.first_configurations(300, 4)[0]
    return [FitTask(learner, params, rows, valid, valid) for rows, valid in data.folds[:count]]


@pytest.mark.parametrize("name", LEARNERS)
def test_a_fit_gives_the_same_numbers_here_and_in_a_worker(name, data, run):
    tasks = _tasks(LEARNERS[name], data)
    alone = [task.perform(data, lambda: None) for task in tasks]
    with one_after_the_other(tasks, data, run) as results:
        for here, there in zip(alone, results, strict=True):
            np.testing.assert_array_equal(there.margins, here.margins)
            assert there.model.iterations == here.model.iterations


@pytest.mark.parametrize(
    ("learner", "message"),
    [
        (hostile.Raising(), "ValueError: these numbers are not to my taste"),
        (hostile.Leaving(), pool.CRASHED),
        (hostile.Crashing(), pool.CRASHED),
        (hostile.Killed(), pool.KILLED),
        (hostile.Eating(), "MemoryError"),
    ],
)
def test_a_fit_that_fails_costs_only_itself(learner, message, data, run):
    good = _tasks(LEARNERS["linear"], data, 1)[0]
    bad = _tasks(learner, data, 1)[0]
    with each_outcome([good, bad, bad, good], data, run) as outcomes:
        first, second, third, last = outcomes
    assert (str(second), str(third)) == (message, message)
    assert isinstance(second, FitFailed)
    np.testing.assert_array_equal(last.margins, first.margins)


@pytest.mark.parametrize("is_here", [True, False])
def test_a_fit_that_fails_tells_where_and_with_how_much_memory_but_quotes_no_cell(is_here, data, workers):
    run = Run.begun(SearchBudget(None, 4), ignore, workers=pool.ThisProcess() if is_here else workers)
    with each_outcome(_tasks(hostile.Quoting(), data, 1), data, run) as outcomes:
        (failed,) = outcomes
    assert str(failed) == "ValueError: could not convert '…' of 'age'"
    lines = failed.frames.splitlines()
    assert any(line.startswith("experiments/search/fit_task.py:") and "in perform: model = " in line for line in lines)
    assert lines[-1].startswith("experiments/search/hostile.py:")
    assert lines[-1].endswith(", in fit")
    assert "Wang" not in failed.frames
    assert failed.peak_mb > 1


def test_a_fit_that_is_killed_leaves_the_memory_it_was_last_seen_to_hold(data, run):
    with each_outcome(_tasks(hostile.Killed(), data, 1), data, run) as outcomes:
        (killed,) = outcomes
    assert killed.peak_mb > 1


@pytest.mark.parametrize("learner", [hostile.Sleeping(), hostile.Looping(), hostile.Deaf()])
def test_a_fit_that_hangs_is_ended_after_a_while_of_silence(learner, data, run, monkeypatch):
    with monkeypatch.context() as impatient, each_outcome(_tasks(learner, data, 1), data, run) as outcomes:
        impatient.setattr(time_policy, "SECONDS_OF_SILENCE", 1.0)
        (hung,) = outcomes
    assert (str(hung), hung.is_grave) == (pool.HUNG, True)
    with each_outcome(_tasks(LEARNERS["linear"], data, 1), data, run) as outcomes:
        (fine,) = outcomes
    assert fine.model.iterations == 1


@pytest.mark.parametrize("learner", [hostile.Sleeping(), hostile.Looping(), hostile.Deaf(), hostile.Endless()])
def test_a_fit_nobody_waits_for_any_more_frees_its_process_soon(learner, data, workers):
    run = Run.begun(SearchBudget(7_200), ignore, workers=workers)
    tasks, soon = _tasks(learner, data), run.clock.elapsed + 0.3
    with pytest.raises(OutOfTime), run.time.until(soon), each_outcome(tasks, data, run) as outcomes:
        list(outcomes)
    # Fits that were not ended would keep both processes for an hour.
    with one_after_the_other(_tasks(LEARNERS["linear"], data), data, run) as results:
        assert len(list(results)) == 2


def test_what_the_listener_raises_leaves_at_once(data, workers):
    asked = []

    def stop(event):
        if isinstance(event, Tick):
            asked.append(event)
            raise Cancelled

    run = Run.begun(SearchBudget(None, 4), stop, workers=workers)
    with pytest.raises(Cancelled), one_after_the_other(_tasks(hostile.Deaf(), data), data, run) as results:
        list(results)
    assert len(asked) == 1


def test_a_fit_that_would_not_fit_is_refused_with_the_numbers(data, run, monkeypatch):
    monkeypatch.setattr("experiments.search.memory.available_bytes", lambda: 10_000_000)
    with each_outcome(_tasks(LEARNERS["lightgbm"], data, 1), data, run) as outcomes:
        refused = next(outcomes)
    assert refused.message == pool.WOULD_NOT_FIT
    assert refused.params == {"needed": 30, "allowed": 4}


def test_a_lost_fork_server_is_replaced(data, run):
    run.workers._fork_server._process.kill()
    run.workers._fork_server._process.wait()
    with each_outcome(_tasks(LEARNERS["linear"], data) * 2, data, run) as outcomes:
        list(outcomes)
    with one_after_the_other(_tasks(LEARNERS["linear"], data), data, run) as results:
        assert len(list(results)) == 2


def test_a_worker_sees_the_table_as_it_is(data, tmp_path):
    table = pd.DataFrame(
        {
            "text": ["a", None, "c"],
            "whole": [1, 2, 3],
            "mixed": ["a", 1, None],
            "flags": np.array([True, None, False], dtype=object),
            "counts": np.array([1, None, 3], dtype=object),
            "group": pd.Categorical(["x", "y", "x"], categories=["y", "x", "z"]),
            "when": pd.to_datetime(["2025-01-01", None, "2025-01-03"]),
            "real": [0.1, np.nan, 3.0],
        }
    )
    odd = replace(data, table=table, matrix=pd.DataFrame({"f": [1.0, 2.0, np.nan]}))
    seen = open_shared(share(odd, tmp_path, "table"))
    rows = np.array([2, 1])
    pd.testing.assert_frame_equal(seen.table.iloc[rows], table.iloc[rows])
    pd.testing.assert_frame_equal(seen.matrix.iloc[rows], odd.matrix.iloc[rows])


def test_no_process_outlives_a_killed_run(tmp_path):
    script = (
        "from tests.experiments.search.test_workers import run_for_ever; from pathlib import Path;"
        f"run_for_ever(Path({str(tmp_path)!r}))"
    )
    root = str(Path(__file__).parents[3])
    environment = {**os.environ, "PYTHONPATH": root}
    with subprocess.Popen([sys.executable, "-c", script], cwd=root, env=environment) as parent:
        family: list[psutil.Process] = []

        def is_complete() -> bool:
            family[:] = psutil.Process(parent.pid).children(recursive=True)
            return len(family) == 3

        wait_until(is_complete, 300, "one that forks and two that fit")
        parent.send_signal(signal.SIGKILL)
    _gone, alive = psutil.wait_procs(family, timeout=300)
    assert alive == []


def run_for_ever(folder: Path) -> None:
    """Fit with a learner that never ends and hears nothing."""
    data = prepare(SPEC, customers(300))
    tasks = _tasks(hostile.Deaf(), data)
    with Workers(folder / "fits", threads=2) as workers:
        run = Run.begun(SearchBudget(None, 4), ignore, workers=workers)
        with one_after_the_other(tasks, data, run) as results:
            list(results)


def test_what_a_run_shares_is_taken_away_at_the_end(data, tmp_path):
    with Workers(tmp_path / "fits") as workers:
        run = Run.begun(SearchBudget(None, 4), ignore, workers=workers)
        with one_after_the_other(_tasks(LEARNERS["linear"], data), data, run) as results:
            list(results)
        assert list((tmp_path / "fits").iterdir()) != []
    assert list(tmp_path.iterdir()) == []
