"""Runs that rest, are killed, go on and get more to do."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from experiments import ExperimentSpec, SearchBudget, run_experiment
from experiments.progress import TrialFinished
from tests.experiments.customers import customers

SPEC = ExperimentSpec("bad", "yes", id_column="id", budget=SearchBudget(None, 4), learners=("lightgbm", "linear"))
pytestmark = pytest.mark.slow


class Rest(BaseException):
    """What a platform raises to let a run rest."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return run_experiment(SPEC, customers(), work_dir=tmp_path_factory.mktemp("whole"))


def _hashes(result):
    return {row.candidate: row.model_hash for row in result.finalists}


def test_a_run_that_rested_ends_as_if_it_had_not(whole, tmp_path):
    def rest(event):
        if isinstance(event, TrialFinished) and event.trial.number == 4:
            raise Rest

    with pytest.raises(Rest):
        run_experiment(SPEC, customers(), work_dir=tmp_path, on_progress=rest)
    assert not (tmp_path / "fits").exists()
    told = []
    result = run_experiment(SPEC, customers(), work_dir=tmp_path, on_progress=told.append)
    assert min(event.trial.number for event in told if isinstance(event, TrialFinished)) == 5
    assert _hashes(result) == _hashes(whole)


def test_a_killed_run_goes_on_from_its_trials_to_the_same_models(whole, tmp_path):
    script = f"from tests.experiments.search.test_run_control import *; run_and_die(Path({str(tmp_path)!r}))"
    root = str(Path(__file__).parents[3])
    killed = subprocess.run([sys.executable, "-c", script], cwd=root, check=False)
    assert killed.returncode == -signal.SIGKILL
    told = []
    result = run_experiment(SPEC, customers(), work_dir=tmp_path, on_progress=told.append)
    assert min(event.trial.number for event in told if isinstance(event, TrialFinished)) == 4
    assert _hashes(result) == _hashes(whole)
    assert not (tmp_path / "fits").exists()


def run_and_die(folder: Path) -> None:
    """Run, and be killed when the third trial has ended."""

    def die(event):
        if isinstance(event, TrialFinished) and event.trial.number == 3:
            os.kill(os.getpid(), signal.SIGKILL)

    run_experiment(SPEC, customers(), work_dir=folder, on_progress=die)


def test_a_finished_run_goes_on_with_more_to_do_from_what_is_known(whole, tmp_path):
    first = run_experiment(replace(SPEC, budget=SearchBudget(None, 2)), customers(), work_dir=tmp_path)
    told = []
    result = run_experiment(SPEC, customers(), work_dir=tmp_path, on_progress=told.append)
    new = [event.trial.number for event in told if isinstance(event, TrialFinished)]
    assert new == list(range(len(first.trials) + 1, len(result.trials) + 1))
    assert result.trials[: len(first.trials)] == first.trials
    assert {row.candidate for row in result.finalists} == {row.candidate for row in whole.finalists}
