"""Simulate the coverage of every interval over many counts and shapes: python -m tests.benchmarks.coverage [DRAWS]."""

import sys

from tests.experiments.evaluation.coverage import MEASURES, Population, coverage

COUNTS = ((5, 100), (5, 2000), (8, 500), (15, 1000), (30, 300), (60, 600), (99, 1000), (150, 1000), (400, 2000))
SHAPES = (
    {"apart": 0.05}, {"apart": 0.75}, {"apart": 1.5}, {"apart": 2.3}, {"apart": 1.0, "step": 0.7},
    {"apart": 1.9, "spread": 2.0},
)  # fmt: skip


def main(draws: int = 600) -> None:
    """Print a line for each population, with the measures that cover less than 93 % marked."""
    print("events others shape".ljust(48), " ".join(name[:8].rjust(8) for name in MEASURES))
    for events, others in COUNTS:
        for shape in SHAPES:
            found = coverage(Population(events, others, **shape), draws, seed=events + others)
            cells = " ".join(f"{found[name]:.3f}{'*' if found[name] < 0.93 else ' '}".rjust(8) for name in MEASURES)
            print(f"{events:6} {others:6} {shape}".ljust(48), cells, flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
