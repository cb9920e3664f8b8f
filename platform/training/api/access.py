"""Which experiments a caller sees, may change and may steer."""

from typing import Any

from django.shortcuts import get_object_or_404

from accounts.permissions import require_edit
from accounts.queries import workspaces_of
from accounts.requests import SignedInRequest
from checks.errors import FROZEN
from common.answers import Refusal
from experiments.errors import BadInput, gettext_noop
from training.api.experiment_schemas import ExperimentOut
from training.models import Experiment, ExperimentState
from training.queries.experiments import BESIDE_COUNT, TRIAL_COUNT

STARTED = Refusal(409, "started", FROZEN)
NOT_STARTED = gettext_noop("This experiment is a draft: nothing runs. Start it first.")
NEVER_STARTED = Refusal(409, "draft", NOT_STARTED)


def experiments_for(request: SignedInRequest) -> Any:
    seen = Experiment.objects.filter(workspace__in=workspaces_of(request.user))
    counted = seen.annotate(trial_count=TRIAL_COUNT, beside_count=BESIDE_COUNT)
    return counted.select_related("workspace", "owner", "version", "job", "data_check__job")


def editable(request: SignedInRequest, experiment_id: int) -> Experiment:
    """Return the experiment if the caller may change it: a stranger finds nothing, a colleague is refused."""
    experiment = get_object_or_404(experiments_for(request), pk=experiment_id)
    require_edit(request.user, experiment)
    return experiment


def started(request: SignedInRequest, experiment_id: int) -> Experiment:
    """Return the experiment to steer if it was ever started: of a draft nothing can be ended or continued."""
    experiment = editable(request, experiment_id)
    if experiment.state == ExperimentState.DRAFT:
        raise BadInput(NOT_STARTED)
    return experiment


def answered(request: SignedInRequest, experiment_id: int) -> dict[str, Any]:
    return ExperimentOut.of(experiments_for(request).get(pk=experiment_id), with_findings=True)
