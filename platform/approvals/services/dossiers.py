"""Dossiers: what a worker gathers of a finalist for whoever signs, so that no page has to open a model or a table."""

import shutil
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.models import User
from approvals.job_kinds import JobKind
from approvals.signals import evidence_gathered
from common.storage import keys_below, local_path
from experiments.errors import ExperimentError
from jobs import services as jobs
from jobs.models import Job
from registry.models import DOSSIERS, Dossier, ModelVersion
from training.models import Experiment, LeaderboardRow

KEPT_UNUSED = timedelta(days=30)
NO_MODEL = gettext_noop(
    "This model could not be saved within the time of its run, so it cannot be submitted. Choose another finalist, "
    "or give the run more time."
)
NOT_SEALED = gettext_noop(
    "No seal was recorded for the files of this model, so it cannot be submitted. Choose another finalist, or run the "
    "experiment again."
)
STILL_FINISHED = gettext_noop("The rest of this result is still being prepared. Submit the model in a moment.")
STILL_GATHERING = gettext_noop("The evidence of this model is still being gathered. Submit it in a moment.")
NOT_GATHERED = gettext_noop("The evidence of this model could not be gathered. Have it gathered again.")


class EvidenceNotGathered(ExperimentError):
    """A finalist whose dossier is not complete; asking later, or once more, may help."""


def asked_for(row: LeaderboardRow, user: User) -> Dossier:
    """Return a finalist's dossier; where there is none yet, a worker is asked to gather it.

    Raises
    ------
    ExperimentError : the model of the finalist was never saved, or never sealed.
    """
    dossier = dossier_of(row)
    return ask_again(row, user) if dossier is None or is_lost(dossier) else dossier


def ask_for_recommended(experiment: Experiment) -> None:
    """Have the dossier of a run's recommended model gathered, by a worker of its own: the run has ended and says so."""
    row = experiment.leaderboard.filter(is_recommended=True).exclude(model_path="").exclude(model_seal="").first()
    if row is not None:
        asked_for(row, experiment.owner)


@transaction.atomic
def ask_again(row: LeaderboardRow, user: User) -> Dossier:
    """Have a dossier gathered that is missing, lost or failed; of several who ask at once, one is heard."""
    if row.experiment.is_being_finished:
        raise EvidenceNotGathered(STILL_FINISHED)
    if not row.model_path:
        raise ExperimentError(NO_MODEL)
    if not row.model_seal:
        # What is gathered could never be told to be of these files, and would be gathered anew for ever.
        raise ExperimentError(NOT_SEALED)
    LeaderboardRow.objects.select_for_update().get(pk=row.pk)
    known = Dossier.objects.select_related("job")
    dossier, _is_new = known.get_or_create(leaderboard_row=row, model_hash=row.model_hash)
    is_there = dossier.is_gathered and not is_lost(dossier)
    if not is_there and (dossier.job is None or dossier.job.is_terminated):
        workspace, size = row.experiment.workspace, row.experiment.data_check.version.size_bytes
        dossier.gathered_at = None
        dossier.job = jobs.enqueue(JobKind.EVIDENCE, workspace=workspace, owner=user, subject_id=dossier.pk, size=size)
        dossier.save(update_fields=["gathered_at", "job"])
    return dossier


def tell_gathered(job: Job) -> None:
    """Tell who waits for it that a finalist's evidence is there, once it is written down."""
    dossier = Dossier.objects.filter(job=job).select_related("leaderboard_row__experiment__workspace").first()
    if dossier is not None and dossier.is_gathered:
        row = dossier.leaderboard_row
        transaction.on_commit(lambda: evidence_gathered.send_robust(sender=Dossier, row=row), robust=True)


def complete(row: LeaderboardRow, user: User) -> Dossier:
    """Return a finalist's dossier if all of it is there; ask for it where nobody has.

    Raises
    ------
    EvidenceNotGathered : a worker is still at it, or has failed; the sentence tells.
    """
    dossier = asked_for(row, user)
    if dossier.is_gathered:
        return dossier
    if not dossier.has_failed:
        raise EvidenceNotGathered(STILL_GATHERING)
    job = dossier.job
    if job is not None and job.error_message:
        raise EvidenceNotGathered(job.error_message, **job.error_params)
    raise EvidenceNotGathered(NOT_GATHERED)


def dossier_of(row: LeaderboardRow) -> Dossier | None:
    """Return the dossier of a finalist's present model, if one was asked for."""
    return row.dossiers.filter(model_hash=row.model_hash).select_related("job").first()


def is_lost(dossier: Dossier) -> bool:
    """Was the sealed copy taken away since it was made, or does the finalist's folder hold something else by now?"""
    if not dossier.is_gathered:
        return False
    return not dossier.sealed_folder.is_dir() or dossier.found.seal != dossier.leaderboard_row.model_seal


def tidy() -> None:
    """Remove what was gathered of finalists that nobody submitted: it is gathered again where it is asked for."""
    submitted = set(ModelVersion.objects.values_list("artifact_path", flat=True))
    stale = timezone.now() - KEPT_UNUSED
    for dossier in Dossier.objects.filter(gathered_at__lt=stale):
        if dossier.folder not in submitted:
            dossier.delete()
    kept = submitted | {dossier.folder for dossier in Dossier.objects.all()}
    for key in keys_below(DOSSIERS):
        # A worker may be about to fill the folder of a dossier that it has yet to write down.
        if key not in kept and local_path(key).stat().st_mtime < stale.timestamp():
            shutil.rmtree(local_path(key), ignore_errors=True)
