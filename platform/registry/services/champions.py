"""Acts on approved versions: aliases that move, and taking versions out of use."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from audit.services import record
from registry.models import ModelVersion
from registry.moves import BY_NAME, CHAMPION
from registry.queries import signed
from registry.queries.movers import refusal_for
from registry.services.errors import WITHOUT_COMMENT, RegistryError
from registry.services.moving import locked, move


def act(version: ModelVersion, name: str, user: User, comment: str) -> ModelVersion:
    """Make one of the moves of an approved version, with a comment for the audit log.

    Raises
    ------
    PermissionDenied : the person may not. RegistryError : the version cannot make this move now.
    ArtifactError : a file of the version is not the one that was recorded.
    """
    step = BY_NAME[name]
    if refusal := refusal_for(step, version, user):
        raise PermissionDenied(refusal)
    if not comment.strip():
        raise RegistryError(WITHOUT_COMMENT).about("comment")
    workspace = version.registered_model.workspace
    with transaction.atomic():
        version = locked(version)
        if step.alias and version.has_expired:
            raise RegistryError(step.otherwise)
        if step.alias:
            signed.sealed_folder_of(version)
        if step.alias == CHAMPION and version.is_champion:
            return version
        former = move(version, name)
        details: dict[str, Any] = {"comment": comment.strip()}
        if step.alias == CHAMPION:
            details["former_champion"] = str(former) if former else None
        record(user, step.act, workspace=workspace, obj=version, details=details)
    return version


def make_champion(version: ModelVersion, user: User, comment: str) -> ModelVersion:
    """Give the alias to another approved version: the way back when a new champion disappoints."""
    return act(version, "make_champion", user, comment)


def retire(version: ModelVersion, user: User, comment: str) -> ModelVersion:
    """Take a version out of use for good."""
    return act(version, "retire", user, comment)
