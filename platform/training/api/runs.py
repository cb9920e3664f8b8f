"""Running an experiment over HTTP: finish, cancel, pause, resume, continue."""

from django.utils.translation import gettext_noop as _
from ninja import Status

from accounts.requests import SignedInRequest
from common.answers import Refusal, refusals
from training.api.access import NEVER_STARTED, answered, started
from training.api.experiment_schemas import ExperimentOut
from training.api.routes import router
from training.services.continuing import IS_SUBMITTED, continue_experiment
from training.services.runs import (
    STANDS,
    cancel_experiment,
    finish_now,
    pause_experiment,
    resume_experiment,
)


@router.post(
    "/experiments/{experiment_id}/finish",
    response={202: ExperimentOut},
    summary=_("Finish now and keep the best"),
    openapi_extra=refusals(NEVER_STARTED),
)
def finish(request: SignedInRequest, experiment_id: int) -> Status:
    finish_now(started(request, experiment_id), request.user)
    return Status(202, answered(request, experiment_id))


@router.post(
    "/experiments/{experiment_id}/cancel",
    response={202: ExperimentOut},
    summary=_("Cancel the run and keep nothing"),
    openapi_extra=refusals(NEVER_STARTED, Refusal(409, "stands", STANDS)),
)
def cancel(request: SignedInRequest, experiment_id: int) -> Status:
    cancel_experiment(started(request, experiment_id), request.user)
    return Status(202, answered(request, experiment_id))


@router.post(
    "/experiments/{experiment_id}/pause",
    response={202: ExperimentOut},
    summary=_("Pause the run and keep its trials"),
    openapi_extra=refusals(NEVER_STARTED),
)
def pause(request: SignedInRequest, experiment_id: int) -> Status:
    pause_experiment(started(request, experiment_id), request.user)
    return Status(202, answered(request, experiment_id))


@router.post(
    "/experiments/{experiment_id}/resume",
    response={202: ExperimentOut},
    summary=_("Continue a paused or failed run from its trials"),
    openapi_extra=refusals(NEVER_STARTED),
)
def resume(request: SignedInRequest, experiment_id: int) -> Status:
    resume_experiment(started(request, experiment_id), request.user)
    return Status(202, answered(request, experiment_id))


@router.post(
    "/experiments/{experiment_id}/continue",
    response={202: ExperimentOut},
    summary=_("Give a finished run more time or trials, starting from its result"),
    openapi_extra=refusals(NEVER_STARTED, Refusal(409, "submitted", IS_SUBMITTED)),
)
def go_on(request: SignedInRequest, experiment_id: int) -> Status:
    continue_experiment(started(request, experiment_id), request.user)
    return Status(202, answered(request, experiment_id))
