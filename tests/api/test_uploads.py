"""A program sends a large file piece by piece and has it read as it says."""

import base64
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from jobs.models import Job
from tests.api.conftest import post
from tests.catalog.conftest import CUSTOMERS
from uploads.models import Upload

Caller = Callable[[User], Client]
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = CUSTOMERS.encode()


@pytest.fixture
def client(analyst: User, caller: Caller) -> Client:
    return caller(analyst)


def send(client: Client, content: bytes, name: str) -> str:
    """Send a file in two pieces and return its key."""
    metadata = f"filename {base64.b64encode(name.encode()).decode()}"
    opened = client.post(
        "/api/v1/uploads", headers={**TUS, "Upload-Length": str(len(content)), "Upload-Metadata": metadata}
    )
    assert opened.status_code == 201
    address = opened["Location"]
    for begin, piece in ((0, content[:100]), (100, content[100:])):
        headers = {**TUS, "Upload-Offset": str(begin)}
        answer = client.patch(address, piece, content_type="application/offset+octet-stream", headers=headers)
        assert answer.status_code == 204
    return address.rsplit("/", 1)[-1]


def test_uploads_become_a_version_read_as_said(client: Client, run_jobs: Callable[[], list[Job]]) -> None:
    keys = [send(client, CUSTOMERS.encode("gb18030"), "jan.csv"), send(client, CUSTOMERS.encode("gb18030"), "feb.csv")]
    reading = {"encoding": "gb18030", "delimiter": ",", "source_column": "month"}

    made = post(client, "/api/v1/datasets/from-uploads", uploads=keys, name="Two months", reading=reading)
    run_jobs()

    assert made.status_code == 202
    read = client.get(f"/api/v1/datasets/{made.json()['id']}").json()
    assert (read["name"], read["state"], read["row_count"], read["encoding"]) == ("Two months", "ready", 400, "gb18030")
    assert read["columns"][-1]["name"] == "month"


def test_half_an_upload_is_no_dataset(client: Client) -> None:
    opened = client.post("/api/v1/uploads", headers={**TUS, "Upload-Length": "10"})

    answer = post(client, "/api/v1/datasets/from-uploads", uploads=[opened["Location"].rsplit("/", 1)[-1]])

    assert answer.status_code == 409
    assert "The file has not been fully received" in answer.json()["detail"]


def test_a_stranger_cannot_see_or_use_an_upload(client: Client, stranger: User, modeler: User, caller: Caller) -> None:
    key = send(client, BYTES, "a.csv")
    for other in (caller(stranger), caller(modeler)):
        assert other.head(f"/api/v1/uploads/{key}", headers=TUS).status_code == 404
        assert post(other, "/api/v1/datasets/from-uploads", uploads=[key]).status_code == 404
    assert Client().head(f"/api/v1/uploads/{key}", headers=TUS).status_code == 401
    assert Upload.objects.get().version is None


def test_the_protocol_stands_in_the_documents(client: Client) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]

    assert set(paths["/api/v1/uploads"]) == {"options", "post"}
    assert set(paths["/api/v1/uploads/{upload_id}"]) == {"head", "patch", "delete"}
    assert "Upload-Offset" in paths["/api/v1/uploads"]["post"]["description"]
    assert "application/offset+octet-stream" in str(paths["/api/v1/uploads/{upload_id}"]["patch"]["requestBody"])
    page = client.get("/api/v1/docs").content.decode()
    assert "/api/v1/uploads" in page
