"""Trees over columns give LightGBM's own sums to the last bit, whatever cells and splits there are."""

import pickle

import lightgbm
import numpy as np
import pytest

from experiments.learners.column_trees import ROWS_A_CHUNK, ColumnTrees
from experiments.learners.lightgbm_scorer import ROWS_TO_SCORE_AT_ONCE, LightGBMScorer, margins

ROWS = 3_000


def table(rows: int = ROWS, seed: int = 1) -> np.ndarray:
    """Columns: a number with gaps, one with many zeros, a filled number, a category with gaps, a whole number."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(rows, 5))
    values[random.random(rows) < 0.2, 0] = np.nan
    values[random.random(rows) < 0.5, 1] = 0.0
    values[:, 3] = random.integers(0, 40, rows)
    values[random.random(rows) < 0.1, 3] = np.nan
    values[:, 4] = random.integers(-2, 4, rows)
    return values


def strange_table() -> np.ndarray:
    """Cells no training row had: gaps anywhere, codes beyond all known, below zero, next to zero, far out."""
    values = table(5_000, seed=2)
    random = np.random.default_rng(3)
    values[random.random(values.shape) < 0.1] = np.nan
    for odd in (1e-36, -1e-36, 1e30, -1e30, -0.0):
        values[random.random(values.shape) < 0.02] = odd
    values[:, 3] = np.where(random.random(len(values)) < 0.3, random.integers(-3, 90, len(values)), values[:, 3])
    return values


def fitted(rounds: int = 25, categories: bool = False, **settings) -> lightgbm.Booster:
    values = table()
    random = np.random.default_rng(4)
    margin = np.nan_to_num(values[:, 0]) + values[:, 1] * values[:, 2] + np.isin(values[:, 3], [1, 5, 9]) - 1
    y = (random.random(ROWS) < 1 / (1 + np.exp(-margin))).astype(float)
    native = {"objective": "binary", "verbosity": -1, "num_leaves": 12, "num_threads": 1, "seed": 3, **settings}
    data = lightgbm.Dataset(values, y, categorical_feature=[3] if categories else [])
    return lightgbm.train(native, data, num_boost_round=rounds)


@pytest.mark.parametrize(
    "model",
    [
        {},
        {"categories": True, "min_data_per_group": 5, "cat_smooth": 1.0},
        {"use_missing": False},
        {"zero_as_missing": True},
        {"num_leaves": 60, "min_data_in_leaf": 3},
        {"max_bin": 2_000, "min_data_in_bin": 1, "rounds": 60},
        {"num_leaves": 2},
        {"min_data_in_leaf": 2_900},
    ],
    ids=str,
)
def test_sums_are_those_of_lightgbm_bit_for_bit(model):
    booster = fitted(**model)
    columns = ColumnTrees.parse([booster.model_to_string()])
    for matrix in (table(seed=9), strange_table()):
        expected = booster.predict(matrix, raw_score=True)
        np.testing.assert_array_equal(columns.margins(matrix)[0], expected)
        np.testing.assert_array_equal(columns.margins(np.asfortranarray(matrix))[0], expected)


def test_several_models_are_scored_together_as_each_alone():
    texts = [fitted(seed=seed, bagging_fraction=0.5, bagging_freq=1).model_to_string() for seed in range(3)]
    together = ColumnTrees.parse(texts).margins(strange_table())
    for text, found in zip(texts, together, strict=True):
        np.testing.assert_array_equal(found, ColumnTrees.parse([text]).margins(strange_table())[0])


def test_rows_on_both_sides_of_a_chunks_end_keep_their_numbers():
    matrix = np.tile(table(1_000), (ROWS_A_CHUNK // 1_000 + 2, 1))
    found = ColumnTrees.parse([fitted().model_to_string()]).margins(matrix)[0]
    np.testing.assert_array_equal(found.reshape(-1, 1_000), np.tile(found[:1_000], (len(matrix) // 1_000, 1)))


@pytest.mark.parametrize("model", [{"num_leaves": 400, "min_data_in_leaf": 2}, {"linear_tree": True}, {
    "boosting": "rf", "bagging_fraction": 0.5, "bagging_freq": 1}], ids=["large", "linear", "averaged"])  # fmt: skip
def test_models_of_another_kind_are_left_to_lightgbm(model):
    booster = fitted(**model)
    assert ColumnTrees.parse([booster.model_to_string()]) is None
    matrix = np.nan_to_num(table(ROWS_TO_SCORE_AT_ONCE))
    np.testing.assert_array_equal(
        LightGBMScorer(booster.model_to_string()).margin(matrix), booster.predict(matrix, raw_score=True)
    )


@pytest.mark.parametrize("rows", [0, 1, 2, 100, ROWS_TO_SCORE_AT_ONCE])
def test_a_scorer_gives_lightgbms_numbers_for_any_number_of_rows(rows):
    booster, matrix = fitted(categories=True), table(max(rows, 1), seed=7)[:rows]
    scorer = LightGBMScorer(booster.model_to_string())
    expected = booster.predict(matrix, raw_score=True) if rows else np.zeros(0)
    np.testing.assert_array_equal(scorer.margin(matrix), expected)
    np.testing.assert_array_equal(margins([scorer, scorer], np.asfortranarray(matrix))[1], expected)


@pytest.mark.parametrize("rows", [1, 30, 600])
def test_a_scorers_explanation_is_lightgbms(rows):
    booster, matrix = fitted(categories=True), table(rows, seed=7)
    phi, base = LightGBMScorer(booster.model_to_string()).contributions(matrix)
    expected = booster.predict(matrix, pred_contrib=True)
    np.testing.assert_allclose(np.column_stack([phi, base]), expected, atol=1e-12)


def test_a_scorer_travels_between_processes_as_text():
    scorer = LightGBMScorer(fitted().model_to_string())
    expected = scorer.margin(table(3))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(scorer)).margin(table(3)), expected)


def test_what_the_library_refuses_is_an_error_in_its_words():
    with pytest.raises(ValueError, match="number of classes"):
        LightGBMScorer("no trees").margin(table(3))
    with pytest.raises(ValueError, match="number of features"):
        LightGBMScorer(fitted().model_to_string()).margin(table(3)[:, :4])
