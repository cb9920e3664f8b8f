"""Weights of evidence follow the house formula and never become infinite."""

import numpy as np
import pytest

from experiments.features.woe import information_value, iv_band, iv_noise_floor, iv_p_value, woe_of_bins


def test_a_pure_bin_has_a_finite_negative_woe():
    woe = woe_of_bins(np.array([0.0, 100.0]), np.array([200.0, 100.0]))

    assert np.isfinite(woe).all()
    assert woe[0] == pytest.approx(np.log((0.5 / 101) / (200.5 / 301)))
    assert woe[0] < 0 < woe[1]


def test_woe_is_positive_where_the_event_is_more_likely():
    assert woe_of_bins(np.array([30.0, 10.0]), np.array([50.0, 50.0]))[0] > 0


def test_bins_of_equal_rates_carry_no_information():
    assert information_value(np.array([10.0, 20.0]), np.array([40.0, 80.0])) == pytest.approx(0, abs=1e-3)


def test_the_noise_floor_is_what_shuffled_targets_reach_on_average():
    random = np.random.default_rng(0)
    bins = np.repeat(np.arange(10), 200)
    values = []
    for _ in range(300):
        y = np.zeros(2_000)
        y[random.choice(2_000, 200, replace=False)] = 1
        events = np.bincount(bins, weights=y, minlength=10)
        values.append(information_value(events, 200 - events))

    assert np.mean(values) == pytest.approx(iv_noise_floor(10, 200, non_events=1_800), rel=0.1)
    assert np.mean([iv_p_value(value, 10, events=200, non_events=1_800) < 0.05 for value in values]) < 0.1


def test_bands_follow_siddiqi():
    assert [iv_band(value) for value in (0.01, 0.02, 0.1, 0.3, 0.5)] == [
        "none",
        "weak",
        "medium",
        "strong",
        "suspicious",
    ]
