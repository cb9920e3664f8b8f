"""A file arrives piece by piece and goes on after whatever broke it; only its owner sees it."""

import base64
import errno
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import User
from catalog.errors import OffsetMismatch
from catalog.models import DatasetVersion
from jobs.models import Job
from tests.catalog.conftest import CUSTOMERS
from uploads import pieces
from uploads.models import Upload

pytestmark = pytest.mark.database

ClientOf = Callable[[User], Client]
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = CUSTOMERS.encode()


def open_upload(client: Client, length: int = len(BYTES), name: str = "客户.csv") -> HttpResponse:
    metadata = f"filename {base64.b64encode(name.encode()).decode()}"
    return client.post(  # type: ignore[return-value]
        "/uploads/", headers={**TUS, "Upload-Length": str(length), "Upload-Metadata": metadata}
    )


def send(client: Client, address: str, offset: int, piece: bytes, **headers: str) -> HttpResponse:
    return client.patch(  # type: ignore[return-value]
        address,
        piece,
        content_type="application/offset+octet-stream",
        headers={**TUS, "Upload-Offset": str(offset), **headers},
    )


@pytest.fixture
def client(analyst: User, client_of: ClientOf) -> Client:
    return client_of(analyst)


@pytest.fixture
def address(client: Client) -> str:
    return open_upload(client)["Location"]


def test_options_tell_what_the_server_can_do(client: Client, settings: Any) -> None:
    answer = client.options("/uploads/")

    assert (answer.status_code, answer["Tus-Version"], answer["Tus-Resumable"]) == (204, "1.0.0", "1.0.0")
    assert answer["Tus-Extension"] == "creation,termination,expiration"
    assert answer["Tus-Max-Size"] == str(settings.UPLOAD_MAX_BYTES)


def test_a_file_in_three_pieces_is_whole(client: Client, address: str) -> None:
    for begin in range(0, len(BYTES), 2_000):
        answer = send(client, address, begin, BYTES[begin : begin + 2_000])
        assert answer.status_code == 204
        assert answer["Upload-Offset"] == str(min(begin + 2_000, len(BYTES)))

    upload = Upload.objects.get()
    assert (upload.file_name, upload.is_complete) == ("客户.csv", True)
    assert pieces.path_of(upload).read_bytes() == BYTES


def test_head_tells_where_to_go_on(client: Client, address: str) -> None:
    send(client, address, 0, BYTES[:1_000])

    answer = client.head(address, headers=TUS)

    assert (answer.status_code, answer["Upload-Offset"], answer["Upload-Length"]) == (200, "1000", str(len(BYTES)))
    assert answer["Cache-Control"] == "no-store"
    assert "Upload-Expires" in answer


def test_what_lies_on_the_disk_counts_and_not_what_the_row_says(client: Client, address: str) -> None:
    upload = Upload.objects.get()
    pieces.path_of(upload).write_bytes(BYTES[:777])  # a server killed after the write, before the row

    assert client.head(address, headers=TUS)["Upload-Offset"] == "777"
    assert send(client, address, 777, BYTES[777:]).status_code == 204
    assert pieces.path_of(upload).read_bytes() == BYTES


def test_a_piece_that_begins_elsewhere_is_refused_with_the_right_place(client: Client, address: str) -> None:
    send(client, address, 0, BYTES[:1_000])

    answer = send(client, address, 500, BYTES[500:])

    assert (answer.status_code, answer["Upload-Offset"]) == (409, "1000")
    assert pieces.path_of(Upload.objects.get()).stat().st_size == 1_000


def test_a_connection_that_breaks_keeps_what_had_arrived(client: Client, address: str) -> None:
    upload = Upload.objects.get()

    def broken() -> Any:
        yield BYTES[:300]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        pieces.append(upload, 0, broken())

    assert Upload.objects.get().received_bytes == 300
    assert client.head(address, headers=TUS)["Upload-Offset"] == "300"


def test_an_old_connection_that_wakes_up_late_cannot_write_into_what_a_new_one_has_sent(
    client: Client, address: str
) -> None:
    upload = Upload.objects.get()

    def sleepy() -> Any:
        yield BYTES[:300]
        pieces.append(Upload.objects.get(), 300, [BYTES[300:600]])  # the new connection goes on meanwhile
        yield b"x" * 300

    with pytest.raises(OffsetMismatch):
        pieces.append(upload, 0, sleepy())

    assert pieces.path_of(upload).read_bytes() == BYTES[:600]


