"""Counting with each run how often the rows set aside have been read."""

from training.models import DeletedRun, Experiment
from training.queries.readings import _family_of, _own_readings


def count_readings(experiment: Experiment) -> None:
    """Count with each run of a family, the first and those that repeat it, how often all have read the same rows."""
    family = _family_of(experiment)
    keys = [member.pk for member in family]
    readings = sum(_own_readings(member) for member in family)
    readings += sum(DeletedRun.objects.filter(repeated__in=keys).values_list("readings", flat=True))
    Experiment.objects.filter(pk__in=keys).update(out_of_time_readings=readings)
    experiment.out_of_time_readings = readings
