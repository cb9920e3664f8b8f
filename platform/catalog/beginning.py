"""How a check begins: from a person's request or, while the file was still being read, from the worker that read it."""

from django.db import transaction

from catalog.models import CheckedColumn, ColumnRole, DataCheck, DatasetVersion
from catalog.proposals import proposed_target
from jobs import services as jobs
from jobs.models import JobKind


@transaction.atomic
def begin_waiting_checks(version: DatasetVersion) -> None:
    """Begin the checks that were opened while the file was still being read."""
    for check in version.checks.filter(state=DataCheck.State.DRAFT, columns=None):
        begin_check(check)


def begin_check(check: DataCheck) -> None:
    """Take over the proposed roles and, where a target can be told, check for it."""
    columns = list(check.version.columns.all())
    CheckedColumn.objects.bulk_create(
        CheckedColumn(check_of=check, column=column, role=_usable(column.proposed_role)) for column in columns
    )
    proposal = proposed_target(columns, check.kind)
    if proposal:
        set_target(check, *proposal)
        start_check(check)


def _usable(role: str) -> str:
    """A proposed target waits for the question; until then the column is an ordinary one."""
    return ColumnRole.FEATURE if role == ColumnRole.TARGET else role


@transaction.atomic
def start_check(check: DataCheck) -> None:
    """Put the check in the queue; what was found before is replaced when it ends."""
    check.state = DataCheck.State.RUNNING
    check.job = jobs.enqueue(
        JobKind.CHECK, workspace=check.version.dataset.workspace, owner=check.owner, subject_id=check.pk
    )
    check.save(update_fields=["state", "job"])


def set_target(check: DataCheck, target: str, event: str) -> None:
    if target != check.target:
        # What was found and undone for another question says nothing about this one.
        check.findings.all().delete()
        check.columns.filter(excluded_by_system=True).update(excluded=False, excluded_by_system=False)
    check.columns.filter(role=ColumnRole.TARGET).exclude(column__name=target).update(role=ColumnRole.FEATURE)
    check.columns.filter(column__name=target).update(role=ColumnRole.TARGET, excluded=False, excluded_by_system=False)
    check.target, check.event = target, event
    check.save(update_fields=["target", "event"])
