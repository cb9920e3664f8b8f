"""Directions are kept by every family that says so, refused where they cannot be kept, and their price is told."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from experiments.artifact.model import ModelArtifact
from experiments.errors import BadInput
from experiments.evaluation.calibrators import fit_calibrator
from experiments.evaluation.metrics import auc, ks
from experiments.evaluation.monotonicity import check_monotone
from experiments.evaluation.odds import probability_of
from experiments.experiment import run_experiment
from experiments.learners import LEARNERS, FitRequest
from experiments.progress import Said, Skipped
from experiments.search.conductor import NO_CONSTRAINTS
from experiments.search.constraint_check import (
    AGAINST_CONSTRAINT,
    NO_TIME_FOR_TWIN,
    UnshippedModel,
    check_constraints,
    check_shipped,
    constraint_limits,
    price_of_constraints,
    with_price,
)
from experiments.search.finalist import Finalist
from experiments.search.preparing import prepare
from experiments.search.run import Run
from experiments.spec import ExperimentSpec, SearchBudget, ValidationScheme
from experiments.telling import signed
from tests.experiments.customers import customers

KEEPERS = [name for name, learner in LEARNERS.items() if learner.keeps_monotone]
CONSTRAINTS = {"age": 1, "income": -1}


def _waves(rows):
    """Customers whose risk rises with age in waves and falls with income, so that only a held model never turns."""
    table = customers(rows, seed=3)
    margin = -1 + 0.05 * (table["age"] - 45) + 1.5 * np.sin(table["age"] / 4) - np.log(table["income"].fillna(5e3)) + 9
    risk = 1 / (1 + np.exp(-margin + (table["job"] == "none") * (table["age"] > 50)))
    return table.assign(bad=np.where(np.random.default_rng(7).random(rows) < risk, "yes", "no"))


def _data(monotone=None, rows=1200):
    spec = ExperimentSpec("bad", "yes", id_column="id", monotone=CONSTRAINTS if monotone is None else monotone)
    return prepare(spec, _waves(rows)), spec


def _run(seconds=None, heard=None):
    budget = SearchBudget(None, 3) if seconds is None else SearchBudget(seconds)
    return Run.begun(budget, (heard if heard is not None else []).append)


def _candidate(name, data, **more):
    learner = LEARNERS[name]
    params = learner.first_configurations(len(data.split.train), 4)[0]
    margins, seconds = np.full(len(data.y), np.nan), 0.1
    for fit_rows, valid_rows in data.folds:
        model = learner.fit(data.request(learner, params, fit_rows, valid_rows, **more))
        margins[valid_rows] = model.margin(data.features(learner, valid_rows))

    def raw(margin):
        return probability_of(margin, learner.margin_unit)

    rows = data.split.train
    return SimpleNamespace(
        name=name, learner=learner, record=SimpleNamespace(params=params, seconds=seconds), margins=margins,
        members=[model], raw=raw, calibrator=fit_calibrator(data.y[rows], raw(margins[rows])),
    )  # fmt: skip


@pytest.mark.parametrize("name", KEEPERS)
@pytest.mark.slow
def test_a_family_that_keeps_directions_has_no_violations_on_the_grid(name):
    data, _ = _data()
    model = UnshippedModel(_candidate(name, data), data)
    found = check_constraints(model, data, _run())
    assert found["violations"] == 0
    assert found["features"] == ["age", "income"]
    assert found["checked_rows"] == len(data.split.train)
    assert all(check["points"] == 20 for check in found["checks"])
    young, old = (model.predict(data.table.assign(age=age)) for age in (22, 66))
    assert (old - young).mean() > 0.1


def _wild(seed):
    """Columns that turn and act together, with empty cells: what makes deep trees break a direction if they can."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(800, 5))
    values[:, 4] = random.integers(0, 8, 800)
    values[random.random((800, 5)) < 0.1] = np.nan
    known = np.nan_to_num(values)
    margin = np.sin(2 * known[:, 0]) + known[:, 1] * known[:, 2] + 0.3 * known[:, 0] + known[:, 4] % 3 - 1
    y = (random.random(800) < 1 / (1 + np.exp(-margin))).astype(float)
    return pd.DataFrame(values, columns=[f"f_000{number}" for number in range(5)]), y


