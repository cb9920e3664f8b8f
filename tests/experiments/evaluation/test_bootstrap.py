"""The bootstrap: repeatable, the same fast and general, by whole customers, thinned where it is large."""

import numpy as np
import pytest

from experiments.evaluation import bootstrap as module
from experiments.evaluation.bootstrap import bootstrap_difference, bootstrap_interval, bootstrap_tallies
from experiments.evaluation.clusters import mean_interval
from experiments.evaluation.delong import delong_difference
from experiments.evaluation.metrics import auc, auc_of, brier, capture_of, ks, ks_of
from tests.experiments.evaluation.samples import scored_sample


def test_paired_bootstrap_agrees_with_paired_delong():
    y, p, rng = scored_sample(2)
    other = p + rng.normal(0, 0.1, len(y))
    exact = delong_difference(y, p, second=other)
    drawn = bootstrap_difference(auc_of, y, first=p, second=other, replicates=1000)
    assert drawn.value == pytest.approx(exact.value)
    assert drawn.high - drawn.low == pytest.approx(exact.high - exact.low, rel=0.1)
    assert drawn.p_value < 0.01


def test_the_bootstrap_repeats_itself_by_seed():
    y, p, _ = scored_sample()
    first, again = (bootstrap_tallies(y, p, measures={"ks": ks_of}, replicates=100, seed=3) for _ in range(2))
    other = bootstrap_tallies(y, p, measures={"ks": ks_of}, replicates=100, seed=4)
    assert first == again
    assert first != other


@pytest.mark.parametrize("is_weighted", [False, True])
@pytest.mark.parametrize("rows", [800, 5000])
def test_the_general_bootstrap_equals_the_fast_one(rows, is_weighted):
    y, p, rng = scored_sample(rows=rows)
    weight = rng.gamma(2, 1, rows) if is_weighted else None
    fast = bootstrap_tallies(y, p, measures={"auc": auc_of}, weight=weight, replicates=400, seed=3)["auc"]
    general = bootstrap_interval(auc, y, p=p, weight=weight, replicates=400, seed=8)
    assert general.value == pytest.approx(fast.value)
    assert [general.low, general.high] == pytest.approx([fast.low, fast.high], abs=0.01)


def test_row_order_does_not_matter_to_the_width():
    y, p, rng = scored_sample()
    order = rng.permutation(len(y))
    measures = {"capture": lambda counts: capture_of(counts, 0.1)}
    one = bootstrap_tallies(y, p, measures=measures, replicates=300)["capture"]
    two = bootstrap_tallies(y[order], p[order], measures=measures, replicates=300)["capture"]
    assert two.value == pytest.approx(one.value)
    assert two.high - two.low == pytest.approx(one.high - one.low, rel=0.25)


def test_many_distinct_scores_are_rounded_to_cells_without_moving_the_interval(monkeypatch):
    y, p, _ = scored_sample(rows=5000)
    coarse = bootstrap_tallies(y, p, measures={"ks": ks_of}, replicates=800)["ks"]
    monkeypatch.setattr(module, "MAX_CELLS", 10_000)
    exact = bootstrap_tallies(y, p, measures={"ks": ks_of}, replicates=800)["ks"]
    assert coarse.value == exact.value == ks(y, p).value
    assert [coarse.low, coarse.high] == pytest.approx([exact.low, exact.high], abs=0.004)


def test_a_missing_class_has_no_bootstrap():
    found = bootstrap_tallies([0, 0, 0], [0.1, 0.2, 0.3], measures={"ks": ks_of})["ks"]
    assert np.isnan([found.value, found.low, found.high]).all()


def test_repeated_customers_widen_the_interval():
    y, p, _ = scored_sample(rows=500)
    y, p, groups = np.repeat(y, 6), np.repeat(p, 6), np.repeat(np.arange(500).astype(str), 6)
    alone = bootstrap_tallies(y, p, measures={"auc": auc_of}, replicates=300)["auc"]
    clustered = bootstrap_tallies(y, p, measures={"auc": auc_of}, groups=groups, replicates=300)["auc"]
    assert (clustered.high - clustered.low) / (alone.high - alone.low) == pytest.approx(np.sqrt(6), rel=0.2)
    one_mean, six_mean = mean_interval(p[::6]), mean_interval(p, groups=groups)
    assert [six_mean.low, six_mean.high] == pytest.approx([one_mean.low, one_mean.high], rel=0.01)


def test_groups_that_never_repeat_change_nothing():
    y, p, _ = scored_sample(rows=400)
    groups = np.array([f"customer {number}" for number in range(400)], dtype=object)
    assert bootstrap_tallies(y, p, measures={"ks": ks_of}, groups=groups) == bootstrap_tallies(
        y, p, measures={"ks": ks_of}
    )


def test_very_large_samples_are_thinned_without_moving_the_estimate(monkeypatch):
    y, p, rng = scored_sample(rows=20_000)
    weight = rng.gamma(2, 1, len(y))
    whole = bootstrap_tallies(y, p, measures={"auc": auc_of}, weight=weight, replicates=100)["auc"]
    monkeypatch.setattr(module, "MAX_ROWS", 10_000)
    monkeypatch.setattr(module, "MAX_NON_EVENTS", 8_000)
    thinned = bootstrap_tallies(y, p, measures={"auc": auc_of}, weight=weight, replicates=100)["auc"]
    assert thinned.value == whole.value
    assert thinned.low == pytest.approx(whole.low, abs=0.01)


def test_level_measures_may_be_drawn_without_strata():
    y, p, _ = scored_sample(rows=500)
    found = bootstrap_interval(brier, y, p=p, replicates=200, stratified=False)
    assert found.low < found.value < found.high
