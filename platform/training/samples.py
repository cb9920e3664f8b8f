"""What rooms bring into the sample workspace of an experiment that has finished, as it finishes or as samples load."""

from django.db import transaction

from common.declared import Declared
from common.samples import Loader
from jobs.models import Job
from training.models import Experiment, ExperimentState

_fillers: Declared[Loader] = Declared()


def once_finished(path: str, *, weight: int) -> None:
    """Have a function of an experiment called for those of sample workspaces; the lighter comes first.

    By then the experiment's state is written. The function may be called again, and brings only what is not there yet.
    """
    _fillers.add(path, Loader(path, weight))


def on_end(job: Job) -> None:
    """Fill the rooms of the experiment that a job ran, when its end is written."""
    transaction.on_commit(lambda: fill(job.subject_id), robust=True)


def fill(number: int) -> None:
    """Have every room brought what it shows of an experiment, if it is one of a sample workspace and has finished."""
    found = Experiment.objects.filter(pk=number, workspace__is_sample=True, state=ExperimentState.FINISHED)
    experiment = found.select_related("owner", "workspace", "version").first()
    if experiment is not None:
        for filler in _fillers:
            filler.load(experiment)


def fill_finished() -> None:
    """Bring what is not there yet of sample experiments that finished before, as when a new version has new rooms."""
    known = Experiment.objects.filter(is_sample=True, state=ExperimentState.FINISHED).order_by("pk")
    for number in known.values_list("pk", flat=True):
        fill(number)
