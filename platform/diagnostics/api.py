"""The closer looks at a result over HTTP: their tables, and asking for them."""

from typing import Annotated, Any, Literal

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import Field, Query, Router, Schema, Status

from accounts.requests import SignedInRequest
from common.answers import Body, Key, Refusal, refusals
from diagnostics import services
from diagnostics.forms import FORMS
from diagnostics.models import Inquiry
from diagnostics.queries.inquiries import latest, looks_at
from diagnostics.queries.parts import PARTS, Subjected
from experiments.errors import BadInput, gettext_noop
from results.queries.leaderboard import leaderboard_for
from training.api.access import editable, experiments_for
from training.models import Experiment, LeaderboardRow

router = Router(tags=["experiments"])
UNKNOWN_LOOK = gettext_noop("There is no such analysis; available: %(names)s.")
UNKNOWN_MODEL = gettext_noop("There is no such model on the leaderboard of this experiment.")
WRONG = gettext_noop("This cannot be analysed: %(what)s.")
NOT_HERE = Refusal(409, "not on the leaderboard", UNKNOWN_MODEL)


class LookOut(Schema):
    lead: str = Field(description="what the table says, in a sentence; empty where nothing was measured")
    header: list[str]
    rows: list[list[Any]]
    notes: list[str]
    is_waiting: bool = Field(description="a worker is still at it")


class LookIn(Body):
    candidate: str = ""
    column: str = Field("", description="whose levels are looked at; of segments and fairness")
    second: str = Field("", description="crossed with this column; of segments")
    own_models: bool = Field(False, description="fit a model for each segment and compare; of segments")
    share: float | None = Field(None, gt=0, le=100, description="per cent that are approved or contacted; of fairness")
    reference: str = Field("", description="group the others are set beside; the largest when left out")


class AskedOut(Schema):
    id: int = Field(description="what is found is read with it, as `inquiry`")
    subject: str
    is_waiting: bool


@router.get(
    "/experiments/{experiment_id}/looks/{name}",
    response=LookOut,
    summary=_("Analysis of a model: calibration, stability, segments, columns, screening, fairness, sensitivity"),
    openapi_extra=refusals(NOT_HERE),
)
def read(
    request: SignedInRequest,
    experiment_id: int,
    name: Literal[tuple(PARTS)],  # type: ignore[valid-type]
    candidate: str = "",
    column: str = "",
    inquiry: Annotated[Key | None, Query(description="what was asked; the newest when left out")] = None,
) -> LookOut:
    experiment = get_object_or_404(experiments_for(request), pk=experiment_id)
    of = _of(experiment, name, candidate, column=column, inquiry=inquiry)
    found = PARTS[name].look(of)
    is_waiting = bool(of.inquiry and of.inquiry.is_waiting)
    if found is None:
        return LookOut(lead="", header=[], rows=[], notes=[], is_waiting=is_waiting)
    return LookOut(lead=found.lead, header=found.header, rows=found.plain, notes=found.notes, is_waiting=is_waiting)


@router.post(
    "/experiments/{experiment_id}/looks/{name}",
    response={202: AskedOut},
    summary=_("Request an analysis: segments, fairness or sensitivity"),
)
def ask(
    request: SignedInRequest,
    experiment_id: int,
    name: Literal[tuple(PARTS)],  # type: ignore[valid-type]
    asked: LookIn,
) -> Status:
    experiment = editable(request, experiment_id)
    of = _of(experiment, name, asked.candidate)
    subject = PARTS[name].subject
    if not subject:
        raise BadInput(UNKNOWN_LOOK, names=", ".join(part.name for part in PARTS.values() if part.subject))
    given = {key: value for key, value in asked.dict().items() if value not in ("", None)}
    form = FORMS[subject](given, experiment=experiment, test_sample=of.leaderboard.test_sample)
    if not form.is_valid():
        raise BadInput(
            WRONG, what="; ".join(f"{field}: {' '.join(map(str, told))}" for field, told in form.errors.items())
        )
    inquiry = services.ask(
        user=request.user, experiment=experiment, row=of.line.row, subject=subject, asked=form.asked
    )  # fmt: skip
    return Status(202, AskedOut(id=inquiry.pk, subject=subject, is_waiting=inquiry.is_waiting))


def _of(
    experiment: Experiment, name: str, candidate: str, *, column: str = "", inquiry: int | None = None
) -> Subjected:
    leaderboard = leaderboard_for(experiment)
    line = leaderboard.line_of(candidate)
    if line is None:
        raise BadInput(UNKNOWN_MODEL)
    subject = PARTS[name].subject
    asked = {"column": column} if column else {}
    return Subjected(experiment, line, leaderboard, asked, _asked_of(experiment, line.row, subject, column, inquiry))


def _asked_of(
    experiment: Experiment, row: LeaderboardRow, subject: str, column: str, wanted: int | None
) -> Inquiry | None:
    """Return the look that is wanted, else the newest at a column, else the newest."""
    if wanted is None:
        return latest(experiment, row, subject, column=column) if subject else None
    found = next((each for each in looks_at(experiment, row, subject) if each.pk == wanted), None)
    if found is None:
        raise Http404
    return found
