"""Checks a version for a question: rows, target, each column alone and against the target, the rate over time."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from django.db import transaction
from django.db.models import Q

from catalog.models import ColumnRole
from checks import attributes, findings
from checks import queries as check_queries
from checks import tables as check_tables
from checks.models import CheckedColumn, DataCheck, Finding
from checks.signals import checked
from common.storage import local_path
from experiments.data.by_target.profile import profile_by_target
from experiments.data.schema import read_schema
from experiments.data.target import read_target
from experiments.errors import gettext_noop
from experiments.ingest.table import read_parquet
from experiments.leakage import Finding as EngineFinding
from experiments.leakage import check_parquet
from experiments.privacy.masking import masked
from experiments.spec import ExperimentSpec
from jobs.context import JobContext
from jobs.models import Job

LOADING = gettext_noop("Loading the table")
SAMPLING = gettext_noop("Selecting the rows of the sample")
CHECKING = gettext_noop(
    "Looking for copies of the target, columns known only later and columns with too large an effect"
)
MEASURING = gettext_noop("Measuring the predictive power of each column")
TAKEN_OUT = gettext_noop("Taken out of the model.")
MOST_SEGMENT_VALUES = 12
SEGMENTS = 3


def run(job: Job, context: JobContext) -> None:
    """Look at the rows with the question in mind and store what was found, all at once."""
    check = DataCheck.objects.select_related("version__dataset").get(pk=job.subject_id)
    context.progress(percent=2, stage=LOADING)
    months = _prepare_table(check, context)
    parquet = check_tables.path_of(check)
    _, check.event = read_target(read_parquet(parquet, columns=[check.target])[check.target], check.event or None)
    spec = ExperimentSpec(**{**check_queries.spec_parts(check), "excluded": _excluded_by_people(check)})

    def on_check(fraction: float) -> None:
        context.progress(percent=15 + 50 * fraction, stage=CHECKING)

    def on_column(fraction: float) -> None:
        context.progress(percent=66 + 30 * fraction, stage=MEASURING)

    found = check_parquet(
        parquet, spec, schema=read_schema(parquet), on_progress=on_check, known_after_days=_known_after(check)
    ).findings
    by_target = profile_by_target(
        parquet,
        check.target,
        event=check.event,
        time_column=spec.time_column,
        special_values=check_queries.special_values_of(check),
        on_progress=on_column,
    )
    context.progress(percent=97, stage=MEASURING)
    periods = months or _rate_by_period(parquet, check, spec.time_column)
    found += findings.sample_findings(check, by_target, periods) + findings.personal_findings(check)
    found += attributes.findings(check)
    found += findings.ruined_findings(check)
    with transaction.atomic():
        if DataCheck.objects.select_for_update().filter(pk=check.pk, job=job).exists():
            _store(check, found, by_target, periods)
        # Otherwise another question was asked meanwhile, and its own job answers it.
    if check.state == DataCheck.State.READY:
        checked.send(sender=DataCheck, check=check)


def _prepare_table(check: DataCheck, context: JobContext) -> list[dict[str, Any]] | None:
    """Make the check's own table where one is needed; its events are counted by the value that is the event."""
    event: str | None = check.event
    definition = check_tables.definition_of(check)
    if definition.event:
        check.event = event = "1"
    elif not event:
        target = read_parquet(local_path(check.version.parquet_path), columns=[check.target])
        _, event = read_target(target[check.target])
    return check_tables.make_table(
        check, event, lambda fraction: context.progress(percent=2 + 12 * fraction, stage=SAMPLING)
    )


def _known_after(check: DataCheck) -> dict[str, int | None]:
    """Tell the test of availability what the dictionary knows, where there is one."""
    return dict(check.version.dataset.dictionary.values_list("name", "known_after_days"))


def _excluded_by_people(check: DataCheck) -> tuple[str, ...]:
    """What the system itself took out is looked at again; what a person took out stays out, as what is no feature."""
    set_aside = Q(excluded=True, excluded_by_system=False) | Q(role__in=check_queries.NO_FEATURES)
    names = check.columns.filter(set_aside).values_list("column__name", flat=True)
    return tuple(dict.fromkeys([*names, *findings.kept_out(check)]))


