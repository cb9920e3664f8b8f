"""Explanations are exact: parts and base add up to the margin for every family of models."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from experiments.errors import ArtifactError
from experiments.explanation.shap_values import check_sum, contributions, lightgbm_contributions
from experiments.scorecard.scorecard import Scorecard

RANDOM = np.random.default_rng(4)
ROWS = 800


@pytest.fixture(scope="module")
def matrix() -> pd.DataFrame:
    values = RANDOM.normal(size=(ROWS, 4))
    values[RANDOM.random((ROWS, 4)) < 0.1] = np.nan
    values[:, 3] = RANDOM.integers(0, 5, ROWS)
    return pd.DataFrame(values, columns=["f_0001", "f_0002", "f_0003", "f_0004"])


@pytest.fixture(scope="module")
def y(matrix) -> np.ndarray:
    filled = matrix.fillna(0)
    margin = filled["f_0001"] + filled["f_0001"] * filled["f_0002"] + (filled["f_0004"] == 3) - 0.5
    return (RANDOM.random(ROWS) < 1 / (1 + np.exp(-margin))).astype(float).to_numpy()


def lightgbm_booster(matrix, y):
    import lightgbm

    data = lightgbm.Dataset(matrix.to_numpy(), y, categorical_feature=[3])
    model = lightgbm.train({"objective": "binary", "verbosity": -1, "num_threads": 1}, data, 60)
    return model, model.predict(matrix.to_numpy(), raw_score=True)


def xgboost_booster(matrix, y):
    import xgboost

    data = xgboost.DMatrix(matrix.to_numpy(), y)
    model = xgboost.train({"objective": "binary:logistic", "max_depth": 5, "nthread": 1}, data, 60)
    return model, model.predict(data, output_margin=True)


def catboost_model(matrix, y):
    import catboost

    table = matrix.astype({"f_0004": int})
    model = catboost.CatBoostClassifier(
        iterations=60, verbose=False, allow_writing_files=False, thread_count=1, cat_features=[3]
    ).fit(table, y)
    return model, model.predict(table, prediction_type="RawFormulaVal")


def random_forest(matrix, y):
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(40, min_samples_leaf=5, random_state=1).fit(matrix.to_numpy(), y)
    return model, model.predict_proba(matrix.to_numpy())[:, 1]


def extra_trees(matrix, y):
    from sklearn.ensemble import ExtraTreesClassifier

    model = ExtraTreesClassifier(40, min_samples_leaf=5, random_state=1).fit(matrix.to_numpy(), y)
    return model, model.predict_proba(matrix.to_numpy())[:, 1]


def linear(matrix, y):
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression().fit(matrix.fillna(0).to_numpy(), y)
    return model, model.decision_function(matrix.fillna(0).to_numpy())


def scorecard(matrix, y):
    model = Scorecard().fit(matrix, y)
    return model, model.margin(matrix)


@pytest.mark.parametrize(
    "family", [lightgbm_booster, xgboost_booster, catboost_model, random_forest, extra_trees, linear, scorecard]
)
@pytest.mark.slow
def test_parts_and_base_add_up_to_the_margin(family, matrix, y):
    model, margin = family(matrix, y)
    phi, base = contributions(model, matrix.fillna(0) if family is linear else matrix)

    assert base.shape == (ROWS,)
    assert np.abs(phi.sum(axis=1) + base - margin).max() < 1e-4
    assert np.ptp(margin) > 0.1
    check_sum(phi, base, margin=margin)


def test_few_rows_and_many_rows_are_explained_alike_for_part_of_the_trees(matrix, y):
    booster, _ = lightgbm_booster(matrix, y)
    values = matrix.to_numpy()
    many, many_base = lightgbm_contributions(booster, values, iterations=17)
    few, few_base = lightgbm_contributions(booster, values[:9], iterations=17)

    assert np.abs(many[:9] - few).max() < 1e-9
    assert np.abs(many_base[:9] - few_base).max() < 1e-9
    assert np.abs(many.sum(axis=1) + many_base - booster.predict(values, raw_score=True, num_iteration=17)).max() < 1e-9


def test_an_explanation_that_does_not_add_up_is_refused():
    with pytest.raises(ArtifactError, match="does not add up"):
        check_sum(np.zeros((2, 1)), np.zeros(2), margin=np.array([0.0, 0.01]))
    with pytest.raises(ArtifactError, match="does not add up"):
        check_sum(np.array([[np.nan]]), np.zeros(1), margin=np.zeros(1))


def test_a_model_of_unknown_kind_is_refused_in_words():
    with pytest.raises(ArtifactError, match="Models of type dict cannot be explained exactly"):
        contributions({}, pd.DataFrame())


@pytest.mark.slow
def test_explaining_does_not_wait_for_the_shap_library():
    code = "import sys, experiments.explanation.shap_values; sys.exit('shap' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
