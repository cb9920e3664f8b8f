"""Writes to data checks: open one, choose its target, decide on columns and findings."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from catalog.models import Column, ColumnRole, DatasetVersion
from checks import tables as check_tables
from checks.decisions import record, refuse_frozen, remember_role
from checks.lifecycle import ONLY_ONE, begin_check, set_target, start_check
from checks.models import CheckedColumn, DataCheck, Finding
from checks.targets import refuse_unknown_event
from experiments.errors import BadInput, gettext_noop
from jobs import services as jobs

# Changing one of these changes what the check looks at.
TARGET_STAYS = gettext_noop("The target is what the model predicts, so it cannot be left out.")
CHECKED_ROLES = (ColumnRole.TARGET, ColumnRole.DATE, ColumnRole.ID, ColumnRole.GROUP)


@transaction.atomic
def open_check(version: DatasetVersion, kind: str, user: User) -> DataCheck:
    """Open a check of a version for one question; it starts at once, or when the file has been read."""
    check = DataCheck.objects.create(version=version, kind=kind, owner=user)
    if version.is_ready:
        begin_check(check)
    return check


@transaction.atomic
def copy_check(check: DataCheck, user: User) -> DataCheck:
    """Make a check that says the same as another, with its decisions and findings, for a run that repeats one."""
    columns, findings = list(check.columns.all()), list(check.findings.all())
    same = ("version", "kind", "target", "event", "state", "event_count", "labelled_count", "rate_by_period",
            "sample", "waterfall", "segments", "table")  # fmt: skip
    copy = DataCheck.objects.create(owner=user, **{name: getattr(check, name) for name in same})
    for column in columns:
        column.pk, column.check_of = None, copy
    for finding in findings:
        finding.pk, finding.check_of = None, copy
    CheckedColumn.objects.bulk_create(columns, batch_size=500)
    Finding.objects.bulk_create(findings)
    return copy


@transaction.atomic
def discard_check(check: DataCheck) -> None:
    """Throw a check away that no experiment rests on; its own table goes when nothing else rests on that."""
    if check.job:
        jobs.request_cancel(check.job)
    path, key = check.table.get("path"), check.pk
    check.delete()
    if path:
        transaction.on_commit(lambda: check_tables.forget(key, path))


@transaction.atomic
def choose_target(check: DataCheck, target: str, event: str, user: User) -> None:
    """Ask about another column, or count another value as the event, and check again."""
    refuse_frozen(check)
    refuse_unknown_event(check.version.columns.get(name=target), event)
    set_target(check, target, event)
    record(user, "check.target_chosen", check, {"target": target, "event": event})
    start_check(check)


@transaction.atomic
def set_role(check: DataCheck, column: Column, role: str, user: User) -> None:
    """Give a column another role; a role there is only one of is taken from the column that had it.

    A role given to a column that was out puts it back: nobody names the date of a table and means it unused.
    """
    refuse_frozen(check)
    if role == ColumnRole.TARGET:
        choose_target(check, column.name, "", user)
        return
    if role != ColumnRole.IGNORE:
        include(check, column, user)
    checked = check.columns.get(column=column)
    if checked.role == role:
        return
    before = checked.role
    if role in ONLY_ONE:
        for former in check.columns.filter(role=role).select_related("column"):
            remember_role(check, former.column, ColumnRole.FEATURE, user)
        check.columns.filter(role=role).update(role=ColumnRole.FEATURE)
    checked.role = role
    checked.remembered.pop("role", None)
    checked.save(update_fields=["role", "remembered"])
    remember_role(check, column, role, user)
    if before == ColumnRole.TARGET:
        check.target = check.event = ""
        check.state = DataCheck.State.DRAFT
        check.save(update_fields=["target", "event", "state"])
    record(user, "check.role_set", check, {"column": column.name, "role": role, "before": before})
    if check.target and (role in CHECKED_ROLES or before in CHECKED_ROLES):
        start_check(check)


@transaction.atomic
def exclude(check: DataCheck, column: Column, user: User) -> None:
    """Take a column out of the model.

    Raises BadInput for the target, CheckFrozen once the experiment has started.
    """
    if column.name == check.target:
        raise BadInput(TARGET_STAYS)
    _set_excluded(check, column, user, excluded=True)


@transaction.atomic
def include(check: DataCheck, column: Column, user: User) -> None:
    """Put a column back into the model."""
    _set_excluded(check, column, user, excluded=False)


def _set_excluded(check: DataCheck, column: Column, user: User, *, excluded: bool) -> None:
    refuse_frozen(check)
    changed = check.columns.filter(column=column, excluded=not excluded).exclude(role=ColumnRole.TARGET)
    if not changed.update(excluded=excluded, excluded_by_system=False):
        return
    action = "check.column_taken_out" if excluded else "check.column_put_back"
    record(user, action, check, {"column": column.name})
    # The finding that took the column out must not go on saying that it is out.
    about = check.findings.filter(column=column).exclude(action="")
    undone = {"undone_at": None, "undone_by": None} if excluded else {"undone_at": timezone.now(), "undone_by": user}
    about.update(**undone)


@transaction.atomic
def take_out_all(check: DataCheck, code: str, user: User) -> None:
    """Take every column out that one kind of finding asks about."""
    for finding in check.findings.filter(code=code, action="", severity="warning").select_related("column"):
        if finding.column is not None:
            exclude(check, finding.column, user)


@transaction.atomic
def undo_finding(finding: Finding, user: User) -> None:
    """Undo what the system did about a finding; the reason stays on record."""
    check = finding.check_of
    refuse_frozen(check)
    if finding.undone_at is not None or not finding.action:
        return
    finding.undone_at, finding.undone_by = timezone.now(), user
    finding.save(update_fields=["undone_at", "undone_by"])
    check.columns.filter(column__name__in=finding.columns).update(excluded=False, excluded_by_system=False)
    record(user, "finding.undone", check, {"code": finding.code, "columns": finding.columns})


@transaction.atomic
def undo_all(check: DataCheck, code: str, user: User) -> None:
    """Undo every finding of one kind."""
    for finding in check.findings.filter(code=code, undone_at=None).exclude(action="").select_related("column"):
        undo_finding(finding, user)


@transaction.atomic
def redo_all(check: DataCheck, code: str, user: User) -> None:
    """Do again what was undone of one kind."""
    for finding in check.findings.filter(code=code).exclude(undone_at=None).select_related("column"):
        redo_finding(finding, user)


@transaction.atomic
def redo_finding(finding: Finding, user: User) -> None:
    """Do again what was undone."""
    check = finding.check_of
    refuse_frozen(check)
    if finding.undone_at is None:
        return
    finding.undone_at = finding.undone_by = None
    finding.save(update_fields=["undone_at", "undone_by"])
    check.columns.filter(column__name__in=finding.columns).exclude(role=ColumnRole.TARGET).update(
        excluded=True, excluded_by_system=True
    )
    record(user, "finding.redone", check, {"code": finding.code, "columns": finding.columns})
