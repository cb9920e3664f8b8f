"""Scoring over HTTP of tables that are here already; what a champion asks for, and what its scores mean."""

from typing import Literal

from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import Field, Query, Router, Schema, Status

from accounts.queries import workspaces_of
from accounts.requests import SignedInRequest
from catalog.models import DatasetVersion
from common.answers import Body, Key, Refusal, file_answer, refusals, together
from common.paging import PAGED, PageIn, part_of
from experiments.artifact.needed_columns import MISSING_COLUMNS
from joins import services as joins
from joins.api import FORBIDDEN, JoinOut, plan_for, ready_version, to_change
from scoring import following, services
from scoring.api import (
    CHAMPION_LESS,
    NOT_READY,
    OTHER_MODEL,
    AskedFormat,
    ScoringOut,
    champion_for,
    champion_named,
    finished,
    scoring_for,
)
from scoring.columns import AskedColumn, ScoreColumn, asked_of, score_columns
from scoring.exports import CONTENT_TYPES, dictionary_file

router = Router(tags=["scoring"])
LACKING = Refusal(409, "columns", MISSING_COLUMNS, {"count": 2, "columns": "age, income"})


class AskedColumnOut(Schema):
    name: str
    label: str
    type: str
    is_id: bool
    is_needed: bool


class ScoreColumnOut(Schema):
    name: str
    heading: str
    meaning: str
    unit: str
    range: str


class TableScoringIn(Body):
    model_id: Key
    language: Literal["en", "zh-hans"] = "en"
    file_format: AskedFormat = "csv"  # type: ignore[valid-type]
    headings: Literal["names", "words"] = "names"
    scenario_id: Key | None = Field(None, description="by which customers are chosen from the scores")


class JoinScoringIn(TableScoringIn):
    sources: dict[str, Key] = Field({}, description="by table, the version to read; the others stay as they are")


@router.post(
    "/datasets/{version_id}/scoring-jobs",
    response={202: ScoringOut},
    summary=_("Score a dataset version with a champion, whether uploaded, queried or joined"),
    openapi_extra=refusals(
        CHAMPION_LESS, OTHER_MODEL, Refusal(409, "columns", MISSING_COLUMNS, {"count": 2, "columns": "age, income"})
    ),
)
def start_from_version(request: SignedInRequest, version_id: int, asked: TableScoringIn) -> Status:
    tables = DatasetVersion.objects.filter(dataset__workspace__in=workspaces_of(request.user))
    table = get_object_or_404(tables.select_related("dataset__workspace"), pk=version_id)
    version = champion_named(request, asked.model_id)
    wanted = services.Wanted(asked.file_format, asked.headings, asked.language, asked.scenario_id)
    scoring_job = services.score_version(request.user, version, table, wanted=wanted)
    return Status(202, ScoringOut.of(scoring_for(request).get(pk=scoring_job.pk)))


@router.post(
    "/joins/{join_id}/score",
    response={202: JoinOut},
    summary=_("Run a join on new source tables and score the result in one call"),
    openapi_extra=refusals(FORBIDDEN, CHAMPION_LESS, Refusal(409, "not_run", joins.NOT_RUN_YET)),
)
def run_and_score(request: SignedInRequest, join_id: int, asked: JoinScoringIn) -> Status:
    plan = to_change(request, join_id)
    version = champion_named(request, asked.model_id)
    sources = {
        table: ready_version(request, pk, field="sources", like=plan.base) for table, pk in asked.sources.items()
    }
    wanted = services.Wanted(asked.file_format, asked.headings, asked.language, asked.scenario_id)
    following.run_and_score(plan, sources, request.user, version, wanted)
    return Status(202, JoinOut.of(plan_for(request, join_id)))


@router.get(
    "/models/{model_id}/columns-to-score",
    response=list[AskedColumnOut],
    summary=_("The columns a champion needs, named as in the data, customer ID first"),
    openapi_extra=together(PAGED, refusals(CHAMPION_LESS)),
)
def columns_to_score(
    request: SignedInRequest,
    response: HttpResponse,
    model_id: int,
    asked: PageIn = Query(...),  # noqa: B008 - how ninja declares parameters
) -> list[AskedColumn]:
    return part_of(asked_of(champion_for(request, model_id)), asked, request=request, response=response)


@router.get(
    "/scoring-jobs/{scoring_id}/dictionary",
    response=list[ScoreColumnOut],
    summary=_("What each column of the scores means: unit, range, words"),
    openapi_extra=PAGED,
)
def get_dictionary(
    request: SignedInRequest,
    response: HttpResponse,
    scoring_id: int,
    asked: PageIn = Query(...),  # noqa: B008 - how ninja declares parameters
) -> list[ScoreColumn]:
    columns = score_columns(get_object_or_404(scoring_for(request), pk=scoring_id))
    return part_of(columns, asked, request=request, response=response)


@router.get(
    "/scoring-jobs/{scoring_id}/dictionary.{file_format}",
    summary=_("What each column of the scores means, as a file"),
    openapi_extra=together(file_answer(CONTENT_TYPES["csv"], CONTENT_TYPES["xlsx"]), NOT_READY),
)
def get_dictionary_file(request: SignedInRequest, scoring_id: int, file_format: Literal["csv", "xlsx"]) -> FileResponse:
    return dictionary_file(finished(request, scoring_id), file_format)
