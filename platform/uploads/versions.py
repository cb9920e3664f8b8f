"""New versions of a dataset that is there: a file replaces it or is added to it, or the comparison is made anew."""

from collections.abc import Sequence
from typing import Literal

from django.core.files.base import File
from django.db import transaction

from accounts.models import User
from audit import services as audit
from catalog.job_kinds import JobKind
from catalog.models import Dataset, DatasetVersion, VersionState
from catalog.reading import Reading
from experiments.errors import ExperimentError, gettext_noop
from jobs import services as jobs
from uploads import services

Mode = Literal["replace", "append"]
REPLACE, APPEND = "replace", "append"
NOTHING_TO_ADD_TO = gettext_noop("No version of this dataset has been read yet, so there is nothing to append to.")


class VersionRefused(ExperimentError):
    """A version that cannot be made so."""


def add_version(
    dataset: Dataset,
    files: File | Sequence[File],
    mode: str,
    user: User,
    *,
    reading: Reading | None = None,
) -> DatasetVersion:
    """Keep a file, or several of one layout, as the next version of a dataset; older versions stay as they are.

    Parameters
    ----------
    mode : "replace": the new version is what the file holds; "append": it is the newest version that was read, and
        then the file's rows. That the columns are the same is found out when the file is read.

    Raises UploadRefused when a file is empty or the disk is full, VersionRefused when there is nothing to add to.
    """
    base = newest(dataset) if mode == APPEND else None
    if mode == APPEND and base is None:
        raise VersionRefused(NOTHING_TO_ADD_TO)
    return services.receive_files(
        user,
        dataset.workspace,
        [files] if isinstance(files, File) else list(files),
        reading=reading,
        place=services.Place(dataset, base),
    )


def newest(dataset: Dataset) -> DatasetVersion | None:
    """Return the newest version that was read."""
    return dataset.versions.filter(state=VersionState.READY).order_by("-number").first()


@transaction.atomic
def compare_again(version: DatasetVersion, user: User) -> None:
    """Have a version that is ready compared with the one before it, as when it was read."""
    if not version.is_ready or (version.job and not version.job.is_terminated):
        return
    workspace = version.dataset.workspace
    job = jobs.enqueue(JobKind.INGEST, workspace=workspace, owner=user, subject_id=version.pk, size=version.size_bytes)
    DatasetVersion.objects.filter(pk=version.pk).update(job=job)
    audit.record(user, "dataset.compared", workspace=workspace, obj=version)
