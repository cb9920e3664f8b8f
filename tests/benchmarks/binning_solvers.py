"""Our exact partition against optbinning's constraint solver: information value and seconds, on columns of real tables.

    python -m tests.benchmarks.binning_solvers FILE TARGET EVENT [FILE TARGET EVENT …]

Both get the same fine bins, trend, number of bins and limits, and ours is asked for the most information as well.
"""

import sys
import time
from pathlib import Path

import numpy as np
from optbinning import OptimalBinning

from experiments.features.partition import FineBins, Limits, best_partition, most_informative_partition
from experiments.features.woe import information_value
from experiments.ingest.table import read_table

FINE_BINS = 50


def main(arguments: list[str]) -> None:
    print("column, rows, bins, information value of ours and theirs, their ratio, seconds of ours and theirs")
    told = []
    for file, target, event in zip(arguments[::3], arguments[1::3], arguments[2::3], strict=True):
        frame = read_table(Path(file))
        y = (frame[target].astype(str) == event).to_numpy()
        for name in frame.columns.drop(target):
            if frame[name].dtype.kind in "if" and frame[name].nunique() > 20:
                told += [line for line in [_compare(name, frame[name].to_numpy(dtype=float), y)] if line]
    ratios = np.array([ours / theirs for ours, theirs, _, _ in told])
    seconds = np.array([[mine, his] for _, _, mine, his in told])
    ratios_told = f"{ratios.min():.4f} to {ratios.max():.4f}, median {np.median(ratios):.4f}"
    print(f"\n{len(told)} columns: ours / theirs {ratios_told}")
    print(f"seconds: {seconds[:, 0].sum():.2f} and {seconds[:, 1].sum():.2f}")


def _compare(name: str, values: np.ndarray, y: np.ndarray) -> tuple[float, float, float, float] | None:
    known = np.isfinite(values)
    values, y = values[known], y[known]
    edges = np.unique(np.quantile(values, np.linspace(0, 1, FINE_BINS + 1)[1:-1]))
    places = np.searchsorted(edges, values, side="right")
    counts = [np.bincount(places[mask], minlength=len(edges) + 1).astype(float) for mask in (y, ~y)]
    full = counts[0] + counts[1] > 0
    places, events, others = (np.cumsum(full) - 1)[places], counts[0][full], counts[1][full]
    fine = FineBins(events + others, events, events, others)
    limits = Limits(8, 0.05 * len(y), 10.0, 2.0, 4.0)
    begun = time.perf_counter()
    starts, trend = best_partition(fine, "auto", limits)
    starts = most_informative_partition(fine, starts, trend, limits)
    ours = time.perf_counter() - begun
    if len(starts) < 2 or trend == "none":
        return None
    begun = time.perf_counter()
    solver = OptimalBinning(
        solver="cp", user_splits=np.arange(1, len(events), dtype=float), monotonic_trend=trend, max_n_bins=len(starts),
        min_bin_size=0.05 - 1e-9, min_bin_n_event=10, min_bin_n_nonevent=10, time_limit=30,
    ).fit(places.astype(float), y.astype(int))  # fmt: skip
    theirs = time.perf_counter() - begun
    found = [information_value(*(np.add.reduceat(side, cuts) for side in (events, others)))
             for cuts in (starts, [0, *(round(split) for split in solver.splits)])]  # fmt: skip
    print(f"{name[:32]:32} {len(y):8} {len(starts):4} {found[0]:9.5f} {found[1]:9.5f} {found[0] / found[1]:8.5f} "
          f"{ours:8.3f} {theirs:8.3f}")  # fmt: skip
    return found[0], found[1], ours, theirs


if __name__ == "__main__":
    main(sys.argv[1:])
