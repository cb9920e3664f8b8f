"""A request sent again under its Idempotency-Key does its work once, whoever lost the first answer."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

import datasets.api
from accounts.models import User
from api.root import api
from catalog.models import DatasetVersion
from jobs.models import KeyedRequest
from tests.api.conftest import problem_of
from uploads.models import Upload

pytestmark = pytest.mark.database

ROWS = "id,age,answered\n" + "\n".join(f"{n},{20 + n % 50},{'yes' if n % 4 == 0 else 'no'}" for n in range(400))
KEY = "3f7c0a52-6a0e-4a53-9d6c-0d5b8a1c2f10"
ADDRESS = "/api/v1/datasets"


def send(client: Client, *, key: str = KEY, rows: str = ROWS, **fields: str) -> Any:
    file = SimpleUploadedFile("a.csv", rows.encode())
    return client.post(ADDRESS, {"file": file, **fields}, headers={"Idempotency-Key": key})


def test_a_request_sent_again_does_nothing_and_gets_the_first_answer(caller: Any, analyst: User) -> None:
    client = caller(analyst)
    first, again = send(client), send(client)

    assert (again.status_code, again.json()) == (202, first.json())
    assert again["Content-Type"] == first["Content-Type"]
    assert (first.get("Idempotency-Replayed"), again["Idempotency-Replayed"]) == (None, "true")
    assert DatasetVersion.objects.count() == 1
    assert send(client, key="another-key").json()["id"] != first.json()["id"]


def test_a_key_with_another_body_is_refused(caller: Any, analyst: User) -> None:
    client = caller(analyst)
    send(client)

    for answer in (send(client, rows=ROWS + "\n400,20,yes"), send(client, name="Other")):
        assert answer.status_code == 409
        assert problem_of(answer)["detail"].startswith("This Idempotency-Key was already used for a different request.")
    assert DatasetVersion.objects.count() == 1


def test_a_key_is_ones_own_and_belongs_to_one_address(caller: Any, analyst: User, modeler: User) -> None:
    first, other = send(caller(analyst)), send(caller(modeler))

    assert first.json()["id"] != other.json()["id"]
    address = f"{ADDRESS}/{first.json()['id']}/versions"
    body = {"file": SimpleUploadedFile("a.csv", ROWS.encode())}
    answer = caller(analyst).post(address, body, headers={"Idempotency-Key": KEY})
    assert (answer.status_code, answer.json()["id"]) != (202, first.json()["id"])


def test_what_was_refused_may_be_sent_again_under_its_key(caller: Any, analyst: User, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 10
    refused = send(caller(analyst))
    settings.UPLOAD_MAX_BYTES = 10**9

    assert (refused.status_code, send(caller(analyst)).status_code) == (413, 202)


def test_a_key_is_forgotten_after_two_days(caller: Any, analyst: User) -> None:
    send(caller(analyst))
    KeyedRequest.objects.update(sent_at=timezone.now() - timedelta(days=2, minutes=1))

    assert "Idempotency-Replayed" not in send(caller(analyst))
    assert DatasetVersion.objects.count() == 2


@pytest.mark.parametrize("key", ["", "short", "with a space", "ключ-ключ-ключ", "x" * 256])
def test_a_key_that_is_none_is_refused_before_anything_is_done(caller: Any, analyst: User, key: str) -> None:
    answer = send(caller(analyst), key=key.encode().decode("latin-1"))

    assert answer.status_code == 422
    assert problem_of(answer)["errors"][0]["pointer"] == "/Idempotency-Key"
    assert not DatasetVersion.objects.exists()


def test_a_stranger_without_a_valid_key_of_their_own_is_replayed_nothing(caller: Any, analyst: User) -> None:
    send(caller(analyst))

    assert send(Client(headers={"Authorization": "Bearer xy_wrong"})).status_code == 401


def test_an_upload_is_opened_once_and_its_address_is_told_again(caller: Any, analyst: User) -> None:
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "10", "Idempotency-Key": KEY}
    first, again = (caller(analyst).post("/api/v1/uploads", headers=headers) for _ in range(2))

    assert (first.status_code, again.status_code, again["Location"]) == (201, 201, first["Location"])
    assert Upload.objects.count() == 1
    longer = caller(analyst).post("/api/v1/uploads", headers={**headers, "Upload-Length": "11"})
    assert longer.status_code == 409


def test_the_second_of_two_at_once_waits_and_gets_the_answer_of_the_first(
    caller: Any, analyst: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, seconds = caller(analyst), []
    first_at_work = datasets.api.receive_upload

    def at_work(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr("datasets.api.receive_upload", first_at_work)
        monkeypatch.setattr("jobs.keyed.LONGEST_WAIT", 0.2)
        seconds.append(send(client))  # while the first is still being processed
        return first_at_work(*args, **kwargs)

    monkeypatch.setattr("datasets.api.receive_upload", at_work)
    first = send(client)

    told = [(answer.status_code, "still being processed" in answer.json()["detail"]) for answer in seconds]
    assert told == [(409, True)]
    assert (first.status_code, DatasetVersion.objects.count()) == (202, 1)

    answer = KeyedRequest.objects.get()
    KeyedRequest.objects.update(status=None)
    monkeypatch.setattr("jobs.keyed.LONGEST_WAIT", 20)
    monkeypatch.setattr("jobs.keyed.time.sleep", lambda seconds: answer.save())  # the first ends while one waits
    assert send(client).json() == first.json()
    assert DatasetVersion.objects.count() == 1


def test_what_died_on_the_way_may_be_sent_again(caller: Any, analyst: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_args: Any, **_kwargs: Any) -> None:
        raise SystemExit

    alive = datasets.api.receive_upload
    monkeypatch.setattr("datasets.api.receive_upload", die)
    with pytest.raises(SystemExit):
        send(caller(analyst))
    monkeypatch.setattr("datasets.api.receive_upload", alive)

    assert send(caller(analyst)).status_code == 202


def test_every_post_of_the_api_tells_of_the_key() -> None:
    posts = [methods["post"] for methods in api.get_openapi_schema()["paths"].values() if "post" in methods]

    assert len(posts) >= 15
    assert all("Idempotency-Key" in [p["name"] for p in post["parameters"]] for post in posts)