def test_more_than_announced_is_refused(client: Client) -> None:
    address = open_upload(client, length=10)["Location"]

    assert send(client, address, 0, b"x" * 11).status_code == 413
    assert client.head(address, headers=TUS)["Upload-Offset"] == "0"


@pytest.mark.parametrize(
    ("length", "status", "words"), [(0, 422, "is empty"), (2_000, 413, "larger than 1 KB"), (-1, 400, "whole number")]
)
def test_a_length_that_cannot_be_taken_is_refused_in_a_sentence(
    client: Client, settings: Any, length: int, status: int, words: str
) -> None:
    settings.UPLOAD_MAX_BYTES = 1_024

    answer = open_upload(client, length=length)

    assert answer.status_code == status
    assert words in answer.content.decode()
    assert not Upload.objects.exists()


def test_a_disk_without_room_is_said_before_the_first_byte(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _path: type("Usage", (), {"free": 10})())

    answer = open_upload(client)

    assert answer.status_code == 507
    assert "no room" in answer.content.decode()


def test_a_disk_that_fills_keeps_what_had_room(client: Client, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    send(client, address, 0, BYTES[:100])

    def full(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        answer = send(client, address, 100, BYTES[100:])

    assert answer.status_code == 507
    assert "What has been received is kept" in answer.content.decode()
    assert send(client, address, 100, BYTES[100:]).status_code == 204


def test_another_version_of_the_protocol_is_refused_and_none_named_is_ours(client: Client, address: str) -> None:
    assert client.head(address, headers={"Tus-Resumable": "0.2.2"}).status_code == 412
    assert client.head(address).status_code == 200


def test_wrong_headers_are_refused(client: Client, address: str) -> None:
    wrong_type = client.patch(address, b"x", content_type="text/plain", headers={**TUS, "Upload-Offset": "0"})
    no_offset = client.patch(address, b"x", content_type="application/offset+octet-stream", headers=TUS)
    bad_name = client.post("/uploads/", headers={**TUS, "Upload-Length": "9", "Upload-Metadata": "filename ###"})

    assert (wrong_type.status_code, no_offset.status_code, bad_name.status_code) == (415, 400, 400)


def test_a_name_cannot_lead_out_of_the_folder(client: Client, settings: Any) -> None:
    open_upload(client, name="../../etc/passwd")

    upload = Upload.objects.get()
    assert upload.file_name == "passwd"
    assert pieces.path_of(upload).parent == Path(settings.MEDIA_ROOT) / "incoming"


def test_delete_removes_the_bytes(client: Client, address: str) -> None:
    send(client, address, 0, BYTES[:100])
    path = pieces.path_of(Upload.objects.get())

    assert client.delete(address, headers=TUS).status_code == 204

    assert not path.exists()
    assert client.head(address, headers=TUS).status_code == 404


def test_a_proxy_that_knows_only_post_is_no_obstacle(client: Client, address: str) -> None:
    headers = {**TUS, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    answer = client.post(address, BYTES, content_type="application/offset+octet-stream", headers=headers)

    assert (answer.status_code, answer["Upload-Offset"]) == (204, str(len(BYTES)))


def test_nobody_else_sees_an_upload(
    address: str, modeler: User, stranger: User, client_of: ClientOf, client: Client
) -> None:
    send(client, address, 0, BYTES[:100])
    for other in (modeler, stranger):
        theirs = client_of(other)
        assert theirs.head(address, headers=TUS).status_code == 404
        assert send(theirs, address, 100, b"x").status_code == 404
        assert theirs.delete(address, headers=TUS).status_code == 404
        assert theirs.get(f"{address}preview/").status_code == 404
        assert theirs.post(f"{address}discard/").status_code == 404
    assert pieces.path_of(Upload.objects.get()).read_bytes() == BYTES[:100]


def test_a_signed_out_script_is_told_so_and_not_redirected(client: Client, address: str) -> None:
    client.logout()

    assert send(client, address, 0, b"x").status_code == 401
    assert open_upload(client).status_code == 401


def test_without_the_csrf_token_nothing_is_taken(analyst: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(analyst)

    assert open_upload(client).status_code == 403
    assert not Upload.objects.exists()


def test_a_form_that_names_its_uploads_makes_a_version(
    client: Client, address: str, run_jobs: Callable[[], list[Job]]
) -> None:
    send(client, address, 0, BYTES)
    upload = Upload.objects.get()

    answer = client.post("/data/new/", {"uploads": str(upload.pk)}, headers={"Accept": "application/json"})
    run_jobs()

    version = DatasetVersion.objects.get()
    assert answer.json() == {"url": f"/data/{version.pk}/"}
    assert (version.file_name, version.state, version.row_count) == ("客户.csv", "ready", 200)
    assert len(version.sha256) == 64
    assert not pieces.path_of(upload).exists()
    assert Upload.objects.get().version == version


def test_the_same_upload_named_twice_is_one_version(client: Client, address: str) -> None:
    send(client, address, 0, BYTES)
    named = {"uploads": str(Upload.objects.get().pk)}

    first, second = (client.post("/data/new/", named) for _ in range(2))

    assert first["Location"] == second["Location"]
    assert DatasetVersion.objects.count() == 1


def test_half_an_upload_makes_no_version(client: Client, address: str) -> None:
    send(client, address, 0, BYTES[:100])

    answer = client.post("/data/new/", {"uploads": str(Upload.objects.get().pk)})

    assert answer.status_code == 422
    assert "The file has not been fully received" in answer.content.decode()
    assert not DatasetVersion.objects.exists()


def test_somebody_else_s_upload_cannot_be_named(
    client: Client, address: str, modeler: User, client_of: ClientOf
) -> None:
    send(client, address, 0, BYTES)

    answer = client_of(modeler).post("/data/new/", {"uploads": str(Upload.objects.get().pk)})

    assert answer.status_code == 422
    assert not DatasetVersion.objects.exists()


def test_a_version_that_cannot_be_stored_leaves_the_upload_whole(
    client: Client, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(client, address, 0, BYTES)

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("database away")

    monkeypatch.setattr("uploads.services._store_version", broken)
    with pytest.raises(RuntimeError):
        client.post("/data/new/", {"uploads": str(Upload.objects.get().pk)})

    assert pieces.path_of(Upload.objects.get()).read_bytes() == BYTES


def test_what_nobody_continues_expires(client: Client, address: str, settings: Any) -> None:
    send(client, address, 0, BYTES[:100])
    fresh = open_upload(client)["Location"]
    old = Upload.objects.get(pk=address.split("/")[2])
    Upload.objects.filter(pk=old.pk).update(touched_at=timezone.now() - pieces.KEPT_FOR - timedelta(minutes=1))
    orphan = Path(settings.MEDIA_ROOT) / "incoming" / "unknown.part"
    orphan.write_bytes(b"x")
    os.utime(orphan, (0, 0))

    assert pieces.expire() == 2

    assert not pieces.path_of(old).exists()
    assert not orphan.exists()
    assert client.head(fresh, headers=TUS).status_code == 200


def test_the_page_lists_what_waits_and_lets_it_be_discarded(client: Client, address: str) -> None:
    send(client, address, 0, BYTES[:100])
    page = client.get("/data/new/").content.decode()
    assert "Not finished yet" in page
    assert "客户.csv" in page

    client.post(f"{address}discard/")

    assert "Not finished yet" not in client.get("/data/new/").content.decode()


def test_the_preview_shows_what_has_arrived_as_it_would_be_read(client: Client, analyst: User) -> None:
    text = "姓名;手机;金额\n" + "".join(
        f"{'王李张刘陈'[n % 5]}{'伟芳娜敏静丽强磊军洋'[n // 5 % 10]};1381234{n:04d};{n}\n" for n in range(5_000)
    )
    raw = text.encode("gb18030")
    address = open_upload(client, length=len(raw))["Location"]
    assert client.get(f"{address}preview/").status_code == 204
    send(client, address, 0, raw[:50_001])

    page = client.get(f"{address}preview/").content.decode()

    assert "GB18030" in page
    assert page.count("<tr>") == 21
    assert '<th scope="col">姓名</th>' in page
    assert "13812340000" not in page
    assert "王伟" not in page
    wrong = client.get(f"{address}preview/", {"encoding": "latin-1", "delimiter": "tab", "header_line": "0"})
    assert "LATIN-1" in wrong.content.decode()
