"""Changing the entry of a model, with every change on record."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.permissions import is_admin, require_edit, role_in
from audit.services import record
from inventory.errors import IS_AUTHOR, NOT_A_MEMBER, NOT_YOUR_TIER, PAST, SAME_PERSON, InventoryError
from inventory.models import InventoryEntry
from registry.models import ModelVersion, RegisteredModel
from registry.moves import DRAFT
from registry.services.moving import hold_model


@dataclass(frozen=True)
class Wish:
    """What an entry shall say."""

    risk_tier: str = ""
    owner: User | None = None
    validator: User | None = None
    purpose: str = ""
    legal_basis: str = ""
    next_review: date | None = None


FIELDS = ("risk_tier", "owner", "validator", "purpose", "legal_basis", "next_review")


def entry_of(model: RegisteredModel) -> InventoryEntry:
    """Return the entry of a model; one that nobody has written yet says what the newest version is for."""
    known = InventoryEntry.objects.select_related("owner", "validator", "changed_by").filter(model=model).first()
    return known or InventoryEntry(model=model, purpose=purpose_of(model))


def purpose_of(model: RegisteredModel) -> str:
    """Return what the newest version was submitted for."""
    newest = model.versions.exclude(purpose="").order_by("-number").first()
    return newest.purpose if newest else ""


@transaction.atomic
def change(model: RegisteredModel, user: User, wish: Wish) -> InventoryEntry:
    """Write an entry; what differs from before is put on record, and nothing where nothing does.

    Raises
    ------
    PermissionDenied : the person may not change models here. InventoryError : the wish cannot be granted.
    """
    require_edit(user, model)
    hold_model(model.pk)
    entry = entry_of(model)
    _require_fitting(entry, user, wish)
    differing = {name: getattr(wish, name) for name in FIELDS if getattr(wish, name) != getattr(entry, name)}
    if entry.pk is not None and not differing:
        return entry
    details = {name: f"{_said(getattr(entry, name))} → {_said(value)}" for name, value in differing.items()}
    for name, value in differing.items():
        setattr(entry, name, value)
    entry.changed_by, entry.changed_at = user, timezone.now()
    entry.save()
    record(user, "inventory.changed", workspace=model.workspace, obj=model, details=details)
    return entry


@transaction.atomic
def change_some(model: RegisteredModel, user: User, wishes: Mapping[str, Any]) -> InventoryEntry:
    """Change what is named and leave the rest as it is, also what somebody else changes at the same moment.

    Raises
    ------
    PermissionDenied : the person may not change models here. InventoryError : a wish cannot be granted.
    """
    require_edit(user, model)
    hold_model(model.pk)
    entry = entry_of(model)
    return change(model, user, Wish(**{name: getattr(entry, name) for name in FIELDS} | dict(wishes)))


def _require_fitting(entry: InventoryEntry, user: User, wish: Wish) -> None:
    model = entry.model
    if wish.risk_tier != entry.risk_tier and not is_admin(user, model.workspace):
        raise InventoryError(NOT_YOUR_TIER).about("risk_tier")
    for name in ("owner", "validator"):
        person = getattr(wish, name)
        is_new = person is not None and person != getattr(entry, name)
        if is_new and (role_in(person, model.workspace) is None or not person.is_active):
            raise InventoryError(NOT_A_MEMBER, person=str(person)).about(name)
    if wish.validator is not None:
        if wish.validator == wish.owner:
            raise InventoryError(SAME_PERSON).about("validator")
        if wish.validator != entry.validator and wish.validator.pk in _makers_of(model):
            raise InventoryError(IS_AUTHOR, person=str(wish.validator)).about("validator")
    is_new = wish.next_review != entry.next_review
    if is_new and wish.next_review is not None and wish.next_review < timezone.localdate():
        raise InventoryError(PAST).about("next_review")


def _makers_of(model: RegisteredModel) -> set[int]:
    """Return who ran the experiments of versions, or asked for their approval."""
    versions = ModelVersion.objects.filter(registered_model=model).exclude(state=DRAFT)
    people = versions.values_list("author_id", "approval_requests__author_id", "approval_requests__maker_id")
    return {person for row in people for person in row if person is not None}


def _said(value: Any) -> str:
    return "–" if value in (None, "") else str(value)


def may_rate(user: User, model: RegisteredModel) -> bool:
    """Tell whether a person may change the risk tier."""
    return is_admin(user, model.workspace)
