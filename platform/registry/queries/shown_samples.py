"""The metrics of a version by sample."""

from typing import Any

from experiments.evaluation.measures import MeasuresBySample

AHEAD = ("validation", "held_out", "out_of_time")


def shown_samples(samples: MeasuresBySample, names: tuple[str, ...] = AHEAD) -> list[dict[str, Any]]:
    """Return the metrics of the samples there are, in the order of the leaderboard."""
    return [
        {"name": name, "measures": found, "is_enough": found.is_enough} for name in names if (found := samples.of(name))
    ]
