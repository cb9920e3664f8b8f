"""An explainable boosting reads one column or one allowed pair a tree, and says which pairs."""

import numpy as np
import pandas as pd
import pytest

from experiments.learners import LEARNERS, FitRequest
from experiments.learners.explainable_boosting import ExplainableBoostingModel
from experiments.learners.interactions import pairs_read

LEARNER = LEARNERS["explainable_boosting"]
ROWS = 1500


def _table():
    """Three columns of which the first matters with either of the others, and two of noise."""
    random = np.random.default_rng(9)
    table = pd.DataFrame({f"f_{number:04d}": random.normal(size=ROWS) for number in range(1, 6)})
    first, second, third = (table[f"f_000{number}"] for number in (1, 2, 3))
    margin = 0.5 * first + 1.2 * np.sign(first) * np.sign(second) + 1.2 * np.sign(first) * np.sign(third)
    y = (random.random(ROWS) < 1 / (1 + np.exp(-margin))).astype(float)
    table.loc[random.random(ROWS) < 0.05, "f_0002"] = np.nan
    return table, y


def _fit(pairs: int = 4, **more) -> tuple[ExplainableBoostingModel, pd.DataFrame, np.ndarray]:
    table, y = _table()
    params = {**LEARNER.first_configurations(ROWS, 5)[0], "pairs": pairs, "learning_rate": 0.1, "num_leaves": 6}
    model = LEARNER.fit(FitRequest(table, y, params, **{"iterations": 120, **more}))
    return model, table, y


def _columns_of_trees(model: ExplainableBoostingModel) -> list[set[str]]:
    names = next(line for line in model.text.splitlines() if line.startswith("feature_names=")).split("=")[1].split()
    lines = [line for line in model.text.splitlines() if line.startswith("split_feature=")]
    return [{names[int(place)] for place in line.split("=")[1].split()} for line in lines]


def test_no_tree_reads_columns_outside_one_allowed_group():
    model, _, _ = _fit()
    assert set(model.pairs) == {("f_0001", "f_0002"), ("f_0001", "f_0003")}
    allowed = [set(pair) for pair in model.pairs]
    used = _columns_of_trees(model)
    assert len(used) > 100
    assert all(len(columns) == 1 or columns in allowed for columns in used)
    assert all(pair in used for pair in allowed)


def test_pairs_of_zero_leave_a_sum_of_curves():
    model, table, _ = _fit(pairs=0)
    assert model.pairs == ()
    assert max(len(columns) for columns in _columns_of_trees(model)) == 1
    # Of a sum of curves, the step made in one column does not depend on the others.
    moved = table.assign(f_0001=table["f_0001"].clip(upper=0.0))
    steps = {}
    for start, step in zip(table["f_0001"], model.margin(moved) - model.margin(table), strict=True):
        steps.setdefault(start, []).append(step)
    other = table.assign(f_0003=0.0, f_0002=1.0)
    again = model.margin(other.assign(f_0001=other["f_0001"].clip(upper=0.0))) - model.margin(other)
    np.testing.assert_allclose([step for found in steps.values() for step in found], again, atol=1e-9)


def test_surfaces_find_what_curves_cannot():
    def log_loss(pairs: int) -> float:
        model, table, y = _fit(pairs=pairs)
        p = 1 / (1 + np.exp(-model.margin(table)))
        return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))

    assert log_loss(4) < log_loss(0) - 0.05


def test_rounds_found_on_validation_rows_are_shared_alike_when_they_are_asked_for():
    table, y = _table()
    params = {**LEARNER.first_configurations(ROWS, 5)[0], "learning_rate": 0.1}
    rows = slice(0, 1000)
    validation = (table.iloc[1000:], y[1000:], None)
    found = LEARNER.fit(FitRequest(table.iloc[rows], y[rows], params, validation=validation))
    again = LEARNER.fit(FitRequest(table.iloc[rows], y[rows], params, iterations=found.iterations))
    assert found.pairs
    assert again.iterations == found.iterations
    np.testing.assert_array_equal(again.margin(table), found.margin(table))


def test_pairs_are_read_again_with_the_model(tmp_path):
    model, table, _ = _fit()
    model.save(tmp_path, "member_0")
    again = LEARNER.model.load(tmp_path, "member_0")
    assert again.pairs == model.pairs
    assert again.iterations == model.iterations
    np.testing.assert_array_equal(again.margin(table), model.margin(table))


@pytest.mark.parametrize("direction", [1, -1])
def test_a_direction_is_kept_in_curves_and_surfaces(direction):
    model, table, _ = _fit(monotone={"f_0001": direction})
    rows = table.head(100)
    margins = np.array([model.margin(rows.assign(f_0001=value)) for value in np.linspace(-3, 3, 40)])
    assert (direction * np.diff(margins, axis=0)).min() >= -1e-9


def test_pairs_are_told_in_original_names_those_of_most_members_first():
    names = {"f_0001": "income", "f_0002": "debt", "f_0003": "age"}
    members = [
        ExplainableBoostingModel("", 1, [("f_0001", "f_0003")]),
        ExplainableBoostingModel("", 1, [("f_0003", "f_0001"), ("f_0001", "f_0002")]),
        object(),
    ]
    assert pairs_read(members, names) == ["age × income", "debt × income"]
