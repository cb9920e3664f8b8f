"""A forest written as LightGBM text votes exactly as scikit-learn's."""

import lightgbm
import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

from experiments.learners.forest import PlainTree, fill_empty, forest_text, trees_text, without_leaves


def _check(forest_class):
    random = np.random.default_rng(3)
    values = random.normal(size=(500, 4))
    values[random.random((500, 4)) < 0.1] = np.nan
    y = (np.nan_to_num(values[:, 0]) + random.normal(size=500) > 0).astype(int)
    filled = fill_empty(values)
    forest = forest_class(n_estimators=15, random_state=1, min_samples_leaf=2).fit(filled, y)
    text = forest_text((tree.tree_ for tree in forest.estimators_), [f"f_{n}" for n in range(4)])
    votes = lightgbm.Booster(model_str=text).predict(filled)
    np.testing.assert_allclose(votes, forest.predict_proba(filled)[:, 1], atol=1e-12)


def test_a_random_forest_votes_as_before():
    _check(RandomForestClassifier)


def test_extra_trees_vote_as_before():
    _check(ExtraTreesClassifier)


def test_a_tree_without_a_split_is_written_too():
    forest = RandomForestClassifier(n_estimators=2, min_samples_leaf=100, random_state=1)
    forest.fit(np.zeros((20, 1), dtype=np.float32), [0] * 15 + [1] * 5)
    text = forest_text((tree.tree_ for tree in forest.estimators_), ["f_0001"])
    votes = lightgbm.Booster(model_str=text).predict(np.zeros((3, 1)))
    np.testing.assert_allclose(votes, forest.predict_proba(np.zeros((3, 1), dtype=np.float32))[:, 1], atol=1e-12)


def test_leaves_that_no_row_can_reach_are_left_out_and_the_others_stay_where_they_were():
    # x <= 1, then x <= 2 on either side: whoever goes left goes left again.
    threshold = np.array([1.0, 2.0, 2.0, 0.0, 0.0, 0.0, 0.0])
    left, right = np.array([1, 3, 5, -1, -1, -1, -1]), np.array([2, 4, 6, -1, -1, -1, -1])
    value, rows = np.array([0.0, 0.0, 0.0, 10.0, 11.0, 12.0, 13.0]), np.array([9.0, 4.0, 5.0, 4.0, 0.0, 3.0, 2.0])
    zeros = np.zeros(7, dtype=int)
    whole = PlainTree(left, right, zeros, threshold, value, rows, zeros)

    less = without_leaves(whole, np.array([False, True, False, False]))

    assert less.left.tolist() == [2, 3, -1, -1, -1]
    assert less.right.tolist() == [1, 4, -1, -1, -1]
    assert less.rows.tolist() == [9.0, 5.0, 4.0, 3.0, 2.0]
    numbers = np.array([[0.0], [1.5], [3.0]])
    for tree in (whole, less):
        booster = lightgbm.Booster(model_str=trees_text([tree], ["x"], objective="regression"))
        assert booster.predict(numbers).tolist() == [10.0, 12.0, 13.0]
    only = without_leaves(whole, np.array([True, True, True, False]))
    assert only.value.tolist() == [13.0]
