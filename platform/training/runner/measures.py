"""The measures of a recommended model as rows, which lists are sorted by."""

from collections.abc import Iterator

from django.db import transaction

from training.models import Experiment, LeaderboardRow, RecommendedMeasure

SAMPLES = ("validation", "held_out", "out_of_time")


@transaction.atomic
def keep_measures(experiment: Experiment) -> None:
    """Put the measures of the recommended model in the place of those before; doing it twice leaves the same rows."""
    experiment.measured.all().delete()
    for row in experiment.leaderboard.filter(is_recommended=True)[:1]:
        RecommendedMeasure.objects.bulk_create(_measures_of(row))


def _measures_of(row: LeaderboardRow) -> Iterator[RecommendedMeasure]:
    for sample in SAMPLES:
        for metric, measured in (row.metrics.get(sample) or {}).items():
            value = measured.get("value") if isinstance(measured, dict) else None
            if value is not None:
                yield RecommendedMeasure(
                    experiment_id=row.experiment_id, leaderboard_row=row, sample=sample, metric=metric, value=value,
                    low=measured.get("low"), high=measured.get("high"),
                )  # fmt: skip
