"""Deployments over HTTP: which there are, making one, switching it, going back."""

from datetime import datetime
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import Field, Query, Router, Schema, Status

from accounts.api import workspace_named
from accounts.queries import workspaces_of
from accounts.requests import SignedInRequest
from common.answers import Body, Key, OneOf, Refusal, refusals
from common.missing import NotThere
from common.paging import PAGED, PageIn, page_of
from deployments import queries, services
from deployments.models import LONGEST_WHY, NAME_PATTERN, Deployment, Environment, Role
from deployments.services import Challenger
from registry.models import ModelVersion
from registry.queries.models import versions_in

router = Router(tags=["deployments"])
VERSION = {"version": "Offer v1"}
UNFIT = (
    Refusal(409, "not_approved", services.NOT_APPROVED, VERSION, ("body", "champion")),
    Refusal(409, "expired", services.EXPIRED, VERSION, ("body", "champion")),
    Refusal(409, "no_ids", services.NO_IDS, VERSION, ("body", "challengers")),
    Refusal(409, "too_much", services.TOO_MUCH, {"percent": 120}, ("body", "challengers")),
)
MEANWHILE = Refusal(409, "meanwhile", services.MEANWHILE)
Name = Annotated[str, Field(min_length=1, max_length=63, pattern=NAME_PATTERN, examples=["offer"])]
Why = Annotated[str, Field(max_length=LONGEST_WHY)]


class ChallengerIn(Body):
    version: Key = Field(description="ID of an approved version of the same model")
    percent: Annotated[int, Field(ge=1, le=99)] | None = Field(
        None, description="share of the customers that it answers; without it, it scores everybody in the shadow"
    )


class SwitchIn(Body):
    champion: Key = Field(description="ID of the approved version that answers")
    challengers: list[ChallengerIn] = Field(default=[], max_length=services.MOST_CHALLENGERS)
    why: Why = ""
    seen: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = Field(
        None, description="number of the configuration that you looked at; where another is in use by now: 409"
    )


class DeploymentIn(Body):
    name: Name
    champion: Key = Field(description="ID of the approved version that answers")
    # An enumeration is taken as its text, though numbers are not.
    environment: OneOf[Environment] = Field(Environment.PRODUCTION, strict=False)
    challengers: list[ChallengerIn] = Field(default=[], max_length=services.MOST_CHALLENGERS)
    why: Why = ""
    workspace: str | None = None


class WhyIn(Body):
    why: Why = ""
    seen: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None


class ChallengerOut(Schema):
    version_id: int
    version: int
    role: OneOf[Role]
    percent: int


class DeploymentOut(Schema):
    id: int
    name: str
    workspace: str
    environment: OneOf[Environment]
    model: str
    is_on: bool
    configuration: int = Field(description="number of the configuration in use")
    champion: int | None = Field(description="ID of the version that answers")
    champion_version: int | None
    challengers: list[ChallengerOut]
    created_at: datetime


class ConfigurationOut(Schema):
    number: int
    is_on: bool
    champion: int | None
    challengers: list[ChallengerOut]
    rolled_back_to: int | None
    why: str
    made_by: str
    made_at: datetime


class HealthOut(Schema):
    """Of the last 24 hours."""

    state: str
    requests: int
    rows: int
    refused: int
    failed: int
    p50_ms: float | None
    p99_ms: float | None
    mean_probability: float | None


class DeploymentsIn(PageIn):
    environment: OneOf[Environment] | None = None


@router.get(
    "/deployments",
    response=list[DeploymentOut],
    summary=_("Deployments: which versions answer under which names"),
    openapi_extra=PAGED,
)
def list_deployments(
    request: SignedInRequest, response: HttpResponse, asked: Query[DeploymentsIn]
) -> list[dict[str, Any]]:
    found = _seen_by(request).filter(**asked.filters())
    page = page_of(found, asked, request=request, response=response, order=("name", "pk"))
    return [queries.as_plain(each) for each in page]


