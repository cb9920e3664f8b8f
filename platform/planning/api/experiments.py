"""Experiments over HTTP: put a question, read, change and delete it."""

from typing import Annotated, Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import Header, Status
from ninja.errors import HttpError

from accounts.queries import workspaces_of
from accounts.requests import SignedInRequest
from catalog.models import DatasetVersion, VersionState
from checks import services as check_services
from checks.targets import refuse_unknown_event
from common.answers import Refusal, refusals, together
from common.missing import named_row
from experiments.errors import BadInput, gettext_noop
from experiments.meant import NEAR_COLUMN
from planning.api.answers import planned, told_whole
from planning.api.plan_schemas import ExperimentChangeIn, ExperimentIn
from planning.api.routes import router
from planning.plans.faults import column_faults, no_column_of, refuse
from planning.plans.plan import Plan
from planning.services import drafts
from planning.services.deleting import STILL_RUNS, delete_experiment
from planning.services.drafting import draft_experiment, save_plan
from training.api.access import editable, experiments_for
from training.api.experiment_schemas import ExperimentOut
from training.models import Experiment

IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description="the ETag you read; a change made meanwhile is then not overwritten"),
]
WITH_ETAG = {
    "responses": {
        "200": {
            "headers": {
                "ETag": {
                    "description": "send it as If-Match with a change, to change nothing that others changed meanwhile",
                    "schema": {"type": "string"},
                }
            }
        }
    }
}
CHANGED_MEANWHILE = gettext_noop(
    "The experiment was changed since you read it. Read it again, and send your change with its new ETag."
)
NO_COLUMN = {"column": "answred", "nearest": "answered"}
NO_TARGET_COLUMN = Refusal(409, "target", NEAR_COLUMN, NO_COLUMN, ("body", "target"))
NOT_A_DRAFT = Refusal(409, "started", drafts.NO_DRAFT)
STILL_RUNNING = Refusal(409, "running", STILL_RUNS)
CHANGED = Refusal(412, "changed", CHANGED_MEANWHILE)


@router.post(
    "/experiments",
    response={201: ExperimentOut},
    summary=_("Create an experiment on a dataset and check its data"),
    openapi_extra=refusals(NO_TARGET_COLUMN),
)
def create(request: SignedInRequest, wish: ExperimentIn) -> Status:
    versions = DatasetVersion.objects.filter(dataset__workspace__in=workspaces_of(request.user))
    version = named_row(
        versions.select_related("dataset__workspace"), field="dataset_version_id", pk=wish.dataset_version_id
    )
    require_column(version, wish.target)
    refuse_unknown_event(version.columns.get(name=wish.target), wish.event or "")
    plan = wish.to_plan()
    refuse(column_faults(plan, version, wish.kind, wish.target), plan)
    experiment = draft_experiment(
        user=request.user, workspace=version.dataset.workspace, kind=wish.kind, version=version, name=wish.name
    )
    save_plan(experiment, plan, request.user)
    check_services.choose_target(experiment.data_check, wish.target, wish.event or "", request.user)
    return Status(201, planned(request, experiment.pk))


def require_column(version: DatasetVersion, name: str) -> None:
    if version.state != VersionState.READY:
        raise BadInput(gettext_noop("The file has not been read yet. Wait until the dataset's state is ready."))
    if not version.columns.filter(name=name).exists():
        refuse({"target": no_column_of(version, name)})


@router.get(
    "/experiments/{experiment_id}",
    response=ExperimentOut,
    summary=_("See an experiment and its progress"),
    openapi_extra=WITH_ETAG,
)
def get_experiment(request: SignedInRequest, response: HttpResponse, experiment_id: int) -> dict[str, Any]:
    experiment = get_object_or_404(experiments_for(request), pk=experiment_id)
    response["ETag"] = etag_of(experiment)
    return told_whole(experiment)


def etag_of(experiment: Experiment) -> str:
    """Return what tells whether people have changed an experiment since; what a worker finds does not count."""
    return f'"{experiment.updated_at:%Y%m%d%H%M%S%f}"'


def refuse_if_changed(experiment: Experiment, wanted: str | None) -> None:
    """Refuse a change that was made up for an earlier state of the experiment."""
    tags = [tag.strip() for tag in (wanted or "*").split(",")]
    if "*" not in tags and etag_of(experiment) not in tags:
        raise HttpError(412, gettext(CHANGED_MEANWHILE))


@router.patch(
    "/experiments/{experiment_id}",
    response=ExperimentOut,
    summary=_("Change a draft: its name, plan, target or event"),
    openapi_extra=together(WITH_ETAG, refusals(NOT_A_DRAFT, CHANGED, NO_TARGET_COLUMN)),
)
def change(
    request: SignedInRequest,
    response: HttpResponse,
    experiment_id: int,
    changes: ExperimentChangeIn,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    with transaction.atomic():
        experiment = drafts.locked_draft(editable(request, experiment_id))
        refuse_if_changed(experiment, if_match)
        sent, plan = changes.model_fields_set, Plan.of(experiment)
        drafts.change_draft(
            experiment,
            request.user,
            name=changes.name if "name" in sent else experiment.name,
            plan=changes.changed(plan),
            target=changes.target if "target" in sent else None,
            event=(changes.event or "") if "event" in sent else None,
        )
    response["ETag"] = etag_of(experiments_for(request).get(pk=experiment_id))
    return planned(request, experiment_id)


@router.delete(
    "/experiments/{experiment_id}",
    response={204: None},
    summary=_("Delete an experiment with its trials, models and data check; the dataset stays"),
    openapi_extra=refusals(STILL_RUNNING, CHANGED),
)
def delete(request: SignedInRequest, experiment_id: int, if_match: IfMatch = None) -> Status:
    with transaction.atomic():
        # Locked before it is compared: nobody can change it between the comparison and the end.
        locked = Experiment.objects.select_for_update()
        experiment = get_object_or_404(locked, pk=editable(request, experiment_id).pk)
        refuse_if_changed(experiment, if_match)
        delete_experiment(experiment, request.user)
    return Status(204, None)
