"""Points mean odds."""

import numpy as np
import pytest

from experiments.scorecard.scaling import PointsScale, correct_prior


def test_six_hundred_points_are_fifty_to_one_and_twenty_more_double_the_odds():
    scale = PointsScale()
    assert scale.score_from_probability(np.array([1 / 51, 1 / 101])) == pytest.approx([600.0, 620.0], abs=1e-9)


def test_a_scale_is_kept_as_plain_data():
    for scale in (PointsScale(), PointsScale(600, 19, 50), PointsScale(750, 35, 60), PointsScale(direction=-1)):
        assert PointsScale.from_dict(scale.to_dict()) == scale


def test_in_the_other_direction_more_points_mean_more_likely():
    low, high = PointsScale(direction=-1).score_from_probability(np.array([0.1, 0.2]))
    assert low < high


def test_certain_probabilities_have_finite_points():
    assert np.isfinite(PointsScale().score_from_probability(np.array([0.0, 1.0]))).all()


def test_a_sample_rate_is_corrected_to_the_population():
    corrected = correct_prior(np.array([0.30]), population_rate=0.02, sample_rate=0.20)
    assert corrected == pytest.approx([0.0338], abs=5e-5)
