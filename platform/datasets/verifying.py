"""Makes a version's table once more from what was kept and says whether it is the same, byte for byte."""

import tempfile
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit import services as audit
from catalog import lineage
from catalog.models import DatasetVersion, VersionOrigin
from common.storage import local_path
from datasets.job_kinds import JobKind
from experiments.data.schema import file_hash
from experiments.errors import ExperimentError, gettext_noop
from experiments.privacy.protection import ProtectedColumn, protect_parquet
from jobs import services as jobs
from jobs.context import JobContext
from jobs.models import TERMINATED, Job
from privacy import protection
from uploads.runner import read_table

MAKING_AGAIN = gettext_noop("Rebuilding the table from %(file)s: %(rows)s rows so far")
JOINED = gettext_noop("This table was joined from others. Open the join to run it again and compare.")
NOT_READY = gettext_noop("This version has not been read yet.")


class VerifyRefused(ExperimentError):
    """A version that cannot be made again here."""


def running_job(version: DatasetVersion) -> Job | None:
    """Return the work under way that makes a version again."""
    return Job.objects.filter(kind=JobKind.VERIFY, subject_id=version.pk).exclude(state__in=TERMINATED).first()


@transaction.atomic
def verify(version: DatasetVersion, user: User) -> Job:
    """Put the making again in the queue; one at a time."""
    if not version.is_ready:
        raise VerifyRefused(NOT_READY)
    if version.origin == VersionOrigin.JOIN:
        raise VerifyRefused(JOINED)
    job = running_job(version)
    if job is None:
        workspace = version.dataset.workspace
        size = version.size_bytes
        job = jobs.enqueue(JobKind.VERIFY, workspace=workspace, owner=user, subject_id=version.pk, size=size)
        audit.record(user, "dataset.verified", workspace=workspace, obj=version)
    return job


def run(job: Job, context: JobContext) -> None:
    """Read the kept sources as before, protect what was protected, and compare the hashes."""
    version = DatasetVersion.objects.select_related("dataset").get(pk=job.subject_id)

    def on_rows(fraction: float, rows: int) -> None:
        words = {"file": version.file_name, "rows": f"{rows:,}"}
        context.progress(percent=90 * fraction, stage=MAKING_AGAIN, params=words)

    known = version.parquet_sha256 or file_hash(local_path(version.parquet_path))
    are_sources_same = _are_sources_same(version)
    place = local_path(version.parquet_path).parent
    with tempfile.TemporaryDirectory(prefix="again-", dir=place) as folder:
        table = Path(folder) / "table.parquet"
        read_table(version, table, on_rows)
        _protect_as_before(version, table)
        made = file_hash(table)
    answer = {
        "at": timezone.now().isoformat(),
        "by": job.owner.username if job.owner else "",
        "same": made == known,
        "same_sources": are_sources_same,
        "same_engine": version.lineage.get("engine") == lineage.engine(),
        "sha256": made,
        "expected": known,
    }
    _remember(version, answer)


def _are_sources_same(version: DatasetVersion) -> bool:
    """Tell whether the files that were kept, and the table in use, still have the hashes they had."""
    from catalog.reading import Reading

    paths = [path for path, _name in Reading.of(version).sources(version)]
    hashes = [source["sha256"] for source in version.lineage.get("sources", []) if source.get("kind") != "version"]
    return len(paths) == len(hashes) and all(
        path.exists() and file_hash(path) == known for path, known in zip(paths, hashes, strict=True)
    )


def _protect_as_before(version: DatasetVersion, table: Path) -> None:
    """Protect the columns that are protected now, the way they are."""
    facts = {column.name: column.profile.get("protection") or {} for column in version.columns.all()}
    choices = {
        name: ProtectedColumn(found.get("kind"), found["way"], found.get("is_within_text", False))
        for name, found in facts.items()
        if found.get("way") in ("hash", "keep", "drop")
    }
    if choices or protection.vault_of(version.parquet_path).exists():
        protect_parquet(table, table.with_name(protection.VAULT), choices=choices, key=protection.secret_key())


@transaction.atomic
def _remember(version: DatasetVersion, answer: dict[str, Any]) -> None:
    held = DatasetVersion.objects.select_for_update().get(pk=version.pk)
    held.lineage = {**held.lineage, "again": answer}
    held.save(update_fields=["lineage"])
