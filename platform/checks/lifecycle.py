"""How a check begins, from a request or from the worker that has just read its file, and how it ends."""

from django.db import transaction

from catalog.models import (
    Column,
    ColumnRole,
    ColumnSetting,
    DatasetVersion,
)
from checks.job_kinds import JobKind
from checks.models import CheckedColumn, DataCheck
from checks.targets import proposed_target
from jobs import services as jobs
from jobs.models import Job, JobState

# A table has at most one column of each of these roles.
ONLY_ONE = (
    *(ColumnRole.ID, ColumnRole.DATE, ColumnRole.TARGET, ColumnRole.WEIGHT),
    *(ColumnRole.GROUP, ColumnRole.SPLIT, ColumnRole.TREATMENT),
)


@transaction.atomic
def begin_waiting_checks(version: DatasetVersion) -> None:
    """Begin the checks that were opened while the file was still being read."""
    for check in version.checks.filter(state=DataCheck.State.DRAFT, columns=None):
        begin_check(check)


def begin_check(check: DataCheck) -> None:
    """Take over what was decided before, else the proposals; where a target can be told, check for it."""
    columns = place_columns(check)
    chosen = _target_before(check, columns) or proposed_target(columns, check.kind)
    if chosen:
        set_target(check, *chosen)
        start_check(check)


def place_columns(check: DataCheck) -> list[Column]:
    """Put the columns of a version into its check, with what was decided on them before; return them."""
    columns = list(check.version.columns.all())
    settings = {setting.name: setting for setting in _settings_of(check)}
    taken = {setting.role for setting in settings.values() if setting.role in ONLY_ONE}
    CheckedColumn.objects.bulk_create(
        (_begun(check, column, settings.get(column.name), taken) for column in columns), batch_size=500
    )
    return columns


def _settings_of(check: DataCheck) -> list[ColumnSetting]:
    return list(ColumnSetting.objects.filter(dataset=check.version.dataset_id).select_related("set_on"))


def _begun(check: DataCheck, column: Column, setting: ColumnSetting | None, taken: set[str]) -> CheckedColumn:
    """A decision of a person comes before a proposal, also one that gave the role to another column."""
    role = _usable(column.proposed_role)
    if role in taken:
        role = ColumnRole.FEATURE
    checked = CheckedColumn(check_of=check, column=column, role=role)
    if setting is None:
        return checked
    number = setting.set_on.number if setting.set_on else 0
    if setting.role and setting.role != ColumnRole.TARGET:
        checked.role = setting.role
        checked.remembered["role"] = number
    if setting.type and setting.type != column.type:
        checked.type = setting.type
        checked.remembered["type"] = number
    if setting.special_values:
        checked.remembered["special"] = number
    return checked


def _target_before(check: DataCheck, columns: list[Column]) -> tuple[str, str] | None:
    """Return what the same question asked about on the version before; its sample comes along."""
    before = (
        DataCheck.objects.filter(version__dataset=check.version.dataset_id, kind=check.kind)
        .exclude(pk=check.pk)
        .exclude(target="")
        .select_related("version")
        .order_by("-pk")
        .first()
    )
    names = {column.name for column in columns}
    if before is None or before.target not in names or before.version_id == check.version_id:
        return None
    check.sample = before.sample
    check.save(update_fields=["sample"])
    check.columns.filter(column__name=before.target).update(remembered={"role": before.version.number})
    return before.target, before.event


def _usable(role: str) -> str:
    """A proposed target waits for the question; until then the column is an ordinary one."""
    return ColumnRole.FEATURE if role == ColumnRole.TARGET else role


@transaction.atomic
def start_check(check: DataCheck) -> None:
    """Put the check in the queue; what was found before is replaced when it ends."""
    check.state = DataCheck.State.RUNNING
    check.job = jobs.enqueue(
        JobKind.CHECK,
        workspace=check.version.dataset.workspace,
        owner=check.owner,
        subject_id=check.pk,
        size=check.version.size_bytes,
    )
    check.save(update_fields=["state", "job"])


def set_target(check: DataCheck, target: str, event: str) -> None:
    if target != check.target:
        # What was found and undone for another question says nothing about this one.
        check.findings.all().delete()
        check.columns.filter(excluded_by_system=True).update(excluded=False, excluded_by_system=False)
        if (check.sample.get("event") or {}).get("column") not in (None, target):
            # The threshold made the event of the other column, and the customers between belong to it.
            check.sample = {**check.sample, "event": None, "indeterminate": None}
    check.columns.filter(role=ColumnRole.TARGET).exclude(column__name=target).update(role=ColumnRole.FEATURE)
    check.columns.filter(column__name=target).update(role=ColumnRole.TARGET, excluded=False, excluded_by_system=False)
    check.target, check.event = target, event
    check.save(update_fields=["target", "event", "sample"])


def on_check_end(job: Job) -> None:
    """A check that did not come to its end says so; the page shows why and what may be chosen instead."""
    if job.state != JobState.SUCCEEDED:
        DataCheck.objects.filter(pk=job.subject_id, job=job, state=DataCheck.State.RUNNING).update(
            state=DataCheck.State.FAILED
        )


def rests_on(version: DatasetVersion) -> bool:
    """Tell whether a check looks at a version."""
    return version.checks.exists()


def latest_question(version: DatasetVersion) -> tuple[str, str] | None:
    """Return the target and the event that a version's dataset was last asked about, if it was."""
    checks = DataCheck.objects.filter(version__dataset=version.dataset).exclude(target="").exclude(event="")
    return checks.order_by("-pk").values_list("target", "event").first()
