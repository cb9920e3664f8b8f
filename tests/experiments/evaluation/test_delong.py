"""DeLong's interval against its definition, the bootstrap and the truth; paired differences."""

import numpy as np
import pytest

from experiments.evaluation.bootstrap import Resampler
from experiments.evaluation.delong import delong_difference, delong_error, delong_interval
from experiments.evaluation.intervals import Difference
from experiments.evaluation.metrics import auc, auc_of
from experiments.evaluation.ranking import RankedSample
from tests.experiments.evaluation.samples import scored_sample


def test_delong_error_is_within_five_percent_of_the_bootstrap():
    y, p, _ = scored_sample()
    ranked = RankedSample(y, p)
    draws = Resampler(len(y), ranked.y, seed=5).draws(2000)
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
    y, p, rng = scored_sample(1)
    weight = rng.gamma(2, 1, len(y))
    ranked = RankedSample(y, p, weight)
    draws = Resampler(len(y), ranked.y, seed=5).draws(1500)
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
    truth = auc(*scored_sample(99, 200_000)[:2])
    covered = [
        found.low <= truth <= found.high
        for found in (delong_interval(*scored_sample(seed, 600)[:2]) for seed in range(200))
    ]
    assert 0.9 <= np.mean(covered) <= 0.99


def test_the_same_score_differs_by_nothing():
    y, p, _ = scored_sample()
    assert delong_difference(y, p, second=p) == Difference(0, 0, 0, 1)


def test_a_better_score_is_called_better_and_a_like_one_is_not():
    y, p, rng = scored_sample()
    margin = np.log(p / (1 - p))
    noisy, very_noisy = margin + rng.normal(0, 0.02, len(y)), margin + rng.normal(0, 2, len(y))
    assert delong_difference(y, p, second=very_noisy).is_better()
    assert not delong_difference(y, p, second=noisy).is_better()
    forward, backward = delong_difference(y, p, second=very_noisy), delong_difference(y, very_noisy, second=p)
    assert forward.value == pytest.approx(-backward.value)
    assert forward.p_value == pytest.approx(backward.p_value)


@pytest.mark.parametrize(("y", "weight"), [([0, 0, 0], None), ([0, 0, 1], [1, 1, 0])])
def test_a_class_without_weight_has_no_difference(y, weight):
    assert np.isnan(delong_difference(y, [0.1, 0.2, 0.3], second=[0.3, 0.2, 0.1], weight=weight).value)


def test_rows_of_one_customer_count_as_one_in_a_paired_difference():
    y, p, rng = scored_sample(rows=600)
    other = p + rng.normal(scale=0.8, size=len(p))
    alone = delong_difference(y, p, second=other)
    many_y, many_p, many_other = (np.repeat(values, 5) for values in (y, p, other))
    copied = delong_difference(many_y, many_p, second=many_other, groups=np.repeat(np.arange(600), 5))
    taken_for_more = delong_difference(many_y, many_p, second=many_other)

    assert copied.value == pytest.approx(alone.value)
    assert copied.high - copied.low == pytest.approx(alone.high - alone.low, rel=0.03)
    assert taken_for_more.high - taken_for_more.low < 0.6 * (alone.high - alone.low)
