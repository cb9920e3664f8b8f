"""The PSI is finite, symmetric and frozen on its baseline, and chance alone raises no alert."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.evaluation.psi import points_shift, psi, psi_limit, psi_parts, psi_verdict
from experiments.evaluation.psi_bins import PsiBins

counts = st.lists(st.integers(0, 5000), min_size=6, max_size=6)


def test_psi_of_a_vanished_bin_gives_the_reference_number():
    assert psi([500, 400, 100], [500, 500, 0]) == pytest.approx(0.5518, abs=1e-4)


def test_psi_of_a_new_bin_gives_the_reference_number():
    assert psi([500, 400, 100, 0], [400, 300, 0, 300]) == pytest.approx(2.4959, abs=1e-4)


@settings(max_examples=200, deadline=None)
@given(counts, counts)
def test_psi_is_finite_and_symmetric_and_never_negative(first, second):
    assert np.isfinite(psi(first, second))
    assert psi(first, second) >= -1e-12
    assert psi(first, second) == pytest.approx(psi(second, first))
    assert psi(first, first) == 0


def test_bins_empty_on_both_sides_change_nothing():
    assert psi([500, 0, 400, 100], [450, 0, 450, 100]) == psi([500, 400, 100], [450, 450, 100])
    assert psi_parts([5, 0], [4, 0]).tolist() == [0, 0]


def test_different_bins_are_refused():
    with pytest.raises(ValueError, match="same bins"):
        psi([1, 2], [1, 2, 3])


def test_the_limit_is_what_chance_exceeds_one_time_in_twenty():
    rng = np.random.default_rng(0)
    equal = np.full(10, 0.1)
    found = [psi(rng.multinomial(10_000, equal), rng.multinomial(500, equal)) for _ in range(4000)]
    assert psi_limit(10_000, 500, bins=10) == pytest.approx(np.quantile(found, 0.95), rel=0.06)
    assert psi_limit(10_000, 200, bins=10) == pytest.approx(0.0863, abs=1e-4)


def test_bins_stay_frozen_and_the_same_sample_has_no_psi():
    values = np.random.default_rng(0).normal(size=5000)
    bins = PsiBins.fit(values)
    assert bins.compare(values).psi == 0
    shifted = bins.compare(values + 1)
    assert shifted.psi > 0.5
    assert (shifted.verdict, shifted.is_alert) == ("red", True)
    assert [part.expected for part in shifted.bins] == [500] * 10
    assert sum(part.contribution for part in shifted.bins) == pytest.approx(shifted.psi)


def test_a_small_sample_of_the_same_people_raises_no_alert():
    rng = np.random.default_rng(4)
    bins = PsiBins.fit(rng.normal(size=10_000))
    alerts = [bins.compare(rng.normal(size=60)).is_alert for _ in range(200)]
    assert np.mean(alerts) < 0.12


def test_missing_and_special_values_have_bins_of_their_own():
    values = np.concatenate([np.arange(90.0), [np.nan] * 6, [-999.0] * 4])
    bins = PsiBins.fit(values, bins=3, special_values=[-999])
    assert bins.labels == ("[−∞, 30)", "[30, 60)", "[60, +∞)", "missing", "-999")
    assert bins.counts == (30, 30, 30, 6, 4)
    assert bins.compare(np.full(10, np.nan)).missing_share == 1


def test_rare_levels_join_others_and_new_levels_are_unseen():
    values = pd.Series(["a"] * 500 + ["b"] * 498 + ["rare", None], dtype=object)
    bins = PsiBins.fit(values)
    assert bins.labels == ("a", "b", "other", "missing", "unseen")
    assert bins.counts == (500, 498, 1, 1, 0)
    found = bins.compare(pd.Series(["a", "rare", "new", None]))
    assert bins.count(pd.Series(["a", "rare", "new", None])).tolist() == [1, 0, 1, 1, 1]
    assert found.unseen_share == 0.25
    assert [part.is_empty for part in found.bins] == [False, True, False, False, True]


@pytest.mark.parametrize(
    "values",
    [
        pd.Series(["甲", "乙", None] * 40, dtype="string"),
        pd.Series([True, False, True] * 40),
        pd.Series([1, None, 3] * 40, dtype="Int64"),
        pd.Series([1.5, np.inf, -np.inf, np.nan] * 30),
        pd.Series([7.0] * 50),
        pd.Series(pd.Categorical(["x", "y"] * 50)),
    ],
)
def test_any_column_type_can_be_compared_and_stored(values):
    bins = PsiBins.fit(values)
    back = PsiBins.from_dict(json.loads(json.dumps(bins.to_dict(), allow_nan=False)))
    assert back == bins
    assert back.compare(values).psi == 0
    json.dumps(back.compare(values.iloc[:7]).to_dict(), allow_nan=False)


def test_integer_weights_equal_duplicated_rows():
    rng = np.random.default_rng(2)
    values, weight = rng.normal(size=400).round(1), rng.integers(1, 4, 400)
    weighted, repeated = PsiBins.fit(values, weight), PsiBins.fit(np.repeat(values, weight))
    assert weighted.edges == repeated.edges
    assert np.array(weighted.counts) / 400 == pytest.approx(np.array(repeated.counts) / weight.sum())


def test_an_empty_sample_has_no_psi():
    assert np.isnan(PsiBins.fit(np.arange(100)).compare(np.empty(0)).psi)


@pytest.mark.parametrize(("value", "colour"), [(0.0999, "green"), (0.1, "amber"), (0.25, "red")])
def test_the_traffic_light_has_the_house_limits(value, colour):
    assert psi_verdict(value) == colour


def test_point_shifts_add_up_to_the_change_of_the_mean_score():
    rng = np.random.default_rng(5)
    points = [rng.normal(50, 20, size) for size in (4, 6, 3)]
    base, now = ([rng.integers(0, len(own), rows) for own in points] for rows in (1000, 700))
    shift = sum(
        points_shift(np.bincount(b, minlength=len(own)), np.bincount(a, minlength=len(own)), points=own)
        for own, b, a in zip(points, base, now, strict=True)
    )
    mean = [sum(own[code].mean() for own, code in zip(points, codes, strict=True)) for codes in (base, now)]
    assert shift == pytest.approx(mean[1] - mean[0], abs=1e-9)
