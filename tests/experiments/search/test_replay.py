"""A run under the clock can be made again from its story, to the last bit."""

import json
from dataclasses import replace

import pytest

from experiments import ExperimentSpec, SearchBudget, run_experiment
from experiments.errors import BadInput
from experiments.progress import Said, Tick
from experiments.search.conductor import DIFFERS
from experiments.search.replay import Replay
from tests.experiments.customers import customers

SPEC = ExperimentSpec("bad", "yes", id_column="id", budget=SearchBudget(10.0), learners=("lightgbm", "linear"))


def _hashes(result):
    return {row.candidate: row.model_hash for row in result.finalists}


@pytest.mark.slow
def test_a_run_under_the_clock_is_repeated_exactly_from_its_story(tmp_path):
    first = run_experiment(SPEC, customers(), work_dir=tmp_path / "first")
    recommended = next(row for row in first.finalists if row.is_recommended)
    replay = Replay.of(recommended.model_dir)
    told = []
    again = run_experiment(
        replay.spec, customers(), work_dir=tmp_path / "again", replay=replay, on_progress=told.append
    )
    assert _hashes(again) == _hashes(first)
    assert again.recommended == first.recommended
    assert [trial.params for trial in again.trials] == [trial.params for trial in first.trials]
    assert [trial.fold_aucs for trial in again.trials] == [trial.fold_aucs for trial in first.trials]
    assert [event for event in told if isinstance(event, Said) and event.message == DIFFERS] == []


@pytest.mark.slow
def test_a_repeated_run_says_which_trial_ended_differently(tmp_path):
    spec = replace(SPEC, budget=SearchBudget(None, 2))
    first = run_experiment(spec, customers(), work_dir=tmp_path / "first")
    replay = Replay.of(first.finalists[0].model_dir)
    told = []
    run_experiment(
        spec, customers(seed=2), work_dir=tmp_path / "again", replay=replay,
        on_progress=lambda event: None if isinstance(event, Tick) else told.append(event),
    )  # fmt: skip
    assert any(isinstance(event, Said) and event.message == DIFFERS for event in told)


def test_a_folder_without_a_story_is_refused_with_a_sentence(tmp_path):
    with pytest.raises(BadInput, match="does not hold the record"):
        Replay.of(tmp_path)
    (tmp_path / "run.json").write_text(json.dumps({"trials": []}))
    with pytest.raises(BadInput, match="does not hold the record"):
        Replay.of(tmp_path)
