"""The one place where a version's state and alias change: by a move of the table, or not at all."""

from collections.abc import Sequence

from django.utils import timezone

from registry.models import ModelVersion, RegisteredModel, VersionState
from registry.moves import BY_NAME, SINGLE
from registry.services.errors import RegistryError


def move(version: ModelVersion, name: str, *, also: Sequence[str] = ()) -> ModelVersion | None:
    """Make a move and save it; return who gave up an alias for it.

    ``also`` are further columns to save with it. Whoever calls has seen to who may, and puts it on record.

    Raises
    ------
    RegistryError : the table has no such move from the version's state and alias.
    """
    step = BY_NAME[name]
    if not step.is_open(version.state, version.alias):
        raise RegistryError(step.otherwise)
    columns, former = ["state", *also], None
    version.state = step.after
    if step.alias is not None:
        former = _give_up(version, step.alias)
        version.alias = step.alias
        columns.append("alias")
    if step.after == VersionState.RETIRED:
        version.retired_at = timezone.now()
        columns.append("retired_at")
    version.save(update_fields=columns)
    return former


def locked(version: ModelVersion) -> ModelVersion:
    """Return a version as it is now, held until the transaction ends: of a model's versions one moves at a time.

    The model is held first, and by whoever moves any version of it, so that no two give the one alias away.
    """
    hold_model(version.registered_model_id)
    return ModelVersion.objects.select_for_update().get(pk=version.pk)


def hold_model(model_id: int) -> None:
    """Hold a model until the transaction ends; rows that point to it are still written meanwhile."""
    RegisteredModel.objects.select_for_update(no_key=True).get(pk=model_id)


def _give_up(version: ModelVersion, alias: str) -> ModelVersion | None:
    """Take a single alias from the version of the model that has it."""
    if alias not in SINGLE:
        return None
    others = version.registered_model.versions.exclude(pk=version.pk)
    former = others.filter(alias=alias).first()
    if former is not None:
        former.alias = ""
        former.save(update_fields=["alias"])
    return former
