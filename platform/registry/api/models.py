"""Models and their versions over HTTP."""

from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import Field, Query

from accounts.api import workspace_named
from accounts.queries import workspaces_of
from accounts.requests import SignedInRequest
from common.answers import OneOf, Refusal, file_answer, refusals, together
from common.paging import PAGED, PageIn, page_of
from registry.api.routes import router
from registry.api.schemas import ModelOut, VersionOut
from registry.exports import artifact_file
from registry.models import (
    ModelVersion,
    RegisteredModel,
)
from registry.queries import signed
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
