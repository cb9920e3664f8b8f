"""Scorecards edited by hand over HTTP: open one, read its bins, change it, undo, refit."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Literal

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import Field, Query, Router, Schema, Status

from accounts.requests import SignedInRequest
from common.answers import Body, Refusal, refusals
from common.paging import PAGED, PageIn, page_of
from common.templatetags.formatting import sentence
from experiments.scorecard.editing.fine_counts import FineCounts
from experiments.scorecard.editing.weighing import weighed
from results.queries.rates import rate_of
from scorecards import errors, services
from scorecards.models import CardEdit, CardRefit, EditedCard
from scorecards.queries.cards import card_of
from scorecards.queries.withheld import secret_on
from scorecards.words import change_in_words
from training.api.access import editable, experiments_for
from training.models import Experiment

router = Router(tags=["scorecards"])
NO_CARD = Refusal(409, "no scorecard", errors.NO_MODEL)
STALE = Refusal(409, "changed meanwhile", errors.STALE, {"person": "Lin"})
NOTHING = Refusal(409, "nothing to undo", errors.NOTHING_TO_UNDO)
RUNNING = Refusal(409, "running", errors.RUN_GOES_ON)


class CardIn(Body):
    candidate: str = Field("scorecard", max_length=40, description="a scorecard on the leaderboard")


class EditIn(Body):
    act: Literal["move", "merge", "split", "trend", "order", "treat", "want", "scale", "limits", "undo", "redo"]
    revision: int = Field(ge=0, description="of the card as you have seen it; a newer one refuses the change")
    fields: dict[str, str | int | float | list[str]] = Field(
        default_factory=dict, max_length=10,
        description="of a column: `column`, and `bin` from 0; `with` for merge, else the next; `to` for move, `at` or "
        "`levels` for split, `trend`, `levels` for order, `treatment` for treat, `wanted`; of the card: `base`, "
        "`odds`, `pdo`, or `max_columns`, `iv_floor`",
        examples=[{"column": "age", "bin": 0}],
    )  # fmt: skip
    why: str = Field("", max_length=300)


class RefitIn(Body):
    revision: int = Field(ge=0, description="of the card as you have seen it")


class CardOut(Schema):
    id: int
    experiment_id: int
    candidate: str
    state: Literal["preparing", "ready", "failed"]
    revision: int
    refusal: str
    card: dict[str, Any] = Field(description="columns with their bins, scale and limits, as they are now")
    bins: dict[str, list[dict[str, Any]]] = Field(
        description="of each column: rows, event rate, WOE and IV of its bins on training rows; no rate of fewer than "
        "10 rows, and `is_uncertain` below 100 rows or 30 events",
    )
    auc: float | None = Field(description="of the card on training rows, with the coefficients of the last fit")
    ks: float | None
    seen: dict[str, Any] = Field(
        description="event rates of the card as saved on the rows set aside; none of fewer than 10"
    )
    can_undo: bool
    can_redo: bool


class EditOut(Schema):
    number: int
    at: datetime
    person: str
    act: str
    column: str
    change: str
    why: str
    effect: dict[str, Any]

    @staticmethod
    def of(edit: CardEdit, secret: Collection[str]) -> dict[str, Any]:
        return {
            "number": edit.number, "at": edit.at, "person": edit.person.username, "act": edit.act,
            "column": edit.column_name, "change": change_in_words(edit.sentence, secret), "why": edit.why,
            "effect": edit.effect,
        }  # fmt: skip


class RefitOut(Schema):
    id: int
    number: int
    state: Literal["queued", "fitted", "refused"]
    candidate: str = Field(description="the finalist that came of it; empty until there is one")
    refusal: str
    changes: int
    asked_by: str
    asked_at: datetime

    @staticmethod
    def of(refit: CardRefit) -> dict[str, Any]:
        row = refit.leaderboard_row
        return {
            "id": refit.pk, "number": refit.number, "candidate": row.candidate if row else "",
            "state": "fitted" if row else "refused" if refit.refusal else "queued",
            "refusal": sentence(refit.refusal) if refit.refusal else "", "changes": refit.changes,
            "asked_by": refit.asked_by.username, "asked_at": refit.asked_at,
        }  # fmt: skip


@router.post(
    "/experiments/{experiment_id}/scorecards",
    response={202: CardOut},
    summary=_("Open a scorecard for editing"),
    openapi_extra=refusals(NO_CARD),
)
def open_card(request: SignedInRequest, experiment_id: int, asked: CardIn) -> Status:
    experiment = editable(request, experiment_id)
    row = get_object_or_404(experiment.leaderboard.select_related("experiment__version"), candidate=asked.candidate)
    return Status(202, _answered(services.open_card(row, request.user)))


@router.get(
    "/experiments/{experiment_id}/scorecards/{candidate}",
    response=CardOut,
    summary=_("A scorecard that is edited: its bins and what they say"),
)
def get_card(request: SignedInRequest, experiment_id: int, candidate: str) -> dict[str, Any]:
    return _answered(_card(get_object_or_404(experiments_for(request), pk=experiment_id), candidate))


@router.post(
    "/experiments/{experiment_id}/scorecards/{candidate}/edits",
    response={201: EditOut},
    summary=_("Change a scorecard, or undo and redo"),
    openapi_extra=refusals(STALE, NOTHING),
)
def edit_card(request: SignedInRequest, experiment_id: int, candidate: str, asked: EditIn) -> Status:
    card = _card(editable(request, experiment_id), candidate)
    done = services.edit(
        card, request.user, act=asked.act, fields=asked.fields, revision=asked.revision, why=asked.why.strip()
    )
    return Status(201, EditOut.of(done, secret_on(card)))


@router.get(
    "/experiments/{experiment_id}/scorecards/{candidate}/edits",
    response=list[EditOut],
    summary=_("The history of a scorecard: who changed what and why"),
    openapi_extra=PAGED,
)
def list_edits(
    request: SignedInRequest,
    response: HttpResponse,
    experiment_id: int,
    candidate: str,
    asked: PageIn = Query(...),  # noqa: B008 - how ninja declares parameters
) -> list[dict[str, Any]]:
    card = _card(get_object_or_404(experiments_for(request), pk=experiment_id), candidate)
    seen = card.edits.select_related("person").order_by("-number")
    secret = secret_on(card)
    return [
        EditOut.of(each, secret)
        for each in page_of(seen, asked, request=request, response=response, order=("-number",))
    ]


@router.post(
    "/experiments/{experiment_id}/scorecards/{candidate}/refits",
    response={202: RefitOut},
    summary=_("Fit an edited scorecard as a new finalist"),
    openapi_extra=refusals(STALE, RUNNING),
)
def refit_card(request: SignedInRequest, experiment_id: int, candidate: str, asked: RefitIn) -> Status:
    card = _card(editable(request, experiment_id), candidate)
    return Status(202, RefitOut.of(services.refit(card, request.user, revision=asked.revision)))


@router.get(
    "/experiments/{experiment_id}/scorecards/{candidate}/refits",
    response=list[RefitOut],
    summary=_("Refits of a scorecard, newest first"),
    openapi_extra=PAGED,
)
def list_refits(
    request: SignedInRequest,
    response: HttpResponse,
    experiment_id: int,
    candidate: str,
    asked: PageIn = Query(...),  # noqa: B008 - how ninja declares parameters
) -> list[dict[str, Any]]:
    card = _card(get_object_or_404(experiments_for(request), pk=experiment_id), candidate)
    seen = card.refits.select_related("asked_by", "leaderboard_row").order_by("-pk")
    return [RefitOut.of(each) for each in page_of(seen, asked, request=request, response=response, order=("-pk",))]


def _card(experiment: Experiment, candidate: str) -> EditedCard:
    card = card_of(experiment, candidate)
    if card is None:
        raise Http404
    return card


def _answered(card: EditedCard) -> dict[str, Any]:
    is_ready, secret = card.is_ready, secret_on(card)
    return {
        "id": card.pk, "experiment_id": card.experiment_id, "candidate": card.made_of, "revision": card.revision,
        "state": "ready" if is_ready else "failed" if card.has_failed else "preparing",
        "refusal": sentence(card.refusal) if card.refusal else "", "card": _shown(card, secret),
        "bins": _bins(card, secret) if is_ready else {}, "auc": card.ranks.auc if is_ready else None,
        "ks": card.ranks.ks if is_ready else None, "seen": _seen(card, secret), "can_undo": bool(card.done),
        "can_redo": bool(card.undone),
    }  # fmt: skip


def _shown(card: EditedCard, secret: Collection[str]) -> dict[str, Any]:
    """Return a card without the borders and levels of columns whose values nobody sees."""
    hidden: dict[str, list[Any]] = {"bins": [], "order": []}
    columns = [each | hidden if each["name"] in secret else each for each in card.draft.get("columns", [])]
    return card.draft | {"columns": columns} if columns else card.draft


def _seen(card: EditedCard, secret: Collection[str]) -> dict[str, Any]:
    """Return the rates of the saved card on rows set aside, without those of bins that nobody sees."""
    if not card.seen:
        return card.seen
    shown = {
        name: [
            {
                **each.to_dict(), "event_rate": rate_of(each.event_rate, rows=each.rows).value,
                "unseen_rate": rate_of(each.unseen_rate, rows=each.unseen_rows).value,
            }
            for each in seen
        ]
        for name, seen in card.rates_seen.columns.items()
        if name not in secret
    }  # fmt: skip
    return card.seen | {"columns": shown}


def _bins(card: EditedCard, secret: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    draft, counts = card.now, FineCounts(card.counts_dir)
    found = {}
    for column in draft.columns:
        if column.name in secret:
            continue
        counted = counts.bins_of(column)
        binned = weighed(column, counted, direction=draft.direction)
        rates = [
            rate_of(bin_.event_rate, rows=bin_.rows, events=events)
            for bin_, events in zip(binned.bins, counted.raw_events, strict=True)
        ]
        found[column.name] = [
            {
                "label": binned.label(place), "rows": bin_.rows, "woe": bin_.woe, "iv": bin_.iv,
                "event_rate": rates[place].value, "is_uncertain": rates[place].is_uncertain,
            }
            for place, bin_ in enumerate(binned.bins)
        ]  # fmt: skip
    return found
