"""Validation reports over HTTP: ask for one, watch it, carry it away."""

from datetime import datetime
from typing import Any, Literal

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import Field, Query, Schema, Status

from accounts.permissions import require_edit
from accounts.queries import workspaces_of
from accounts.requests import SignedInRequest
from common.answers import Body, OneOf, Refusal, file_answer, refusals, together
from common.missing import named_row
from common.paging import PAGED, PageIn, page_of
from common.templatetags.formatting import told
from registry.models import ModelVersion
from reports import queries
from reports.api.routes import router
from reports.models import Report, ReportForm, ReportLanguage
from reports.services import reports as services
from results.queries.act import MOST_MONEY
from training.models import Experiment

WITHOUT_MODEL = Refusal(409, "no_model", services.NO_MODEL)
WITHOUT_PDF = Refusal(409, "no_pdf", services.NO_PDF)
NOT_READY = Refusal(409, "not_made", services.NOT_MADE)
NO_PAGE = Refusal(409, "no_report", services.NO_PAGE)


class ReportIn(Body):
    form: OneOf[ReportForm] = Field(ReportForm.HTML, examples=["docx"])
    language: OneOf[ReportLanguage] = Field(ReportLanguage.EN, examples=["zh"])
    gain: float | None = Field(None, ge=0, le=MOST_MONEY, description="what an event brings, or a loan that is repaid")
    cost: float | None = Field(None, ge=0, le=MOST_MONEY, description="what a contact costs, or a loan that is lost")

    @property
    def wishes(self) -> dict[str, Any]:
        """What is asked of the report itself."""
        return self.model_dump(include=set(ReportIn.model_fields))


class FinalistReportIn(ReportIn):
    candidate: str | None = Field(None, description="a finalist of the experiment; without it, the recommended one")


class ReportOut(Schema):
    id: int
    experiment_id: int
    candidate: str
    version_id: int | None
    form: Literal["docx", "html", "xlsx", "pdf"]
    language: Literal["zh", "en"]
    state: Literal["queued", "running", "made", "failed", "cancelled"]
    percent: float
    error: str = Field(description="why it could not be made; empty otherwise")
    asked_by: str
    created_at: datetime
    made_at: datetime | None
    sha256: str = Field(description="of the file; empty until it is made")
    size_bytes: int
    model_hash: str = Field(description="of the model it is about")

    @staticmethod
    def of(report: Report) -> dict[str, Any]:
        job = report.job
        has_failed = report.state == "failed" and job is not None
        return {
            "id": report.pk,
            "experiment_id": report.leaderboard_row.experiment_id,
            "candidate": report.leaderboard_row.candidate,
            "version_id": report.version_id,
            "form": report.form,
            "language": report.language,
            "state": report.state,
            "percent": 100.0 if report.is_made else (job.percent if job else 0.0),
            "error": told(job.error_message, job.error_params) if has_failed and job else "",
            "asked_by": report.owner.username,
            "created_at": report.created_at,
            "made_at": report.made_at,
            "sha256": report.sha256,
            "size_bytes": report.size_bytes,
            "model_hash": report.model_hash,
        }


@router.post(
    "/model-versions/{version_id}/reports",
    response={202: ReportOut},
    summary=_("Request a validation report of a version"),
    openapi_extra=refusals(WITHOUT_MODEL, WITHOUT_PDF),
)
def ask_of_version(request: SignedInRequest, version_id: int, asked: ReportIn) -> Status:
    version = _version(request, version_id)
    report = services.ask(request.user, version.leaderboard_row, version, **asked.wishes)
    return Status(202, _answered(report))


@router.get(
    "/model-versions/{version_id}/reports",
    response=list[ReportOut],
    summary=_("The validation reports of a version, newest first"),
    openapi_extra=PAGED,
)
def list_of_version(
    request: SignedInRequest,
    response: HttpResponse,
    version_id: int,
    asked: PageIn = Query(...),  # noqa: B008 - how ninja declares parameters
) -> list[dict[str, Any]]:
    return _listed(_seen(request).filter(version=_version(request, version_id)), asked, request, response)


