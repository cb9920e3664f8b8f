"""A result that leans on columns the data check asks about says what it is without them."""

import numpy as np
import pandas as pd
import pytest

from experiments import ExperimentSpec, SearchBudget, run_experiment
from experiments.leakage.doubted import CARRIED, CARRIED_BY_ALL, carried_by_doubted
from experiments.spec import ExperimentSpec as Spec

ROWS = 3_000


@pytest.fixture(scope="module")
def leads() -> tuple[pd.DataFrame, np.ndarray]:
    random = np.random.default_rng(2)
    wish = random.normal(size=ROWS)
    y = (random.random(ROWS) < 1 / (1 + np.exp(1 - wish))).astype(float)
    table = pd.DataFrame(
        {
            "visits": wish + random.normal(size=ROWS),
            "quality": np.where(random.random(ROWS) < 0.6, np.where(y == 1, "high", "low"), "unsure"),
            "last_activity": 2 * y + random.normal(size=ROWS),
            "age": random.integers(20, 70, ROWS).astype(float),
        }
    )
    return table, y


def test_what_two_columns_in_doubt_carry_is_told_with_both_numbers(leads):
    found = carried_by_doubted(*leads, ["last_activity", "quality"])

    assert found["message"] == CARRIED
    assert set(found["columns"]) == {"quality", "last_activity"}
    assert found["auc_with"] > 0.9
    assert found["auc_without"] == pytest.approx(0.65, abs=0.04)
    assert found["params"]["columns"] == found["columns"]
    assert found["params"]["auc_without"] == f"{found['auc_without']:.3f}"


def test_of_a_column_in_doubt_that_carries_nothing_nothing_is_said(leads):
    assert carried_by_doubted(*leads, ["age"]) is None
    assert carried_by_doubted(*leads, []) is None
    assert carried_by_doubted(*leads, ["no such column"]) is None


def test_where_every_column_is_in_doubt_nothing_is_left_and_that_is_said(leads):
    table, y = leads
    assert carried_by_doubted(table[["quality"]], y, ["quality"])["message"] == CARRIED_BY_ALL


def test_a_spec_without_columns_in_doubt_is_as_it_was_before_there_were_any():
    spec = Spec("bad", "yes")
    assert "doubted" not in spec.to_dict()
    asked = Spec("bad", "yes", doubted=("quality",))
    assert Spec.from_dict(asked.to_dict()) == asked


@pytest.mark.slow
def test_a_run_keeps_what_columns_in_doubt_carry_also_by_what_is_derived_of_them(leads, tmp_path):
    table, y = leads
    spec = ExperimentSpec(
        "bad",
        "1",
        doubted=("last_activity",),
        budget=SearchBudget(None, 1),
        learners=("linear",),
        feature_effort="deep",
    )
    result = run_experiment(spec, table.drop(columns="quality").assign(bad=y.astype(int)), work_dir=tmp_path)

    doubts = result.data["doubts"]
    assert doubts["columns"] == ["last_activity"]
    assert doubts["auc_with"] - doubts["auc_without"] > 0.1
