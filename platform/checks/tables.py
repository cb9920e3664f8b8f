"""The table a check looks at and a run learns from: the version's, or one made of it with rows and types decided."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from checks.models import DataCheck
from common.storage import local_path
from experiments.data.sample.building import build_sample
from experiments.data.sample.definition import SampleDefinition, definition_hash
from experiments.privacy.masking import masked_throughout


def path_of(check: DataCheck) -> Path:
    """Return where the rows of a check's question are."""
    return local_path(check.table.get("path") or check.version.parquet_path)


def definition_of(check: DataCheck) -> SampleDefinition:
    return SampleDefinition.from_dict(check.sample)


def types_of(check: DataCheck) -> dict[str, Any]:
    """Return the types people decided on, by column."""
    return dict(check.columns.exclude(type="").values_list("column__name", "type"))


def make_table(
    check: DataCheck, event: str | None, on_progress: Callable[[float], None]
) -> list[dict[str, Any]] | None:
    """Make the check's own table where its rows or types are not the file's, and keep how it was made.

    Returns the months of observation with their maturity, ``None`` where no date says so. The check is not saved.

    Raises
    ------
    BadInput : the definition does not fit the table, or leaves no row.
    """
    definition, types = definition_of(check), types_of(check)
    before = check.table.get("path")
    if definition.leaves_all_rows and not types:
        check.table, check.waterfall = {}, []
        forget(check.pk, before)
        return None
    made_of = definition_hash(definition, types, source_sha256=check.version.parquet_sha256 or check.version.sha256)
    path = str(Path(check.version.parquet_path).parent / f"check-{check.pk}-{made_of[:12]}.parquet")
    report = build_sample(
        local_path(check.version.parquet_path),
        local_path(path),
        definition=definition,
        target=check.target,
        event=event,
        types=types,
        on_progress=on_progress,
    )
    check.waterfall = [] if definition.leaves_all_rows else masked_throughout(report.waterfall)
    check.table = {
        "path": path,
        "sha256": report.sha256,
        "rows": report.rows,
        "known_until": report.known_until,
        "indeterminate_share": report.indeterminate_share,
        "lineage": {
            "version": check.version_id,
            "source_sha256": check.version.sha256,
            "steps": [{"step": "sample", **definition.to_dict()}, {"step": "types", "columns": types}],
        },
    }
    if before != path:
        forget(check.pk, before)
    return report.months if definition.performance_months else None


def forget(check_id: int, path: str | None) -> None:
    """Remove a table its check needs no more; a copy of the check may still rest on it."""
    if path and not DataCheck.objects.exclude(pk=check_id).filter(table__path=path).exists():
        local_path(path).unlink(missing_ok=True)
