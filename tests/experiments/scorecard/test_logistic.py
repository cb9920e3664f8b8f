"""The logistic regression agrees with a known one and survives separation."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from experiments.scorecard.logistic import fit_logistic

RANDOM = np.random.default_rng(2)
X = RANDOM.normal(size=(2_000, 3))
Y = (RANDOM.random(2_000) < 1 / (1 + np.exp(1 - X @ [1.0, -0.5, 0.0]))).astype(float)


def test_it_finds_the_same_coefficients_as_scikit_learn():
    known = LogisticRegression(C=1.0, tol=1e-10, max_iter=1_000).fit(X, Y)
    ours = fit_logistic(X, Y, np.ones(2_000), ridge=1.0)

    assert ours.coefficients == pytest.approx(known.coef_[0], abs=1e-5)
    assert ours.intercept == pytest.approx(known.intercept_[0], abs=1e-5)
    assert ours.p_values[0] < 1e-10
    assert ours.p_values[2] > 0.001


@pytest.mark.parametrize("y", [np.zeros(50), np.ones(50), np.arange(50) < 25], ids=["no event", "only events", "split"])
def test_separation_and_single_classes_stay_finite(y):
    model = fit_logistic(np.arange(50.0)[:, None] - 25, y.astype(float), np.ones(50))
    assert np.isfinite([model.intercept, *model.coefficients, *model.p_values]).all()
