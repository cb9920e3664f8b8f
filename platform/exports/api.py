"""Exports of versions over HTTP: ask for one, watch it, carry it away, delete it."""

from datetime import datetime
from typing import Any, Literal

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import Field, Query, Router, Schema, Status

from accounts.permissions import require_edit
from accounts.queries import workspaces_of
from accounts.requests import SignedInRequest
from common.answers import Body, OneOf, Refusal, file_answer, refusals, together
from common.paging import PAGED, PageIn, page_of
from common.templatetags.formatting import told
from exports import queries, services
from exports.models import Dialect, Export, ExportForm
from registry.models import ModelVersion
from registry.queries import signed
from serving.errors import AWAY

router = Router(tags=["exports"])
CHANGED = Refusal(409, "changed", signed.DIFFERENT["artifact"], {"version": "Offer v1"})
GONE = Refusal(503, "model server", AWAY)
WITHOUT_DIALECT = Refusal(409, "no_dialect", services.WITHOUT_DIALECT, {}, ("body", "dialect"))
ONLY_SQL = Refusal(409, "only_sql", services.ONLY_SQL, {}, ("body", "dialect"))
NOT_READY = Refusal(409, "not_made", services.NOT_MADE)
ALTERED = Refusal(409, "altered", services.ALTERED)


class ExportIn(Body):
    form: OneOf[ExportForm] = Field(..., examples=["bundle"])
    dialect: OneOf[Dialect] | None = Field(None, description="of the form sql, and only of that")


class ExportOut(Schema):
    id: int
    version_id: int
    form: OneOf[ExportForm]
    dialect: OneOf[Dialect] | None = Field(description="of the form sql; null otherwise")
    state: Literal["queued", "running", "verified", "failed", "cancelled"]
    percent: float
    error: str = Field(description="why it could not be made; empty otherwise")
    asked_by: str
    created_at: datetime
    made_at: datetime | None
    sha256: str = Field(description="of the file; empty until it is made")
    size_bytes: int
    model_hash: str = Field(description="of the model it was made of")
    rows: int = Field(description="scored by both, the model and what was written")
    edges: int = Field(description="of these rows, on a threshold, a level, a special value or an empty cell")
    furthest: float = Field(description="largest distance of two probabilities")
    tolerance: float = Field(description="what distance was allowed")

    @staticmethod
    def of(export: Export) -> dict[str, Any]:
        job = export.job
        has_failed = export.state == "failed" and job is not None
        as_they_are = ("version_id", "form", "state", "created_at", "made_at", "sha256", "size_bytes", "model_hash",
                       "rows", "edges", "furthest", "tolerance")  # fmt: skip
        return {
            "id": export.pk,
            **{name: getattr(export, name) for name in as_they_are},
            "dialect": export.dialect or None,
            "percent": 100.0 if export.is_made else (job.percent if job else 0.0),
            "error": told(job.error_message, job.error_params) if has_failed and job else "",
            "asked_by": export.owner.username,
        }


@router.post(
    "/model-versions/{version_id}/exports",
    response={202: ExportOut},
    summary=_("Request an export of a version"),
    openapi_extra=refusals(WITHOUT_DIALECT, ONLY_SQL, CHANGED, GONE),
)
def ask(request: SignedInRequest, version_id: int, asked: ExportIn) -> Status:
    export = services.ask(request.user, _version(request, version_id), form=asked.form, dialect=asked.dialect or "")
    return Status(202, _answered(export))


@router.get(
    "/model-versions/{version_id}/exports",
    response=list[ExportOut],
    summary=_("The exports of a version, newest first"),
    openapi_extra=PAGED,
)
def list_of_version(
    request: SignedInRequest,
    response: HttpResponse,
    version_id: int,
    asked: PageIn = Query(...),  # noqa: B008 - how ninja declares parameters
) -> list[dict[str, Any]]:
    seen = _seen(request).filter(version=_version(request, version_id))
    return [ExportOut.of(one) for one in page_of(seen, asked, request=request, response=response, order=("-pk",))]


@router.get("/exports/{export_id}", response=ExportOut, summary=_("One export: how far it is, and its proof"))
def get_export(request: SignedInRequest, export_id: int) -> dict[str, Any]:
    return ExportOut.of(get_object_or_404(_seen(request), pk=export_id))


@router.get(
    "/exports/{export_id}/file",
    summary=_("The file of an export"),
    openapi_extra=together(file_answer("application/zip"), refusals(NOT_READY, ALTERED, CHANGED)),
)
def get_file(request: SignedInRequest, export_id: int) -> FileResponse:
    try:
        return services.file_of(get_object_or_404(_seen(request), pk=export_id), request.user)
    except FileNotFoundError as gone:
        raise Http404 from gone


@router.post("/exports/{export_id}/cancel", response=ExportOut, summary=_("Cancel an export"))
def cancel(request: SignedInRequest, export_id: int) -> dict[str, Any]:
    export = get_object_or_404(_seen(request), pk=export_id)
    require_edit(request.user, export)
    services.cancel(export, request.user)
    return _answered(export)


@router.delete(
    "/exports/{export_id}",
    response={204: None},
    summary=_("Delete an export"),
)
def delete(request: SignedInRequest, export_id: int) -> Status:
    export = get_object_or_404(_seen(request), pk=export_id)
    require_edit(request.user, export)
    services.delete(export, request.user)
    return Status(204, None)


def _seen(request: SignedInRequest) -> QuerySet[Export]:
    return queries.exports_of(workspaces_of(request.user))


def _version(request: SignedInRequest, version_id: int) -> ModelVersion:
    seen = ModelVersion.objects.filter(registered_model__workspace__in=workspaces_of(request.user))
    return get_object_or_404(seen.select_related("registered_model__workspace", "author"), pk=version_id)


def _answered(export: Export) -> dict[str, Any]:
    return ExportOut.of(queries.with_all(Export.objects.filter(pk=export.pk)).get())
