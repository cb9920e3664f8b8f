"""Whole runs beside a learner that misbehaves: they end in time, with the other families."""

import time
from dataclasses import replace

import numpy as np
import pytest

from experiments import ExperimentSpec, ModelArtifact, SearchBudget, run_experiment
from experiments.errors import Cancelled, FinishNow
from experiments.learners import LEARNERS
from experiments.progress import Skipped, Tick
from experiments.search import time_policy, workers
from experiments.search.attempts import LEFT_OUT, TOO_SLOW
from experiments.search.cross_validation import NOT_FINITE
from tests.experiments.customers import customers
from tests.experiments.search import hostile

COUNTED = ExperimentSpec(
    "bad", "yes", id_column="id", budget=SearchBudget(None, 4), learners=("lightgbm", "linear"), ensemble=False
)
TIMED = replace(COUNTED, budget=SearchBudget(30.0))
OTHERS = {"linear", "scorecard", "baseline"}
pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("learner", "message", "is_left_out"),
    [
        (hostile.Raising(), "ValueError: these numbers are not to my taste", False),
        (hostile.Nonsense(), NOT_FINITE, False),
        (hostile.Leaving(), workers.CRASHED, True),
        (hostile.Crashing(), workers.CRASHED, True),
        (hostile.Killed(), workers.KILLED, True),
        (hostile.Eating(), "MemoryError", True),
        (hostile.Deaf(), workers.HUNG, True),
    ],
)
def test_a_learner_that_fails_costs_only_itself(learner, message, is_left_out, tmp_path, monkeypatch):
    monkeypatch.setitem(LEARNERS, "lightgbm", learner)
    if message == workers.HUNG:
        monkeypatch.setattr(time_policy, "SECONDS_OF_SILENCE", 1.5)
    told = []
    result = run_experiment(COUNTED, customers(), work_dir=tmp_path, on_progress=told.append)
    failed = [trial for trial in result.trials if trial.state == "failed"]
    assert {(trial.learner, trial.message) for trial in failed} == {("lightgbm", message)}
    assert {row.candidate for row in result.finalists} == OTHERS
    left_out = [event for event in told if isinstance(event, Skipped) and event.message == LEFT_OUT]
    assert bool(left_out) == ((is_left_out and len(failed) > 1) or message == workers.HUNG)


@pytest.mark.parametrize("learner", [hostile.Looping(), hostile.Deaf(), hostile.Endless()])
def test_a_learner_that_hangs_does_not_hold_up_a_run(learner, tmp_path, monkeypatch):
    monkeypatch.setitem(LEARNERS, "lightgbm", learner)
    began = time.monotonic()
    result = run_experiment(TIMED, customers(), work_dir=tmp_path)
    assert time.monotonic() - began < 30 * 1.02 + 3
    names = {row.candidate for row in result.finalists}
    # The scorecard may lack time on a slow machine.
    assert names - {"scorecard"} == {"linear", "baseline"}
    messages = {trial.message for trial in result.trials if trial.learner == "lightgbm"}
    # On a slow machine more silence is borne, and then the trial's own end comes first.
    assert messages <= {TOO_SLOW, workers.HUNG}


@pytest.mark.parametrize("learner", [hostile.Deaf(), hostile.Endless()])
def test_finish_now_ends_within_five_seconds_whatever_a_learner_does(learner, tmp_path, monkeypatch):
    monkeypatch.setitem(LEARNERS, "lightgbm", learner)
    asked: list[float] = []

    def enough(event):
        if isinstance(event, Tick) and event.elapsed > 4:
            asked.append(time.monotonic())
            raise FinishNow

    spec = replace(TIMED, budget=SearchBudget(120.0), learners=("lightgbm",))
    table = customers(2000)
    result = run_experiment(spec, table, work_dir=tmp_path, on_progress=enough)
    assert time.monotonic() - asked[0] < 5
    chosen = next(row for row in result.finalists if row.is_recommended)
    scores = ModelArtifact.load(chosen.model_dir).predict(table)
    assert np.all((scores > 0) & (scores < 1))


def test_a_run_is_cancelled_at_once_whatever_a_learner_does(tmp_path, monkeypatch):
    monkeypatch.setitem(LEARNERS, "lightgbm", hostile.Deaf())
    # On a slow machine the run must still be at the fit that hangs when the wish comes.
    monkeypatch.setattr(time_policy, "LEAST_SECONDS_OF_SILENCE", 60.0)
    asked: list[float] = []

    def stop(event):
        if isinstance(event, Tick) and event.elapsed > 7:
            asked.append(time.monotonic())
            raise Cancelled

    with pytest.raises(Cancelled):
        run_experiment(replace(TIMED, learners=("lightgbm",)), customers(), work_dir=tmp_path, on_progress=stop)
    assert time.monotonic() - asked[0] < 2
