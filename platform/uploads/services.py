"""Writes to datasets and data checks: take a file, open a check, and every decision on its columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.db.models import Max

from accounts.models import User, Workspace
from accounts.permissions import can_edit
from audit import services as audit
from catalog import lineage, storage
from catalog.job_kinds import JobKind
from catalog.models import Dataset, DatasetVersion, VersionOrigin, VersionState
from catalog.reading import Reading, is_built_on
from common.storage import local_path
from experiments.data.workspace import sweep
from jobs import services as jobs
from jobs.models import Job, JobState
from uploads import pieces


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
    earlier = pieces.read_as(files)
    if earlier:
        return earlier
    kept = storage.keep(*files)
    first = kept.parts[0] if kept.parts else kept
    try:
        version = _store_version(user, workspace, kept, place or name or _name_from(first.name), reading or Reading())
    except BaseException:
        storage.forget(kept)
        raise
    pieces.settle(files, version)
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


def on_ingest_end(job: Job) -> None:
    """A file that could not be read leaves a version that says so, and no Parquet."""
    if job.state == JobState.SUCCEEDED:
        return
    version = DatasetVersion.objects.filter(pk=job.subject_id, state=VersionState.INGESTING).first()
    if version is None:
        return
    DatasetVersion.objects.filter(pk=version.pk).update(state=VersionState.FAILED)
    local_path(storage.parquet_beside(version.source_path)).unlink(missing_ok=True)
    # A reader that was killed over its limits could not tidy up.
    sweep(local_path(version.source_path).parent)
