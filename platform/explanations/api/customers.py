"""One customer over HTTP: looked up by id, explained, and tried with other values."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import Field, Schema

from accounts.requests import SignedInRequest
from common.answers import Body, Refusal, refusals
from common.missing import NOTHING_SEEN, NotThere
from explanations.api.routes import finalist_of, router
from explanations.errors import NOBODY, NOT_A_ROW, NOT_FOUND, NOT_TRIED, PlaceNotThere
from explanations.models import CustomerLook
from explanations.queries.customer import score_of
from explanations.queries.why import reason_in_words
from explanations.services import LONGEST_ID, look_for
from serving.errors import AWAY
from training.api.access import experiments_for
from training.models import LeaderboardRow
from training.words import sentences

GONE = Refusal(503, "model server", AWAY)
NOWHERE = Refusal(404, "not found", NOT_FOUND, {"places": ["customers v1"]})
NO_SUCH_PLACE = Refusal(404, "within", NOTHING_SEEN, {"field": "within", "name": "version-3"}, ("body", "within"))
NOTHING = Refusal(409, "nothing entered", NOBODY)
NO_ROW = Refusal(409, "no such row", NOT_A_ROW, {"rows": "1,000"})
HIDDEN = Refusal(409, "sensitive or protected", NOT_TRIED, {"column": "gender"})
MOST_CHANGES = 1_000


class CustomerIn(Body):
    customer: str = Field(min_length=1, max_length=LONGEST_ID, description="the id, or of a table without ids a row")
    within: str = Field(
        "", max_length=40, description="where to look, such as `version-3` or `list-7`; empty: everywhere"
    )
    candidate: str = Field("", max_length=60, description="a finalist of the leaderboard; empty: the recommended one")


class WhatIfIn(Body):
    changes: dict[str, str] = Field(
        max_length=MOST_CHANGES, description="value by column, as it would be typed; an empty text is a missing value"
    )
    candidate: str = Field("", max_length=60, description="a finalist of the leaderboard; empty: the recommended one")


class ReasonOut(Schema):
    column: str
    text: str = Field(description="in the language of who asks")
    contribution: float | None


class ExplainedOut(Schema):
    look: int = Field(description="of this customer; ask what-if by it. The look is in the audit log")
    customer: str = Field(description="the id, masked")
    found_in: str
    candidate: str
    probability: float
    score: float
    band: str
    margin: float
    base: float = Field(description="margin of the typical customer; with the contributions it adds up to `margin`")
    contributions: dict[str, float]
    reasons: list[ReasonOut]
    compared_with: str = Field(description="with whom the reasons compare, in the language of who asks")


@router.post(
    "/experiments/{experiment_id}/customers",
    response=ExplainedOut,
    summary=_("Find a customer and explain the score"),
    openapi_extra=refusals(NOWHERE, NO_SUCH_PLACE, NOTHING, NO_ROW, GONE),
)
def explain_customer(request: SignedInRequest, experiment_id: int, asked: CustomerIn) -> dict[str, Any]:
    experiment = get_object_or_404(experiments_for(request), pk=experiment_id)
    row = finalist_of(experiment, asked.candidate)
    try:
        look = look_for(experiment, asked.customer, request.user, within=asked.within)
    except PlaceNotThere as nowhere:
        raise NotThere("within", asked.within, nowhere.keys) from nowhere
    return _explained(row, look, {})


@router.post(
    "/experiments/{experiment_id}/customers/{look_id}/what-if",
    response=ExplainedOut,
    summary=_("Score a customer with other values"),
    openapi_extra=refusals(HIDDEN, GONE),
)
def what_if(request: SignedInRequest, experiment_id: int, look_id: int, asked: WhatIfIn) -> dict[str, Any]:
    experiment = get_object_or_404(experiments_for(request), pk=experiment_id)
    look = get_object_or_404(CustomerLook, pk=look_id, experiment=experiment, person=request.user)
    return _explained(finalist_of(experiment, asked.candidate), look, asked.changes)


def _explained(row: LeaderboardRow, look: CustomerLook, changes: dict[str, str]) -> dict[str, Any]:
    found = score_of(row, look, changes)
    reasons = [(reason, reason_in_words(row.experiment, reason)) for reason in found.reasons]
    return {
        "look": look.pk, "customer": look.shown_id, "found_in": look.place_name, "candidate": row.candidate,
        "probability": found.probability, "score": found.score, "band": found.band, "margin": found.margin,
        "base": found.base, "contributions": found.contributions,
        "reasons": [
            {"column": reason.column, "text": told["text"], "contribution": reason.phi} for reason, told in reasons
        ],
        "compared_with": sentences(found.baseline.told),
    }  # fmt: skip
