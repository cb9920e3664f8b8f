"""Runs from a table to models: what is kept, repeated, cut short and survived."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from experiments import ExperimentSpec, ModelArtifact, SearchBudget, run_experiment
from experiments.artifact.held_out_scores import HELD_OUT, read_held_out
from experiments.data.target import read_target
from experiments.errors import BadInput, Cancelled, FinishNow
from experiments.evaluation.metrics import auc
from experiments.progress import ResultStands, Said, Tick, TrialFinished
from experiments.search.derived_columns import GENERATED
from experiments.search.replay import Replay
from tests.experiments.customers import customers
from tests.experiments.generation.test_generated_columns import loans

SPEC = ExperimentSpec("bad", "yes", id_column="id", budget=SearchBudget(None, 8), learners=("lightgbm", "linear"))


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    work_dir = tmp_path_factory.mktemp("run")
    return run_experiment(SPEC, customers(), work_dir=work_dir)


@pytest.mark.slow
def test_a_run_ends_with_measured_finalists_each_a_saved_model(finished):
    assert {row.candidate for row in finished.finalists} == {"lightgbm", "linear", "scorecard", "baseline", "ensemble"}
    assert [row.rank for row in finished.finalists] == [1, 2, 3, 4, 5]
    assert sum(row.is_recommended for row in finished.finalists) == 1
    assert finished.out_of_time_readings == 1
    for row in finished.finalists:
        assert set(row.metrics) == {"validation", "held_out", "train"}
        assert ModelArtifact.load(row.model_dir).hash == row.model_hash
        assert {"evidence.json", "explanation.json", "run.json"} <= {path.name for path in row.model_dir.iterdir()}


@pytest.mark.slow
def test_nothing_that_a_run_keeps_is_a_pickle(finished):
    for row in finished.finalists:
        for path in row.model_dir.iterdir():
            assert path.suffix in (".json", ".txt", ".ubj", ".cbm", ".parquet")
            assert not path.read_bytes().startswith(b"\x80")


@pytest.mark.slow
def test_every_finalist_keeps_what_it_gave_the_rows_set_aside_and_nothing_of_the_customers(finished):
    outcomes = read_target(customers()["bad"], "yes")[0]
    kept = [read_held_out(row.model_dir) for row in finished.finalists]
    for row, scores in zip(finished.finalists, kept, strict=True):
        assert scores.rows.tolist() == kept[0].rows.tolist()
        assert scores.outcomes.tolist() == outcomes[scores.rows].tolist()
        assert auc(scores.outcomes, scores.p) == pytest.approx(row.metrics["held_out"]["auc"]["value"])
        assert pq.read_schema(row.model_dir / HELD_OUT).names == ["row", "outcome", "probability"]


@pytest.mark.slow
def test_counted_trials_repeat_bit_for_bit(finished, tmp_path):
    again = run_experiment(SPEC, customers(), work_dir=tmp_path)
    assert [trial.params for trial in again.trials] == [trial.params for trial in finished.trials]
    assert [trial.fold_aucs for trial in again.trials] == [trial.fold_aucs for trial in finished.trials]
    assert {row.candidate: row.model_hash for row in again.finalists} == {
        row.candidate: row.model_hash for row in finished.finalists
    }


@pytest.mark.slow
def test_an_interrupted_run_goes_on_from_its_trials(finished, tmp_path):
    def stop_at_the_third(event):
        if isinstance(event, TrialFinished) and event.trial.number == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        run_experiment(SPEC, customers(), work_dir=tmp_path, on_progress=stop_at_the_third)
    told = []
    result = run_experiment(SPEC, customers(), work_dir=tmp_path, on_progress=told.append)
    assert min(event.trial.number for event in told if isinstance(event, TrialFinished)) == 4
    assert [trial.params for trial in result.trials] == [trial.params for trial in finished.trials]


@pytest.mark.slow
def test_finish_now_gives_a_result_at_once_and_the_rest_behind_it(tmp_path):
    told = []

    def enough(event):
        told.append(event)
        # At the first sign of life of the fourth: it is begun and never validated.
        if sum(isinstance(one, TrialFinished) for one in told) >= 4:
            raise FinishNow

    result = run_experiment(SPEC, customers(), work_dir=tmp_path, on_progress=enough)
    stands = [event.result for event in told if isinstance(event, ResultStands)]
    assert all(row.model_dir is None for row in stands[0].finalists)
    assert {one.recommended for one in stands} == {result.recommended}
    chosen = next(row for row in result.finalists if row.is_recommended)
    assert ModelArtifact.load(chosen.model_dir).hash == chosen.model_hash

    finished = {trial.learner for trial in result.trials if trial.is_finished}
    assert {row.candidate for row in result.finalists} == finished
    params = result.ended_early["params"]
    assert params["begun"] == params["kept"] + params["dropped"]
    assert params["kept"] == len(finished)
    assert len(result.ended_early["dropped"]) == params["dropped"]


@pytest.mark.slow
def test_who_ends_a_run_right_after_columns_were_made_gets_the_models_seen_before(tmp_path):
    told, live = [], set()

    def enough(event):
        told.append(event)
        if isinstance(event, TrialFinished) and event.trial.is_finished:
            live.add(event.trial.learner)
        if any(isinstance(one, Said) and one.message == GENERATED for one in told):
            raise FinishNow

    spec = ExperimentSpec("bad", "1", budget=SearchBudget(120.0), learners=("lightgbm",))
    result = run_experiment(spec, loans(), work_dir=tmp_path / "first", on_progress=enough)
    assert live == {"baseline", "lightgbm"} == {row.candidate for row in result.finalists}
    assert result.recommended == "lightgbm"
    assert result.ended_early["params"] == {"begun": 2, "kept": 2, "dropped": 0}
    chosen = next(row for row in result.finalists if row.is_recommended)
    assert len(ModelArtifact.load(chosen.model_dir).predict(loans())) == len(loans())
    replay = Replay.of(chosen.model_dir)
    again = run_experiment(replay.spec, loans(), work_dir=tmp_path / "again", replay=replay)
    assert {row.model_hash for row in again.finalists} == {row.model_hash for row in result.finalists}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["default", "attrition", "response", "conversion"])
def test_a_run_that_counts_trials_makes_as_many_and_tells_how_far_it_is(kind, tmp_path):
    told = []
    budget = SearchBudget(None, 4)
    result = run_experiment(
        replace(SPEC, kind=kind, budget=budget), customers(), work_dir=tmp_path, on_progress=told.append
    )
    assert sum(trial.is_counted for trial in result.trials) == budget.trials
    ticks = [event for event in told if isinstance(event, Tick)]
    shares = [tick.fraction for tick in ticks]
    assert shares == sorted(shares)
    assert 0 < shares[-1] <= 1
    assert any(tick.left is not None and tick.left > 0 for tick in ticks)


@pytest.mark.slow
def test_with_a_date_the_newest_months_are_kept_apart_and_what_was_measured_is_shipped(tmp_path):
    table = customers()
    table["when"] = np.repeat(np.array([f"2025-{month:02d}-15" for month in range(1, 13)], dtype="datetime64[ns]"), 50)
    spec = replace(SPEC, time_column="when", budget=SearchBudget(None, 1))
    result = run_experiment(spec, table, work_dir=tmp_path)
    row = next(row for row in result.finalists if row.is_recommended)
    assert set(row.metrics) == {"validation", "out_of_time", "train"}
    assert json.loads((row.model_dir / "manifest.json").read_text())["facts"]["trained_on"] == "training"
    assert len(json.loads((row.model_dir / "evidence.json").read_text())["by_period"]) == 12


def test_a_column_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadInput, match="The table has no column churn"):
        run_experiment(replace(SPEC, target="churn"), customers(50), work_dir=tmp_path)


def test_a_table_without_features_is_refused(tmp_path: Path):
    spec = replace(SPEC, excluded=("age", "income", "job", "noise"))
    with pytest.raises(BadInput, match="No column is left to build the model from"):
        run_experiment(spec, customers(100), work_dir=tmp_path)
