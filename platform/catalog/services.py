"""Writes to datasets and data checks: take a file, open a check, and every decision on its columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User, Workspace
from accounts.permissions import can_edit
from audit import services as audit
from catalog import check_tables, lineage, storage, uploads
from catalog.beginning import ONLY_ONE, begin_check, set_target, start_check
from catalog.decisions import remember_role
from catalog.errors import FROZEN, CheckFrozen
from catalog.job_kinds import JobKind
from catalog.models import CheckedColumn, Column, ColumnRole, DataCheck, Dataset, DatasetVersion, Finding, VersionOrigin
from catalog.proposals import refuse_unknown_event
from catalog.reading import Reading, is_built_on
from experiments.errors import BadInput, gettext_noop
from jobs import services as jobs

# Changing one of these changes what the check looks at.
TARGET_STAYS = gettext_noop("The target is what the model predicts, so it cannot be left out.")
CHECKED_ROLES = (ColumnRole.TARGET, ColumnRole.DATE, ColumnRole.ID, ColumnRole.GROUP)


@dataclass(frozen=True)
class Place:
    """Where a new version goes: into a dataset, and behind the rows of an earlier version where ``base`` is one.

    ``query`` is what a database was asked where the file holds its answer.
    """

    dataset: Dataset
    base: DatasetVersion | None = None
    query: dict[str, Any] | None = None

    @classmethod
    def of(cls, version: DatasetVersion) -> "Place":
        """Return the place of a version that is there already."""
        return cls(version.dataset, lineage.base_of(version), version.lineage.get("query"))

    @property
    def origin(self) -> str:
        if self.base:
            return VersionOrigin.APPEND
        return VersionOrigin.QUERY if self.query else VersionOrigin.UPLOAD

    @property
    def told(self) -> dict[str, Any]:
        """What goes on record: the words of a query may name a customer."""
        return {"append_to": self.base.number} if self.base else {}

    @property
    def lineage(self) -> dict[str, Any]:
        return {"append_to": self.base.pk} if self.base else {"query": self.query} if self.query else {}


def receive_upload(
    user: User,
    workspace: Workspace,
    uploaded_file: File,
    name: str | None = None,
) -> DatasetVersion:
    """Keep a file as a dataset's next version and put its reading in the queue; see ``receive_files``."""
    return receive_files(user, workspace, [uploaded_file], name)


def receive_files(
    user: User,
    workspace: Workspace,
    files: Sequence[File],
    name: str | None = None,
    *,
    reading: Reading | None = None,
    place: Place | None = None,
) -> DatasetVersion:
    """Keep a file, or several of one layout, as a dataset's next version and put its reading in the queue.

    A file of a known name is the next version of that dataset, unless ``place`` says of which. Files that came piece by
    piece are one version, however often they are named.

    Raises UploadRefused when a file is empty or the disk is full; nothing is kept then.
    """
    earlier = uploads.read_as(files)
    if earlier:
        return earlier
    kept = storage.keep(*files)
    first = kept.parts[0] if kept.parts else kept
    try:
        version = _store_version(user, workspace, kept, place or name or _name_from(first.name), reading or Reading())
    except BaseException:
        storage.forget(kept)
        raise
    uploads.settle(files, version)
    return version


@transaction.atomic
def _store_version(
    user: User,
    workspace: Workspace,
    kept: storage.KeptFile,
    name: str | Place,
    reading: Reading,
) -> DatasetVersion:
    place = name if isinstance(name, Place) else Place(_dataset_named(user, workspace, name))
    dataset = place.dataset
    latest = dataset.versions.aggregate(latest=Max("number"))["latest"] or 0
    version = DatasetVersion.objects.create(
        dataset=dataset,
        number=latest + 1,
        owner=user,
        file_name=kept.name,
        source_path=kept.path,
        size_bytes=kept.size,
        sha256=kept.sha256,
        reading=reading.of_parts(kept.parts).to_json(),
        origin=place.origin,
        lineage=place.lineage,
    )
    version.job = jobs.enqueue(
        JobKind.INGEST, workspace=workspace, owner=user, subject_id=version.pk, size=version.size_bytes
    )
    version.save(update_fields=["job"])
    audit.record(
        user,
        "dataset.uploaded",
        workspace=workspace,
        obj=version,
        details={"file": kept.name, "bytes": kept.size, "sha256": kept.sha256, **place.told},
    )
    return version


