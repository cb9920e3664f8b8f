"""A worker reads a file into a typed table with a profile, or says why not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from accounts.models import User, Workspace
from catalog import storage
from catalog.models import DatasetVersion
from common.storage import local_path
from jobs.lifecycle import end
from jobs.models import Job, JobState
from tests.catalog.conftest import a_file
from uploads import services

RunJobs = Callable[[], list[Job]]


def test_a_file_is_read_typed_and_profiled(version: DatasetVersion) -> None:
    columns = {column.name: column for column in version.columns.all()}

    assert (version.state, version.row_count, version.column_count) == ("ready", 200, 4)
    assert local_path(version.parquet_path).exists()
    assert {name: column.type for name, column in columns.items()} == {
        "customer_id": "text", "age": "numeric", "city": "categorical", "responded": "boolean",
    }  # fmt: skip
    assert columns["customer_id"].proposed_role == "id"
    assert columns["responded"].distinct_count == 2
    assert sum(columns["age"].profile["histogram"]["counts"]) == 200


def test_reading_twice_stores_columns_once(version: DatasetVersion, analyst: User, run_jobs: RunJobs) -> None:
    DatasetVersion.objects.filter(pk=version.pk).update(state="failed")
    services.retry_ingest(version, analyst)
    run_jobs()

    version.refresh_from_db()
    assert version.state == "ready"
    assert version.columns.count() == 4


def test_a_file_that_cannot_be_read_fails_with_a_sentence_and_no_table(
    analyst: User, workspace: Workspace, run_jobs: RunJobs
) -> None:
    version = services.receive_upload(analyst, workspace, a_file("broken.csv", "only a header\n"))
    (job,) = run_jobs()

    version.refresh_from_db()
    assert (version.state, job.state) == ("failed", "failed")
    assert job.error_message
    assert not version.columns.exists()
    assert not local_path(storage.parquet_beside(version.source_path)).exists()


def test_a_full_disk_while_reading_leaves_a_failed_version_and_no_half_table(
    analyst: User, workspace: Workspace, run_jobs: RunJobs, monkeypatch: Any
) -> None:
    import errno

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    monkeypatch.setattr("os.replace", full)
    version = services.receive_upload(analyst, workspace, a_file())
    (job,) = run_jobs()

    version.refresh_from_db()
    assert (version.state, job.state) == ("failed", "failed")
    assert not local_path(storage.parquet_beside(version.source_path)).exists()


def test_what_a_reader_that_was_killed_left_lying_about_goes_with_the_end_of_its_job(
    analyst: User, workspace: Workspace
) -> None:
    version = services.receive_upload(analyst, workspace, a_file("rows.csv", "a,b\n1,2\n"))
    left = local_path(version.source_path).parent / ".ingest-killed"
    left.mkdir()
    (left / "lock").touch()
    (left / "table.parquet").write_bytes(b"half")

    end(version.job, JobState.FAILED, error_message="It was killed.")

    version.refresh_from_db()
    assert version.state == "failed"
    assert not left.exists()
