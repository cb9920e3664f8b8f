"""Intervals: DeLong against the bootstrap, clusters, paired differences, repeatability."""

import numpy as np
import pytest

from experiments.evaluation import bootstrap as module
from experiments.evaluation.bootstrap import bootstrap_difference, bootstrap_interval, bootstrap_tallies
from experiments.evaluation.clusters import cluster_codes, mean_interval
from experiments.evaluation.delong import delong_difference, delong_error, delong_interval
from experiments.evaluation.holm import holm
from experiments.evaluation.intervals import Difference
from experiments.evaluation.metrics import auc, auc_of, brier, capture_of, ks, ks_of
from experiments.evaluation.ranking import RankedSample


def sample(seed=0, rows=3000, strength=1.0):
    rng = np.random.default_rng(seed)
    margin = strength * rng.normal(size=rows) - 2
    p = 1 / (1 + np.exp(-margin))
    return (rng.random(rows) < p).astype(float), p, rng


def test_delong_error_is_within_five_percent_of_the_bootstrap():
    y, p, _ = sample()
    ranked = RankedSample(y, p)
    draws = module.Resampler(len(y), ranked.y, seed=5).draws(2000)
    spread = np.std([auc_of(ranked.tally(counts)) for counts in draws], ddof=1)
    assert delong_error(y, p) == pytest.approx(spread, rel=0.05)


def test_delong_matches_the_definition_by_pairs():
    y = np.array([1, 1, 1, 0, 0, 0, 0])
    p = np.array([0.9, 0.5, 0.4, 0.5, 0.3, 0.2, 0.6])
    wins = (p[y == 1][:, None] > p[y == 0]) + 0.5 * (p[y == 1][:, None] == p[y == 0])
    expected = np.sqrt(wins.mean(axis=1).var(ddof=1) / 3 + wins.mean(axis=0).var(ddof=1) / 4)
    assert delong_error(y, p) == pytest.approx(expected)
    assert delong_interval(y, p).value == pytest.approx(wins.mean())


def test_weighted_delong_agrees_with_the_weighted_bootstrap():
    y, p, rng = sample(1)
    weight = rng.gamma(2, 1, len(y))
    ranked = RankedSample(y, p, weight)
    draws = module.Resampler(len(y), ranked.y, seed=5).draws(1500)
    spread = np.std([auc_of(ranked.tally(ranked.weight * counts)) for counts in draws], ddof=1)
    assert delong_error(y, p, weight=weight) == pytest.approx(spread, rel=0.06)


def test_delong_interval_stays_below_one():
    y = np.array([0.0] * 50 + [1.0] * 5)
    p = np.concatenate([np.linspace(0, 0.9, 50), [0.91, 0.92, 0.93, 0.94, 0.895]])
    found = delong_interval(y, p)
    assert found.low < found.value < found.high < 1


def test_a_perfect_order_of_few_events_is_not_called_certain():
    found = delong_interval([0, 0, 0, 1, 1, 1], [1, 2, 3, 4, 5, 6])
    assert (found.value, found.high) == (1, 1)
    assert found.low < 0.5


@pytest.mark.parametrize("y", [[1, 0, 0, 0], [0, 0, 0, 0]])
def test_too_few_of_a_class_give_no_bounds(y):
    found = delong_interval(y, [0.4, 0.3, 0.5, 0.1])
    assert np.isnan([found.low, found.high]).all()


def test_delong_covers_the_truth_about_as_often_as_it_says():
    truth = auc(*sample(99, 200_000)[:2])
    covered = [
        found.low <= truth <= found.high for found in (delong_interval(*sample(seed, 600)[:2]) for seed in range(200))
    ]
    assert 0.9 <= np.mean(covered) <= 0.99


def test_the_same_score_differs_by_nothing():
    y, p, _ = sample()
    assert delong_difference(y, p, second=p) == Difference(0, 0, 0, 1)


