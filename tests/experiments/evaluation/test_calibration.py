"""Observed over expected, slope and intercept find what was done to probabilities."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from experiments.evaluation.calibration import hosmer_lemeshow, jeffreys_test, observed_expected, recalibration
from experiments.evaluation.odds import logit
from experiments.evaluation.reliability import jeffreys_interval
from tests.experiments.evaluation.samples import calibrated_sample


def test_observed_over_expected_sees_the_level():
    y, p, _ = calibrated_sample()
    right, low = observed_expected(y, p), observed_expected(y, p / 1.5)
    assert right.low < 1 < right.high
    assert low.value == pytest.approx(right.value * 1.5)
    assert low.low > 1.3


def test_observed_over_expected_covers_the_truth():
    covered = [
        found.low <= 1 <= found.high
        for found in (observed_expected(*calibrated_sample(seed, 1000)[:2]) for seed in range(300))
    ]
    assert 0.91 <= np.mean(covered) <= 0.985


def test_no_event_at_all_still_has_an_upper_bound():
    found = observed_expected(np.zeros(100), np.full(100, 0.05))
    assert (found.value, found.low) == (0, 0)
    assert found.high == pytest.approx(-np.log(0.025) / 5)


@pytest.mark.slow
def test_slope_and_intercept_find_what_was_done_to_the_margin():
    y, p, _ = calibrated_sample(rows=200_000)
    too_sure = 1 / (1 + np.exp(-(2 * logit(p))))
    assert recalibration(y, p).slope.value == pytest.approx(1, abs=0.03)
    assert recalibration(y, too_sure).slope.value == pytest.approx(0.5, abs=0.015)
    shifted = 1 / (1 + np.exp(-(logit(p) - 0.7)))
    assert recalibration(y, shifted).intercept.value == pytest.approx(0.7, abs=0.03)


def test_the_slope_agrees_with_an_unpenalised_logistic_regression():
    y, p, rng = calibrated_sample(rows=3000)
    weight = rng.gamma(2, 1, 3000)
    margin = logit(p * 0.8)[:, None]
    reference = LogisticRegression(C=1e12, tol=1e-12).fit(margin, y, sample_weight=weight)
    assert recalibration(y, p * 0.8, weight=weight).slope.value == pytest.approx(reference.coef_[0, 0], abs=1e-5)


def test_repeated_rows_widen_the_slope():
    y, p, _ = calibrated_sample(rows=800)
    groups = np.repeat(np.arange(800), 4)
    once, four = recalibration(y, p).slope, recalibration(np.repeat(y, 4), np.repeat(p, 4), groups=groups).slope
    assert [four.value, four.low, four.high] == pytest.approx([once.value, once.low, once.high], abs=1e-6)


def test_one_class_has_no_slope():
    found = recalibration(np.zeros(10), np.linspace(0.1, 0.5, 10))
    assert np.isnan([found.slope.value, found.intercept.value]).all()


def test_hosmer_lemeshow_accepts_truth_rejects_error_and_is_silent_on_many_rows():
    y, p, _ = calibrated_sample(rows=10_000)
    assert hosmer_lemeshow(y, p, is_development=False).p_value > 0.01
    assert hosmer_lemeshow(y, p * 0.7, is_development=False).p_value < 1e-6
    assert hosmer_lemeshow(y, p, is_development=True).degrees == 8
    assert np.isnan(hosmer_lemeshow(np.tile(y, 3), np.tile(p, 3), is_development=False).p_value)


def test_jeffreys_flags_a_grade_that_promised_too_little():
    assert jeffreys_test(events=30, rows=1000, stated=0.01) < 0.01
    assert jeffreys_test(events=10, rows=1000, stated=0.01) == pytest.approx(0.5, abs=0.05)
    assert jeffreys_interval(0, 50)[0] == 0
