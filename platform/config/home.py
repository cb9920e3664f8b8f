"""What the first page gathers: what waits, what runs, what was done last, what can be tried."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from accounts.requests import SignedInRequest
from catalog.models import DatasetVersion
from catalog.models import VersionState as DataState
from common.templatetags.formatting import told
from registry.models import Alias, ModelVersion
from training import queries
from training.models import Experiment, ExperimentState

RECENT_SHOWN = 8
RUNNING_SHOWN = 3
CHAMPIONS_SHOWN = 6


@dataclass(frozen=True)
class RunningExperiment:
    """A run under way: how far it is and when it will be ready."""

    experiment: Experiment
    percent: float
    stage: str
    left: float | None
    ready_at: datetime | None
    trials: int
    beside: int


def home_context(request: SignedInRequest) -> dict[str, Any]:
    """Return everything the first page shows for the person and their current workspace."""
    workspace = request.workspace
    experiments = queries.experiments_of(workspace)
    return {
        "greeting": _greeting(request.user),
        "running": _running(workspace),
        "recent": [queries.ListLine.of(experiment) for experiment in experiments[:RECENT_SHOWN]],
        "experiment_count": Experiment.objects.filter(workspace=workspace).count(),
        "champions": _champions(workspace),
        "samples": _samples(workspace),
    }


def _greeting(user: User) -> str:
    hour = timezone.localtime().hour
    if hour < 12:
        return _("Good morning, %(name)s") % {"name": user}
    return (_("Good afternoon, %(name)s") if hour < 18 else _("Good evening, %(name)s")) % {"name": user}


def _running(workspace: Workspace) -> list[RunningExperiment]:
    under_way = Experiment.objects.filter(
        workspace=workspace, state__in=(ExperimentState.QUEUED, ExperimentState.RUNNING)
    ).select_related("job")
    under_way = under_way.annotate(trial_count=queries.TRIAL_COUNT, beside_count=queries.BESIDE_COUNT)
    return [_running_experiment(experiment) for experiment in under_way[:RUNNING_SHOWN]]


def _running_experiment(experiment: Experiment) -> RunningExperiment:
    job = experiment.job
    ready_at = job.expected_end_at if job else None
    left = max((ready_at - timezone.now()).total_seconds(), 0.0) if ready_at else None
    return RunningExperiment(
        experiment=experiment,
        percent=job.percent if job else 0.0,
        stage=told(job.stage, job.stage_params) if job else "",
        left=left,
        ready_at=ready_at,
        trials=experiment.trial_count,  # type: ignore[attr-defined]
        beside=experiment.beside_count,  # type: ignore[attr-defined]
    )


def _champions(workspace: Workspace) -> list[ModelVersion]:
    return list(
        ModelVersion.objects.filter(registered_model__workspace=workspace, alias=Alias.CHAMPION).select_related(
            "registered_model"
        )[:CHAMPIONS_SHOWN]
    )


def _samples(workspace: Workspace) -> list[DatasetVersion]:
    return list(
        DatasetVersion.objects.filter(
            dataset__workspace=workspace, dataset__is_sample=True, state=DataState.READY
        ).select_related("dataset")[:RUNNING_SHOWN]
    )
