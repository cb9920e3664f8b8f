"""Scoring files over HTTP."""

from datetime import datetime
from typing import Any, Literal

from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import Field, File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile

from accounts.api import workspace_named
from accounts.permissions import require_edit
from accounts.queries import workspaces_of
from accounts.requests import SignedInRequest
from catalog.answers import within_limit
from catalog.errors import EMPTY_FILE
from common.answers import Key, OneOf, Refusal, file_answer, refusals, together
from common.missing import named_row
from common.paging import PAGED, PageIn, page_of
from experiments.errors import gettext_noop
from experiments.scoring.formats import FORMATS
from registry.models import Alias, ModelVersion, RegisteredModel
from scoring import services
from scoring.exports import CONTENT_TYPES, NOT_FINISHED, require_scores, scores_file
from scoring.models import ScoringJob, ScoringState, formats_to_ask_for
from scoring.services import ScoringError
from scoring.words import shown_cover
from training.words import sentence
from uploads.api import OneFileReadingIn

router = Router(tags=["scoring"])
AskedFormat = Literal[tuple(name for name, _called in formats_to_ask_for())]  # type: ignore[valid-type]
AnyFormat = Literal[tuple(FORMATS)]  # type: ignore[valid-type]
NOT_READY = refusals(Refusal(409, "not_finished", NOT_FINISHED), Refusal(409, "deleted", services.DELETED))


NO_CHAMPION = gettext_noop("%(model)s has no champion. Have a version of it approved before it scores.")
OTHER_MODEL = Refusal(409, "scenario", services.OTHER_MODEL, {"version": "Offer v1"})
STILL_SCORES = Refusal(409, "still_scores", services.STILL_SCORES)
CHAMPION_LESS = Refusal(409, "no_champion", NO_CHAMPION, {"model": "Offer"})


class FileFindingOut(Schema):
    """What the file held, lacked or wrote otherwise than in training; ``warn`` before ``info`` and ``good``."""

    tone: Literal["warn", "info", "good"]
    sentence: str
    consequence: str
    details: list[tuple[str, str]]
    more: int


class ScoringOut(Schema):
    id: int
    model_version_id: int
    model: str
    file_name: str
    state: OneOf[ScoringState]
    percent: float
    row_count: int
    artifact_hash: str
    dataset_version_id: int | None
    file_format: str
    headings: str
    scenario_id: int | None = Field(description="by which customers are chosen from the scores")
    has_xlsx: bool
    files: list[str] = Field(description="formats in which the scores can be downloaded")
    summary: dict[str, Any]
    findings: list[FileFindingOut]
    error: str
    created_at: datetime
    finished_at: datetime | None
    deleted_at: datetime | None = Field(description="since when its files are gone")

    @staticmethod
    def of(scoring_job: ScoringJob) -> dict[str, Any]:
        job = scoring_job.job
        files = [] if scoring_job.is_deleted else [*scoring_job.files]
        return {
            "id": scoring_job.pk,
            "model_version_id": scoring_job.model_version_id,
            "model": str(scoring_job.model_version),
            "file_name": scoring_job.file_name,
            "state": scoring_job.state,
            "percent": job.percent if job else 0,
            "row_count": scoring_job.row_count,
            "artifact_hash": scoring_job.artifact_hash,
            "dataset_version_id": scoring_job.source_version_id,
            "file_format": scoring_job.file_format,
            "headings": scoring_job.headings,
            "scenario_id": scoring_job.scenario_id,
            "has_xlsx": "xlsx" in files,
            "files": files,
            "summary": scoring_job.summary,
            "findings": shown_cover(scoring_job.summary) if scoring_job.summary else [],
            "error": sentence(job.error_message, job.error_params) if job else "",
            "created_at": scoring_job.created_at,
            "finished_at": scoring_job.finished_at,
            "deleted_at": scoring_job.deleted_at,
        }


def scoring_for(request: SignedInRequest) -> Any:
    seen = ScoringJob.objects.filter(workspace__in=workspaces_of(request.user))
    return seen.select_related("job", "model_version__registered_model")


SCORE_TEXT = _(
    "Reading options that are left out are detected from the file: encoding, delimiter, the line with the column names "
    "(0: there is none), the decimal mark, the sheet of a workbook. How each column is written is known from training; "
    "what contradicts that, and what the file lacks, is listed in findings."
)


