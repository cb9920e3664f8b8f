"""A forest written as LightGBM text votes exactly as scikit-learn's."""

import lightgbm
import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

from experiments.search.forest import fill_empty, forest_text


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
