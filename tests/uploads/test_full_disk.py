"""A disk that is really full: every door says so, keeps what it says it keeps, and nothing else."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import ApiToken, User, Workspace
from catalog.errors import DISK_FULL_MEANWHILE, UploadRefused
from catalog.models import Dataset
from experiments.disk import DISK_FULL
from experiments.ingest.reading import DISK_FULL as READING_DISK_FULL
from uploads import pieces, services
from uploads.models import Upload

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser may make a disk of four megabytes"),
]
MEGABYTE = 1 << 20
LARGE = b"a,b\n" + b"1,2\n" * (6 * MEGABYTE // 4)
SMALL = b"age,answered\n" + b"".join(b"%d,%s\n" % (n % 60, b"yes" if n % 4 else b"no") for n in range(20_000))


@pytest.fixture
def disk(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A disk of four megabytes that holds all files, and that nobody warns of beforehand."""
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", place], capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a disk")
    settings.MEDIA_ROOT, settings.FILE_UPLOAD_TEMP_DIR = place / "files", place / "files" / "incoming"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir(parents=True)
    real = shutil.disk_usage
    monkeypatch.setattr(shutil, "disk_usage", lambda path: real("/"))
    yield place
    monkeypatch.undo()
    subprocess.run(["umount", "-l", place], check=True)


def fill(disk: Path) -> None:
    with (disk / "ballast").open("wb", buffering=0) as ballast, contextlib.suppress(OSError):
        while ballast.write(b"x" * 65536):
            pass


def files_on(disk: Path) -> list[Path]:
    return [path for path in disk.rglob("*") if path.is_file() and path.name != "ballast"]


@pytest.mark.parametrize("address", ["/data/new/", "/experiments/new/", "/scoring/new/"])
def test_a_form_is_answered_with_507_and_nothing_is_kept(
    disk: Path, client_of: Callable[[User], Client], analyst: User, address: str
) -> None:
    form = {"file": SimpleUploadedFile("large.csv", LARGE), "name": "n", "kind": "default"}

    answer = client_of(analyst).post(address, form, headers={"Accept": "application/json"})

    assert answer.status_code == 507
    assert "no room for this file, so nothing was kept." in answer.json()["errors"]["file"]
    assert files_on(disk) == []
    assert not Dataset.objects.exists()


def test_the_api_is_answered_with_507_and_nothing_is_kept(disk: Path, analyst: User) -> None:
    secret = ApiToken.new_secret()
    ApiToken.objects.create(user=analyst, name="test", digest=ApiToken.digest_of(secret))
    caller = Client(headers={"Authorization": f"Bearer {secret}"})

    answer = caller.post("/api/v1/datasets", {"file": SimpleUploadedFile("large.csv", LARGE)})

    assert (answer.status_code, answer["Content-Type"]) == (507, "application/problem+json")
    assert "so nothing was kept." in answer.json()["detail"]
    assert files_on(disk) == []
    assert not Dataset.objects.exists()


def test_an_upload_in_pieces_keeps_what_has_arrived_and_says_so(
    disk: Path, analyst: User, workspace: Workspace
) -> None:
    upload = pieces.begin(analyst, workspace, file_name="large.csv", length=len(LARGE), metadata={})

    with pytest.raises(UploadRefused) as refused:
        pieces.append(upload, 0, [LARGE[at : at + MEGABYTE] for at in range(0, len(LARGE), MEGABYTE)])

    assert (refused.value.message, refused.value.status(otherwise=422)) == (DISK_FULL_MEANWHILE, 507)
    assert 3 * MEGABYTE < Upload.objects.get().received_bytes == pieces.path_of(upload).stat().st_size


def test_a_file_that_has_no_room_to_be_read_fails_with_a_sentence_and_is_read_when_there_is_room(
    disk: Path, analyst: User, workspace: Workspace, run_jobs: Callable[[], list[Any]]
) -> None:
    version = services.receive_upload(analyst, workspace, SimpleUploadedFile("small.csv", SMALL))
    fill(disk)

    (job,) = run_jobs()

    assert (job.state, job.error_reference) == ("failed", "")
    assert job.error_message in (READING_DISK_FULL, DISK_FULL)
    (disk / "ballast").unlink()
    version.refresh_from_db()
    services.retry_ingest(version, analyst)
    run_jobs()
    version.refresh_from_db()
    assert (version.state, version.row_count) == ("ready", 20_000)


def test_a_page_that_needs_room_says_what_it_lacks(
    disk: Path, client_of: Callable[[User], Client], analyst: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(*_: Any) -> None:
        (disk / "more").write_bytes(LARGE)

    monkeypatch.setattr("shell.views.home_context", write)
    client = client_of(analyst)
    client.raise_request_exception = False

    answer = client.get("/")

    assert answer.status_code == 507
    assert "Ask the administrator to free some space, then try again." in answer.content.decode()
