"""The metrics of a version by sample."""

from typing import Any

from experiments.house_rules import has_too_few

AHEAD = ("validation", "held_out", "out_of_time")


def shown_samples(samples: dict[str, Any], names: tuple[str, ...] = AHEAD) -> list[dict[str, Any]]:
    """Return the metrics of the samples there are, in the order of the leaderboard."""
    return [
        {"name": name, "metrics": samples[name], "is_enough": not has_too_few(samples[name])}
        for name in names
        if samples.get(name)
    ]
