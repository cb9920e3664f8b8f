"""Calibration: known answers, agreement with scikit-learn, calibrators that keep the order."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from experiments.evaluation.calibration import hosmer_lemeshow, jeffreys_test, observed_expected, recalibration
from experiments.evaluation.calibrators import (
    IsotonicCalibrator,
    PlattCalibrator,
    calibrator_from_dict,
    fit_calibrator,
)
from experiments.evaluation.isotonic import isotonic_blocks
from experiments.evaluation.metrics import auc, log_loss
from experiments.evaluation.odds import correct_prior, logit
from experiments.evaluation.reliability import ece, ece_interval, jeffreys_interval, mce, reliability

METHODS = ["platt", "isotonic", "beta"]


def sample(seed=0, rows=20_000, rate_margin=-2.0):
    rng = np.random.default_rng(seed)
    truth = 1 / (1 + np.exp(-(rng.normal(size=rows) + rate_margin)))
    return (rng.random(rows) < truth).astype(float), truth, rng


def test_prior_correction_gives_the_reference_number():
    assert correct_prior(0.30, population_rate=0.02, sample_rate=0.20) == pytest.approx(0.0338, abs=5e-5)


def test_prior_correction_there_and_back_changes_nothing():
    p = np.linspace(0.001, 0.999, 50)
    assert correct_prior(correct_prior(p, 0.02, sample_rate=0.3), 0.3, sample_rate=0.02) == pytest.approx(p, abs=1e-12)


def test_ece_of_a_known_sample():
    y = [1, 0, 0, 0, 1, 1, 0, 1]
    p = [0.5] * 4 + [0.9] * 4
    assert ece(y, p, bins=2) == pytest.approx(0.5 * 0.25 + 0.5 * 0.15)
    assert mce(y, p, bins=2) == pytest.approx(0.25)


def test_reliability_has_fifteen_even_groups_around_the_diagonal():
    y, p, _ = sample()
    found = reliability(y, p)
    assert len(found.bins) == 15
    assert sum(group.rows for group in found.bins) == len(y)
    assert max(group.rows for group in found.bins) - min(group.rows for group in found.bins) <= 1
    covered = [group.low <= group.mean_probability <= group.high for group in found.bins]
    assert sum(covered) >= 13
    assert found.ece < 0.01
    json.dumps(found.to_dict(), allow_nan=False)


def test_reliability_of_integer_weights_equals_duplicated_rows():
    y, p, rng = sample(rows=500)
    weight = rng.integers(1, 4, 500)
    assert ece(y, p, weight=weight) == pytest.approx(ece(np.repeat(y, weight), np.repeat(p, weight)))


def test_the_ece_interval_holds_the_value_and_repeats_itself():
    y, p, _ = sample(rows=4000)
    found = ece_interval(y, p * 0.7, replicates=200)
    assert found == ece_interval(y, p * 0.7, replicates=200)
    assert found.low < found.value < found.high
    assert found.value == pytest.approx(ece(y, p * 0.7))


def test_observed_over_expected_sees_the_level():
    y, p, _ = sample()
    right, low = observed_expected(y, p), observed_expected(y, p / 1.5)
    assert right.low < 1 < right.high
    assert low.value == pytest.approx(right.value * 1.5)
    assert low.low > 1.3


def test_observed_over_expected_covers_the_truth():
    covered = [
        found.low <= 1 <= found.high for found in (observed_expected(*sample(seed, 1000)[:2]) for seed in range(300))
    ]
    assert 0.91 <= np.mean(covered) <= 0.985


def test_no_event_at_all_still_has_an_upper_bound():
    found = observed_expected(np.zeros(100), np.full(100, 0.05))
    assert (found.value, found.low) == (0, 0)
    assert found.high == pytest.approx(-np.log(0.025) / 5)


def test_slope_and_intercept_find_what_was_done_to_the_margin():
    y, p, _ = sample(rows=200_000)
    too_sure = 1 / (1 + np.exp(-(2 * logit(p))))
    assert recalibration(y, p).slope.value == pytest.approx(1, abs=0.03)
    assert recalibration(y, too_sure).slope.value == pytest.approx(0.5, abs=0.015)
    shifted = 1 / (1 + np.exp(-(logit(p) - 0.7)))
    assert recalibration(y, shifted).intercept.value == pytest.approx(0.7, abs=0.03)


def test_the_slope_agrees_with_an_unpenalised_logistic_regression():
    y, p, rng = sample(rows=3000)
    weight = rng.gamma(2, 1, 3000)
    margin = logit(p * 0.8)[:, None]
    reference = LogisticRegression(C=1e12, tol=1e-12).fit(margin, y, sample_weight=weight)
    assert recalibration(y, p * 0.8, weight=weight).slope.value == pytest.approx(reference.coef_[0, 0], abs=1e-5)


def test_repeated_rows_widen_the_slope():
    y, p, _ = sample(rows=800)
    groups = np.repeat(np.arange(800), 4)
    once, four = recalibration(y, p).slope, recalibration(np.repeat(y, 4), np.repeat(p, 4), groups=groups).slope
    assert [four.value, four.low, four.high] == pytest.approx([once.value, once.low, once.high], abs=1e-6)


def test_one_class_has_no_slope():
    found = recalibration(np.zeros(10), np.linspace(0.1, 0.5, 10))
    assert np.isnan([found.slope.value, found.intercept.value]).all()


def test_hosmer_lemeshow_accepts_truth_rejects_error_and_is_silent_on_many_rows():
    y, p, _ = sample(rows=10_000)
    assert hosmer_lemeshow(y, p, is_development=False).p_value > 0.01
    assert hosmer_lemeshow(y, p * 0.7, is_development=False).p_value < 1e-6
    assert hosmer_lemeshow(y, p, is_development=True).degrees == 8
    assert np.isnan(hosmer_lemeshow(np.tile(y, 3), np.tile(p, 3), is_development=False).p_value)


def test_jeffreys_flags_a_grade_that_promised_too_little():
    assert jeffreys_test(events=30, rows=1000, stated=0.01) < 0.01
    assert jeffreys_test(events=10, rows=1000, stated=0.01) == pytest.approx(0.5, abs=0.05)
    assert jeffreys_interval(0, 50)[0] == 0


@pytest.mark.parametrize("method", METHODS)
def test_calibrators_mend_a_bent_score_and_keep_its_order(method):
    y, p, _ = sample()
    bent = p**2
    calibrator = fit_calibrator(y[::2], bent[::2], method=method)
    mended = calibrator.apply(bent)
    assert ece(y[1::2], mended[1::2]) < 0.25 * ece(y[1::2], bent[1::2])
    assert log_loss(y[1::2], mended[1::2]) < log_loss(y[1::2], bent[1::2])
    assert auc(y, mended) == pytest.approx(auc(y, bent), abs=1e-12)
    assert observed_expected(y[::2], mended[::2]).value == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_calibrators_come_back_from_json_the_same(method):
    y, p, _ = sample(rows=3000)
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
    y, p, _ = sample()
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
