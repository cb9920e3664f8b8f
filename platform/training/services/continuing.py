"""A finished or stopped run goes on: more time for what is known, without touching the result that is there."""

import shutil
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from audit import services as audit
from experiments.errors import BadInput, gettext_noop
from jobs import services as jobs
from training.job_kinds import JobKind
from training.models import Budget, Experiment, ExperimentState

MORE_SECONDS = 1200
MORE_TRIALS = 20
STOPPED = (ExperimentState.PAUSED, ExperimentState.FAILED)
IS_SUBMITTED = gettext_noop(
    "A model of this run has been submitted, so its evidence must not change. Run it again exactly, and continue "
    "the new run."
)
KEPT = ("work_path", "spec", "budget", "budget_seconds")


def continue_experiment(experiment: Experiment, user: User) -> Experiment:
    """Give a finished, failed or paused run more time, or more trials where it counts those.

    A finished run goes on in a folder of its own, so that its result stays whole until there is a new one.

    Raises
    ------
    BadInput : a model of the run has been submitted.
    """
    if experiment.leaderboard.filter(model_versions__isnull=False).exists():
        raise BadInput(IS_SUBMITTED)
    before = ExperimentState(experiment.state)
    changes = _longer(experiment) | (_in_a_new_folder(experiment) if before == ExperimentState.FINISHED else {})
    with transaction.atomic():
        mine = Experiment.objects.filter(pk=experiment.pk, state=before)
        can_go_on = before == ExperimentState.FINISHED or before in STOPPED
        if can_go_on and mine.update(**changes, updated_at=timezone.now()):
            _go_on(experiment, before, user)
            details = {"seconds": changes["budget_seconds"]} | changes["spec"]["budget"]
            audit.record(user, "experiment.continued", workspace=experiment.workspace, obj=experiment, details=details)
    experiment.refresh_from_db()
    return experiment


def _go_on(experiment: Experiment, before: ExperimentState, user: User) -> None:
    if before == ExperimentState.PAUSED and experiment.job is not None:
        jobs.request_resume(experiment.job)
        return
    job = jobs.enqueue(JobKind.EXPERIMENT, workspace=experiment.workspace, owner=user, subject_id=experiment.pk)
    Experiment.objects.filter(pk=experiment.pk).update(state=ExperimentState.QUEUED, job=job, finished_at=None)


def _longer(experiment: Experiment) -> dict[str, Any]:
    """Return the longer budget: what was left of the old one counts only where the run was stopped before its end."""
    seconds, trials = experiment.budget_seconds, experiment.budget_trials
    if trials:
        budget: dict[str, Any] = {"seconds": None, "trials": trials + MORE_TRIALS}
    else:
        used = round(experiment.trials.aggregate(last=Max("elapsed"))["last"] or 0.0)
        seconds = (used if experiment.state == ExperimentState.FINISHED else seconds) + MORE_SECONDS
        budget = {"seconds": float(seconds), "trials": None}
    return {
        "budget": Budget.TRIALS if trials else Budget.CUSTOM,
        "budget_seconds": seconds,
        "spec": {**experiment.spec, "budget": budget},
    }


def _in_a_new_folder(experiment: Experiment) -> dict[str, Any]:
    count = experiment.result.get("continuations", 0) + 1
    earlier = {name: getattr(experiment, name) for name in KEPT}
    earlier |= {"trials": experiment.trials.count(), "finished_at": _text(experiment.finished_at)}
    # The new run has no result that stands until it has one.
    known = {name: value for name, value in experiment.result.items() if name != "standing"}
    earlier["last_number"] = experiment.trials.aggregate(last=Max("number"))["last"] or 0
    return {
        "work_path": f"experiments/{experiment.pk}-{count + 1}",
        "result": {**known, "continuations": count, "earlier": earlier, "outlook": None},
    }


def keep_earlier_result(experiment: Experiment, user: User) -> Experiment:
    """Give up a continuation that failed or rests, and show the result it went on from."""
    with transaction.atomic():
        if experiment.state == ExperimentState.FAILED and experiment.earlier:
            restore(experiment)
            audit.record(user, "experiment.earlier_kept", workspace=experiment.workspace, obj=experiment)
    experiment.refresh_from_db()
    return experiment


def restore(experiment: Experiment) -> None:
    """Bring back the finished result a run went on from; what was tried since is dropped."""
    earlier = experiment.earlier
    if earlier is None:
        return
    folder = experiment.work_dir
    Experiment.objects.filter(pk=experiment.pk).update(
        **{name: earlier[name] for name in KEPT},
        result={name: value for name, value in experiment.result.items() if name not in ("earlier", "outlook")},
        state=ExperimentState.FINISHED,
        finished_at=earlier["finished_at"],
    )
    experiment.trials.filter(number__gt=earlier["last_number"]).delete()
    transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))


def _text(moment: Any) -> str | None:
    return moment.isoformat() if moment else None