def _store(
    check: DataCheck, found: list[EngineFinding], by_target: dict[str, Any], periods: list[dict[str, Any]]
) -> None:
    columns = {each.column.name: each for each in check.columns.select_related("column").defer("column__profile")}
    undone = {(finding.code, finding.column_id): finding for finding in check.findings.exclude(undone_at=None)}
    check.findings.all().delete()
    check.columns.filter(excluded_by_system=True).update(excluded=False, excluded_by_system=False)
    stored = [_as_stored(check, engine_finding, columns, undone) for engine_finding in found]
    Finding.objects.bulk_create(stored, batch_size=500)
    out = {finding.column_id for finding in stored if finding.action == TAKEN_OUT and finding.undone_at is None}
    check.columns.filter(column__in=out, excluded=False).update(excluded=True, excluded_by_system=True)
    measured = {column["name"]: column for column in by_target["columns"]}
    names = [period["name"] for period in by_target["periods"]]
    for name, each in columns.items():
        one = measured.get(name, {})
        each.single_auc, each.information_value = _finite(one.get("auc")), _finite(one.get("iv"))
        each.by_target = _plain(_without_personal_cells({**one, "periods": names})) if one else {}
    # An update of each row by its own values takes a minute where there are ten thousand columns.
    measures = ["single_auc", "information_value", "by_target"]
    CheckedColumn.objects.bulk_create(
        columns.values(), batch_size=500, update_conflicts=True, unique_fields=["id"], update_fields=measures
    )
    check.event_count, check.labelled_count = by_target["events"], by_target["labelled"]
    check.rate_by_period = periods
    check.segments = _segments(check, columns)
    check.state = DataCheck.State.READY
    check.save(
        update_fields=["event", "event_count", "labelled_count", "rate_by_period", "state", "segments", "waterfall",
                       "table"]
    )  # fmt: skip


def _segments(check: DataCheck, columns: dict[str, CheckedColumn]) -> list[dict[str, Any]]:
    """Return the event rate in the groups of the few columns of words whose groups differ most."""
    out = set(check.columns.filter(excluded=True).values_list("column__name", flat=True))
    worth = [
        (each.information_value or 0.0, name, each)
        for name, each in columns.items()
        if name not in out
        and each.role == ColumnRole.FEATURE
        and each.by_target.get("type") in ("categorical", "boolean")
        and 2 <= each.column.distinct_count <= MOST_SEGMENT_VALUES
    ]
    strongest = sorted(worth, key=lambda entry: (-entry[0], entry[1]))[:SEGMENTS]
    keys = ("level", "other", "missing", "special", "rows", "events", "rate", "rate_low", "rate_high")
    return [
        {
            "column": name,
            "label": each.column.label,
            "values": [{key: bin_[key] for key in keys if key in bin_} for bin_ in each.by_target["bins"]],
        }
        for _, name, each in strongest
    ]


def _without_personal_cells(measured: dict[str, Any]) -> dict[str, Any]:
    """The name of a bin may be a person's number."""
    bins = [
        {**bin_, "level": masked(bin_["level"])} if isinstance(bin_.get("level"), str) else bin_
        for bin_ in measured.get("bins", [])
    ]
    return {**measured, "bins": bins}


def _as_stored(
    check: DataCheck,
    found: EngineFinding,
    columns: dict[str, CheckedColumn],
    undone: dict[tuple[str, int | None], Finding],
) -> Finding:
    checked = columns.get(found.column or "")
    takes_out = checked is not None and found.action == "exclude"
    earlier = undone.get((found.code, checked.column_id if checked else None))
    return Finding(
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


def _rate_by_period(parquet: Path, check: DataCheck, time_column: str | None) -> list[dict[str, Any]]:
    """Count rows and events by month, where there is a date; rows without an answer are not counted."""
    if not time_column or time_column not in {column.name for column in read_schema(parquet)}:
        return []
    frame = read_parquet(parquet, columns=[check.target, time_column])
    y, _ = read_target(frame[check.target], check.event)
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
