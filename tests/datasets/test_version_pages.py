"""The pages of new versions, comparison and origin: who may open and change them, and what they say."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User, Workspace
from accounts.services import create_token
from catalog.models import DatasetVersion
from jobs.models import Job
from tests.catalog.conftest import CUSTOMERS, a_file
from uploads import versions

ClientOf = Callable[[User], Client]
RunJobs = Callable[[], list[Job]]
MORE = CUSTOMERS.replace("东", "南").replace("C0", "D0")


@pytest.fixture
def second(version: DatasetVersion, analyst: User, run_jobs: RunJobs) -> DatasetVersion:
    made = versions.add_version(version.dataset, a_file("more.csv", MORE), "append", analyst)
    run_jobs()
    made.refresh_from_db()
    return made


PAGES = ["/data/{pk}/", "/data/{pk}/comparison/", "/data/{pk}/lineage.json", "/data/{pk}/new-version/"]
ACTS = ["/data/{pk}/new-version/", "/data/{pk}/compare/", "/data/{pk}/verify/"]


@pytest.mark.parametrize("address", PAGES)
def test_the_owner_and_modelers_look_and_a_stranger_finds_nothing(
    second: DatasetVersion, analyst: User, modeler: User, stranger: User, client_of: ClientOf, address: str
) -> None:
    people = (analyst, modeler, stranger)

    assert [client_of(one).get(address.format(pk=second.pk)).status_code for one in people] == [200, 200, 404]


@pytest.mark.parametrize("address", ACTS)
def test_a_colleague_may_not_change_and_is_told_whom_to_ask(
    second: DatasetVersion, add_person: Callable[..., User], stranger: User, client_of: ClientOf, address: str
) -> None:
    answer = client_of(add_person("colleague")).post(address.format(pk=second.pk))

    assert answer.status_code == 403
    assert "analyst" in answer.content.decode()
    assert client_of(stranger).post(address.format(pk=second.pk)).status_code == 404


@pytest.mark.parametrize(("mode", "rows"), [("append", 400), ("replace", 200)])
def test_a_file_sent_by_the_page_becomes_the_next_version(
    version: DatasetVersion, analyst: User, client_of: ClientOf, run_jobs: RunJobs, mode: str, rows: int
) -> None:
    answer = client_of(analyst).post(
        f"/data/{version.pk}/new-version/",
        {"mode": mode, "file": SimpleUploadedFile("more.csv", MORE.encode())},
    )
    run_jobs()

    made = DatasetVersion.objects.get(dataset=version.dataset, number=2)
    assert answer.status_code == 302
    assert answer["Location"] == f"/data/{made.pk}/"
    assert made.row_count == rows


def test_without_a_file_the_page_says_so_and_keeps_the_choice(
    version: DatasetVersion, analyst: User, client_of: ClientOf
) -> None:
    answer = client_of(analyst).post(f"/data/{version.pk}/new-version/", {"mode": "append"})

    assert answer.status_code == 422
    assert 'value="append" checked' in answer.content.decode()


def test_the_page_tells_what_changed_and_where_the_rows_come_from(
    second: DatasetVersion, analyst: User, client_of: ClientOf
) -> None:
    page = client_of(analyst).get(f"/data/{second.pk}/").content.decode()

    assert "Compared with version 1" in page
    assert "New values in 66.5% of the rows: 南." in page
    assert "more.csv" in page
    assert "Appended to the earlier 200 rows: 400 in total" in page
    assert second.parquet_sha256 in page


def test_the_comparison_is_narrowed_by_name_and_gravity(
    second: DatasetVersion, analyst: User, client_of: ClientOf
) -> None:
    client = client_of(analyst)
    grave = client.get(f"/data/{second.pk}/comparison/?verdict=red").content.decode()
    named = client.get(f"/data/{second.pk}/comparison/?q=AGE").content.decode()

    assert ">city<" in grave
    assert ">age<" not in grave
    assert ">age<" in named
    assert ">city<" not in named


def test_a_first_version_says_that_there_is_nothing_to_compare(
    version: DatasetVersion, analyst: User, client_of: ClientOf
) -> None:
    assert "Nothing to compare yet" in client_of(analyst).get(f"/data/{version.pk}/comparison/").content.decode()
    assert "Compared with" not in client_of(analyst).get(f"/data/{version.pk}/").content.decode()


def test_made_again_the_page_says_that_it_is_the_same(
    second: DatasetVersion, analyst: User, client_of: ClientOf, run_jobs: RunJobs
) -> None:
    client = client_of(analyst)
    client.post(f"/data/{second.pk}/verify/")
    waiting = client.get(f"/data/{second.pk}/").content.decode()
    run_jobs()

    assert "Rebuild and compare" not in waiting
    assert "identical, byte for byte" in client.get(f"/data/{second.pk}/").content.decode()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_two_thousand_columns_are_shown_a_page_at_a_time(
    second: DatasetVersion, analyst: User, client_of: ClientOf, language: str
) -> None:
    column = second.comparison["columns"][0]
    second.comparison["columns"] = [{**column, "name": f"column_{n:04d}"} for n in range(2_000)]
    second.save()
    client = client_of(analyst)
    client.cookies["django_language"] = language
    page = client.get(f"/data/{second.pk}/comparison/?page=2").content.decode()

    assert "column_0100" in page
    assert "column_0099" not in page
    assert page.count("<tr>") <= 101


def test_the_api_gives_origin_and_comparison_and_takes_a_version(
    second: DatasetVersion, modeler: User, stranger: User, workspace: Workspace, run_jobs: RunJobs
) -> None:
    def caller(user: User) -> Client:
        return Client(headers={"authorization": f"Bearer {create_token(user, 'tests')[1]}"})

    ours, theirs = caller(modeler), caller(stranger)
    address = f"/api/v1/datasets/{second.pk}"

    assert ours.get(f"{address}/lineage").json()["lineage"]["sources"][0]["file"] == "more.csv"
    assert ours.get(f"{address}/comparison").json()["comparison"]["number"] == 1
    assert theirs.get(f"{address}/lineage").status_code == 404
    sent = ours.post(f"{address}/versions", {"file": a_file("third.csv", MORE.replace("D0", "E0")), "mode": "append"})
    run_jobs()
    assert (sent.status_code, sent.json()["number"]) == (202, 3)
    assert DatasetVersion.objects.get(pk=sent.json()["id"]).row_count == 600
