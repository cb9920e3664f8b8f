"""A card that is shipped looks for more information value in as many bins, within every limit."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.features.binning import BinningProcess
from experiments.features.partition import FineBins, Limits, best_partition, most_informative_partition
from experiments.features.woe import information_value

LIMITS = Limits(max_bins=6, min_rows=200, min_events=10, price_per_bin=0.5, price_of_turn=4.0)


def fine_bins(seed: int, count: int = 45) -> FineBins:
    random = np.random.default_rng(seed)
    rows = random.integers(60, 140, count)
    events = random.binomial(rows, np.linspace(0.02, 0.5, count)).astype(float)
    events[3] = 0  # a pure fine bin among them
    return FineBins(rows.astype(float), events, events, rows - events)


def joined(fine: FineBins, starts: list[int]) -> tuple[np.ndarray, np.ndarray]:
    return np.add.reduceat(fine.events, starts), np.add.reduceat(fine.non_events, starts)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("trend", ["ascending", "peak", "none"])
def test_information_never_falls_and_limits_hold(seed, trend):
    fine = fine_bins(seed)
    starts, found = best_partition(fine, trend, LIMITS)

    better = most_informative_partition(fine, starts, found, LIMITS)

    events, others = joined(fine, better)
    assert information_value(events, others) >= information_value(*joined(fine, starts))
    assert len(better) <= len(starts)
    assert (events + others).min() >= LIMITS.min_rows
    assert min(events.min(), others.min()) >= LIMITS.min_events
    if found == "ascending":
        assert (np.diff(events / (events + others)) >= 0).all()


def test_bins_that_could_be_better_are_made_better():
    fine = fine_bins(1)

    better = most_informative_partition(fine, [0, 40], "ascending", LIMITS)

    assert better != [0, 40]
    assert information_value(*joined(fine, better)) > 1.2 * information_value(*joined(fine, [0, 40]))


def test_a_weighted_sample_is_binned_by_its_weights():
    fine = fine_bins(2)
    weight = np.where(np.arange(45) < 20, 3.0, 0.2)
    weighted = replace(fine, events=fine.events * weight, non_events=fine.non_events * weight)
    starts, found = best_partition(weighted, "ascending", LIMITS)

    better = most_informative_partition(weighted, starts, found, LIMITS)

    assert information_value(*joined(weighted, better)) >= information_value(*joined(weighted, starts))


@pytest.mark.slow
@pytest.mark.parametrize("trend", ["ascending", "peak"])
def test_a_constraint_solver_finds_no_more_information(trend):
    from optbinning import OptimalBinning

    fine = fine_bins(5, count=18)
    starts, found = best_partition(fine, trend, LIMITS)
    better = most_informative_partition(fine, starts, found, LIMITS)

    counts = np.rint(np.concatenate([fine.events, fine.non_events])).astype(int)
    solver = OptimalBinning(
        solver="cp", user_splits=np.arange(1, 18, dtype=float), monotonic_trend=found, max_n_bins=len(starts),
        min_bin_size=(LIMITS.min_rows - 1e-6) / counts.sum(), min_bin_n_event=10, min_bin_n_nonevent=10,
    ).fit(np.repeat(np.tile(np.arange(18.0), 2), counts), np.repeat(np.repeat([1, 0], 18), counts))  # fmt: skip
    known = [0, *(round(split) for split in solver.splits)]

    assert solver.status == "OPTIMAL"
    assert information_value(*joined(fine, better)) >= 0.999 * information_value(*joined(fine, known))


def test_settings_stored_by_the_name_of_a_solver_are_read_by_what_it_maximised():
    process = BinningProcess(objective="information")
    before = {name: value for name, value in process.settings.items() if name != "objective"}

    read = [
        BinningProcess.from_dict({"settings": {**before, "solver": solver}, "columns": []}).objective
        for solver in ("optbinning", "dynamic")
    ]
    assert read == ["information", "likelihood"]
