"""Scores in real time: 1 to 1,000 rows in, probability, score, band and reasons of each out."""

from typing import Annotated, Any, Literal

from django.http import Http404, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import Field, Query, Router, Schema
from pydantic import AfterValidator, WithJsonSchema

from accounts.queries import workspaces_of
from accounts.requests import SignedInRequest
from api.strict import JSON
from common.answers import Body, OneOf, Refusal, as_json, refusals
from common.language import reader_language
from deployments.live.answering import MOST_ROWS, Answer, scorer_here
from deployments.live.finding import SEVERAL, served_as
from deployments.live.forwarding import forwarded
from deployments.live.loaded import EXPIRED, IS_OFF, RETIRED
from deployments.models import Deployment, Environment
from experiments.scoring.real_time import require_plain
from serving.errors import AWAY, ModelServerAway

router = Router(tags=["deployments"])
TOO_MANY = _(
    "Send at most %(most)s rows in one request; this one has %(rows)s. Send them in several requests, or score a file."
)
NO_ROWS = _("Send at least one row.")
CELL = {"anyOf": [{"type": kind} for kind in ("number", "string", "boolean", "null")]}
ROWS = {
    "type": "array",
    "minItems": 1,
    "maxItems": MOST_ROWS,
    "items": {"type": "object", "additionalProperties": CELL},
    "example": [{"age": 35, "income": 5200.5, "job": "nurse"}],
    "description": "customers, each as an object of cells by column; the order of columns is free, null is not known",
}
TOLD = {"name": "offer", "version": "Offer v1"}
DESCRIPTION = _(
    "Answers as scoring a file does, to the bit. Columns that the model needs must be there; what it does not know is "
    "ignored and listed. Where any cell cannot be read, nothing is scored, and each such cell is told with its row and "
    "column. With a share of traffic, the customer's ID decides which version answers."
)


def _of_right_length(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not rows:
        raise ValueError(gettext(NO_ROWS))
    if len(rows) > MOST_ROWS:
        raise ValueError(gettext(TOO_MANY) % {"most": f"{MOST_ROWS:,}", "rows": f"{len(rows):,}"})
    return rows


class ScoreIn(Body):
    rows: Annotated[list[dict[str, Any]], AfterValidator(_of_right_length), WithJsonSchema(ROWS)]
    reasons: Annotated[int, Field(ge=0, le=4)] = Field(4, description="how many reasons at most")
    language: Literal["en", "zh"] | None = Field(None, description="of the reasons; else that of Accept-Language")


class WhereIn(Schema):
    """Which deployment of that name is meant, where a person sees several."""

    workspace: str | None = None
    environment: OneOf[Environment] | None = Field(None, description="without it, production where there is one")


class ScoreOut(Schema):
    row: int = Field(description="place in the request, from 1")
    version: int = Field(description="number of the version that answered")
    probability: float
    score: float
    band: str
    points: float | None = Field(None, description="of a scorecard")
    reasons: list[str]


class CoverOut(Schema):
    empty: dict[str, int] = Field(description="cells without a value, by column")
    unseen: dict[str, int] = Field(description="cells with a value that training never saw, by column")
    ignored: list[str] = Field(description="columns that the model does not know")


class ScoresOut(Schema):
    request_id: str
    deployment: str
    workspace: str
    environment: OneOf[Environment]
    model: str
    version: int = Field(description="number of the champion")
    configuration: int
    scores: list[ScoreOut]
    cover: CoverOut


@router.post(
    "/deployments/{name}/score",
    response=ScoresOut,
    summary=_("Score up to 1,000 customers in real time"),
    description=DESCRIPTION,
    openapi_extra=refusals(
        Refusal(503, "off", IS_OFF, TOLD),
        Refusal(503, "retired", RETIRED, TOLD),
        Refusal(503, "expired", EXPIRED, TOLD),
        Refusal(503, "away", AWAY),
        Refusal(409, "several", SEVERAL, {"name": "offer"}),
    ),
)
def score(request: SignedInRequest, name: str, asked: ScoreIn, where: Query[WhereIn]) -> HttpResponse:
    scorer = scorer_here()
    if scorer is None:
        return _forwarded(request, name)
    served = served_as(scorer, request.user, name, workspace=where.workspace, environment=where.environment)
    require_plain(asked.rows)
    language = asked.language or reader_language()
    answer = scorer.answer(served, asked.rows, reasons=asked.reasons, language=language)
    return HttpResponse(as_json(plain(answer)), content_type=JSON)


def _forwarded(request: SignedInRequest, name: str) -> HttpResponse:
    """Pass it on; where nobody answers, what does not exist is told as such, for it will not come back."""
    try:
        return forwarded(request)
    except ModelServerAway:
        if not Deployment.objects.filter(name=name, workspace__in=workspaces_of(request.user)).exists():
            raise Http404 from None
        raise


def plain(answer: Answer) -> dict[str, Any]:
    """Return an answer as it is sent."""
    served, champion = answer.served, answer.served.champion
    return {
        "request_id": answer.request,
        "deployment": served.name,
        "workspace": served.workspace,
        "environment": served.environment,
        "model": champion.model,
        "version": champion.number,
        "configuration": served.configuration,
        "scores": [
            {
                "row": number,
                "version": each.member.number,
                "probability": each.row.probability,
                "score": each.row.score,
                "band": each.row.band,
                "points": each.row.points,
                "reasons": list(each.row.reasons),
            }
            for number, each in enumerate(answer.rows, start=1)
        ],
        "cover": {
            "empty": answer.cover.empty_cells,
            "unseen": answer.cover.unseen_cells,
            "ignored": answer.ignored,
        },
    }
