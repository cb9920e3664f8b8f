"""Starting an experiment over HTTP."""

from django.utils.translation import gettext_noop as _
from ninja import Status

from accounts.requests import SignedInRequest
from common.answers import Refusal, refusals
from planning.api.routes import router
from planning.services.starting import CHECK_RUNNING, start_experiment
from training.api.access import answered, editable
from training.api.experiment_schemas import ExperimentOut


@router.post(
    "/experiments/{experiment_id}/start",
    response={202: ExperimentOut},
    summary=_("Start the run; repeated calls start it only once"),
    openapi_extra=refusals(Refusal(409, "checking", CHECK_RUNNING)),
)
def start(request: SignedInRequest, experiment_id: int) -> Status:
    start_experiment(editable(request, experiment_id), request.user)
    return Status(202, answered(request, experiment_id))
