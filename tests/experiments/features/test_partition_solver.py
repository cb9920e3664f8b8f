"""The constraint solver is asked for more information, and believed only where it keeps every limit."""

import numpy as np
import pytest

from experiments.features import partition_solver
from experiments.features.partition import FineBins, Limits, best_partition
from experiments.features.partition_solver import MOST_FINE_BINS, most_informative_partition
from experiments.features.woe import information_value

LIMITS = Limits(max_bins=6, min_rows=200, min_events=10, price_per_bin=0.5, price_of_turn=4.0)


def fine_bins(seed: int, count: int = 45) -> FineBins:
    random = np.random.default_rng(seed)
    rows = random.integers(60, 140, count)
    events = random.binomial(rows, np.linspace(0.02, 0.5, count)).astype(float)
    events[3] = 0  # a pure fine bin has no place in the solver's model
    return FineBins(rows.astype(float), events, events, rows - events)


def joined(fine: FineBins, starts: list[int]) -> tuple[np.ndarray, np.ndarray]:
    return np.add.reduceat(fine.events, starts), np.add.reduceat(fine.non_events, starts)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("trend", ["ascending", "peak", "none"])
def test_information_never_falls_and_limits_hold(seed, trend):
    fine = fine_bins(seed)
    starts, found = best_partition(fine, trend, LIMITS)

    solved = most_informative_partition(fine, starts, found, LIMITS)

    events, others = joined(fine, solved)
    assert information_value(events, others) >= information_value(*joined(fine, starts))
    assert len(solved) <= len(starts)
    assert (events + others).min() >= LIMITS.min_rows
    assert min(events.min(), others.min()) >= LIMITS.min_events
    if found == "ascending":
        assert (np.diff(events / (events + others)) >= 0).all()


@pytest.mark.slow
def test_bins_that_could_be_better_are_made_better():
    fine = fine_bins(1)
    poor = [0, 40]

    solved = most_informative_partition(fine, poor, "ascending", LIMITS)

    assert information_value(*joined(fine, solved)) > information_value(*joined(fine, poor)) + 0.0
    assert solved != poor


@pytest.mark.parametrize(
    "answer", [None, [0, 1, 2, 3], [0, 19]], ids=["nothing", "bins that are too small", "a bin without enough rows"]
)
def test_an_answer_that_breaks_a_limit_leaves_the_bins_as_they_were(monkeypatch, answer):
    monkeypatch.setattr(partition_solver, "_solve", lambda *_: answer)
    fine = fine_bins(2)
    starts, found = best_partition(fine, "ascending", LIMITS)

    assert most_informative_partition(fine, starts, found, LIMITS) == starts


def test_a_solver_without_time_leaves_the_bins_as_they_were():
    fine = fine_bins(2)
    starts, found = best_partition(fine, "ascending", LIMITS)

    assert most_informative_partition(fine, starts, found, LIMITS, seconds=0.0) == starts


def test_weighted_samples_never_go_to_the_solver(monkeypatch):
    monkeypatch.setattr(partition_solver, "_solve", lambda *_: pytest.fail("asked"))
    fine = fine_bins(2)
    weighted = FineBins(fine.rows, fine.raw_events, 1.5 * fine.events, 0.9 * fine.non_events)

    assert most_informative_partition(weighted, [0, 20], "ascending", LIMITS) == [0, 20]


def test_the_solver_is_given_few_bins_with_the_known_edges_and_no_pure_ones():
    fine = fine_bins(0)

    starts = partition_solver._coarse_starts(fine, [0, 7, 30])

    assert len(starts) <= MOST_FINE_BINS
    assert {0, 7, 30} <= set(starts)
    assert min(joined(fine, starts)[0].min(), joined(fine, starts)[1].min()) > 0