@router.post(
    "/experiments/{experiment_id}/reports",
    response={202: ReportOut},
    summary=_("Request a validation report of a finalist"),
    openapi_extra=refusals(WITHOUT_MODEL, WITHOUT_PDF),
)
def ask_of_finalist(request: SignedInRequest, experiment_id: int, asked: FinalistReportIn) -> Status:
    rows = _experiment(request, experiment_id).leaderboard.select_related("experiment")
    if asked.candidate is not None:
        row = named_row(rows, field="candidate", candidate=asked.candidate)
    else:
        row = get_object_or_404(rows, is_recommended=True)
    return Status(202, _answered(services.ask(request.user, row, **asked.wishes)))


@router.get(
    "/experiments/{experiment_id}/reports",
    response=list[ReportOut],
    summary=_("The validation reports of an experiment's finalists, newest first"),
    openapi_extra=PAGED,
)
def list_of_experiment(
    request: SignedInRequest,
    response: HttpResponse,
    experiment_id: int,
    asked: PageIn = Query(...),  # noqa: B008 - how ninja declares parameters
) -> list[dict[str, Any]]:
    seen = _seen(request).filter(leaderboard_row__experiment=_experiment(request, experiment_id), version=None)
    return _listed(seen, asked, request, response)


@router.get("/reports/{report_id}", response=ReportOut, summary=_("One report: how far it is"))
def get_report(request: SignedInRequest, report_id: int) -> dict[str, Any]:
    return ReportOut.of(get_object_or_404(_seen(request), pk=report_id))


@router.get(
    "/reports/{report_id}/file",
    summary=_("The file of a report"),
    openapi_extra=together(file_answer(*services.CONTENT_TYPES.values()), refusals(NOT_READY)),
)
def get_file(request: SignedInRequest, report_id: int) -> FileResponse:
    return _file_of(get_object_or_404(_seen(request), pk=report_id), request)


@router.post("/reports/{report_id}/cancel", response=ReportOut, summary=_("Cancel a report"))
def cancel(request: SignedInRequest, report_id: int) -> dict[str, Any]:
    report = get_object_or_404(_seen(request), pk=report_id)
    require_edit(request.user, report)
    services.cancel(report, request.user)
    return _answered(report)


@router.get(
    "/model-versions/{version_id}/report.html",
    summary=_("The newest validation report of a version as a web page"),
    openapi_extra=together(file_answer("text/html"), refusals(NO_PAGE)),
)
def get_page(request: SignedInRequest, version_id: int) -> FileResponse:
    version = _version(request, version_id)
    return _file_of(services.newest_page(_seen(request).filter(version=version)), request)


def _seen(request: SignedInRequest) -> QuerySet[Report]:
    return queries.reports_of(workspaces_of(request.user))


def _version(request: SignedInRequest, version_id: int) -> ModelVersion:
    seen = ModelVersion.objects.filter(registered_model__workspace__in=workspaces_of(request.user))
    return get_object_or_404(seen.select_related("leaderboard_row__experiment__workspace"), pk=version_id)


def _experiment(request: SignedInRequest, experiment_id: int) -> Experiment:
    return get_object_or_404(Experiment, pk=experiment_id, workspace__in=workspaces_of(request.user))


def _listed(
    seen: QuerySet[Report], asked: PageIn, request: SignedInRequest, response: HttpResponse
) -> list[dict[str, Any]]:
    return [ReportOut.of(one) for one in page_of(seen, asked, request=request, response=response, order=("-pk",))]


def _answered(report: Report) -> dict[str, Any]:
    return ReportOut.of(queries.with_all(Report.objects.filter(pk=report.pk)).get())


def _file_of(report: Report, request: SignedInRequest) -> FileResponse:
    try:
        return services.file_of(report, request.user)
    except FileNotFoundError as gone:
        raise Http404 from gone
