"""A model explained over HTTP: over all customers or those of a segment, as the page of reasons tells it."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import Field, Schema, Status

from accounts.requests import SignedInRequest
from common.answers import Body, Refusal, refusals
from common.missing import NOTHING_SEEN, NotThere
from common.templatetags.formatting import told
from diagnostics import services
from diagnostics.models import Inquiry, Subject
from experiments.errors import BadInput, gettext_noop
from explanations.api.routes import finalist_of, router
from explanations.queries.explanation import kept_directions
from explanations.queries.factors import factors_of
from explanations.queries.looks import GROUPS_SHOWN, Seen, asked_of, group_called, seen_by
from explanations.queries.segments import ChosenSegment, columns_offered, segments_offered
from results.queries.columns import names_of
from training.api.access import editable, experiments_for
from training.models import Experiment, LeaderboardRow

NO_RESULT = gettext_noop("The experiment has no finished models yet, so there is nothing to explain.")
NOT_FINISHED = Refusal(409, "not finished", NO_RESULT)
NO_SUCH_SEGMENT = Refusal(404, "segment", NOTHING_SEEN, {"field": "segment", "name": "level:east"})


class SegmentOut(Schema):
    key: str = Field(description="asks for this segment, as `segment`")
    name: str


class CutOut(Schema):
    column: str
    name: str
    segments: list[SegmentOut]


class CutsOut(Schema):
    columns: list[CutOut]


class SegmentIn(Body):
    column: str = Field("", max_length=300, description="that the segment is cut by; empty: all customers")
    segment: str = Field("", max_length=400, description="a key of this column's segments")
    candidate: str = Field("", max_length=60, description="a finalist of the leaderboard; empty: the recommended one")


class FactorOut(Schema):
    column: str
    name: str
    share: float | None = Field(description="of all columns' mean absolute contributions; of a protected one too")
    effect: str = Field(description="what it does, in the language of who asks; empty where it has no direction")


class GroupOut(Schema):
    name: str
    columns: list[str]
    share: float


class PairOut(Schema):
    first: str
    second: str
    strength: float = Field(description="of their acting together, in the unit of contributions")


class ExplanationOut(Schema):
    inquiry: int | None = Field(description="of what a worker was asked; none where only the run's own is known")
    is_waiting: bool = Field(description="a worker is still at it")
    why_not: str = Field(description="why it could not be worked out, in the language of who asks")
    candidate: str
    segment: str = Field(description="its name; empty for all customers")
    rows: int | None = Field(description="customers in it; none while nobody has looked")
    unit: str = Field(description="of contributions")
    factors: list[FactorOut]
    groups: list[GroupOut] = Field(description="columns that give one reason")
    together: list[PairOut]


@router.get(
    "/experiments/{experiment_id}/segments",
    response=CutsOut,
    summary=_("The segments that an explanation can be narrowed to"),
)
def get_segments(request: SignedInRequest, experiment_id: int, column: str = "") -> dict[str, Any]:
    experiment = get_object_or_404(experiments_for(request), pk=experiment_id)
    offered = columns_offered(experiment)
    if column and column not in offered:
        raise NotThere("column", column, list(offered))
    return {
        "columns": [
            {"column": name, "name": label, "segments": list(segments_offered(experiment, name).values())}
            for name, label in offered.items()
            if column in ("", name)
        ]
    }


@router.get(
    "/experiments/{experiment_id}/explanation",
    response=ExplanationOut,
    summary=_("What a model goes by, over all customers or those of a segment"),
    openapi_extra=refusals(NOT_FINISHED, NO_SUCH_SEGMENT),
)
def get_explanation(
    request: SignedInRequest, experiment_id: int, candidate: str = "", column: str = "", segment: str = ""
) -> dict[str, Any]:
    experiment = get_object_or_404(experiments_for(request), pk=experiment_id)
    row, _chosen = _of(experiment, candidate, column=column, segment=segment)
    return _told(row, seen_by(row, {"by": column, "level": segment}))


@router.post(
    "/experiments/{experiment_id}/explanation",
    response={202: ExplanationOut},
    summary=_("Have a model explained over all customers or those of a segment"),
    openapi_extra=refusals(NOT_FINISHED, NO_SUCH_SEGMENT),
)
def ask_explanation(request: SignedInRequest, experiment_id: int, asked: SegmentIn) -> Status:
    experiment = editable(request, experiment_id)
    row, chosen = _of(experiment, asked.candidate, column=asked.column, segment=asked.segment)
    services.ask(user=request.user, experiment=experiment, row=row, subject=Subject.EXPLANATION, asked=asked_of(chosen))
    return Status(202, _told(row, seen_by(row, {"by": asked.column, "level": asked.segment})))


def _of(
    experiment: Experiment, candidate: str, *, column: str, segment: str
) -> tuple[LeaderboardRow, ChosenSegment | None]:
    """Return the model and the segment that are named."""
    if not experiment.has_result:
        raise BadInput(NO_RESULT)
    row = finalist_of(experiment, candidate)
    if not row.model_path:
        raise BadInput(NO_RESULT)
    if not column and not segment:
        return row, None
    offered = segments_offered(experiment, column)
    if not offered:
        raise NotThere("column", column, list(columns_offered(experiment)))
    if segment not in offered:
        raise NotThere("segment", segment, list(offered))
    return row, offered[segment]


def _told(row: LeaderboardRow, seen: Seen) -> dict[str, Any]:
    experiment, found, inquiry = row.experiment, seen.look, seen.inquiry
    names = names_of(experiment)
    return {
        "inquiry": inquiry.pk if inquiry else None,
        "is_waiting": bool(inquiry and inquiry.is_waiting),
        "why_not": _why_not(inquiry),
        "candidate": row.candidate,
        "segment": seen.segment.name if seen.segment else "",
        "rows": found.rows if found else None,
        "unit": seen.explained.unit,
        "factors": [
            {"column": each.column, "name": each.label, "share": each.share, "effect": each.sentence}
            for each in factors_of(experiment, seen.explained, kept_directions(row))
        ],
        "groups": [
            {"name": group_called(names, one), "columns": list(one.columns), "share": one.share}
            for one in (found.groups if found else ())[:GROUPS_SHOWN]
        ],
        "together": [
            {"first": one.first, "second": one.second, "strength": one.strength}
            for one in (found.interactions if found else ())
            if one.strength > 0
        ],
    }


def _why_not(inquiry: Inquiry | None) -> str:
    if inquiry is None or not inquiry.has_failed:
        return ""
    return told(inquiry.answer.get("message", ""), inquiry.answer.get("params"))
