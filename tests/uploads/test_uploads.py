"""A file becomes a dataset whole or not at all, once, and in the right workspace."""

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User, Workspace
from audit.models import AuditEntry
from catalog import storage
from catalog.errors import UploadRefused
from catalog.models import Dataset, DatasetVersion
from tests.catalog.conftest import CUSTOMERS, a_file
from uploads import services
from uploads.handler import StreamingUploadHandler

pytestmark = pytest.mark.database

ClientOf = Callable[[User], Client]


def files_below(folder: Any) -> list[Path]:
    return [path for path in Path(folder).rglob("*") if path.is_file()] if Path(folder).exists() else []


def test_an_uploaded_file_is_kept_queued_and_put_on_record(analyst: User, workspace: Workspace, settings: Any) -> None:
    version = services.receive_upload(analyst, workspace, a_file())

    assert (version.dataset.name, version.number, version.state) == ("customers", 1, "ingesting")
    assert (Path(settings.MEDIA_ROOT) / version.source_path).read_text() == CUSTOMERS
    assert version.job is not None
    assert version.job.state == "queued"
    assert AuditEntry.objects.get(action="dataset.uploaded").details["sha256"] == version.sha256


def test_the_next_file_of_that_name_is_the_next_version(analyst: User, workspace: Workspace) -> None:
    first = services.receive_upload(analyst, workspace, a_file())
    second = services.receive_upload(analyst, workspace, a_file())

    assert second.dataset == first.dataset
    assert second.number == 2


def test_a_colleague_s_dataset_of_the_same_name_is_left_alone(
    analyst: User, workspace: Workspace, add_person: Callable[..., User]
) -> None:
    theirs = services.receive_upload(analyst, workspace, a_file())
    ours = services.receive_upload(add_person("other"), workspace, a_file())

    assert (theirs.dataset.name, ours.dataset.name) == ("customers", "customers 2")


def test_an_empty_file_is_refused_and_nothing_is_kept(analyst: User, workspace: Workspace, settings: Any) -> None:
    with pytest.raises(UploadRefused, match=r"empty\.csv is empty"):
        services.receive_upload(analyst, workspace, a_file("empty.csv", ""))

    assert not Dataset.objects.exists()
    assert files_below(settings.MEDIA_ROOT) == []


def test_a_full_disk_is_said_and_leaves_no_half_dataset(
    analyst: User, workspace: Workspace, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage, "_place", full)
    with pytest.raises(UploadRefused, match="no room"):
        services.receive_upload(analyst, workspace, a_file())

    assert not Dataset.objects.exists()
    assert files_below(settings.MEDIA_ROOT) == []


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("C:\\data\\客户.csv", "客户.csv"),
        ("../../etc/passwd", "passwd"),
        ("a\nb.csv", "ab.csv"),
        ("x" * 300 + ".csv.gz", "x" * 173 + ".csv.gz"),
    ],
)
def test_a_file_name_keeps_its_last_part_only(sent: str, kept: str) -> None:
    assert storage.tidy_file_name(sent) == kept


def test_the_page_takes_a_file_without_script(analyst: User, client_of: ClientOf) -> None:
    answer = client_of(analyst).post("/data/new/", {"file": a_file(), "name": "List"})

    version = DatasetVersion.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/data/{version.pk}/")
    assert version.dataset.name == "List"


def test_the_script_is_told_where_to_go(analyst: User, client_of: ClientOf) -> None:
    answer = client_of(analyst).post("/data/new/", {"file": a_file()}, headers={"Accept": "application/json"})

    assert json.loads(answer.content) == {"url": f"/data/{DatasetVersion.objects.get().pk}/"}


def test_no_file_is_told_beside_the_field(analyst: User, client_of: ClientOf) -> None:
    answer = client_of(analyst).post("/data/new/", {"name": "List"})

    assert answer.status_code == 422
    assert "Choose a file first" in answer.content.decode()
    assert 'value="List"' in answer.content.decode()


def test_a_file_over_the_limit_is_refused_while_it_arrives(analyst: User, client_of: ClientOf, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 1024
    answer = client_of(analyst).post("/data/new/", {"file": a_file(text="x" * 5000)})

    assert answer.status_code == 413
    assert "larger than 1 KB" in answer.content.decode()
    assert not Dataset.objects.exists()


def test_a_disk_that_fills_while_the_file_arrives_is_said(
    analyst: User, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.core.files.uploadhandler import TemporaryFileUploadHandler

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", full)
    answer = client_of(analyst).post("/data/new/", {"file": a_file()})

    assert answer.status_code == 507
    assert "no room for this file" in answer.content.decode()


def test_a_streamed_file_is_never_held_in_memory(rf: Any, settings: Any, tmp_path: Path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    request = rf.post("/data/new/", {"file": SimpleUploadedFile("a.csv", b"a,b\n1,2\n")})
    request.upload_handlers = [StreamingUploadHandler(request)]

    file = request.FILES["file"]

    assert Path(file.temporary_file_path()).parent == tmp_path
    assert len(file.sha256) == 64


def test_a_post_without_the_csrf_token_is_refused(analyst: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(analyst)

    assert client.post("/data/new/", {"file": a_file()}).status_code == 403
    assert not Dataset.objects.exists()