@router.post(
    "/deployments",
    response={201: DeploymentOut},
    summary=_("Put an approved version into use under a name"),
    openapi_extra=refusals(Refusal(409, "taken", services.TAKEN, {"name": "offer"}, ("body", "name")), *UNFIT),
)
def create(request: SignedInRequest, asked: DeploymentIn) -> Status:
    workspace = workspace_named(request.user, asked.workspace)
    made = services.create(
        request.user, workspace, name=asked.name, environment=asked.environment, why=asked.why,
        champion=_version(request, asked.champion, "champion"), challengers=_challengers(request, asked.challengers),
    )  # fmt: skip
    return Status(201, queries.as_plain(made))


@router.get("/deployments/{deployment_id}", response=DeploymentOut, summary=_("One deployment"))
def get_deployment(request: SignedInRequest, deployment_id: int) -> dict[str, Any]:
    return queries.as_plain(_one(request, deployment_id))


@router.get(
    "/deployments/{deployment_id}/configurations",
    response=list[ConfigurationOut],
    summary=_("Every configuration that a deployment had, the newest first"),
    openapi_extra=PAGED,
)
def list_configurations(
    request: SignedInRequest, response: HttpResponse, deployment_id: int, asked: Query[PageIn]
) -> list[dict[str, Any]]:
    history = queries.history_of(_one(request, deployment_id))
    page = page_of(history, asked, request=request, response=response, order=("-number", "pk"))
    return [queries.configuration_as_plain(each) for each in page]


@router.get(
    "/deployments/{deployment_id}/health", response=HealthOut, summary=_("Traffic, errors and times of the last day")
)
def get_health(request: SignedInRequest, deployment_id: int) -> dict[str, Any]:
    whole = queries.health_of(_one(request, deployment_id)).whole
    return {
        "state": whole.state, "requests": whole.requests, "rows": whole.rows, "refused": whole.refused,
        "failed": whole.failed, "p50_ms": whole.p50, "p99_ms": whole.p99, "mean_probability": whole.mean,
    }  # fmt: skip


@router.post(
    "/deployments/{deployment_id}/switch",
    response=DeploymentOut,
    summary=_("Have other approved versions answer from now on"),
    openapi_extra=refusals(Refusal(409, "same", services.SAME), MEANWHILE, *UNFIT),
)
def switch(request: SignedInRequest, deployment_id: int, asked: SwitchIn) -> dict[str, Any]:
    deployment = _one(request, deployment_id)
    services.switch(
        deployment, request.user, champion=_version(request, asked.champion, "champion"),
        challengers=_challengers(request, asked.challengers), why=asked.why, seen=asked.seen,
    )  # fmt: skip
    return queries.as_plain(_one(request, deployment_id))


@router.post(
    "/deployments/{deployment_id}/roll-back",
    response=DeploymentOut,
    summary=_("Go back to the configuration before"),
    openapi_extra=refusals(Refusal(409, "no_former", services.NO_FORMER), MEANWHILE),
)
def roll_back(request: SignedInRequest, deployment_id: int, asked: WhyIn) -> dict[str, Any]:
    services.roll_back(_one(request, deployment_id), request.user, why=asked.why, seen=asked.seen)
    return queries.as_plain(_one(request, deployment_id))


@router.post(
    "/deployments/{deployment_id}/off",
    response=DeploymentOut,
    summary=_("Switch a deployment off: nobody is scored until the next switch"),
    openapi_extra=refusals(Refusal(409, "same", services.SAME), MEANWHILE),
)
def switch_off(request: SignedInRequest, deployment_id: int, asked: WhyIn) -> dict[str, Any]:
    services.switch_off(_one(request, deployment_id), request.user, why=asked.why, seen=asked.seen)
    return queries.as_plain(_one(request, deployment_id))


def _seen_by(request: SignedInRequest) -> QuerySet[Deployment]:
    return queries.with_parts(Deployment.objects.filter(workspace__in=workspaces_of(request.user)))


def _one(request: SignedInRequest, deployment_id: int) -> Deployment:
    return get_object_or_404(_seen_by(request), pk=deployment_id)


def _version(request: SignedInRequest, key: int, field: str) -> ModelVersion:
    for workspace in workspaces_of(request.user):
        found = versions_in(workspace).filter(pk=key).first()
        if found is not None:
            return found
    raise NotThere(field, key)


def _challengers(request: SignedInRequest, asked: list[ChallengerIn]) -> list[Challenger]:
    return [Challenger(_version(request, each.version, "challengers"), each.percent) for each in asked]
