"""Groups of like probability lie around the diagonal, and ECE sums up how far."""

import json

import numpy as np
import pytest

from experiments.evaluation.reliability import ece, ece_interval, mce, reliability
from tests.experiments.evaluation.samples import calibrated_sample


def test_ece_of_a_known_sample():
    y = [1, 0, 0, 0, 1, 1, 0, 1]
    p = [0.5] * 4 + [0.9] * 4
    assert ece(y, p, bins=2) == pytest.approx(0.5 * 0.25 + 0.5 * 0.15)
    assert mce(y, p, bins=2) == pytest.approx(0.25)


def test_reliability_has_fifteen_even_groups_around_the_diagonal():
    y, p, _ = calibrated_sample()
    found = reliability(y, p)
    assert len(found.bins) == 15
    assert sum(group.rows for group in found.bins) == len(y)
    assert max(group.rows for group in found.bins) - min(group.rows for group in found.bins) <= 1
    covered = [group.low <= group.mean_probability <= group.high for group in found.bins]
    assert sum(covered) >= 13
    assert found.ece < 0.01
    json.dumps(found.to_dict(), allow_nan=False)


def test_reliability_of_integer_weights_equals_duplicated_rows():
    y, p, rng = calibrated_sample(rows=500)
    weight = rng.integers(1, 4, 500)
    assert ece(y, p, weight=weight) == pytest.approx(ece(np.repeat(y, weight), np.repeat(p, weight)))


def test_the_ece_interval_holds_the_value_and_repeats_itself():
    y, p, _ = calibrated_sample(rows=4000)
    found = ece_interval(y, p * 0.7, replicates=200)
    assert found == ece_interval(y, p * 0.7, replicates=200)
    assert found.low < found.value < found.high
    assert found.value == pytest.approx(ece(y, p * 0.7))
