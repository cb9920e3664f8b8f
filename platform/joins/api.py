"""Joins over HTTP: drawn, guessed, changed, previewed, run, and run again on other sources; and tables carried away."""

from typing import Annotated, Any, Literal

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import Field, Query, Router, Schema, Status

from accounts.api import workspace_named
from accounts.permissions import require_edit
from accounts.queries import workspaces_of
from accounts.requests import SignedInRequest
from catalog.answers import versions_for
from catalog.models import DatasetVersion
from common.answers import Body, Key, OneOf, Refusal, file_answer, refusals, together
from common.missing import named_row
from common.paging import PAGED, PageIn, page_of
from common.templatetags.formatting import told
from datasets import table_file
from experiments.joins import AGGREGATES, JoinedTable, JoinSpec
from experiments.joins.spec import DEFAULT_AGGREGATES, DEFAULT_WINDOWS, FREQUENT_LEVELS
from experiments.joins.times import ALL_TIME_FORMATS
from joins import queries
from joins import services as joins
from joins.forms import LONGEST_LAG, MOST_LEVELS
from joins.models import JoinPlan

router = Router(tags=["data"])
NOT_YOURS = _("Only its owner, a modeler or an admin of the workspace may change this.")
FORBIDDEN = Refusal(403, "role", NOT_YOURS)
BUSY = Refusal(409, "busy", joins.BUSY)
Pair = Annotated[list[str], Field(min_length=2, max_length=2)]
# JSON has no tuples: a list of the two is one.
Values = Annotated[tuple[str, list[str]], Field(strict=False)]
Codes = Annotated[tuple[str, list[Annotated[float, Field(allow_inf_nan=False)]]], Field(strict=False)]
TimeFormat = Literal["", *ALL_TIME_FORMATS]  # type: ignore[valid-type]


class JoinedTableIn(Body):
    name: str
    parent: str = Field(description="the base, or another table of the join")
    keys: list[Pair] = Field(description="pairs of a column of the parent and one of its own", min_length=1)
    relation: Literal["one", "many"] = Field(description="one: its columns are added; many: its rows are aggregated")
    time_column: str | None = None
    time_format: TimeFormat = Field("", description="detected if empty; days before: offsets such as -30")
    lag_days: int = Field(0, ge=0, le=LONGEST_LAG, description="days until a row is known")
    columns: list[str] = []
    numbers: list[str] = []
    categories: list[str] = []
    windows: list[Annotated[int, Field(ge=0, le=10_000)]] = Field(
        list(DEFAULT_WINDOWS), description="days back, 0 for all that is known", min_length=1
    )
    aggregates: list[Literal[AGGREGATES]] = list(DEFAULT_AGGREGATES)  # type: ignore[valid-type]
    levels: int = Field(FREQUENT_LEVELS, ge=0, le=MOST_LEVELS)
    only: list[Values] = Field([], description="a column and the values of the rows to use")
    frequent: list[Values] = Field([], description="a category and its values that get their own column")
    no_values: list[Codes] = Field([], description="a number and its codes treated as missing, such as 365243")
    source: Literal[""] = ""


class JoinSpecIn(Body):
    base: str
    tables: list[JoinedTableIn] = Field(min_length=1, max_length=50)
    time_column: str | None = Field(None, description="the observation time of a row of the base")
    time_format: TimeFormat = ""

    def to_spec(self) -> JoinSpec:
        plain = self.dict()
        return JoinSpec(
            plain["base"],
            tuple(JoinedTable.from_dict(table) for table in plain["tables"]),
            plain["time_column"],
            plain["time_format"],
        )


class JoinIn(Body):
    name: str = Field("", max_length=100)
    base_version_id: Key
    table_version_ids: list[Key] = Field(min_length=1, max_length=50)


class JoinChangeIn(Body):
    spec: JoinSpecIn | None = Field(None, description="if left out, the saved spec")


class JoinRunIn(JoinChangeIn):
    sources: dict[str, Key] | None = Field(
        None, description="run the join on other versions, by table name; not together with spec"
    )


class SourceOut(Schema):
    table: str
    version_id: int
    dataset: str
    number: int


