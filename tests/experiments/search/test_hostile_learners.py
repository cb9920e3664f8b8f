"""Whole runs beside a learner that misbehaves: they end, with the other families."""

from dataclasses import replace

import numpy as np
import pytest

from experiments import ExperimentSpec, ModelArtifact, SearchBudget, run_experiment
from experiments.errors import Cancelled, FinishNow
from experiments.learners import LEARNERS
from experiments.progress import Skipped, TrialFinished
from experiments.search import time_policy, workers
from experiments.search.attempts import LEFT_OUT, TOO_SLOW
from experiments.search.cross_validation import NOT_FINITE
from tests.experiments.customers import customers
from tests.experiments.search import hostile

COUNTED = ExperimentSpec(
    "bad", "yes", id_column="id", budget=SearchBudget(None, 4), learners=("lightgbm", "linear"), ensemble=False
)
# Whoever waited for one of its fits would wait longer than any test may take.
LONG = replace(COUNTED, budget=SearchBudget(7_200.0))
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
        # The others are silent for less, on a busy machine too.
        monkeypatch.setattr(time_policy, "SECONDS_OF_SILENCE", 10.0)
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
    # Of two hours: four seconds of silence, and about eight for the first trial of a family.
    monkeypatch.setattr(time_policy, "SHARE_OF_SILENCE", 0.0)
    monkeypatch.setattr(time_policy, "LONGEST_FIRST_SHARE", 0.0015)
    finished, failed = set(), set()

    def enough(event):
        if isinstance(event, TrialFinished):
            (finished if event.trial.is_finished else failed).add(event.trial.learner)
        if failed and "linear" in finished:
            raise FinishNow

    result = run_experiment(LONG, customers(), work_dir=tmp_path, on_progress=enough)
    assert "lightgbm" in failed
    names = {row.candidate for row in result.finalists}
    assert names
    assert names <= OTHERS
    messages = {trial.message for trial in result.trials if trial.learner == "lightgbm"}
    # On a slow machine more silence is borne, and then the trial's own end comes first.
    assert messages <= {TOO_SLOW, workers.HUNG}


@pytest.mark.parametrize("kind", [hostile.Deaf, hostile.Endless])
def test_finish_now_waits_for_no_fit_whatever_a_learner_does(kind, tmp_path, monkeypatch):
    begun = tmp_path / "begun"
    monkeypatch.setitem(LEARNERS, "lightgbm", kind(begun))
    after = []

    def enough(event):
        if begun.exists():
            after.append(event)
            raise FinishNow

    table = customers(2000)
    result = run_experiment(replace(LONG, learners=("lightgbm",)), table, work_dir=tmp_path / "run", on_progress=enough)
    assert not [event for event in after if isinstance(event, TrialFinished) and event.trial.learner == "lightgbm"]
    chosen = next(row for row in result.finalists if row.is_recommended)
    scores = ModelArtifact.load(chosen.model_dir).predict(table)
    assert np.all((scores > 0) & (scores < 1))


def test_a_run_is_cancelled_at_once_whatever_a_learner_does(tmp_path, monkeypatch):
    begun = tmp_path / "begun"
    monkeypatch.setitem(LEARNERS, "lightgbm", hostile.Deaf(begun))
    after = []

    def stop(event):
        if begun.exists():
            after.append(event)
            raise Cancelled

    with pytest.raises(Cancelled):
        run_experiment(replace(LONG, learners=("lightgbm",)), customers(), work_dir=tmp_path / "run", on_progress=stop)
    # It was not called again.
    assert len(after) == 1