@router.post(
    "/scoring-jobs",
    response={202: ScoringOut},
    summary=_("Score a file with a champion"),
    description=SCORE_TEXT,
    openapi_extra=refusals(CHAMPION_LESS, OTHER_MODEL, Refusal(409, "empty", EMPTY_FILE, {"file": "customers.csv"})),
)
def start(
    request: SignedInRequest,
    file: UploadedFile = File(...),  # noqa: B008 - how ninja declares a file
    model_id: Key = Form(...),  # noqa: B008 - how ninja declares a form
    language: Literal["en", "zh-hans"] = Form("en"),
    file_format: AskedFormat = Form("csv"),  # type: ignore[valid-type]  # noqa: B008 - how ninja declares a form
    headings: Literal["names", "words"] = Form("names"),
    scenario_id: Key | None = Form(None),  # noqa: B008 - how ninja declares a form
    reading: OneFileReadingIn = Form(...),  # noqa: B008 - how ninja declares a form
) -> Status:
    version = champion_named(request, model_id)
    scoring_job = services.start_scoring(
        request.user,
        version,
        within_limit(file),
        reading=reading.chosen(),
        wanted=services.Wanted(file_format, headings, language, scenario_id),
    )
    return Status(202, ScoringOut.of(scoring_for(request).get(pk=scoring_job.pk)))


class ScoringsIn(PageIn):
    state: OneOf[ScoringState] | None = None
    model_id: Key | None = None
    model_version_id: Key | None = None


@router.get(
    "/scoring-jobs",
    response=list[ScoringOut],
    summary=_("Scored files, newest first"),
    openapi_extra=PAGED,
)
def list_scoring(
    request: SignedInRequest,
    response: HttpResponse,
    workspace: str | None = None,
    asked: ScoringsIn = Query(...),  # noqa: B008 - how ninja declares parameters
) -> list[dict[str, Any]]:
    place = workspace_named(request.user, workspace)
    narrowed = asked.filters(model_id="model_version__registered_model_id")
    seen = scoring_for(request).filter(workspace=place, **narrowed)
    page = page_of(seen, asked, request=request, response=response, order=("-created_at", "-pk"))
    return [ScoringOut.of(scoring_job) for scoring_job in page]


@router.get("/scoring-jobs/{scoring_id}", response=ScoringOut, summary=_("Follow a scoring job and read its summary"))
def get_scoring(request: SignedInRequest, scoring_id: int) -> dict[str, Any]:
    return ScoringOut.of(get_object_or_404(scoring_for(request), pk=scoring_id))


@router.delete(
    "/scoring-jobs/{scoring_id}",
    response={204: None},
    summary=_("Delete the scores, the rows kept and the file uploaded; that it was scored stays on record"),
    openapi_extra=refusals(STILL_SCORES),
)
def delete_scoring(request: SignedInRequest, scoring_id: int) -> Status:
    scoring_job = get_object_or_404(scoring_for(request), pk=scoring_id)
    require_edit(request.user, scoring_job)
    services.delete_scores(scoring_job, request.user)
    return Status(204, None)


def finished(request: SignedInRequest, scoring_id: int, file_format: str = "") -> ScoringJob:
    """Return a scoring whose files are there; one without them says why."""
    scoring_job: ScoringJob = get_object_or_404(scoring_for(request), pk=scoring_id)
    require_scores(scoring_job, file_format)
    return scoring_job


@router.get(
    "/scoring-jobs/{scoring_id}/scores.{file_format}",
    summary=_("The scores as a file"),
    openapi_extra=together(file_answer(*CONTENT_TYPES.values()), NOT_READY),
)
def get_scores(request: SignedInRequest, scoring_id: int, file_format: AnyFormat) -> StreamingHttpResponse:  # type: ignore[valid-type]
    return scores_file(finished(request, scoring_id, file_format), file_format, request.user)


def champion_for(request: SignedInRequest, model_id: int) -> Any:
    """Return the champion of the model that an address is of."""
    return _champion_of(get_object_or_404(models_seen(request), pk=model_id))


def champion_named(request: SignedInRequest, model_id: int) -> Any:
    """Return the champion of the model that a body names."""
    return _champion_of(named_row(models_seen(request), field="model_id", pk=model_id))


def models_seen(request: SignedInRequest) -> QuerySet[RegisteredModel]:
    return RegisteredModel.objects.filter(workspace__in=workspaces_of(request.user))


def _champion_of(model: RegisteredModel) -> ModelVersion:
    champions = ModelVersion.objects.filter(registered_model=model, alias=Alias.CHAMPION)
    champion = champions.select_related("registered_model__workspace", "leaderboard_row").first()
    if champion is None:
        raise ScoringError(NO_CHAMPION, model=model.name)
    return champion
