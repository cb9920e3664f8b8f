"""Writes about people: every one of them in one transaction with its word to the audit log."""

from typing import Any

from django.db import models, transaction
from django.utils import timezone

from accounts.errors import LastAdmin, OwnAccount
from accounts.models import ApiToken, Membership, Role, User, Workspace
from accounts.signals import acted


@transaction.atomic
def create_workspace(*, name: str, slug: str, actor: User | None = None, is_sample: bool = False) -> Workspace:
    """Open a workspace; whoever opens it becomes its first admin."""
    workspace = Workspace.objects.create(name=name, slug=slug, is_sample=is_sample)
    if actor is not None:
        Membership.objects.create(user=actor, workspace=workspace, role=Role.ADMIN)
    _tell(actor, "workspace.created", workspace, workspace)
    return workspace


@transaction.atomic
def add_person(
    *,
    workspace: Workspace,
    username: str,
    role: str,
    password: str,
    display_name: str = "",
    actor: User | None = None,
    is_sample: bool = False,
) -> User:
    """Make an account and give it a role in the workspace."""
    user = User(username=username, display_name=display_name, is_sample=is_sample)
    user.set_password(password)
    user.save()
    Membership.objects.create(user=user, workspace=workspace, role=role)
    _tell(actor, "person.added", workspace, user, role=role)
    return user


@transaction.atomic
def add_member(*, workspace: Workspace, user: User, role: str, actor: User | None = None) -> Membership:
    """Let someone who already has an account into another workspace."""
    membership = Membership.objects.create(user=user, workspace=workspace, role=role)
    _tell(actor, "person.added", workspace, user, role=role)
    return membership


@transaction.atomic
def change_role(membership: Membership, role: str, *, actor: User) -> None:
    """Give another role; the last admin stays admin, so that nobody locks the workspace."""
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    if membership.role == role:
        return
    _keep_an_admin(membership)
    before, membership.role = membership.role, role
    membership.save(update_fields=["role"])
    _tell(actor, "person.role_changed", membership.workspace, membership.user, before=before, after=role)


@transaction.atomic
def set_may_unmask(membership: Membership, may_unmask: bool, *, actor: User) -> None:
    """Give a modeler the right to see personal data, or take it back."""
    changed = Membership.objects.filter(pk=membership.pk, may_unmask=not may_unmask).update(may_unmask=may_unmask)
    if changed:
        action = "person.unmasking_allowed" if may_unmask else "person.unmasking_taken_back"
        _tell(actor, action, membership.workspace, membership.user)


@transaction.atomic
def deactivate(membership: Membership, *, actor: User) -> None:
    """End someone's access everywhere, sessions and API keys included; what they did stays on record."""
    if membership.user_id == actor.pk:
        raise OwnAccount
    _keep_an_admin(membership)
    user = membership.user
    user.is_active = False
    user.save(update_fields=["is_active"])
    revoke_all_tokens(user)
    _tell(actor, "person.deactivated", membership.workspace, user)


@transaction.atomic
def reactivate(membership: Membership, *, actor: User) -> None:
    """Let someone sign in again; their old API keys stay revoked."""
    user = membership.user
    user.is_active = True
    user.save(update_fields=["is_active"])
    _tell(actor, "person.reactivated", membership.workspace, user)


@transaction.atomic
def reset_password(membership: Membership, password: str, *, actor: User) -> None:
    """Set a new password for someone; it ends their open sessions and their API keys."""
    user = membership.user
    user.set_password(password)
    user.save(update_fields=["password"])
    revoke_all_tokens(user)
    _tell(actor, "person.password_reset", membership.workspace, user)


@transaction.atomic
def change_own_password(user: User, password: str) -> None:
    user.set_password(password)
    user.save(update_fields=["password"])
    _tell(user, "person.password_changed", None, user)


@transaction.atomic
def create_token(user: User, name: str) -> tuple[ApiToken, str]:
    """Make an API key; the secret is returned once and kept nowhere."""
    secret = ApiToken.new_secret()
    token = ApiToken.objects.create(user=user, name=name, digest=ApiToken.digest_of(secret))
    _tell(user, "api_token.created", None, token, name=name)
    return token, secret


@transaction.atomic
def revoke_token(token: ApiToken, *, actor: User) -> None:
    """Close an API key for good."""
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
        _tell(actor, "api_token.revoked", None, token, name=token.name)


def revoke_all_tokens(user: User) -> None:
    """Close every key of someone whose account changes hands or ends."""
    user.api_tokens.filter(revoked_at=None).update(revoked_at=timezone.now())


def note_wrong_password(user: User, address: str) -> None:
    """Put on record that a signed-in person's password was typed wrongly."""
    _tell(user, "person.password_refused", None, user, address=address)


def note_unknown_key(address: str) -> None:
    """Put on record that a key opened nothing."""
    acted.send(
        sender=ApiToken, actor=None, action="api_token.refused", workspace=None, obj=None, details={"address": address}
    )


def prefer(user: User, *, language: str | None = None, theme: str | None = None) -> None:
    """Keep language and theme with the person, so that they follow from machine to machine."""
    if language is not None:
        user.language = language
    if theme is not None:
        user.theme = theme
    user.save(update_fields=["language", "theme"])


def _keep_an_admin(membership: Membership) -> None:
    if membership.role != Role.ADMIN:
        return
    if not membership.workspace.admins().exclude(pk=membership.user_id).exists():
        raise LastAdmin


def _tell(actor: User | None, action: str, workspace: Workspace | None, obj: models.Model, **details: Any) -> None:
    acted.send(sender=type(obj), actor=actor, action=action, workspace=workspace, obj=obj, details=details)
