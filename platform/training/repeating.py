"""Running an experiment again exactly: the same question, data, trials and decisions, and a look whether it matches."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit import services as audit
from checks import services as check_services
from common.storage import local_path
from experiments.artifact.manifest import MANIFEST, read_attached
from experiments.errors import BadInput, gettext_noop
from experiments.search.replay import STORY, Replay
from jobs import services as jobs
from training.job_kinds import JobKind
from training.models import Experiment, ExperimentState

REPLAY = "replay"
NEEDED = (STORY, MANIFEST)
NO_STORY = gettext_noop("Only a finished run whose models were kept can be run again exactly.")
SAME_SETTINGS = ("kind", "version", "budget", "budget_seconds", "explainable_first", "contact_share", "seed", "spec")


def repeat_experiment(experiment: Experiment, user: User) -> Experiment:
    """Make and start an experiment that tries what another tried, in the same order and with the same decisions.

    Raises
    ------
    BadInput : the run is not finished, or was made before runs could be repeated.
    """
    story = story_of(experiment)
    Replay.of(story.parent)
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
        folder = again.work_dir / REPLAY
        folder.mkdir(parents=True, exist_ok=True)
        for name in NEEDED:
            shutil.copyfile(story.with_name(name), folder / name)
        audit.record(
            user, "experiment.repeated", workspace=again.workspace, obj=again, details={"repeats": experiment.pk}
        )
    return again


def story_of(experiment: Experiment) -> Path:
    """Return the file beside a finished run's model that tells how to make it again."""
    row = experiment.leaderboard.filter(is_recommended=True).exclude(model_path="").first()
    path = local_path(row.model_path) / STORY if row else None
    if experiment.state != ExperimentState.FINISHED or path is None or not path.is_file():
        raise BadInput(NO_STORY)
    return path


def told_for_repeating(experiment: Experiment) -> dict[str, Any]:
    """Return what an exported list of trials needs to be repeated from; nothing while there is no such story."""
    try:
        folder = story_of(experiment).parent
    except BadInput:
        return {}
    story = read_attached(folder, STORY)
    recommended = experiment.leaderboard.get(is_recommended=True).candidate
    return {
        "recommended": recommended,
        "models": hashes_of(experiment),
        "decisions": story["decisions"],
        "trials": story["trials"],
    }


def replay_for(experiment: Experiment) -> dict[str, Any]:
    """Return what the engine is told beside the question: the run to repeat, if this one repeats another."""
    folder = experiment.work_dir / REPLAY
    return {"replay": Replay.of(folder)} if "repeats" in experiment.result and folder.exists() else {}


def hashes_of(experiment: Experiment) -> dict[str, str]:
    return dict(experiment.leaderboard.values_list("candidate", "model_hash"))


def repeats_of(experiment: Experiment) -> QuerySet[Experiment]:
    """Return the runs that repeat this one."""
    mine = Experiment.objects.filter(workspace=experiment.workspace_id)
    return mine.filter(result__repeats__experiment=experiment.pk).order_by("pk")


def count_readings(experiment: Experiment) -> None:
    """Count with each run of a family, the first and those that repeat it, how often all have read the same rows."""
    family = _family_of(experiment)
    readings = sum(_own_readings(member) for member in family)
    Experiment.objects.filter(pk__in=[member.pk for member in family]).update(out_of_time_peeks=readings)
    experiment.out_of_time_peeks = readings


@dataclass(frozen=True)
class Readings:
    """How often rows that were set aside in one dataset version were read, and by how many runs."""

    count: int
    runs: int


def readings_of_version(experiment: Experiment) -> Readings:
    """Count over all runs on a version: their rows set aside are the same or overlap, whatever each run asked."""
    runs = Experiment.objects.filter(workspace=experiment.workspace_id, version=experiment.version_id)
    counts = [count for count in map(_own_readings, runs.only("result")) if count]
    return Readings(sum(counts), len(counts))


def _own_readings(experiment: Experiment) -> int:
    return int(experiment.result.get("out_of_time_peeks", 0))


def _family_of(experiment: Experiment) -> list[Experiment]:
    """Return the run that all others repeat, directly or by way of another, and these."""
    first = experiment
    while (repeats := first.result.get("repeats")) and (before := _find(first, repeats["experiment"])):
        first = before
    family = [first]
    for member in family:  # It grows while it is gone through.
        family += repeats_of(member)
    return [experiment if member.pk == experiment.pk else member for member in family]


def _find(experiment: Experiment, key: int) -> Experiment | None:
    return Experiment.objects.filter(pk=key, workspace=experiment.workspace_id).first()


def has_matched(experiment: Experiment) -> bool | None:
    """Tell whether every model of a repeated run came out the same.

    ``None`` for other runs, before the end, and where the run went on beyond what it repeated.
    """
    repeats = experiment.result.get("repeats")
    went_on = "continuations" in experiment.result
    if repeats is None or went_on or experiment.state != ExperimentState.FINISHED:
        return None
    return bool(hashes_of(experiment) == repeats["hashes"])
