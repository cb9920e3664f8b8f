"""The fast explanation of LightGBM models is the built-in one, to the last digits that matter."""

import os
import subprocess
import sys

import lightgbm
import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

from experiments.explanation.tree_paths import PathTrees
from experiments.learners.forest import PlainTree, fill_empty, forest_text, trees_text

RANDOM = np.random.default_rng(21)


def table(rows: int, empty: float) -> np.ndarray:
    matrix = RANDOM.normal(size=(rows, 5))
    matrix[:, 2] = RANDOM.integers(0, 40, rows)
    matrix[:, 3] = RANDOM.integers(0, 2, rows)
    matrix[RANDOM.random(matrix.shape) < empty] = np.nan
    return matrix


def target(matrix: np.ndarray) -> np.ndarray:
    filled = np.nan_to_num(matrix)
    margin = filled[:, 0] * filled[:, 1] + np.isin(filled[:, 2], [1, 7, 33]) + filled[:, 4]
    return (RANDOM.random(len(matrix)) < 1 / (1 + np.exp(-margin))).astype(float)


@pytest.mark.parametrize(
    ("changes", "empty"),
    [
        ({"num_leaves": 15}, 0.1),
        ({"num_leaves": 15}, 0.0),
        ({"num_leaves": 15, "zero_as_missing": True}, 0.1),
        ({"num_leaves": 63, "min_data_in_leaf": 2}, 0.2),
        ({"num_leaves": 5, "monotone_constraints": [0, 0, 0, 0, 1]}, 0.1),
        ({"num_leaves": 2}, 0.1),
        ({"num_leaves": 7, "min_data_in_leaf": 900}, 0.1),
    ],
    ids=["usual", "nothing empty in training", "zero as missing", "deep", "monotone", "stumps", "single leaves"],
)
def test_boosted_trees_are_explained_as_lightgbm_does(changes, empty):
    matrix = table(1_200, empty)
    params = {"objective": "binary", "verbosity": -1, "num_threads": 1, "seed": 1, "min_data_per_group": 5, **changes}
    data = lightgbm.Dataset(matrix, target(matrix), categorical_feature=[2] if "zero_as_missing" not in changes else [])
    booster = lightgbm.train(params, data, 25)
    unseen = np.vstack([table(150, 0.3), [[np.nan] * 5, [0, 0, 99, -1, 1e30]]])

    phi, base = PathTrees.parse(booster.model_to_string()).contributions(unseen)

    known = booster.predict(unseen, pred_contrib=True)
    few = [PathTrees.parse(booster.model_to_string()).contributions(unseen[[row]])[0][0] for row in range(-4, 0)]
    assert np.abs(phi - known[:, :-1]).max() < 1e-9
    assert np.abs(few - known[-4:, :-1]).max() < 1e-9
    assert np.abs(base - known[:, -1]).max() < 1e-9
    assert np.abs(phi.sum(axis=1) + base - booster.predict(unseen, raw_score=True)).max() < 1e-9


@pytest.mark.parametrize("family", [RandomForestClassifier, ExtraTreesClassifier])
def test_forests_are_explained_as_their_votes(family):
    matrix = RANDOM.normal(size=(500, 14)).astype(np.float32)
    y = (matrix[:, :12].sum(axis=1) > 0).astype(int)
    forest = family(8, min_samples_leaf=3, random_state=1).fit(matrix, y)
    text = forest_text([tree.tree_ for tree in forest.estimators_], [f"f{number}" for number in range(14)])

    phi, base = PathTrees.parse(text).contributions(fill_empty(matrix))

    assert np.abs(phi.sum(axis=1) + base - forest.predict_proba(matrix)[:, 1]).max() < 1e-9
    assert np.abs(phi - lightgbm.Booster(model_str=text).predict(matrix, pred_contrib=True)[:, :-1]).max() < 1e-9
    assert np.abs(phi[:9] - PathTrees.parse(text).contributions(fill_empty(matrix[:9]))[0]).max() < 1e-12


def test_a_lone_leaf_among_other_trees_changes_the_base_only():
    def tree(left, right, value, rows):
        inner = np.array(left) >= 0
        return PlainTree(
            np.array(left), np.array(right), np.zeros(len(left), dtype=int), np.where(inner, 0.5, 0.0),
            np.array(value), np.array(rows, dtype=float), np.zeros(len(left), dtype=int),
        )  # fmt: skip

    split = tree([1, -1, -1], [2, -1, -1], [0.0, -1.0, 2.0], [40, 30, 10])
    lone = tree([-1], [-1], [0.25], [40])
    rows = np.array([[0.0], [1.0]])
    for trees in ([split], [lone, split], [split, lone, split, lone]):
        phi, base = PathTrees.parse(trees_text(trees, ["f"], objective="regression")).contributions(rows)
        splits, lones = sum(one is split for one in trees), sum(one is lone for one in trees)
        np.testing.assert_allclose(base, -0.25 * splits + 0.25 * lones, atol=1e-12)
        np.testing.assert_allclose(phi[:, 0], np.array([-0.75, 2.25]) * splits, atol=1e-12)


def test_the_base_is_rounded_once_so_that_no_version_of_python_gives_another():
    leaf = PlainTree(*(np.array([number]) for number in (-1, -1, 0, 0.0, 0.1, 40.0, 0)))
    assert PathTrees.parse(trees_text([leaf] * 9, ["f"], objective="regression")).base == 0.9


def test_what_would_take_too_much_memory_is_not_kept_ready(monkeypatch):
    matrix = table(400, 0.1)
    params = {"objective": "binary", "verbosity": -1, "seed": 1}
    booster = lightgbm.train(params, lightgbm.Dataset(matrix, target(matrix)), 9)
    trees = PathTrees.parse(booster.model_to_string())
    kept, _ = trees.contributions(matrix[:5])
    monkeypatch.setattr("experiments.explanation.tree_paths.MOST_EDGES_TO_KEEP", 10)
    other, _ = PathTrees.parse(booster.model_to_string()).contributions(matrix[:5])
    assert np.abs(kept - other).max() < 1e-12


@pytest.mark.slow
def test_what_was_compiled_ahead_is_found_by_another_process(tmp_path):
    ahead = "from experiments.explanation.tree_paths import compile_ahead; compile_ahead()"
    found = """
from experiments.explanation import tree_kernel
print([list(one.stats.cache_misses) for one in (tree_kernel.explain, tree_kernel.prepare, tree_kernel.explain_row)])
"""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    for code in (ahead, ahead + found):
        done = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[[], [], []]"
