"""Having an experiment run again, and calling it off."""

from django.db import transaction

from accounts.models import User
from registry.models import ModelVersion
from registry.queries.signed import sealed_folder_of
from reruns.models import Rerun
from reruns.queries import open_rerun_of
from training.models import Experiment
from training.services.repeating import repeat_experiment
from training.services.runs import cancel_experiment


@transaction.atomic
def run_again(experiment: Experiment, user: User, *, version: ModelVersion | None = None) -> Rerun:
    """Have an experiment run again exactly by a worker; one of the same that this person has under way is returned.

    Parameters
    ----------
    version : the registered version in question; the record that lies sealed with it is followed.

    Raises
    ------
    BadInput : the run is not finished, or its record was not kept.
    ArtifactError : the version's files are not those that were recorded.
    """
    Experiment.objects.select_for_update().get(pk=experiment.pk)
    known = open_rerun_of(experiment, user, version=version)
    if known is not None:
        return known
    folder = sealed_folder_of(version) if version else None
    again = repeat_experiment(experiment, user, folder=folder)
    return Rerun.objects.create(experiment=experiment, version=version, again=again, asked_by=user)


def cancel(rerun: Rerun, user: User) -> None:
    """Stop a re-run that is under way; nothing of it is kept but that it was called off."""
    cancel_experiment(rerun.again, user)
