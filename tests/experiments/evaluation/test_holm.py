"""The interval of a difference and Holm's verdict on it say the same, however many are judged together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.evaluation.holm import holm, holm_levels, judged_together
from experiments.evaluation.intervals import Difference

Z = st.floats(-6, 6, allow_nan=False)
FREEDOMS = st.sampled_from([float("inf"), 4.0, 35.5])
PARTS = st.tuples(Z, st.floats(1e-5, 0.1), FREEDOMS)


def holds_zero(low, high):
    return low <= 0 <= high


@given(st.lists(PARTS, min_size=1, max_size=12))
def test_an_interval_excludes_nothing_exactly_where_holm_rejects(parts):
    judged = judged_together([Difference.by_error(z * error, error, freedom=freedom) for z, error, freedom in parts])

    for each in judged:
        if abs(each.p_holm - 0.05) > 1e-9:
            assert holds_zero(each.difference.low, each.difference.high) == (each.p_holm > 0.05)


def test_all_that_are_not_rejected_are_judged_at_the_level_of_the_first():
    assert holm_levels([0.001, 0.03, 0.04, 0.9]) == pytest.approx([1 - 0.05 / 4, *[1 - 0.05 / 3] * 3])
    assert holm_levels([0.001, 0.002]) == pytest.approx([1 - 0.05 / 2, 0.95])
    assert holm_levels([0.3]) == pytest.approx([0.95])
    assert holm_levels([]) == []


def test_of_models_that_do_not_differ_all_intervals_together_hold_nothing_as_often_as_they_say():
    missed = 0
    for drawn in np.random.default_rng(3).normal(0.0, 1.0, (1_000, 4)):
        judged = judged_together([Difference.by_error(float(value), 1.0) for value in drawn])
        missed += any(not holds_zero(each.difference.low, each.difference.high) for each in judged)
    assert 0.03 < missed / 1_000 < 0.07


def test_holm_adjusts_in_order_and_stops_at_one():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1, 1]
