"""The sample of a question over HTTP: windows, the event by a threshold, customers in between, and who is left out."""

from datetime import date
from typing import Annotated, Any, Literal

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import Field, Schema

from accounts.requests import SignedInRequest
from checks import decisions
from checks import tables as check_tables
from checks.forms import MOST_RULES
from common.answers import Body, refusals
from experiments.data.sample.definition import MOST_MONTHS, SampleDefinition
from experiments.data.sample.rules import OPERATORS
from planning.api.routes import router
from training.api.access import STARTED, editable, experiments_for
from training.models import Experiment

Months = Annotated[int, Field(ge=1, le=MOST_MONTHS)]


class RuleIn(Body):
    column: str
    operator: Literal[OPERATORS]  # type: ignore[valid-type]
    value: str = Field("", max_length=300, description="several, separated by commas, for one_of")


class SampleIn(Body):
    observed_at: str | None = Field(None, description="column of dates: when a customer was observed")
    observation_months: Months | None = None
    performance_months: Months | None = Field(None, description="performance window: how long the event is looked for")
    known_until: Annotated[date, Field(strict=False)] | None = Field(
        None, description="the newest observation when left out"
    )
    event: RuleIn | None = Field(None, description="defines the event on a numeric column")
    indeterminate: RuleIn | None = Field(None, description="customers who are neither good nor bad")
    exclusions: list[RuleIn] = Field([], max_length=MOST_RULES)

    def to_definition(self) -> SampleDefinition:
        plain = self.dict()
        until = self.known_until.isoformat() if self.known_until else None
        return SampleDefinition.from_dict({**plain, "known_until": until})


class SampleOut(Schema):
    definition: dict[str, Any]
    is_all_rows: bool
    check_state: str
    waterfall: list[dict[str, Any]] = Field(description="rows and events left after each step, once checked")

    @staticmethod
    def of(experiment: Experiment) -> dict[str, Any]:
        check = experiment.data_check
        definition = check_tables.definition_of(check)
        return {
            "definition": definition.to_dict(),
            "is_all_rows": definition.leaves_all_rows,
            "check_state": check.state,
            "waterfall": check.waterfall,
        }


@router.get("/experiments/{experiment_id}/sample", response=SampleOut, summary=_("Which rows the model uses, and why"))
def get_sample(request: SignedInRequest, experiment_id: int) -> dict[str, Any]:
    return SampleOut.of(get_object_or_404(experiments_for(request), pk=experiment_id))


@router.put(
    "/experiments/{experiment_id}/sample",
    response=SampleOut,
    summary=_("Define which rows the model uses"),
    openapi_extra=refusals(STARTED),
)
def put_sample(request: SignedInRequest, experiment_id: int, wish: SampleIn) -> dict[str, Any]:
    experiment = editable(request, experiment_id)
    decisions.define_sample(experiment.data_check, wish.to_definition(), request.user)
    return SampleOut.of(get_object_or_404(experiments_for(request), pk=experiment_id))


@router.delete(
    "/experiments/{experiment_id}/sample",
    response=SampleOut,
    summary=_("Use all rows again"),
    openapi_extra=refusals(STARTED),
)
def delete_sample(request: SignedInRequest, experiment_id: int) -> dict[str, Any]:
    experiment = editable(request, experiment_id)
    decisions.undo_sample(experiment.data_check, request.user)
    return SampleOut.of(get_object_or_404(experiments_for(request), pk=experiment_id))
