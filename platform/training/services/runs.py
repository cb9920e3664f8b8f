"""Running an experiment: start it once, end it early, pause it, cancel it, take it up again."""

import shutil

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit import services as audit
from experiments.errors import BadInput, gettext_noop
from experiments.spec import ExperimentSpec
from jobs import services as jobs
from jobs.models import Job, JobState
from training.job_kinds import JobKind
from training.models import Experiment, ExperimentState
from training.services.continuing import restore

STATE_AFTER = {
    JobState.SUCCEEDED: ExperimentState.FINISHED,
    JobState.FAILED: ExperimentState.FAILED,
    JobState.CANCELLED: ExperimentState.CANCELLED,
}
STANDS = gettext_noop(
    "The result is ready to use and only its remaining parts are being prepared, so there is nothing to cancel."
)


def start_run(experiment: Experiment, user: User, *, spec: ExperimentSpec) -> Experiment:
    """Start a draft with what the engine is asked; a second call, even at the same moment, returns the same experiment.

    The database decides who was first: only one UPDATE can find the row still a draft.
    """
    with transaction.atomic():
        was_first = Experiment.objects.filter(pk=experiment.pk, state=ExperimentState.DRAFT).update(
            state=ExperimentState.QUEUED,
            spec=spec.to_dict(),
            work_path=f"experiments/{experiment.pk}",
            started_at=timezone.now(),
            finished_at=None,
            updated_at=timezone.now(),
        )
        if was_first:
            _enqueue(experiment, user)
            audit.record(
                user, "experiment.started", workspace=experiment.workspace, obj=experiment, details=spec.to_dict()
            )
    experiment.refresh_from_db()
    return experiment


def resume_experiment(experiment: Experiment, user: User) -> Experiment:
    """Take a failed or paused run up again where it stopped: finished trials are kept."""
    if experiment.is_paused and experiment.job is not None:
        return _resume_paused(experiment, user)
    with transaction.atomic():
        was_first = Experiment.objects.filter(pk=experiment.pk, state=ExperimentState.FAILED).update(
            state=ExperimentState.QUEUED, finished_at=None, updated_at=timezone.now()
        )
        if was_first:
            _enqueue(experiment, user)
            audit.record(user, "experiment.resumed", workspace=experiment.workspace, obj=experiment)
    experiment.refresh_from_db()
    return experiment


def pause_experiment(experiment: Experiment, user: User) -> None:
    """Ask the run to let go of its worker; its finished trials are kept until someone resumes it."""
    if experiment.job is None or experiment.job.is_terminated or experiment.is_paused:
        return
    with transaction.atomic():
        jobs.request_pause(experiment.job)
        audit.record(user, "experiment.pause_requested", workspace=experiment.workspace, obj=experiment)
    experiment.refresh_from_db()


def _resume_paused(experiment: Experiment, user: User) -> Experiment:
    with transaction.atomic():
        jobs.request_resume(experiment.job)  # type: ignore[arg-type]
        audit.record(user, "experiment.resumed", workspace=experiment.workspace, obj=experiment)
    experiment.refresh_from_db()
    return experiment


def follow_pause(job: Job) -> None:
    """Let an experiment rest with its job, and wait with it when it goes on."""
    state = ExperimentState.PAUSED if job.state == JobState.PAUSED else ExperimentState.QUEUED
    Experiment.objects.filter(pk=job.subject_id, job=job).update(state=state, updated_at=timezone.now())


def reopen_experiment(experiment: Experiment, user: User) -> Experiment:
    """Make a failed or cancelled run a draft again, so that its settings can be changed; its trials are dropped.

    A run that went on from a finished result is not: that result would be lost.
    """
    if experiment.earlier:
        return experiment
    ended_badly = (ExperimentState.FAILED, ExperimentState.CANCELLED)
    with transaction.atomic():
        changed = Experiment.objects.filter(pk=experiment.pk, state__in=ended_badly).update(
            state=ExperimentState.DRAFT, job=None, result={}, started_at=None, finished_at=None
        )
        if changed:
            experiment.trials.all().delete()
            experiment.leaderboard.all().delete()
            audit.record(user, "experiment.reopened", workspace=experiment.workspace, obj=experiment)
            transaction.on_commit(lambda: shutil.rmtree(experiment.work_dir, ignore_errors=True))
    experiment.refresh_from_db()
    return experiment


def finish_now(experiment: Experiment, user: User) -> None:
    """Ask the run to end its search and keep the best found so far."""
    if experiment.job is None or experiment.job.is_terminated:
        return
    with transaction.atomic():
        jobs.request_finish(experiment.job)
        audit.record(user, "experiment.finish_requested", workspace=experiment.workspace, obj=experiment)


def cancel_experiment(experiment: Experiment, user: User) -> None:
    """Ask the run to stop and keep no model; a result that stands already is not taken away any more."""
    if experiment.job is None or experiment.job.is_terminated:
        return
    if experiment.is_being_finished:
        raise BadInput(STANDS)
    with transaction.atomic():
        jobs.request_cancel(experiment.job)
        audit.record(user, "experiment.cancel_requested", workspace=experiment.workspace, obj=experiment)


def end_experiment(job: Job) -> None:
    """Give the experiment the state its job ended in, whoever ended it; a cancelled run keeps no model of its own."""
    experiment = Experiment.objects.get(pk=job.subject_id)
    now = timezone.now()
    Experiment.objects.filter(pk=experiment.pk, job=job).update(
        state=STATE_AFTER[JobState(job.state)], finished_at=now, updated_at=now
    )
    if job.state == JobState.CANCELLED and experiment.earlier:
        restore(experiment)
    elif job.state == JobState.CANCELLED:
        _forget_standing(experiment)
        shutil.rmtree(experiment.work_dir, ignore_errors=True)


def _forget_standing(experiment: Experiment) -> None:
    """Take back a result that was stored while the wish to cancel was on its way: its models go."""
    if experiment.result.pop("standing", None):
        Experiment.objects.filter(pk=experiment.pk).update(result=experiment.result)
        experiment.leaderboard.all().delete()


def _enqueue(experiment: Experiment, user: User) -> None:
    job = jobs.enqueue(JobKind.EXPERIMENT, workspace=experiment.workspace, owner=user, subject_id=experiment.pk)
    Experiment.objects.filter(pk=experiment.pk).update(job=job)
