"""Models and their versions over HTTP."""

from typing import Any, Literal

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import Field, Query

from accounts.api import workspace_named
from accounts.queries import workspaces_of
from accounts.requests import SignedInRequest
from common.answers import Body, OneOf, Refusal, file_answer, refusals, together
from common.paging import PAGED, PageIn, page_of, part_of
from registry.api.routes import router
from registry.api.schemas import ModelLineageOut, ModelOut, MoveOut, OpenMoveOut, VersionOut
from registry.exports import artifact_file
from registry.models import (
    ModelVersion,
    RegisteredModel,
)
from registry.moves import BY_NAME
from registry.queries import signed
from registry.queries.lineage import lineage_of
from registry.queries.shown_moves import shown_moves, table
from registry.services import champions
from training.models import TargetKind

CHANGED_MODEL = refusals(Refusal(409, "changed", signed.DIFFERENT["artifact"], {"version": "Offer v1"}))


def versions_for(request: SignedInRequest) -> Any:
    return ModelVersion.objects.filter(registered_model__workspace__in=workspaces_of(request.user)).select_related(
        "registered_model__workspace", "author", "leaderboard_row__experiment"
    )


class ModelsIn(PageIn):
    kind: OneOf[TargetKind] | None = None
    name: str | None = Field(None, max_length=120, description="part of the model's name")


@router.get("/models", response=list[ModelOut], summary=_("The models of a workspace"), openapi_extra=PAGED)
def list_models(
    request: SignedInRequest,
    response: HttpResponse,
    workspace: str | None = None,
    asked: ModelsIn = Query(...),  # noqa: B008 - how ninja declares parameters
) -> list[dict[str, Any]]:
    place = workspace_named(request.user, workspace)
    seen = RegisteredModel.objects.filter(workspace=place, **asked.filters(name="name__icontains"))
    models = page_of(seen, asked, request=request, response=response, order=("name", "pk"))
    by_model: dict[int, list[ModelVersion]] = {}
    for version in versions_for(request).filter(registered_model__in=models).order_by("-number"):
        by_model.setdefault(version.registered_model_id, []).append(version)
    return [described(model, by_model.get(model.pk, [])) for model in models]


def described(model: RegisteredModel, versions: list[ModelVersion]) -> dict[str, Any]:
    return {
        "id": model.pk,
        "name": model.name,
        "kind": model.kind,
        "champion_version_id": next((version.pk for version in versions if version.is_champion), None),
        "versions": [VersionOut.of(version) for version in versions],
    }


@router.get("/model-versions/{version_id}", response=VersionOut, summary=_("One version with its checks"))
def get_version(request: SignedInRequest, version_id: int) -> dict[str, Any]:
    return VersionOut.of(get_object_or_404(versions_for(request), pk=version_id), with_checks=True)


@router.get(
    "/model-versions/{version_id}/artifact.zip",
    summary=_("The model's files"),
    openapi_extra=together(file_answer("application/zip"), CHANGED_MODEL),
)
def get_artifact(request: SignedInRequest, version_id: int) -> StreamingHttpResponse:
    version = get_object_or_404(versions_for(request), pk=version_id)
    return artifact_file(version)


@router.get(
    "/model-moves",
    response=list[MoveOut],
    summary=_("Every move a version can make, by whom and what follows"),
    openapi_extra=PAGED,
)
def list_moves(request: SignedInRequest, response: HttpResponse, asked: Query[PageIn]) -> list[dict[str, Any]]:
    return part_of(table(), asked, request=request, response=response)


@router.get(
    "/model-versions/{version_id}/moves",
    response=list[OpenMoveOut],
    summary=_("The moves open to a version, and whether you may make them"),
    openapi_extra=PAGED,
)
def open_moves(
    request: SignedInRequest, response: HttpResponse, version_id: int, asked: Query[PageIn]
) -> list[dict[str, Any]]:
    version = get_object_or_404(versions_for(request), pk=version_id)
    found = part_of(shown_moves(version, request.user), asked, request=request, response=response)
    return [OpenMoveOut.of(each) for each in found]


@router.get(
    "/model-versions/{version_id}/lineage",
    response=ModelLineageOut,
    summary=_("What a version rests on: sources, data, experiment, trial, software, files"),
)
def get_lineage(request: SignedInRequest, version_id: int) -> dict[str, Any]:
    return lineage_of(get_object_or_404(versions_for(request), pk=version_id)).to_dict()


class MoveIn(Body):
    move: Literal["make_champion", "make_challenger", "make_shadow", "drop_alias", "retire"]
    comment: str = Field(min_length=1, max_length=4000, description="goes to the audit log")


@router.post(
    "/model-versions/{version_id}/moves",
    response=VersionOut,
    summary=_("Move an alias of an approved version, or retire it"),
    openapi_extra=together(refusals(Refusal(409, "not_open", BY_NAME["retire"].otherwise, {})), CHANGED_MODEL),
)
def make_move(request: SignedInRequest, version_id: int, wish: MoveIn) -> dict[str, Any]:
    version = get_object_or_404(versions_for(request), pk=version_id)
    champions.act(version, wish.move, request.user, wish.comment)
    return VersionOut.of(versions_for(request).get(pk=version_id))
