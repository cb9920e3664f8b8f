"""Moving the champion's alias, and taking versions out of use."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.models import Role, User, Workspace
from accounts.permissions import role_in
from audit.services import record
from registry.models import Alias, ModelVersion, VersionState
from registry.queries import signed
from registry.queries.models import champion_of
from registry.services.errors import WITHOUT_COMMENT, RegistryError


def give_alias(version: ModelVersion) -> ModelVersion | None:
    """Move the champion's alias to ``version`` and return who had it."""
    former = champion_of(version.registered_model)
    if former:
        former.alias = Alias.NONE
        former.save(update_fields=["alias"])
    version.alias = Alias.CHAMPION
    version.save(update_fields=["alias"])
    return former


def make_champion(version: ModelVersion, user: User, comment: str) -> ModelVersion:
    """Give the alias to another approved version: the way back when a new champion disappoints."""
    workspace = require_admin_with_comment(version, user, comment)
    with transaction.atomic():
        version = ModelVersion.objects.select_for_update().get(pk=version.pk)
        if version.state != VersionState.APPROVED or version.has_expired:
            raise RegistryError(gettext_noop("Only an approved version that has not expired can be champion."))
        signed.sealed_folder_of(version)
        if not version.is_champion:
            former = give_alias(version)
            details = {"comment": comment.strip(), "former_champion": str(former) if former else None}
            record(user, "model_version.made_champion", workspace=workspace, obj=version, details=details)
    return version


def retire(version: ModelVersion, user: User, comment: str) -> ModelVersion:
    """Take a version out of use for good."""
    workspace = require_admin_with_comment(version, user, comment)
    with transaction.atomic():
        version = ModelVersion.objects.select_for_update().get(pk=version.pk)
        if version.state != VersionState.APPROVED:
            raise RegistryError(gettext_noop("Only an approved version can be retired."))
        version.alias, version.state, version.retired_at = Alias.NONE, VersionState.RETIRED, timezone.now()
        version.save(update_fields=["alias", "state", "retired_at"])
        record(user, "model_version.retired", workspace=workspace, obj=version, details={"comment": comment.strip()})
    return version


def require_admin_with_comment(version: ModelVersion, user: User, comment: str) -> Workspace:
    workspace = version.registered_model.workspace
    if role_in(user, workspace) != Role.ADMIN:
        raise PermissionDenied
    if not comment.strip():
        raise RegistryError(WITHOUT_COMMENT).about("comment")
    return workspace
