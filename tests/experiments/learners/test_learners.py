"""One contract for every family of models."""

import numpy as np
import pandas as pd
import pytest

from experiments.learners import LEARNERS, FitRequest
from experiments.learners.scorecard import FEWEST_BINNED, MOST_BINNED, columns_to_bin
from tests.experiments.customers import customers

MATRIX_READERS = [name for name, learner in LEARNERS.items() if not learner.reads_table]


def _matrix() -> tuple[pd.DataFrame, np.ndarray]:
    table = customers(400)
    job = pd.factorize(table["job"])[0].astype(float)
    matrix = pd.DataFrame({"f_0001": table["age"], "f_0002": table["income"], "f_0003": job})
    return matrix, (table["bad"] == "yes").to_numpy(dtype=float)


def _fit(name: str, **more):
    learner = LEARNERS[name]
    if learner.reads_table:
        table = customers(400)
        features, y = table[["age", "income", "job"]], (table["bad"] == "yes").to_numpy(dtype=float)
        return learner.fit(FitRequest(features, y, {}, **more)), features
    matrix, y = _matrix()
    params = learner.first_configurations(len(y), 3)[-1]
    iterations = 30 if learner.has_rounds else None
    request = FitRequest(matrix, y, params, iterations=iterations, categorical=("f_0003",), **more)
    return learner.fit(request), matrix


@pytest.mark.parametrize("name", LEARNERS)
def test_contributions_add_up_to_the_margin(name):
    model, table = _fit(name)
    phi, base = model.contributions(table)
    assert phi.shape == table.shape
    np.testing.assert_allclose(phi.sum(axis=1) + base, model.margin(table), atol=1e-5)


@pytest.mark.parametrize("name", LEARNERS)
def test_a_saved_model_gives_the_same_numbers_after_loading(name, tmp_path):
    model, table = _fit(name)
    model.save(tmp_path, "member_0")
    again = LEARNERS[name].model.load(tmp_path, "member_0")
    np.testing.assert_array_equal(again.margin(table), model.margin(table))


@pytest.mark.parametrize("name", LEARNERS)
def test_the_same_seed_gives_the_same_model(name):
    first, table = _fit(name, seed=7)
    second, _ = _fit(name, seed=7)
    np.testing.assert_array_equal(first.margin(table), second.margin(table))


@pytest.mark.parametrize("name", [name for name in MATRIX_READERS if LEARNERS[name].keeps_monotone])
def test_monotone_constraints_are_kept(name):
    model, table = _fit(name, monotone={"f_0001": -1})
    rising = pd.concat([table.head(30).assign(f_0001=age) for age in range(20, 70, 5)])
    margins = model.margin(rising).reshape(10, 30)
    assert np.all(np.diff(margins, axis=0) <= 1e-9)


@pytest.mark.parametrize("name", MATRIX_READERS)
def test_what_the_pulse_raises_ends_the_fit(name):
    class Stop(Exception):
        pass

    def stop():
        raise Stop

    with pytest.raises(Stop):
        _fit(name, pulse=stop)


@pytest.mark.parametrize("name", [name for name in MATRIX_READERS if LEARNERS[name].has_rounds])
def test_validation_rows_choose_the_number_of_rounds(name):
    matrix, y = _matrix()
    learner = LEARNERS[name]
    request = FitRequest(
        matrix.iloc[:300],
        y[:300],
        learner.first_configurations(300, 3)[0],
        validation=(matrix.iloc[300:], y[300:], None),
    )
    assert 1 <= learner.fit(request).iterations < 1000


def test_a_scorecard_of_a_short_run_bins_fewer_columns_and_says_which_it_left_out():
    assert columns_to_bin(10.0, threads=2, folds=5) == 100
    assert columns_to_bin(60.0, threads=2, folds=5) == MOST_BINNED
    assert columns_to_bin(1.0, threads=1, folds=5) == FEWEST_BINNED

    random = np.random.default_rng(3)
    table = pd.DataFrame({f"c{number}": random.normal(size=400) for number in range(12)})
    y = (random.random(400) < 1 / (1 + np.exp(-2 * table["c3"]))).astype(float).to_numpy()
    request = FitRequest(table, y, {"max_binned": 5}, column_types=dict.fromkeys(table, "numeric"))
    card = LEARNERS["scorecard"].fit(request).card
    left_out = [entry.column for entry in card.selection_log_ if entry.code == "unpromising"]
    assert len(left_out) == 7
    assert "c3" in card.columns_
