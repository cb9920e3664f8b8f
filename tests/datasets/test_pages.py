"""Who sees which dataset, and what of it is never shown."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User, Workspace
from catalog.models import Dataset, DatasetVersion
from experiments.privacy.masking import masked
from jobs.models import Job
from tests.catalog.conftest import a_file
from uploads import services

ClientOf = Callable[[User], Client]


@pytest.mark.parametrize("address", ["/data/{pk}/", "/data/{pk}/columns.csv"])
def test_the_owner_and_colleagues_look_and_a_stranger_finds_nothing(
    version: DatasetVersion, analyst: User, modeler: User, stranger: User, client_of: ClientOf, address: str
) -> None:
    statuses = [
        client_of(person).get(address.format(pk=version.pk)).status_code for person in (analyst, modeler, stranger)
    ]

    assert statuses == [200, 200, 404]


def test_a_stranger_s_list_is_empty(version: DatasetVersion, stranger: User, client_of: ClientOf) -> None:
    assert "customers.csv" not in client_of(stranger).get("/data/").content.decode()


def test_a_colleague_without_the_right_is_told_whom_to_ask(
    version: DatasetVersion, add_person: Callable[..., User], client_of: ClientOf
) -> None:
    DatasetVersion.objects.filter(pk=version.pk).update(state="failed")
    answer = client_of(add_person("colleague")).post(f"/data/{version.pk}/read-again/")

    assert answer.status_code == 403
    assert "analyst" in answer.content.decode()


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("13912345678", "139****5678"),
        ("11010519491231002X", "1101**********002X"),
        ("6222020200112233445", "6222****3445"),
        ("li.wei@example.com", "l***@example.com"),
        (13912345678.0, "139****5678"),
        ("１３９１２３４５６７８", "139****5678"),
        ("6222 0202 0011 2233 445", "6222****445"),
        ("330106491231002", "3301********002"),
        ("20240131080500", "20240131080500"),
        ("上海", "上海"),
        ("2026-11-23", "2026-11-23"),
        (41188, "41188"),
    ],
)
def test_personal_data_are_unreadable(cell: Any, shown: str) -> None:
    assert masked(cell) == shown


def test_pages_and_exports_show_no_phone_numbers(
    analyst: User, workspace: Workspace, run_jobs: Callable[[], list[Job]], client_of: ClientOf
) -> None:
    text = "phone,good\n" + "".join(f"1391234{n % 7:04d},{'01'[n % 2]}\n" for n in range(100))
    version = services.receive_upload(analyst, workspace, a_file("phones.csv", text))
    run_jobs()

    for address in (f"/data/{version.pk}/", f"/data/{version.pk}/columns.csv"):
        assert "13912340001" not in client_of(analyst).get(address).content.decode()


@pytest.mark.django_db
def test_the_list_asks_the_database_as_often_for_three_datasets_as_for_one(
    analyst: User, workspace: Workspace, client_of: ClientOf
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = client_of(analyst)

    def queries_of_the_list() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/data/").status_code == 200
        return len(captured)

    services.receive_upload(analyst, workspace, a_file("one.csv"))
    queries_of_the_list()
    with_one = queries_of_the_list()
    services.receive_upload(analyst, workspace, a_file("two.csv"))
    services.receive_upload(analyst, workspace, a_file("three.csv"))

    assert queries_of_the_list() == with_one
    assert Dataset.objects.count() == 3
