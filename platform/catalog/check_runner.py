"""Checks a version for a question: target, leaks, each column's power alone, the rate over time."""

from typing import Any

import numpy as np
import pandas as pd
from django.db import transaction

from catalog import queries, storage
from catalog.models import CheckedColumn, DataCheck, Finding
from catalog.personal_data import masked
from experiments.data.leakage import Finding as EngineFinding
from experiments.data.leakage import check_leakage, single_feature_power
from experiments.data.schema import ColumnSchema
from experiments.data.table import read_parquet
from experiments.data.target import read_target
from experiments.errors import gettext_noop
from experiments.spec import ExperimentSpec
from jobs.context import JobContext
from jobs.models import Job

LOADING = gettext_noop("Loading the table")
CHECKING = gettext_noop("Looking for leaks, copies of the target and columns that know the answer too well")
MEASURING = gettext_noop("Measuring what each column can do alone")
TAKEN_OUT = gettext_noop("Taken out of the model.")


def run(job: Job, context: JobContext) -> None:
    """Look at the rows with the question in mind and store what was found, all at once."""
    check = DataCheck.objects.select_related("version__dataset").get(pk=job.subject_id)
    context.progress(percent=2, stage=LOADING)
    frame = read_parquet(storage.absolute(check.version.parquet_path))
    y, event = read_target(frame[check.target], check.event or None)
    check.event = event
    spec = ExperimentSpec(**{**queries.spec_parts(check), "excluded": _excluded_by_people(check)})

    def on_check(fraction: float) -> None:
        context.progress(percent=5 + 65 * fraction, stage=CHECKING)

    found = check_leakage(frame, y, spec, _schema_of(check), on_progress=on_check)
    context.progress(percent=72, stage=MEASURING)
    power = single_feature_power(frame, y)
    context.progress(percent=98, stage=MEASURING)
    with transaction.atomic():
        if DataCheck.objects.select_for_update().filter(pk=check.pk, job=job).exists():
            _store(check, y, found, power, _rate_by_period(frame, y, spec.time_column))
        # Otherwise another question was asked meanwhile, and its own job answers it.


def _excluded_by_people(check: DataCheck) -> tuple[str, ...]:
    """What the system itself took out is looked at again; what a person took out stays out."""
    return tuple(check.columns.filter(excluded=True, excluded_by_system=False).values_list("column__name", flat=True))


def _schema_of(check: DataCheck) -> tuple[ColumnSchema, ...]:
    return tuple(
        ColumnSchema.from_dict({"name": column.name, "label": column.label, "type": column.type})
        for column in check.version.columns.all()
    )


def _store(
    check: DataCheck,
    y: np.ndarray,
    found: list[EngineFinding],
    power: dict[str, tuple[float | None, float | None]],
    rate_by_period: list[dict[str, Any]],
) -> None:
    columns = {checked.column.name: checked for checked in check.columns.select_related("column")}
    undone = {(finding.code, finding.column_id): finding for finding in check.findings.exclude(undone_at=None)}
    check.findings.all().delete()
    check.columns.filter(excluded_by_system=True).update(excluded=False, excluded_by_system=False)
    for engine_finding in found:
        _store_finding(check, engine_finding, columns, undone)
    for name, checked in columns.items():
        checked.single_auc, checked.information_value = (_finite(value) for value in power.get(name, (None, None)))
    CheckedColumn.objects.bulk_update(columns.values(), ["single_auc", "information_value"], batch_size=200)
    labelled = ~np.isnan(y)
    check.event_count, check.labelled_count = int(np.nansum(y)), int(labelled.sum())
    check.rate_by_period = rate_by_period
    check.state = DataCheck.State.READY
    check.save(update_fields=["event", "event_count", "labelled_count", "rate_by_period", "state"])


def _store_finding(
    check: DataCheck,
    found: EngineFinding,
    columns: dict[str, CheckedColumn],
    undone: dict[tuple[str, int | None], Finding],
) -> None:
    checked = columns.get(found.column or "")
    takes_out = checked is not None and found.action == "exclude"
    earlier = undone.get((found.code, checked.column_id if checked else None))
    Finding.objects.create(
        check_of=check,
        code=found.code,
        severity=found.severity,
        column=checked.column if checked else None,
        message=found.message,
        params=_without_personal_data(_plain(found.params)),
        action=TAKEN_OUT if takes_out else "",
        evidence=_plain(found.evidence),
        undone_at=earlier.undone_at if earlier else None,
        undone_by=earlier.undone_by if earlier else None,
    )
    if checked and takes_out and not earlier:
        check.columns.filter(column=checked.column, excluded=False).update(excluded=True, excluded_by_system=True)


def _rate_by_period(frame: pd.DataFrame, y: np.ndarray, time_column: str | None) -> list[dict[str, Any]]:
    """Count rows and events by month, where there is a date; rows without an answer are not counted."""
    if not time_column or time_column not in frame:
        return []
    dates = pd.to_datetime(frame[time_column], errors="coerce")
    known = dates.notna().to_numpy() & ~np.isnan(y)
    months = dates[known].dt.to_period("M").astype(str)
    by_month = pd.Series(y[known]).groupby(months.to_numpy()).agg(["size", "sum"])
    return [
        {"period": str(month), "rows": int(row["size"]), "events": int(row["sum"])}
        for month, row in by_month.iterrows()
    ]


def _without_personal_data(params: dict[str, Any]) -> dict[str, Any]:
    """A finding may quote a cell; the name of a column is no cell."""
    return {
        name: masked(value) if isinstance(value, str) and name != "column" else value for name, value in params.items()
    }


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None


def _plain(value: Any) -> Any:
    """Make what the engine measured fit for JSON: numpy numbers become numbers, NaN becomes nothing."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | bool | type(None)) else str(value)
