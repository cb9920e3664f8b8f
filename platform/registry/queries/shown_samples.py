"""The metrics of a version by sample."""

from typing import Any

from django.utils.translation import gettext_lazy

from experiments.evaluation.measures import MeasuresBySample

METRIC_NAMES = (
    ("auc", "AUC"),
    ("ks", "KS"),
    ("gini", gettext_lazy("Gini")),
    ("lift", gettext_lazy("Lift")),
    ("log_loss", gettext_lazy("Log loss")),
    ("brier", gettext_lazy("Brier")),
    ("calibration_slope", gettext_lazy("Calibration slope")),
    ("observed_expected", gettext_lazy("Actual / predicted")),
)
AHEAD = ("validation", "held_out", "out_of_time")


def shown_samples(samples: MeasuresBySample, names: tuple[str, ...] = AHEAD) -> list[dict[str, Any]]:
    """Return the metrics of the samples there are, in the order of the leaderboard."""
    return [
        {"name": name, "measures": found, "is_enough": found.is_enough} for name in names if (found := samples.of(name))
    ]
