"""An experiment is thrown away with all that hangs on it; what must stay on record stays."""

import shutil
from functools import partial
from pathlib import Path

from django.db import transaction

from accounts.models import User
from audit import services as audit
from checks import services as check_services
from common.storage import local_path
from experiments.errors import BadInput, gettext_noop
from jobs import services as jobs
from training import hooks
from training.models import DeletedRun, Experiment, ExperimentState
from training.queries.repeats import repeats_of

STILL_RUNS = gettext_noop("This run has not ended. Cancel it first, or let it finish.")
IS_REPEATED = gettext_noop(
    "“%(name)s” is a re-run of this run and is compared with it. Delete that one first, or archive this one."
)
NOT_ENDED = (ExperimentState.QUEUED, ExperimentState.RUNNING, ExperimentState.PAUSED)


@transaction.atomic
def delete_experiment(experiment: Experiment, user: User) -> None:
    """Delete an experiment with its trials, models, data check and what other apps made of it.

    The dataset stays, and so does the record of who did it and of how often rows set aside were read.

    Raises
    ------
    BadInput : it still runs, another run repeats it, or something else rests on it, such as a registered model.
    """
    row = Experiment.objects.select_for_update().get(pk=experiment.pk)
    _refuse_kept(row)
    details = {"name": row.name, "state": row.state}
    audit.record(user, "experiment.deleted", workspace=row.workspace, obj=row, details=details)
    _remember_readings(row)
    for planned in row.planned_splits.exclude(job=None).select_related("job"):
        if planned.job:
            jobs.request_cancel(planned.job)
    check, folders = row.data_check, [*_folders_of(row), *map(local_path, hooks.let_go(row))]
    row.delete()
    check_services.discard_check(check)
    for folder in folders:
        transaction.on_commit(partial(shutil.rmtree, folder, ignore_errors=True))


def _refuse_kept(experiment: Experiment) -> None:
    if experiment.state in NOT_ENDED:
        raise BadInput(STILL_RUNS)
    repeated_by = repeats_of(experiment).first()
    if repeated_by is not None:
        raise BadInput(IS_REPEATED, name=repeated_by.name)
    why = hooks.kept(experiment)
    if why is not None:
        raise BadInput(why.message, **why.params)


def _remember_readings(experiment: Experiment) -> None:
    """Rows that were read stay read: nobody starts the count anew by deleting the run that read them."""
    found = experiment.found
    if found.out_of_time_readings:
        repeated = found.repeats.experiment if found.repeats else None
        DeletedRun.objects.create(
            version_id=experiment.version_id, repeated=repeated, readings=found.out_of_time_readings
        )


def _folders_of(experiment: Experiment) -> list[Path]:
    """Return the folders of a run and of what it went on from."""
    paths = {experiment.work_path, (experiment.earlier or {}).get("work_path", "")} - {""}
    return [local_path(path) for path in paths]
