"""Joining fine bins is exact: nothing better exists under the same limits."""

from itertools import combinations

import numpy as np
import pytest

from experiments.features.partition import FineBins, Limits, best_partition

LIMITS = Limits(max_bins=9, min_rows=20, min_events=3, price_per_bin=1.0, price_of_turn=2.0)


def fine_bins(seed: int, count: int = 9) -> FineBins:
    random = np.random.default_rng(seed)
    rows = random.integers(5, 40, count)
    events = random.binomial(rows, random.uniform(0.1, 0.6, count)).astype(float)
    return FineBins(rows, events, events, rows - events)


def worth(fine: FineBins, starts: tuple[int, ...], limits: Limits) -> tuple[float, list[float]]:
    total, rates = 0.0, []
    for start, end in zip(starts, [*starts[1:], len(fine.rows)], strict=True):
        b, g = fine.events[start:end].sum(), fine.non_events[start:end].sum()
        if b + g < limits.min_rows or b < limits.min_events or g < limits.min_events:
            return -np.inf, []
        total += b * np.log(b / (b + g)) + g * np.log(g / (b + g)) - limits.price_per_bin
        rates.append(b / (b + g))
    return total, rates


def has_trend(rates: list[float], trend: str) -> bool:
    steps = np.sign(np.diff(rates))
    if trend == "none":
        return True
    if trend in ("descending", "valley"):
        steps = -steps
    falls = np.flatnonzero(steps < 0)
    if trend in ("ascending", "descending"):
        return falls.size == 0
    return falls.size == 0 or not (steps[falls[0] :] > 0).any()


@pytest.mark.parametrize("trend", ["ascending", "descending", "peak", "valley", "none"])
@pytest.mark.parametrize("seed", range(12))
def test_no_other_partition_is_better(trend, seed):
    fine = fine_bins(seed)
    everything = [
        (0, *cuts) for size in range(LIMITS.max_bins) for cuts in combinations(range(1, len(fine.rows)), size)
    ]
    values = [worth(fine, starts, LIMITS) for starts in everything]
    best = max((value for value, rates in values if rates and has_trend(rates, trend)), default=-np.inf)

    starts, _ = best_partition(fine, trend, LIMITS)

    found, rates = worth(fine, tuple(starts), LIMITS)
    assert found == pytest.approx(best)
    assert has_trend(rates, trend)


def test_a_sample_too_small_for_two_bins_stays_in_one():
    fine = FineBins(np.array([3, 3]), np.array([1.0, 2.0]), np.array([1.0, 2.0]), np.array([2.0, 1.0]))
    assert best_partition(fine, "auto", LIMITS) == ([0], "none")


def test_more_bins_than_allowed_are_never_returned():
    fine = fine_bins(3, count=40)
    starts, _ = best_partition(fine, "none", Limits(3, 20, 3, price_per_bin=0.0, price_of_turn=2.0))
    assert len(starts) == 3
