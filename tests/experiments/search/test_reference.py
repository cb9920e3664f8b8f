"""A model's reference is its own scores: training rows show no shift, and new customers none but by chance."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.evaluation.psi import psi
from experiments.evaluation.psi_bins import PsiBins
from experiments.evaluation.unseen_rows import RANKS, UnseenRows
from experiments.features.encoding import TableEncoder
from experiments.learners import LEARNERS
from experiments.learners.base import FitRequest

DRAWS = 200


def numbers(random: np.random.Generator, rows: int) -> tuple[pd.DataFrame, np.ndarray]:
    table = pd.DataFrame(random.normal(size=(rows, 6)), columns=list("abcdef"))
    return table, _drawn(random, table["a"] + 0.7 * table["b"] * table["c"] - 1.5)


def few_levels(random: np.random.Generator, rows: int) -> tuple[pd.DataFrame, np.ndarray]:
    table = pd.DataFrame({"a": random.integers(0, 2, rows), "b": random.integers(0, 3, rows)}).astype(float)
    return table, _drawn(random, 1.2 * table["a"] - 0.5 * table["b"] - 1.0)


def one_in_a_thousand(random: np.random.Generator, rows: int) -> tuple[pd.DataFrame, np.ndarray]:
    table = pd.DataFrame({"a": random.normal(size=rows).round(1), "b": random.integers(0, 5, rows) * 1.0})
    return table, _drawn(random, 1.5 * table["a"] + 0.3 * table["b"] - 9.0)


def _drawn(random: np.random.Generator, margin: pd.Series) -> np.ndarray:
    return (random.random(len(margin)) < 1 / (1 + np.exp(-margin.to_numpy()))).astype(float)


CASES: list[tuple[str, dict, Callable, int]] = [
    ("random_forest", {}, numbers, 1500),
    ("lightgbm", {"min_child_samples": 3}, numbers, 1500),
    ("xgboost", {}, few_levels, 2000),
    ("scorecard", {}, few_levels, 2000),
    ("random_forest", {}, few_levels, 2000),
    ("lightgbm", {}, one_in_a_thousand, 12_000),
    ("linear", {}, one_in_a_thousand, 12_000),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "settings_of_model", "population", "rows"), CASES)
def test_training_rows_show_no_shift_and_new_customers_stay_within_chance(name, settings_of_model, population, rows):
    random = np.random.default_rng(rows)
    table, y = population(random, rows)
    encoder = TableEncoder().fit(table, list(table.columns))
    learner = LEARNERS[name]
    params = {**learner.first_configurations(rows, table.shape[1])[0], **settings_of_model}

    def matrix(frame: pd.DataFrame) -> pd.DataFrame:
        return frame if learner.reads_table else encoder.transform(frame)[0]

    def fitted(chosen: np.ndarray):
        types = dict.fromkeys(table, "numeric")
        request = FitRequest(
            table=matrix(table).iloc[chosen], y=y[chosen], params=params, iterations=60, column_types=types
        )
        return learner.fit(request)

    folds = np.arange(rows) % 4
    pairs = []
    for fold in range(4):
        model = fitted(np.flatnonzero(folds != fold))
        margin = model.margin(matrix(table))
        pairs.append((margin[folds != fold], None, margin[folds == fold], None))
    shipped = fitted(np.arange(rows))
    own = shipped.margin(matrix(table))
    bins = PsiBins.of_scores(own, None, unseen_weight=UnseenRows.among(pairs).weights(own))
    assert bins.compare(own).psi < 1e-6
    assert bins.compare(np.repeat(own, 3)).psi < 1e-3

    later = shipped.margin(matrix(population(random, 40_000)[0]))
    shifts = [bins.compare(random.choice(later, rows, replace=False)) for _ in range(DRAWS)]
    assert np.mean([shift.psi <= shift.limit for shift in shifts]) >= 0.95
    half = [bins.compare(np.concatenate([own[::2], random.choice(later, rows // 2)])) for _ in range(DRAWS)]
    assert np.mean([shift.psi <= shift.limit for shift in half]) >= 0.95


def test_a_forest_that_knows_its_rows_by_heart_would_call_every_new_customer_a_shift_without_the_blend():
    random = np.random.default_rng(5)
    seen, unseen = random.beta(0.3, 0.9, 4000), random.beta(2, 6, 4000)
    bins = PsiBins.of_scores(seen, None, unseen_weight=UnseenRows.among([(seen, None, unseen, None)]).weights(seen))
    assert PsiBins.of_scores(seen).compare(random.beta(2, 6, 4000)).psi > 0.25
    assert bins.compare(random.beta(2, 6, 4000)).psi < 0.01
    # A real shift is found all the same.
    assert bins.compare(random.beta(2, 3, 4000)).is_alert


def test_real_shifts_of_a_model_that_does_not_overfit_keep_their_size():
    random = np.random.default_rng(6)
    seen, unseen = random.normal(size=5000), random.normal(size=5000)
    bins = PsiBins.of_scores(seen, None, unseen_weight=UnseenRows.among([(seen, None, unseen, None)]).weights(seen))
    moved = random.normal(0.4, 1, 5000)
    assert bins.compare(moved).psi == pytest.approx(PsiBins.of_scores(seen).compare(moved).psi, rel=0.15)
    assert bins.compare(moved).is_alert


levels = st.lists(st.floats(0.001, 0.999), min_size=1, max_size=7, unique=True)


@settings(max_examples=150, deadline=None)
@given(levels=levels, seed=st.integers(0, 10_000))
def test_equal_scores_stay_in_one_bin_however_a_sum_was_rounded(levels, seed):
    random = np.random.default_rng(seed)
    p = random.choice(levels, size=400, p=random.dirichlet(np.ones(len(levels))))
    bins = PsiBins.of_scores(p)
    rounded = p * (1 + random.uniform(-1, 1, 400) * 1e-12)
    assert bins.compare(rounded).psi == pytest.approx(0, abs=1e-12)
    assert not set(bins.edges) & set(p.tolist())
    assert bins.counts == PsiBins.of_scores(rounded).counts


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), ties=st.sampled_from([1, 2, 10, 1000]))
def test_rows_learnt_from_and_not_are_alike_where_nothing_was_learnt_by_heart(seed, ties):
    random = np.random.default_rng(seed)
    seen, unseen = (np.floor(ties * random.random(3000)) / ties for _ in range(2))
    density = UnseenRows.among([(seen, None, unseen, None)]).density
    assert density.mean() == pytest.approx(1)
    assert len(density) == RANKS
    assert np.abs(density - 1).max() < 0.5
    weights = UnseenRows(np.ones(RANKS)).weights(seen)
    assert weights == pytest.approx(np.ones(3000))


@given(st.lists(st.integers(0, 500), min_size=4, max_size=4).filter(any), st.integers(1, 3))
def test_the_nearest_mixture_is_never_farther_than_either_end(actual, seed):
    random = np.random.default_rng(seed)
    bins = PsiBins(
        "numeric", (1.0, 2.0), (), (), tuple(random.integers(1, 300, 4).tolist()), (), 500, 500.0,
        tuple(random.integers(1, 300, 4).tolist()),
    )  # fmt: skip
    found = bins.shift_of(np.array(actual, dtype=float), 100).psi
    assert found <= psi(bins.counts, actual) + 1e-12
    assert found <= psi(bins.unseen_counts, actual) + 1e-12