def _dataset_named(user: User, workspace: Workspace, name: str) -> Dataset:
    """Return the dataset of this name if the person may add to it, else a new one with a free name."""
    name = name.strip()[:100] or "dataset"
    dataset = Dataset.objects.filter(workspace=workspace, name=name).first()
    if dataset and can_edit(user, dataset):
        return dataset
    taken = set(Dataset.objects.filter(workspace=workspace, name__startswith=name).values_list("name", flat=True))
    free = next(each for each in (name, *(f"{name} {n}" for n in range(2, len(taken) + 3))) if each not in taken)
    return Dataset.objects.create(workspace=workspace, name=free, owner=user)


def _name_from(file_name: str) -> str:
    suffix = storage.suffix_of(file_name)
    stem = file_name[: len(file_name) - len(suffix)] if suffix else file_name
    return stem.removesuffix(".csv").strip() or file_name


@transaction.atomic
def retry_ingest(version: DatasetVersion, user: User) -> None:
    """Read a file again whose reading failed."""
    if DatasetVersion.objects.filter(pk=version.pk, state="failed").update(state="ingesting"):
        _put_in_queue(version, user)
        audit.record(user, "dataset.read_again", workspace=version.dataset.workspace, obj=version)


def read_again(version: DatasetVersion, user: User, reading: Reading) -> DatasetVersion:
    """Read the files of a version with other choices.

    A version that others look at stays as it is; the same files then become the dataset's next version.
    """
    with transaction.atomic():
        row = DatasetVersion.objects.select_for_update().get(pk=version.pk)
        if row.state == "ingesting":
            return row
        chosen = reading.for_files_of(row)
        if row.state == "failed" or not is_built_on(row):
            DatasetVersion.objects.filter(pk=row.pk).update(state="ingesting", reading=chosen.to_json())
            _put_in_queue(row, user)
            details = {"reading": chosen.told()}
            audit.record(user, "dataset.read_again", workspace=row.dataset.workspace, obj=row, details=details)
            return row
    kept = storage.keep_again(row.source_path, row.file_name, [*chosen.files])
    try:
        return _store_version(user, row.dataset.workspace, kept, Place.of(row), chosen)
    except BaseException:
        storage.forget(kept)
        raise


def _put_in_queue(version: DatasetVersion, user: User) -> None:
    workspace = version.dataset.workspace
    job = jobs.enqueue(JobKind.INGEST, workspace=workspace, owner=user, subject_id=version.pk, size=version.size_bytes)
    DatasetVersion.objects.filter(pk=version.pk).update(job=job)


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
    _refuse_frozen(check)
    refuse_unknown_event(check.version.columns.get(name=target), event)
    set_target(check, target, event)
    _record(user, "check.target_chosen", check, {"target": target, "event": event})
    start_check(check)


@transaction.atomic
def set_role(check: DataCheck, column: Column, role: str, user: User) -> None:
    """Give a column another role; a role there is only one of is taken from the column that had it.

    A role given to a column that was out puts it back: nobody names the date of a table and means it unused.
    """
    _refuse_frozen(check)
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
    _record(user, "check.role_set", check, {"column": column.name, "role": role, "before": before})
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
    _refuse_frozen(check)
    changed = check.columns.filter(column=column, excluded=not excluded).exclude(role=ColumnRole.TARGET)
    if not changed.update(excluded=excluded, excluded_by_system=False):
        return
    action = "check.column_taken_out" if excluded else "check.column_put_back"
    _record(user, action, check, {"column": column.name})
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
    _refuse_frozen(check)
    if finding.undone_at is not None or not finding.action:
        return
    finding.undone_at, finding.undone_by = timezone.now(), user
    finding.save(update_fields=["undone_at", "undone_by"])
    check.columns.filter(column__name__in=finding.columns).update(excluded=False, excluded_by_system=False)
    _record(user, "finding.undone", check, {"code": finding.code, "columns": finding.columns})


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
    _refuse_frozen(check)
    if finding.undone_at is None:
        return
    finding.undone_at = finding.undone_by = None
    finding.save(update_fields=["undone_at", "undone_by"])
    check.columns.filter(column__name__in=finding.columns).exclude(role=ColumnRole.TARGET).update(
        excluded=True, excluded_by_system=True
    )
    _record(user, "finding.redone", check, {"code": finding.code, "columns": finding.columns})


def _refuse_frozen(check: DataCheck) -> None:
    if check.is_frozen:
        raise CheckFrozen(FROZEN)


def _record(user: User, action: str, check: DataCheck, details: dict[str, Any]) -> None:
    audit.record(user, action, workspace=check.version.dataset.workspace, obj=check, details=details)
