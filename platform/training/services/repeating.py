"""Running an experiment again exactly: the same question, data, trials and decisions."""

import shutil
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit import services as audit
from checks import services as check_services
from experiments.artifact.manifest import MANIFEST
from experiments.search.replay import STORY, Replay
from jobs import services as jobs
from training.job_kinds import JobKind
from training.models import Experiment, ExperimentState
from training.queries.repeats import REPLAY, hashes_of, story_of

NEEDED = (STORY, MANIFEST)
SAME_SETTINGS = ("kind", "version", "budget", "budget_seconds", "explainable_first", "contact_share", "seed", "spec")


def repeat_experiment(experiment: Experiment, user: User, *, folder: Path | None = None) -> Experiment:
    """Make and start an experiment that tries what another tried, in the same order and with the same decisions.

    Parameters
    ----------
    folder : of one of its models, whose record of the run is followed; the recommended one's where left out.

    Raises
    ------
    BadInput : the run is not finished, or was made before runs could be repeated.
    """
    folder = folder or story_of(experiment).parent
    Replay.of(folder)
    with transaction.atomic():
        name = (_("%(name)s, repeated") % {"name": experiment.name})[:120]
        again = Experiment.objects.create(
            **{field: getattr(experiment, field) for field in SAME_SETTINGS},
            workspace=experiment.workspace,
            name=name,
            owner=user,
            data_check=check_services.copy_check(experiment.data_check, user),
            state=ExperimentState.QUEUED,
            started_at=timezone.now(),
            result={"repeats": {"experiment": experiment.pk, "hashes": hashes_of(experiment)}},
        )
        again.work_path = f"experiments/{again.pk}"
        again.job = jobs.enqueue(JobKind.EXPERIMENT, workspace=again.workspace, owner=user, subject_id=again.pk)
        again.save(update_fields=["work_path", "job"])
        copied = again.work_dir / REPLAY
        copied.mkdir(parents=True, exist_ok=True)
        for each in NEEDED:
            shutil.copyfile(folder / each, copied / each)
        audit.record(
            user, "experiment.repeated", workspace=again.workspace, obj=again, details={"repeats": experiment.pk}
        )
    return again
