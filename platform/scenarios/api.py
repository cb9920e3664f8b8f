"""Scenarios over HTTP: keep one, rename it, use it, carry its list away."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import Field, Query, Router, Schema, Status

from accounts.permissions import require_edit
from accounts.queries import workspaces_of
from accounts.requests import SignedInRequest
from common.answers import Body, Refusal, file_answer, refusals, together
from common.missing import named_row
from common.paging import PAGED, PageIn, page_of
from results.queries.act import MOST_CUSTOMERS, MOST_MONEY
from scenarios import services
from scenarios.exports import CONTENT_TYPE, NOT_MADE, list_file
from scenarios.models import ChosenList, Scenario
from training.api.access import experiments_for
from training.models import LeaderboardRow
from training.words import sentence

router = Router(tags=["scenarios"])
TAKEN = Refusal(409, "taken", services.TAKEN, {"name": "Spring"})
WITHOUT_CURVE = Refusal(409, "no_curve", services.NO_CURVE)


class ScenarioIn(Body):
    name: str = Field(min_length=1, max_length=services.LONGEST_NAME)
    candidate: str = Field(max_length=100, description="finalist of the experiment whose scores choose")
    by: Literal["number", "share", "cutoff"] = "number"
    number: int | None = Field(None, ge=0, le=MOST_CUSTOMERS, description="of customers to choose")
    share: float | None = Field(None, ge=0, le=100, description="of the list, in percent")
    cutoff: float | None = Field(None, ge=0, le=100, description="probability, in percent")
    customers: int | None = Field(None, ge=1, le=MOST_CUSTOMERS, description="on the list")
    gain: float | None = Field(None, ge=0, le=MOST_MONEY, description="of an event, or of a loan repaid")
    cost: float | None = Field(None, ge=0, le=MOST_MONEY, description="of a contact, or of a loan that is lost")


class RenameIn(Body):
    name: str = Field(min_length=1, max_length=services.LONGEST_NAME)


class ScenarioOut(Schema):
    id: int
    experiment_id: int
    candidate: str
    name: str
    by: str
    value: float = Field(description="a number of customers, a share in percent, or a probability in percent")
    customers: int
    gain: float | None
    cost: float | None
    owner: str
    created_at: datetime

    @staticmethod
    def of(scenario: Scenario) -> dict[str, Any]:
        names = ("name", "by", "value", "customers", "gain", "cost", "created_at")
        return {
            "id": scenario.pk, "experiment_id": scenario.leaderboard_row.experiment_id,
            "candidate": scenario.leaderboard_row.candidate, "owner": scenario.owner.username,
            **{name: getattr(scenario, name) for name in names},
        }  # fmt: skip


class ChosenListOut(Schema):
    id: int
    scenario_id: int | None
    scenario: str
    source: str = Field(description="`held_out`, or `scoring-` with the id of the scoring")
    is_made: bool
    row_count: int
    of_rows: int
    cutoff: float | None
    error: str
    created_at: datetime
    made_at: datetime | None

    @staticmethod
    def of(chosen: ChosenList) -> dict[str, Any]:
        job = chosen.job
        names = ("source", "is_made", "row_count", "of_rows", "cutoff", "created_at", "made_at")
        return {
            "id": chosen.pk, "scenario_id": chosen.scenario_id, "scenario": chosen.scenario_name,
            "error": sentence(job.error_message, job.error_params) if job else "",
            **{name: getattr(chosen, name) for name in names},
        }  # fmt: skip


@router.post(
    "/experiments/{experiment_id}/scenarios",
    response={201: ScenarioOut},
    summary=_("Save whom a model chooses, under a name"),
    openapi_extra=refusals(TAKEN, WITHOUT_CURVE),
)
def save(request: SignedInRequest, experiment_id: int, asked: ScenarioIn) -> Status:
    experiment = get_object_or_404(experiments_for(request), pk=experiment_id)
    rows = LeaderboardRow.objects.filter(experiment=experiment).select_related("experiment__workspace")
    row = named_row(rows, field="candidate", candidate=asked.candidate)
    return Status(201, ScenarioOut.of(services.save(request.user, row, asked.name, asked.dict())))


@router.get(
    "/experiments/{experiment_id}/scenarios",
    response=list[ScenarioOut],
    summary=_("The scenarios of an experiment, newest first"),
    openapi_extra=PAGED,
)
def list_scenarios(
    request: SignedInRequest,
    response: HttpResponse,
    experiment_id: int,
    asked: PageIn = Query(...),  # noqa: B008 - how ninja declares parameters
) -> list[dict[str, Any]]:
    experiment = get_object_or_404(experiments_for(request), pk=experiment_id)
    seen = _scenarios(request).filter(leaderboard_row__experiment=experiment)
    return [ScenarioOut.of(each) for each in page_of(seen, asked, request=request, response=response, order=("-pk",))]


@router.patch(
    "/scenarios/{scenario_id}", response=ScenarioOut, summary=_("Rename a scenario"), openapi_extra=refusals(TAKEN)
)
def rename(request: SignedInRequest, scenario_id: int, asked: RenameIn) -> dict[str, Any]:
    scenario = _to_change(request, scenario_id)
    services.rename(scenario, request.user, asked.name)
    return ScenarioOut.of(scenario)


@router.delete("/scenarios/{scenario_id}", response={204: None}, summary=_("Delete a scenario; its lists stay"))
def delete(request: SignedInRequest, scenario_id: int) -> Status:
    services.delete(_to_change(request, scenario_id), request.user)
    return Status(204, None)


@router.post(
    "/scenarios/{scenario_id}/lists",
    response={202: ChosenListOut},
    summary=_("List the held-out customers that a scenario chooses"),
)
def choose(request: SignedInRequest, scenario_id: int) -> Status:
    scenario = get_object_or_404(_scenarios(request), pk=scenario_id)
    return Status(202, ChosenListOut.of(services.make_list(scenario, request.user)))


@router.get("/chosen-lists/{list_id}", response=ChosenListOut, summary=_("One list of chosen customers: is it ready?"))
def get_list(request: SignedInRequest, list_id: int) -> dict[str, Any]:
    return ChosenListOut.of(get_object_or_404(_lists(request), pk=list_id))


@router.get(
    "/chosen-lists/{list_id}/customers.csv",
    summary=_("The chosen customers as CSV, IDs masked for those who may not see them"),
    openapi_extra=together(file_answer(CONTENT_TYPE), refusals(Refusal(409, "not_made", NOT_MADE))),
)
def get_file(request: SignedInRequest, list_id: int) -> StreamingHttpResponse:
    return list_file(get_object_or_404(_lists(request), pk=list_id), request.user)


def _scenarios(request: SignedInRequest) -> Any:
    seen = Scenario.objects.filter(leaderboard_row__experiment__workspace__in=workspaces_of(request.user))
    return seen.select_related(
        "owner", "leaderboard_row__experiment__workspace", "leaderboard_row__experiment__version"
    )


def _to_change(request: SignedInRequest, scenario_id: int) -> Scenario:
    scenario: Scenario = get_object_or_404(_scenarios(request), pk=scenario_id)
    require_edit(request.user, scenario)
    return scenario


def _lists(request: SignedInRequest) -> Any:
    seen = ChosenList.objects.filter(leaderboard_row__experiment__workspace__in=workspaces_of(request.user))
    return seen.select_related("job", "leaderboard_row__experiment__version__dataset", "source_version__dataset")
