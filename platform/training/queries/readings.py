"""How often rows set aside have been read: by a run, by those that repeat it, and by all runs on a version."""

from dataclasses import dataclass

from training.models import DeletedRun, Experiment
from training.queries.repeats import repeats_of


@dataclass(frozen=True)
class Readings:
    """How often rows that were set aside in one dataset version were read, and by how many runs."""

    count: int
    runs: int


def readings_of_version(experiment: Experiment) -> Readings:
    """Count over all runs on a version: their rows set aside are the same or overlap, whatever each run asked.

    Runs that were deleted count as well.
    """
    runs = Experiment.objects.filter(workspace=experiment.workspace_id, version=experiment.version_id)
    counts = [count for count in map(_own_readings, runs.only("result")) if count]
    counts += DeletedRun.objects.filter(version=experiment.version_id).values_list("readings", flat=True)
    return Readings(sum(counts), len(counts))


def _own_readings(experiment: Experiment) -> int:
    return experiment.found.out_of_time_readings


def _family_of(experiment: Experiment) -> list[Experiment]:
    """Return the run that all others repeat, directly or by way of another, and these."""
    first = experiment
    while (repeats := first.found.repeats) and (before := _find(first, repeats.experiment)):
        first = before
    family = [first]
    for member in family:  # It grows while it is gone through.
        family += repeats_of(member)
    return [experiment if member.pk == experiment.pk else member for member in family]


def _find(experiment: Experiment, key: int) -> Experiment | None:
    return Experiment.objects.filter(pk=key, workspace=experiment.workspace_id).first()
