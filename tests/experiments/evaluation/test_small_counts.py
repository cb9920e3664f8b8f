"""Intervals cover at few events, give way to large-sample ones at many, and say by which method they are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.evaluation.delong import delong_difference, delong_interval
from experiments.evaluation.evaluate import evaluate
from experiments.evaluation.intervals import Interval
from experiments.evaluation.metrics import ks
from experiments.evaluation.ranking import tally
from experiments.evaluation.small_counts import (
    FEW_METHODS,
    MANY_METHODS,
    Counts,
    auc_with_interval,
    counted,
    ks_interval,
    methods,
    newcombe_interval,
    share_interval,
)
from experiments.house_rules import LARGE_SAMPLE
from tests.experiments.evaluation.coverage import Population, coverage


@pytest.mark.parametrize(
    "population",
    [Population(5, 300, 1.2), Population(12, 300, 2.3), Population(30, 200, 0.75), Population(8, 400, 1.9, 2.0)],
    ids=str,
)
@pytest.mark.slow
def test_intervals_hold_the_truth_from_five_events_on(population):
    found = coverage(population, 150, replicates=20)
    assert min(found.values()) >= 0.93, found


def test_large_sample_intervals_alone_would_not():
    population = Population(5, 300, 2.3)
    truth = population.truth()["auc"]
    held = [delong_interval(y, p) for y, p in population.samples(150, seed=1)]
    assert np.mean([one.low <= truth <= one.high for one in held]) < 0.9


def test_from_a_hundred_of_each_outcome_on_the_interval_is_delong_s():
    random = np.random.default_rng(2)
    y = np.repeat([1.0, 0.0], [LARGE_SAMPLE, 300])
    p = random.random(400) / 2 + y / 4
    assert auc_with_interval(y, p, weight=np.ones(400)) == delong_interval(y, p)
    fewer = slice(1, None)
    assert auc_with_interval(y[fewer], p[fewer], weight=np.ones(399)).low < delong_interval(y[fewer], p[fewer]).low


@given(auc=st.floats(0.02, 0.98), events=st.integers(2, 80), others=st.integers(2, 400))
def test_at_newcombe_s_bounds_the_auc_is_just_z_errors_away(auc, events, others):
    found = newcombe_interval(auc, Counts(events, others))
    for bound in (found.low, found.high):
        mean = (events + others) / 2 - 1
        variance = bound * (1 - bound) / (events * others)
        variance *= 1 + mean * (1 - bound) / (2 - bound) + mean * bound / (1 + bound)
        assert abs(auc - bound) == pytest.approx(1.959964 * np.sqrt(variance), rel=1e-4)
    mirrored = newcombe_interval(1 - auc, Counts(events, others))
    assert (mirrored.low, mirrored.high) == pytest.approx((1 - found.high, 1 - found.low), abs=1e-6)


@pytest.mark.parametrize(
    ("hits", "rows", "low", "high"), [(0, 5, 0, 0.5218), (2, 5, 0.0527, 0.8534), (5, 5, 0.4782, 1)]
)
def test_a_share_of_few_has_the_exact_interval(hits, rows, low, high):
    found = share_interval(hits / rows, rows)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4)


def test_a_ks_that_chance_reaches_has_no_lower_end_above_nothing():
    random = np.random.default_rng(0)
    y, lows = np.repeat([1.0, 0.0], [20, 200]), []
    for _ in range(300):
        p = random.random(220)
        lows.append(ks_interval(tally(y, p), Interval(*[ks(y, p).value] * 3), Counts(20, 200)).low)
    assert np.mean(np.array(lows) == 0) >= 0.93


def test_repeated_customers_and_weights_count_for_fewer():
    y, weight = np.repeat([1.0, 0.0], [40, 200]), np.ones(240)
    groups = np.concatenate([np.repeat(np.arange(4), 10), np.arange(10, 210)])
    assert counted(y, weight).events == 40
    assert counted(y, weight, groups).events == pytest.approx(4)
    weight[:39] = 1e-9
    assert counted(y, weight).events == pytest.approx(1)
    p = np.random.default_rng(1).random(240) + y / 3
    one, many = evaluate(y, p / 2, replicates=40)["auc"], evaluate(y, p / 2, groups=groups, replicates=40)["auc"]
    assert many["high"] - many["low"] > 1.5 * (one["high"] - one["low"])


def test_a_difference_of_few_events_is_by_student_s_t():
    random = np.random.default_rng(4)
    y = np.repeat([1.0, 0.0], [5, 300])
    first, second = random.random(305) + y, random.random(305) + 0.4 * y
    found = delong_difference(y, first, second=second)
    repeated = [delong_difference(np.tile(y, 30), np.tile(first, 30), second=np.tile(second, 30))]
    assert found.high - found.low > 1.3 * np.sqrt(30) * (repeated[0].high - repeated[0].low) * 0.85


@settings(max_examples=60, deadline=None)
@given(
    labels=st.lists(st.booleans(), min_size=2, max_size=60),
    seed=st.integers(0, 1000),
    levels=st.sampled_from([1, 2, 5, 1000]),
)
def test_every_interval_holds_its_value_within_its_bounds(labels, seed, levels):
    y = np.array(labels, dtype=float)
    p = np.floor(np.random.default_rng(seed).random(len(y)) * levels) / levels
    for name, one in evaluate(y, p, replicates=10).items():
        if one["low"] is None:
            continue
        assert one["low"] - 1e-9 <= one["value"] <= one["high"] + 1e-9, name
        if name in ("auc", "ks", "capture"):
            assert one["low"] >= -1e-12
            assert one["high"] <= 1 + 1e-12


def test_the_method_is_told_by_the_rarer_outcome():
    assert methods(99, 5000)["message"] == methods(4950, 5000)["message"] == FEW_METHODS
    assert methods(100, 5000)["message"] == MANY_METHODS
    assert "99" in methods(99, 5000)["message"] % methods(99, 5000)["params"]
