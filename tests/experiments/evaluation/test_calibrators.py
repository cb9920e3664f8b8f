"""Calibrators mend a bent score, keep its order, and come back from JSON as they were."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from experiments.evaluation.calibration import observed_expected
from experiments.evaluation.calibrators import (
    IsotonicCalibrator,
    PlattCalibrator,
    calibrator_from_dict,
    fit_calibrator,
)
from experiments.evaluation.isotonic import isotonic_blocks
from experiments.evaluation.metrics import auc, log_loss
from experiments.evaluation.odds import logit
from experiments.evaluation.reliability import ece
from tests.experiments.evaluation.samples import calibrated_sample

METHODS = ["platt", "isotonic", "beta"]


@pytest.mark.parametrize("method", METHODS)
def test_calibrators_mend_a_bent_score_and_keep_its_order(method):
    y, p, _ = calibrated_sample()
    bent = p**2
    calibrator = fit_calibrator(y[::2], bent[::2], method=method)
    mended = calibrator.apply(bent)
    assert ece(y[1::2], mended[1::2]) < 0.25 * ece(y[1::2], bent[1::2])
    assert log_loss(y[1::2], mended[1::2]) < log_loss(y[1::2], bent[1::2])
    assert auc(y, mended) == pytest.approx(auc(y, bent), abs=1e-12)
    assert observed_expected(y[::2], mended[::2]).value == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_calibrators_come_back_from_json_the_same(method):
    y, p, _ = calibrated_sample(rows=3000)
    calibrator = fit_calibrator(y, p**1.5, method=method)
    back = calibrator_from_dict(json.loads(json.dumps(calibrator.to_dict())))
    assert back == calibrator
    assert (back.apply(p) == calibrator.apply(p)).all()


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), rows=st.integers(2, 60), method=st.sampled_from(METHODS))
def test_any_calibrator_rises_within_zero_and_one(seed, rows, method):
    rng = np.random.default_rng(seed)
    y, p = rng.integers(0, 2, rows).astype(float), np.round(rng.random(rows), 2)
    curve = fit_calibrator(y, p, weight=rng.integers(1, 5, rows), method=method).apply(np.linspace(0, 1, 201))
    assert np.isfinite(curve).all()
    assert (curve >= 0).all() and (curve <= 1).all()  # noqa: PT018
    assert (np.diff(curve) >= -1e-12).all()


@pytest.mark.parametrize("method", METHODS)
def test_separable_and_reversed_scores_stay_finite(method):
    y = np.array([0.0] * 20 + [1.0] * 20)
    p = np.linspace(0.01, 0.99, 40)
    for scores in (p, p[::-1]):
        assert np.isfinite(logit(fit_calibrator(y, scores, method=method).apply([0, 0.5, 1]))).all()


def test_the_number_of_events_chooses_the_method():
    y, p, _ = calibrated_sample()
    assert isinstance(fit_calibrator(y, p), IsotonicCalibrator)
    assert isinstance(fit_calibrator(y[:2000], p[:2000]), PlattCalibrator)


def test_one_class_leaves_probabilities_alone():
    p = np.linspace(0.1, 0.9, 5)
    assert fit_calibrator(np.zeros(5), p).apply(p) == pytest.approx(p)


def test_isotonic_blocks_agree_with_scikit_learn():
    rng = np.random.default_rng(1)
    x, weight = np.round(rng.random(400), 2), rng.integers(1, 4, 400).astype(float)
    y = (rng.random(400) < x).astype(float)
    place, value, size = isotonic_blocks(x, y, weight)
    reference = IsotonicRegression().fit(x, y, sample_weight=weight).predict(np.unique(x))
    assert value == pytest.approx(np.unique(reference.round(12)), abs=1e-9)
    assert size.sum() == weight.sum()
    assert (np.diff(place) > 0).all()


def test_an_unknown_calibrator_is_refused():
    with pytest.raises(ValueError, match="unknown calibrator"):
        calibrator_from_dict({"method": "magic"})