class JoinOut(Schema):
    id: int
    name: str
    owner: str
    state: OneOf[JoinPlan.State]
    is_busy: bool
    percent: float
    error: str
    sources: list[SourceOut]
    spec: dict[str, Any] | None
    guesses: dict[str, Any]
    unlinked: list[str]
    preview: dict[str, Any] | None
    report: dict[str, Any] | None
    result_version_id: int | None
    scoring_job_id: int | None = Field(description="of the scoring that followed, where the join was run for one")
    scoring_error: str
    is_same_again: bool | None = Field(description="whether the result came out the same when it was run again")

    @staticmethod
    def of(plan: JoinPlan) -> dict[str, Any]:
        job, found = plan.job, plan.definition
        followed = found.get("followed", {})
        versions = queries.versions_by_table(plan)
        return {
            "id": plan.pk,
            "name": plan.name,
            "owner": plan.owner.username,
            "state": plan.state,
            "is_busy": queries.is_busy(plan),
            "percent": job.percent if job else 0.0,
            "error": told(job.error_message, job.error_params) if job else "",
            "sources": [
                {"table": table, "version_id": each.pk, "dataset": each.dataset.name, "number": each.number}
                for table, each in versions.items()
            ],
            "spec": found.get("spec"),
            "guesses": found.get("guesses", {}),
            "unlinked": [each["name"] for each in found.get("unlinked", [])],
            "preview": found.get("preview"),
            "report": found.get("report"),
            "result_version_id": plan.result_id,
            "scoring_job_id": followed.get("scoring_job"),
            "scoring_error": told(followed["message"], followed["params"]) if "message" in followed else "",
            "is_same_again": (found.get("again") or {}).get("same"),
        }


class RecipeOut(Schema):
    name: str
    sources: dict[str, dict[str, Any]]
    spec: dict[str, Any] | None


class JoinsIn(PageIn):
    state: OneOf[JoinPlan.State] | None = None
    name: str | None = Field(None, max_length=120, description="part of the join's name")


@router.get("/joins", response=list[JoinOut], summary=_("Joins of a workspace, newest first"), openapi_extra=PAGED)
def list_joins(
    request: SignedInRequest,
    response: HttpResponse,
    workspace: str | None = None,
    asked: JoinsIn = Query(...),  # noqa: B008 - how ninja declares parameters
) -> list[dict[str, Any]]:
    plans = queries.plans_of(workspace_named(request.user, workspace)).filter(**asked.filters(name="name__icontains"))
    page = page_of(plans, asked, request=request, response=response, order=("-created_at", "-pk"))
    return [JoinOut.of(plan) for plan in page]


@router.post(
    "/joins",
    response={202: JoinOut},
    summary=_("Create a join of dataset versions; the links are detected"),
    openapi_extra=refusals(Refusal(409, "nothing", joins.NOTHING_JOINED)),
)
def draw(request: SignedInRequest, wish: JoinIn) -> Status:
    base = ready_version(request, wish.base_version_id, field="base_version_id")
    others = [
        ready_version(request, each, field="table_version_ids", like=base)
        for each in dict.fromkeys(wish.table_version_ids)
    ]
    plan = joins.draw_join(request.user, base.dataset.workspace, name=wish.name, base=base, others=others)
    return Status(202, answered(request, plan.pk))


@router.get("/joins/{join_id}", response=JoinOut, summary=_("A join: its sources, keys, roles, times and result"))
def get_join(request: SignedInRequest, join_id: int) -> dict[str, Any]:
    return JoinOut.of(plan_for(request, join_id))


@router.get("/joins/{join_id}/recipe", response=RecipeOut, summary=_("The recipe of a join, as it is run again"))
def get_recipe(request: SignedInRequest, join_id: int) -> dict[str, Any]:
    return queries.recipe_of(plan_for(request, join_id))


@router.post(
    "/joins/{join_id}/guess",
    response={202: JoinOut},
    summary=_("Discard the setup and detect the links again"),
    openapi_extra=refusals(FORBIDDEN, BUSY),
)
def guess(request: SignedInRequest, join_id: int) -> Status:
    joins.guess_again(to_change(request, join_id), request.user)
    return Status(202, answered(request, join_id))