def test_a_better_score_is_called_better_and_a_like_one_is_not():
    y, p, rng = sample()
    margin = np.log(p / (1 - p))
    noisy, very_noisy = margin + rng.normal(0, 0.02, len(y)), margin + rng.normal(0, 2, len(y))
    assert delong_difference(y, p, second=very_noisy).is_better()
    assert not delong_difference(y, p, second=noisy).is_better()
    forward, backward = delong_difference(y, p, second=very_noisy), delong_difference(y, very_noisy, second=p)
    assert forward.value == pytest.approx(-backward.value)
    assert forward.p_value == pytest.approx(backward.p_value)


def test_paired_bootstrap_agrees_with_paired_delong():
    y, p, rng = sample(2)
    other = p + rng.normal(0, 0.1, len(y))
    exact = delong_difference(y, p, second=other)
    drawn = bootstrap_difference(auc_of, y, first=p, second=other, replicates=1000)
    assert drawn.value == pytest.approx(exact.value)
    assert drawn.high - drawn.low == pytest.approx(exact.high - exact.low, rel=0.1)
    assert drawn.p_value < 0.01


def test_the_bootstrap_repeats_itself_by_seed():
    y, p, _ = sample()
    first, again = (bootstrap_tallies(y, p, measures={"ks": ks_of}, replicates=100, seed=3) for _ in range(2))
    other = bootstrap_tallies(y, p, measures={"ks": ks_of}, replicates=100, seed=4)
    assert first == again
    assert first != other


@pytest.mark.parametrize("is_weighted", [False, True])
@pytest.mark.parametrize("rows", [800, 5000])
def test_the_general_bootstrap_equals_the_fast_one(rows, is_weighted):
    y, p, rng = sample(rows=rows)
    weight = rng.gamma(2, 1, rows) if is_weighted else None
    fast = bootstrap_tallies(y, p, measures={"auc": auc_of}, weight=weight, replicates=400, seed=3)["auc"]
    general = bootstrap_interval(auc, y, p=p, weight=weight, replicates=400, seed=8)
    assert general.value == pytest.approx(fast.value)
    assert [general.low, general.high] == pytest.approx([fast.low, fast.high], abs=0.01)


def test_row_order_does_not_matter_to_the_width():
    y, p, rng = sample()
    order = rng.permutation(len(y))
    measures = {"capture": lambda counts: capture_of(counts, 0.1)}
    one = bootstrap_tallies(y, p, measures=measures, replicates=300)["capture"]
    two = bootstrap_tallies(y[order], p[order], measures=measures, replicates=300)["capture"]
    assert two.value == pytest.approx(one.value)
    assert two.high - two.low == pytest.approx(one.high - one.low, rel=0.25)


def test_many_distinct_scores_are_rounded_to_cells_without_moving_the_interval(monkeypatch):
    y, p, _ = sample(rows=5000)
    coarse = bootstrap_tallies(y, p, measures={"ks": ks_of}, replicates=800)["ks"]
    monkeypatch.setattr(module, "MAX_CELLS", 10_000)
    exact = bootstrap_tallies(y, p, measures={"ks": ks_of}, replicates=800)["ks"]
    assert coarse.value == exact.value == ks(y, p).value
    assert [coarse.low, coarse.high] == pytest.approx([exact.low, exact.high], abs=0.004)


@pytest.mark.parametrize(("y", "weight"), [([0, 0, 0], None), ([0, 0, 1], [1, 1, 0])])
def test_a_class_without_weight_has_no_difference(y, weight):
    assert np.isnan(delong_difference(y, [0.1, 0.2, 0.3], second=[0.3, 0.2, 0.1], weight=weight).value)


def test_a_missing_class_has_no_bootstrap():
    found = bootstrap_tallies([0, 0, 0], [0.1, 0.2, 0.3], measures={"ks": ks_of})["ks"]
    assert np.isnan([found.value, found.low, found.high]).all()