DEEP = {
    "lightgbm": {"num_leaves": 24, "min_child_samples": 5, "reg_lambda": 1.0, "categories": "sets"},
    "xgboost": {"max_depth": 6, "min_child_weight": 1.0, "reg_lambda": 1.0},
    "catboost": {"depth": 6, "l2_leaf_reg": 1.0},
    "hist_gradient_boosting": {"max_leaf_nodes": 24, "min_samples_leaf": 5, "l2_regularization": 1.0},
    "explainable_boosting": {
        "num_leaves": 8, "min_child_samples": 10, "reg_lambda": 1.0, "pairs": 10, "categories": "sets",
    },
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", DEEP)
def test_deep_trees_on_wild_data_keep_directions_too(name):
    learner, directions = LEARNERS[name], {"f_0000": 1, "f_0001": -1, "f_0003": 1}
    params = {**learner.first_configurations(800, 5)[0], **DEEP[name], "learning_rate": 0.1}
    for seed in range(6):
        table, y = _wild(seed)
        request = FitRequest(
            table, y, params, iterations=60, seed=seed, monotone=directions, categorical=("f_0004",)
        )  # fmt: skip
        model = learner.fit(request)
        checks = check_monotone(SimpleNamespace(predict=model.margin), table, constraints=directions, rows=200)
        assert [check.violations for check in checks] == [0, 0, 0]


@pytest.mark.parametrize("name", KEEPERS)
@pytest.mark.slow
def test_the_same_family_without_directions_goes_the_other_way(name):
    data, _ = _data()
    found = check_constraints(UnshippedModel(_candidate(name, data, monotone={}), data), data, _run())
    assert found["violations"] > 1000
    assert found["worst_step"] > 0.005
    [limit] = constraint_limits(found)
    assert (limit["code"], limit["is_kept"], limit["message"]) == ("monotone", False, AGAINST_CONSTRAINT)
    assert limit["value"] == found["violations"] / found["checked_steps"]
    assert AGAINST_CONSTRAINT % limit["params"]


def test_without_directions_nothing_is_checked_and_no_limit_stands():
    data, _ = _data(monotone={"age": 0})
    assert check_constraints(None, data, _run()) == {}
    assert constraint_limits({}) == []


def test_a_short_run_looks_at_fewer_rows_and_says_how_many():
    data, _ = _data()
    candidate = _candidate("lightgbm", data)
    found = check_constraints(UnshippedModel(candidate, data), data, _run(seconds=5), share=1e-6)
    assert found["checked_rows"] == 25
    assert found["violations"] == 0


@pytest.mark.slow
def test_the_price_is_what_the_twin_without_directions_ranks_better():
    data, spec = _data()
    candidate = _candidate("lightgbm", data, seed=spec.seed)
    free = _candidate("lightgbm", data, monotone={}, seed=spec.seed)
    price = price_of_constraints(candidate, data, _run(), spec)
    rows = data.split.train
    y = data.y[rows]
    assert price["ks_price"] == pytest.approx(
        ks(y, free.margins[rows]).value - ks(y, candidate.margins[rows]).value, abs=1e-9
    )
    assert price["auc_price"]["value"] == pytest.approx(auc(y, free.margins[rows]) - auc(y, candidate.margins[rows]))
    assert 0.005 < price["auc_price"]["low"] < price["auc_price"]["value"] < price["auc_price"]["high"]


def test_without_time_the_price_is_left_out_with_the_reason():
    data, spec = _data()
    candidate = _candidate("scorecard", data)
    candidate.record.seconds = 60.0
    assert price_of_constraints(candidate, data, _run(seconds=30), spec) == {
        "skipped": {"message": NO_TIME_FOR_TWIN, "params": {}}
    }


def test_a_repetition_checks_as_many_rows_and_fits_a_twin_only_where_the_original_did():
    data, spec = _data()
    candidate = _candidate("scorecard", data)
    candidate.record.seconds = 60.0
    first = _run(seconds=30)
    model = UnshippedModel(candidate, data)
    check_constraints(model, data, first, share=1e-6, of="scorecard")
    price_of_constraints(candidate, data, first, spec)

    again = Run.begun(SearchBudget(30.0), [].append, replayed=first.decisions.made)

    assert check_constraints(model, data, again, of="scorecard")["checked_rows"] == 25
    assert price_of_constraints(candidate, data, again, spec)["skipped"]["message"] == NO_TIME_FOR_TWIN


def test_the_recommended_finalist_tells_the_price_and_the_grid_of_the_model_that_is_kept():
    data, spec = _data()
    candidate = _candidate("scorecard", data)
    candidate.name = "scorecard"
    heard: list = []
    run = _run(heard=heard)
    found = check_constraints(UnshippedModel(candidate, data), data, run)
    limits = [{"code": "ks_gap", "is_kept": True}, *constraint_limits(found)]
    evidence = {"constraints": found, "limits": limits}
    row = Finalist("scorecard", "scorecard", 0.0, {}, evidence, is_recommended=True)
    [other, priced] = with_price([replace(row, candidate="x", is_recommended=False), row], [candidate], data, run, spec)
    assert "ks_price" not in other.evidence["constraints"]
    price = priced.evidence["constraints"]
    assert {"features", "violations", "checked_rows", "ks_price", "auc_price"} <= price.keys()
    told = [event.message % event.params for event in heard if isinstance(event, Said)]
    assert told == [
        f"The monotone constraints on 2 columns hold, each checked on {len(data.split.train)} customers.",
        f"Without the monotone constraints KS would change by {signed(price['ks_price'])} and AUC by"
        f" {signed(price['auc_price']['value'])}.",
    ]

    class Turning:
        def predict(self, frame):
            return np.sin(frame["age"].to_numpy()) / 2 + 0.5

    shipped = check_shipped(priced, Turning(), data, run)
    assert shipped.evidence["constraints"]["violations"] > 1000
    assert shipped.evidence["constraints"]["ks_price"] == price["ks_price"]
    assert shipped.broken_limits == ["monotone"]


def test_a_run_without_directions_has_no_evidence_of_them():
    data, spec = _data(monotone={})
    row = Finalist("linear", "linear", 0.0, {}, {"constraints": None, "limits": []}, is_recommended=True)
    assert with_price([row], [], data, _run(), spec) == [row]
    assert check_shipped(row, None, data, _run()) is row


@pytest.mark.parametrize(
    ("constraints", "sentence"),
    [
        ({"age": 2}, "The monotone constraint on age must be + or -, not 2."),
        ({"height": 1}, "The table has no column height."),
        ({"id": -1}, "id is the customer ID, so the model does not use it and it cannot have a monotone constraint."),
        ({"noise": 1}, "noise is left out, so it cannot have a monotone constraint. Put it back, or remove"),
        (
            {"job": 1},
            "job cannot have a monotone constraint: it holds categories, which have no order. Remove the constraint",
        ),
    ],
)
def test_a_direction_that_cannot_be_kept_is_refused(constraints, sentence):
    spec = ExperimentSpec("bad", "yes", id_column="id", excluded=("noise",), monotone=constraints)
    with pytest.raises(BadInput) as raised:
        prepare(spec, customers(200))
    assert str(raised.value).startswith(sentence)


def test_no_direction_for_a_category_and_one_for_a_constant_are_no_fault():
    table = customers(200).assign(same=3)
    data = prepare(ExperimentSpec("bad", "yes", monotone={"job": 0, "age": -1, "same": 1}), table)
    assert check_constraints(None, replace(data, table=data.table[["job"]]), _run()) == {}


@pytest.mark.slow
def test_a_run_with_directions_leaves_out_who_cannot_keep_them_and_shows_the_price(tmp_path):
    heard: list = []
    spec = ExperimentSpec(
        "bad", "yes", id_column="id", monotone=CONSTRAINTS, budget=SearchBudget(None, 3),
        learners=("explainable_boosting", "lightgbm", "random_forest"), validation=ValidationScheme(folds=3),
    )  # fmt: skip
    result = run_experiment(spec, _waves(900), work_dir=tmp_path, on_progress=heard.append)
    skipped = [(event.learner, event.message) for event in heard if isinstance(event, Skipped)]
    assert ("random_forest", NO_CONSTRAINTS) in skipped
    rows = {row.candidate: row for row in result.finalists}
    assert rows["baseline"].evidence["constraints"]["features"] == ["age", "income"]
    chosen = rows[result.recommended]
    assert LEARNERS[chosen.learner].keeps_monotone
    constraints = chosen.evidence["constraints"]
    assert constraints["violations"] == 0
    assert constraints["ks_price"] > 0
    assert constraints["auc_price"]["low"] < constraints["auc_price"]["value"] < constraints["auc_price"]["high"]
    assert "monotone" not in chosen.broken_limits
    artifact = ModelArtifact.load(chosen.model_dir)
    checks = check_monotone(artifact, _waves(900), constraints=CONSTRAINTS)
    assert [check.violations for check in checks] == [0, 0]
