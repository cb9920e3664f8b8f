"""Who may do what: members look, owners and modelers change; who signs, the registry knows."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils.translation import gettext_noop

from accounts.models import Membership, Role, User, Workspace

NOT_YOUR_ROLE = gettext_noop("Your role does not allow this. Ask an admin of the workspace.")


def role_in(user: Any, workspace: Workspace | None) -> str | None:
    """Return the person's role in a workspace; ``None`` for a stranger."""
    if workspace is None or not user.is_authenticated:
        return None
    known: dict[int, str] | None = getattr(user, "roles_by_workspace", None)
    if known is not None:
        return known.get(workspace.pk)
    return Membership.objects.filter(user=user, workspace=workspace).values_list("role", flat=True).first()


def workspace_of(obj: models.Model) -> Workspace:
    """Return the workspace an object lives in, directly or through what its model says that it ``belongs_to``."""
    if isinstance(obj, Workspace):
        return obj
    if hasattr(obj, "workspace_id"):
        return obj.workspace  # type: ignore[attr-defined]
    if step := getattr(obj, "belongs_to", ""):
        return workspace_of(getattr(obj, step))
    raise TypeError(f"{type(obj).__name__} belongs to no workspace")


def can_view(user: User, obj: models.Model) -> bool:
    """Every member of the workspace may look."""
    return role_in(user, workspace_of(obj)) is not None


def can_edit(user: User, obj: models.Model) -> bool:
    """The owner may change an object, and so may modelers and admins of its workspace."""
    role = role_in(user, workspace_of(obj))
    if role is None:
        return False
    return role in (Role.MODELER, Role.ADMIN) or getattr(obj, "owner_id", None) == user.pk


def require_view(user: User, *objects: models.Model) -> None:
    """Refuse whoever may not look at all of these."""
    if not all(can_view(user, obj) for obj in objects):
        raise PermissionDenied


def require_edit(user: User, obj: models.Model, words: str = "") -> None:
    """Refuse whoever may not change an object, in words that tell who may."""
    if not can_edit(user, obj):
        raise PermissionDenied(words)


def is_admin(user: User, workspace: Workspace) -> bool:
    return role_in(user, workspace) == Role.ADMIN


def can_unmask(user: User, obj: models.Model) -> bool:
    """Admins of the workspace may see personal data, and so may modelers to whom an admin gave the right."""
    membership = Membership.objects.filter(user=user, workspace=workspace_of(obj)).first()
    if membership is None or not user.is_active:
        return False
    return membership.role == Role.ADMIN or (membership.role == Role.MODELER and membership.may_unmask)
