"""The parts of the first page that are about experiments: what runs, what was done last."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Workspace
from accounts.requests import SignedInRequest
from common.home import Card, Place
from common.templatetags.formatting import told
from training.models import Experiment
from training.queries.experiments import BESIDE_COUNT, TRIAL_COUNT, ListLine, experiments_of, running_in

RECENT_SHOWN = 8
RUNNING_SHOWN = 3


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


def _how_many_run(request: HttpRequest) -> dict[str, Any]:
    return {"running": running_in(_workspace(request)).count()}


def _what_runs(request: HttpRequest) -> dict[str, Any]:
    under_way = running_in(_workspace(request)).select_related("job")
    under_way = under_way.annotate(trial_count=TRIAL_COUNT, beside_count=BESIDE_COUNT)
    return {"running": [_running(experiment) for experiment in under_way[:RUNNING_SHOWN]]}


def _running(experiment: Experiment) -> RunningExperiment:
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


def _what_was_done_last(request: HttpRequest) -> dict[str, Any]:
    workspace = _workspace(request)
    recent = experiments_of(workspace).filter(archived_at=None)[:RECENT_SHOWN]
    return {
        "recent": [ListLine.of(experiment) for experiment in recent],
        "count": Experiment.objects.filter(workspace=workspace, archived_at=None).count(),
    }


def _workspace(request: HttpRequest) -> Workspace:
    return cast(SignedInRequest, request).workspace


CARDS = (
    Card(Place.FACT, "training/home/_how_many_run.html", weight=10, gather=_how_many_run),
    Card(Place.TILE, "training/home/_results_tile.html", weight=30),
    Card(Place.SIDE, "training/home/_what_runs.html", weight=10, gather=_what_runs),
    Card(Place.WIDE, "training/home/_recent.html", weight=10, gather=_what_was_done_last),
)
