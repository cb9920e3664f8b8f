"""The entries of the inventory over HTTP."""

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import Field, Query, Schema

from accounts.api import workspace_named
from accounts.models import User
from accounts.queries import workspaces_of
from accounts.requests import SignedInRequest
from common.answers import Body, OneOf, Refusal, refusals
from common.paging import PAGED, PageIn, page_of, part_of
from inventory.api.routes import router
from inventory.errors import NOT_A_MEMBER, NOT_YOUR_TIER, InventoryError
from inventory.forms import LONGEST_BASIS, LONGEST_PURPOSE
from inventory.models import Review, RiskTier
from inventory.queries import Asked, Line, lines_of, models_for, resting_on
from inventory.services import change_some
from registry.models import RegisteredModel
from training.models import TargetKind


class DependantOut(Schema):
    name: str
    version: int | None
    url: str
    at: datetime


class RestingOut(Schema):
    kind: str
    label: str
    count: int
    newest: list[DependantOut]


class InventoryEntryOut(Schema):
    model_id: int
    name: str
    kind: OneOf[TargetKind]
    risk_tier: OneOf[RiskTier]
    owner: str | None
    validator: str | None
    purpose: str
    legal_basis: str
    next_review: date | None
    review: OneOf[Review]
    champion_version_id: int | None
    changed_by: str | None
    changed_at: datetime | None
    dependants: dict[str, int] = Field(description="how much rests on the model, by kind")

    @staticmethod
    def of(line: Line) -> dict[str, Any]:
        entry = line.entry
        return {
            "model_id": line.model.pk, "name": line.model.name, "kind": line.model.kind,
            "risk_tier": entry.risk_tier, "owner": _username(entry.owner), "validator": _username(entry.validator),
            "purpose": entry.purpose, "legal_basis": entry.legal_basis, "next_review": entry.next_review,
            "review": entry.review, "champion_version_id": line.champion.pk if line.champion else None,
            "changed_by": _username(entry.changed_by), "changed_at": entry.changed_at, "dependants": line.counts,
        }  # fmt: skip


class InventoryEntryIn(Body):
    """What shall be changed; what is not sent stays, and null takes a person or a date away."""

    risk_tier: OneOf[RiskTier] | None = None
    owner: str | None = Field(None, max_length=150, description="username")
    validator: str | None = Field(None, max_length=150, description="username")
    purpose: str | None = Field(None, max_length=LONGEST_PURPOSE)
    legal_basis: str | None = Field(None, max_length=LONGEST_BASIS)
    next_review: date | None = Field(None, strict=False)


class InventoryIn(PageIn):
    tier: Literal["high", "medium", "low", "unrated"] | None = None
    review: OneOf[Review] | None = None
    person: str | None = Field(None, max_length=150, description="username of owner or validator")
    text: str | None = Field(None, max_length=120, description="part of name, purpose or legal basis")


def _username(person: User | None) -> str | None:
    return person.username if person else None


def _seen(request: SignedInRequest, model_id: int) -> RegisteredModel:
    seen = RegisteredModel.objects.filter(workspace__in=workspaces_of(request.user)).select_related("workspace")
    return get_object_or_404(seen, pk=model_id)


@router.get(
    "/model-inventory",
    response=list[InventoryEntryOut],
    summary=_("The model inventory of a workspace"),
    openapi_extra=PAGED,
)
def list_inventory(
    request: SignedInRequest,
    response: HttpResponse,
    workspace: str | None = None,
    asked: InventoryIn = Query(...),  # noqa: B008 - how ninja declares parameters
) -> list[dict[str, Any]]:
    place = workspace_named(request.user, workspace)
    found = models_for(place, Asked(**{name: str(value) for name, value in asked.filters().items()}))
    models = page_of(found, asked, request=request, response=response, order=("name", "pk"))
    return [InventoryEntryOut.of(line) for line in lines_of(models)]


@router.get("/model-inventory/{model_id}", response=InventoryEntryOut, summary=_("The inventory entry of a model"))
def get_entry(request: SignedInRequest, model_id: int) -> dict[str, Any]:
    return InventoryEntryOut.of(lines_of([_seen(request, model_id)])[0])


@router.get(
    "/model-inventory/{model_id}/dependants",
    response=list[RestingOut],
    summary=_("What rests on a model, newest first"),
    openapi_extra=PAGED,
)
def get_dependants(
    request: SignedInRequest, response: HttpResponse, model_id: int, asked: Query[PageIn]
) -> list[dict[str, Any]]:
    found = part_of(resting_on(_seen(request, model_id)), asked, request=request, response=response)
    return [
        {
            "kind": kind.code, "label": str(kind.label), "count": number,
            "newest": [{"name": one.name, "version": one.number, "url": one.url, "at": one.at} for one in newest],
        }
        for kind, number, newest in found
    ]  # fmt: skip


@router.patch(
    "/model-inventory/{model_id}",
    response=InventoryEntryOut,
    summary=_("Change the inventory entry of a model"),
    openapi_extra=refusals(Refusal(409, "tier", NOT_YOUR_TIER, {}, ("body", "risk_tier"))),
)
def change_entry(request: SignedInRequest, model_id: int, wish: InventoryEntryIn) -> dict[str, Any]:
    model = _seen(request, model_id)
    sent = wish.dict(exclude_unset=True)
    wishes = {name: value or (None if name == "next_review" else "") for name, value in sent.items()}
    for name in ("owner", "validator"):
        if name in sent:
            wishes[name] = _member(model, name, sent[name])
    change_some(model, request.user, wishes)
    return InventoryEntryOut.of(lines_of([_seen(request, model_id)])[0])


def _member(model: RegisteredModel, name: str, username: str | None) -> User | None:
    """Return the member of the model's workspace with this name; a stranger's name is told like none at all."""
    if not username:
        return None
    person = model.workspace.members.filter(username=username).first()
    if person is None:
        raise InventoryError(NOT_A_MEMBER, person=username).about(name)
    return person
