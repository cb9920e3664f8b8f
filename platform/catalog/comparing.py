"""Compares a version with the one before it, from a worker, and keeps what was found with the version."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from catalog import hooks, lineage
from catalog.models import Column, ColumnRole, ColumnSetting, DatasetVersion, VersionState
from common.storage import local_path
from experiments.data.comparison.changes import Comparison, Question
from experiments.data.comparison.compare import compare_tables
from experiments.privacy.masking import masked_throughout

# What a person says of a proposed special value that is an ordinary one.
QUANTITY = "quantity"


def version_before(version: DatasetVersion) -> DatasetVersion | None:
    """Return the version to compare with: the one added to, else the newest one before that was read."""
    earlier = version.dataset.versions.filter(number__lt=version.number, state=VersionState.READY)
    return lineage.base_of(version) or earlier.order_by("-number").first()


def compare(version: DatasetVersion, on_progress: Callable[[float], None]) -> None:
    """Compare a version that is ready with the one before it; the first one is compared with nothing."""
    before = version_before(version)
    if before is None:
        return
    columns = [*_columns(version), *_columns(before)]
    found = compare_tables(
        local_path(before.parquet_path),
        local_path(version.parquet_path),
        added_after=before.row_count if lineage.base_of(version) else None,
        keys=_keys(version, columns),
        question=_question(version),
        special_values=_special_values(version, columns),
        quiet={column.name for column in columns if column.personal_data},
        on_progress=on_progress,
    )
    kept = {"with": before.pk, "number": before.number, "at": timezone.now().isoformat(), **_quoting_nobody(found)}
    DatasetVersion.objects.filter(pk=version.pk).update(comparison=kept)


def _quoting_nobody(found: Comparison) -> dict[str, Any]:
    """A change may quote values, and a value may hold the number of a person."""
    plain = found.to_dict()
    columns = [{**column, "changes": masked_throughout(column["changes"])} for column in plain["columns"]]
    return {**plain, "columns": columns}


def _columns(version: DatasetVersion) -> list[Column]:
    return list(version.columns.only("name", "proposed_role", "personal_data", "special_values"))


def _keys(version: DatasetVersion, columns: list[Column]) -> list[str]:
    """Return the columns that name customers: as people decided, else as was proposed."""
    decided = dict(version.dataset.column_settings.exclude(role="").values_list("name", "role"))
    roles = {column.name: decided.get(column.name, column.proposed_role) for column in columns}
    return [name for name, role in roles.items() if role == ColumnRole.ID]


def _question(version: DatasetVersion) -> Question | None:
    """Return what was asked of this dataset last."""
    latest = hooks.latest_question(version)
    return Question(*latest) if latest else None


def _special_values(version: DatasetVersion, columns: list[Column]) -> dict[str, list[Any]]:
    """Return the codes that stand for no quantity: as people confirmed them, else as they were proposed."""
    proposed = {column.name: [one["value"] for one in column.special_values] for column in columns}
    settings = ColumnSetting.objects.filter(dataset=version.dataset).exclude(special_values=[])
    confirmed = {
        setting.name: [one["value"] for one in setting.special_values if one.get("meaning") != QUANTITY]
        for setting in settings
    }
    return {name: values for name, values in (proposed | confirmed).items() if values}
