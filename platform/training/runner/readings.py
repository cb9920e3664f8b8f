"""Counting with each run how often the rows set aside have been read."""

from collections.abc import Sequence
from pathlib import Path

from django.db import transaction

from experiments.artifact.held_out_scores import read_held_out
from experiments.search.held_out import HeldOutReading
from training.models import DeletedRun, Experiment
from training.queries.readings import _family_of, _own_readings


@transaction.atomic
def count_reading(experiment: Experiment, *, model: Path | None, asked: str, candidates: Sequence[str]) -> None:
    """Count that the rows set aside were read once more, for a number that the run itself did not give.

    Both count it: the ledger, from which the run goes on counting, and the database.

    Parameters
    ----------
    model : folder of one of the run's models, which knows the rows. candidates : whom they were read for.
    asked : names the question; a job that is called again after a crash asks the same one, which is counted once.
    """
    run = Experiment.objects.select_for_update().filter(pk=experiment.pk).first()
    if run is None:
        return
    own, opened = run.found.out_of_time_readings, _ledger_of(run, model)
    if opened is None:
        own += 1
    else:
        before = opened.openings
        opened.open_for(candidates, asked=asked)
        own = max(own + opened.openings - before, opened.openings)
    run.result = {**run.result, "out_of_time_readings": own}
    run.save(update_fields=["result", "updated_at"])
    count_readings(run)
    experiment.result, experiment.out_of_time_readings = run.result, run.out_of_time_readings


def _ledger_of(experiment: Experiment, model: Path | None) -> HeldOutReading | None:
    """Return the rows set aside with their ledger; none where the run's folder or its scores are gone."""
    kept = read_held_out(model) if model is not None and experiment.work_dir.is_dir() else None
    if kept is None:
        return None
    rows = HeldOutReading(kept.rows, kept.outcomes)
    rows.keep_in(experiment.work_dir)
    return rows


def count_readings(experiment: Experiment) -> None:
    """Count with each run of a family, the first and those that repeat it, how often all have read the same rows."""
    family = _family_of(experiment)
    keys = [member.pk for member in family]
    readings = sum(_own_readings(member) for member in family)
    readings += sum(DeletedRun.objects.filter(repeated__in=keys).values_list("readings", flat=True))
    Experiment.objects.filter(pk__in=keys).update(out_of_time_readings=readings)
    experiment.out_of_time_readings = readings