@router.post(
    "/joins/{join_id}/preview",
    response={202: JoinOut},
    summary=_("Save the setup and preview a few rows"),
    openapi_extra=refusals(FORBIDDEN, BUSY, Refusal(409, "undrawn", joins.NOTHING_DRAWN)),
)
def preview(request: SignedInRequest, join_id: int, wish: JoinChangeIn) -> Status:
    plan = to_change(request, join_id)
    joins.preview(plan, spec_wished(plan, wish), request.user)
    return Status(202, answered(request, join_id))


@router.post(
    "/joins/{join_id}/run",
    response={202: JoinOut},
    summary=_("Run a join; with sources, run it on other dataset versions"),
    openapi_extra=refusals(FORBIDDEN, BUSY, Refusal(409, "spec_or_sources", joins.SPEC_OR_SOURCES)),
)
def run(request: SignedInRequest, join_id: int, wish: JoinRunIn) -> Status:
    plan = to_change(request, join_id)
    if wish.sources:
        sources = {
            table: ready_version(request, pk, field="sources", like=plan.base) for table, pk in wish.sources.items()
        }
        if wish.spec is not None:
            raise joins.JoinRefused(joins.SPEC_OR_SOURCES)
        joins.run_on(plan, sources, request.user)
    else:
        joins.run(plan, spec_wished(plan, wish), request.user)
    return Status(202, answered(request, join_id))


@router.post(
    "/joins/{join_id}/repeat",
    response={202: JoinOut},
    summary=_("Run a join again and compare the files"),
    openapi_extra=refusals(FORBIDDEN, BUSY, Refusal(409, "not_run", joins.NOT_RUN_YET)),
)
def repeat(request: SignedInRequest, join_id: int) -> Status:
    joins.run_again(to_change(request, join_id), request.user)
    return Status(202, answered(request, join_id))


@router.get(
    "/datasets/{version_id}/table.csv",
    summary=_("A whole table as CSV; personal data stay masked"),
    openapi_extra=together(file_answer(table_file.CONTENT_TYPE), refusals(FORBIDDEN)),
)
def get_table(request: SignedInRequest, version_id: int) -> StreamingHttpResponse:
    ready = versions_for(request).filter(state="ready").select_related("dataset__workspace")
    version = get_object_or_404(ready, pk=version_id)
    require_edit(request.user, version.dataset, gettext(NOT_YOURS))
    return StreamingHttpResponse(table_file.download(version, request.user), content_type=table_file.CONTENT_TYPE)


def ready_version(
    request: SignedInRequest, pk: int, *, field: str, like: DatasetVersion | None = None
) -> DatasetVersion:
    """Return a version the person may see; where one is named to be like, of the same workspace."""
    seen = versions_for(request).filter(state="ready").select_related("dataset__workspace")
    if like is not None:
        seen = seen.filter(dataset__workspace_id=like.dataset.workspace_id)
    found: DatasetVersion = named_row(seen, field=field, pk=pk)
    return found


def plan_for(request: SignedInRequest, join_id: int) -> JoinPlan:
    seen = JoinPlan.objects.filter(workspace__in=workspaces_of(request.user))
    return get_object_or_404(
        seen.select_related("workspace", "owner", "base__dataset", "result__dataset", "job"), pk=join_id
    )


def to_change(request: SignedInRequest, join_id: int) -> JoinPlan:
    plan = plan_for(request, join_id)
    require_edit(request.user, plan, gettext(NOT_YOURS))
    return plan


def spec_wished(plan: JoinPlan, wish: JoinChangeIn) -> JoinSpec:
    """Return the drawing that was sent, its names compared with what is there, or the one that is kept."""
    if wish.spec is None:
        kept = queries.spec_of(plan)
        if kept is None:
            raise joins.JoinRefused(joins.NOTHING_DRAWN)
        return kept
    spec = wish.spec.to_spec()
    joins.refuse_unknown_names(plan, spec)
    return spec


def answered(request: SignedInRequest, join_id: int) -> dict[str, Any]:
    return JoinOut.of(plan_for(request, join_id))