def test_repeated_customers_widen_the_interval():
    y, p, _ = sample(rows=500)
    y, p, groups = np.repeat(y, 6), np.repeat(p, 6), np.repeat(np.arange(500).astype(str), 6)
    alone = bootstrap_tallies(y, p, measures={"auc": auc_of}, replicates=300)["auc"]
    clustered = bootstrap_tallies(y, p, measures={"auc": auc_of}, groups=groups, replicates=300)["auc"]
    assert (clustered.high - clustered.low) / (alone.high - alone.low) == pytest.approx(np.sqrt(6), rel=0.2)
    one_mean, six_mean = mean_interval(p[::6]), mean_interval(p, groups=groups)
    assert [six_mean.low, six_mean.high] == pytest.approx([one_mean.low, one_mean.high], rel=0.01)


def test_groups_that_never_repeat_change_nothing():
    y, p, _ = sample(rows=400)
    groups = np.array([f"customer {number}" for number in range(400)], dtype=object)
    assert bootstrap_tallies(y, p, measures={"ks": ks_of}, groups=groups) == bootstrap_tallies(
        y, p, measures={"ks": ks_of}
    )


def test_rows_without_an_id_each_stand_alone():
    codes = cluster_codes(np.array(["a", None, "b", None, "a", None], dtype=object))
    assert codes.tolist() == [0, 2, 1, 3, 0, 4]
    assert cluster_codes([1.0, np.nan, 2.0, np.nan]) is None


def test_very_large_samples_are_thinned_without_moving_the_estimate(monkeypatch):
    y, p, rng = sample(rows=20_000)
    weight = rng.gamma(2, 1, len(y))
    whole = bootstrap_tallies(y, p, measures={"auc": auc_of}, weight=weight, replicates=100)["auc"]
    monkeypatch.setattr(module, "MAX_ROWS", 10_000)
    monkeypatch.setattr(module, "MAX_NON_EVENTS", 8_000)
    thinned = bootstrap_tallies(y, p, measures={"auc": auc_of}, weight=weight, replicates=100)["auc"]
    assert thinned.value == whole.value
    assert thinned.low == pytest.approx(whole.low, abs=0.01)


def test_the_interval_of_a_mean_is_the_textbook_one():
    values = np.array([0.1, 0.4, 0.2, 0.9])
    found = mean_interval(values)
    half = 1.959964 * values.std(ddof=1) / 2
    assert (found.value, found.low, found.high) == pytest.approx((0.4, 0.4 - half, 0.4 + half))


def test_level_measures_may_be_drawn_without_strata():
    y, p, _ = sample(rows=500)
    found = bootstrap_interval(brier, y, p=p, replicates=200, stratified=False)
    assert found.low < found.value < found.high


def test_holm_adjusts_in_order_and_stops_at_one():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1, 1]


def test_rows_of_one_customer_count_as_one_in_a_paired_difference():
    y, p, rng = sample(rows=600)
    other = p + rng.normal(scale=0.8, size=len(p))
    alone = delong_difference(y, p, second=other)
    many_y, many_p, many_other = (np.repeat(values, 5) for values in (y, p, other))
    copied = delong_difference(many_y, many_p, second=many_other, groups=np.repeat(np.arange(600), 5))
    taken_for_more = delong_difference(many_y, many_p, second=many_other)

    assert copied.value == pytest.approx(alone.value)
    assert copied.high - copied.low == pytest.approx(alone.high - alone.low, rel=0.03)
    assert taken_for_more.high - taken_for_more.low < 0.6 * (alone.high - alone.low)


def test_whole_customers_give_the_interval_of_the_cluster_bootstrap():
    y, p, rng = sample(rows=900)
    customers = rng.integers(0, 300, len(y))
    other = p + rng.normal(scale=1.0, size=300)[customers]
    exact = delong_difference(y, p, second=other, groups=customers)
    drawn = bootstrap_difference(auc_of, y, first=p, second=other, groups=customers, replicates=1000)

    assert exact.high - exact.low == pytest.approx(drawn.high - drawn.low, rel=0.15)
