"""Whole runs on splits that are given or in the order of time, probabilities that hold, and a stated event rate."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from experiments import ExperimentSpec, ModelArtifact, SearchBudget, ValidationScheme, run_experiment
from experiments.evaluation.calibration import recalibration
from experiments.evaluation.reliability import ece
from experiments.search.derived_columns import GENERATED, NONE_HELPS
from tests.experiments.customers import customers

SPEC = ExperimentSpec(
    "bad", "yes", id_column="id", budget=SearchBudget(None, 2), learners=("lightgbm", "linear"), feature_effort="off"
)
QUICK = replace(SPEC, learners=("linear",), budget=SearchBudget(None, 1), ensemble=False)


@pytest.mark.slow
def test_a_split_given_in_three_is_kept_through_the_whole_run(tmp_path):
    table = customers(900)
    table["part"] = np.repeat(["train", "valid", "test"], [500, 200, 200])
    spec = replace(SPEC, validation=ValidationScheme(scheme="given", split_column="part"))
    result = run_experiment(spec, table, work_dir=tmp_path)
    assert result.split["rows"] == {"train": 500, "validation": 200, "held_out": 200, "left_out": 0}
    for row in result.finalists:
        facts = json.loads((row.model_dir / "manifest.json").read_text(encoding="utf-8"))["facts"]
        assert (facts["trained_on"], facts["training_rows"]) == ("training", 500)
        assert "part" not in ModelArtifact.load(row.model_dir).columns


@pytest.mark.slow
def test_columns_are_made_by_folds_inside_the_training_part_of_a_split_given_in_three(tmp_path):
    table = customers(2_000)
    table["part"] = np.tile(["Train", "Train", "Train", "Test", "OOT"], 400)
    validation = ValidationScheme(scheme="given", split_column="part")
    said = []
    run_experiment(
        replace(QUICK, validation=validation, feature_effort="standard"), table, work_dir=tmp_path,
        on_progress=lambda event: said.append(getattr(event, "message", "")),
    )  # fmt: skip
    assert {GENERATED, NONE_HELPS} & set(said)


@pytest.mark.slow
def test_folds_in_the_order_of_time_are_kept_through_the_whole_run(tmp_path):
    table = customers(900)
    table["when"] = pd.date_range("2023-01-01", periods=900, freq="D")
    scheme = ValidationScheme(scheme="time", embargo_days=10, folds=3)
    result = run_experiment(replace(SPEC, validation=scheme, time_column="when"), table, work_dir=tmp_path)
    assert result.split["scheme"] == "time"
    assert result.split["rows"]["left_out"] == 10
    assert {row.evidence["trained_on"] for row in result.finalists} == {"training"}


@pytest.mark.slow
def test_a_stated_event_rate_moves_probabilities_and_nothing_else(tmp_path):
    plain = run_experiment(QUICK, customers(500), work_dir=tmp_path / "plain")
    moved = run_experiment(replace(QUICK, population_rate=0.02), customers(500), work_dir=tmp_path / "moved")
    assert plain.recommended == moved.recommended
    assert [trial.fold_aucs for trial in plain.trials] == [trial.fold_aucs for trial in moved.trials]
    before, after = (
        ModelArtifact.load(next(row.model_dir for row in result.finalists if row.is_recommended))
        for result in (plain, moved)
    )
    rows = customers(500, seed=4)
    odds = [p / (1 - p) for p in (before.predict(rows), after.predict(rows))]
    rate = after.facts["sample_rate"]
    np.testing.assert_allclose(odds[1] / odds[0], (0.02 / 0.98) / (rate / (1 - rate)), rtol=1e-9)
    assert after.facts["event_rate"] == after.facts["population_rate"] == 0.02
    assert before.facts["event_rate"] == pytest.approx(rate)
    assert "population_rate" not in before.facts


@pytest.mark.slow
def test_probabilities_hold_on_held_out_rows_of_a_large_table(tmp_path):
    result = run_experiment(replace(SPEC, ensemble=False), customers(12_000), work_dir=tmp_path)
    fresh = customers(20_000, seed=77)
    y = (fresh["bad"] == "yes").to_numpy(dtype=float)
    for row in result.finalists:
        held_out = row.metrics["held_out"]
        assert held_out["calibration_slope"]["low"] < 1.1, row.candidate
        assert held_out["calibration_slope"]["high"] > 0.9, row.candidate
        p = ModelArtifact.load(row.model_dir).predict(fresh)
        assert 0.9 < recalibration(y, p).slope.value < 1.1, row.candidate
        assert ece(y, p) <= 0.02, row.candidate
