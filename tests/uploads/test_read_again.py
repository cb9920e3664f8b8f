"""A file that is read again in another way shows no more of persons than it did before."""

import io
import json
import logging
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from accounts.models import ApiToken, User, Workspace
from audit.models import AuditEntry
from catalog.models import Column, Dataset, DatasetVersion
from checks.models import Finding
from jobs.models import Job, JobLogLine
from planning.services.drafting import draft_experiment
from privacy import protection
from tests.experiments import people
from uploads import services

ClientOf = Callable[[User], Client]
RunJobs = Callable[[], list[Job]]
ROWS = 300
RARE, GIVEN = "蹇逄亓綦麴", "子墨一诺梓涵雨桐"


class Planted:
    """People of whom only the names of columns tell: few cells are numbers, and a third of the names are rare."""

    def __init__(self) -> None:
        random = Random(11)
        self.names = [
            random.choice(RARE if place % 3 == 0 else people.FAMILY) + "".join(random.choice(GIVEN) for _ in range(2))
            for place in range(ROWS)
        ]
        self.phones = [people.mobile(random) if place % 3 else "无" for place in range(ROWS)]
        # Nothing but a person's word says that these are personal.
        self.nicknames = [f"阿{random.choice(GIVEN)}{random.choice(GIVEN)}" for _ in range(ROWS)]
        self.text = "姓名,age,手机,称呼,branch,responded\n" + "".join(
            f"{name},{20 + place % 50},{phone},{nick},{'东西'[place % 2]}区,{'yes' if place % 4 == 0 else 'no'}\n"
            for place, (name, phone, nick) in enumerate(zip(self.names, self.phones, self.nicknames, strict=True))
        )

    @property
    def values(self) -> set[str]:
        return {*self.names, *self.phones, *self.nicknames} - {"无"}

    def seen_in(self, text: str, *, encoding: str = "utf-8") -> list[str]:
        """Return the values that stand in a text, or in what it is when read back."""
        turned = {value: value.encode().decode(encoding, "ignore") for value in self.values}
        return [
            value
            for value, other in turned.items()
            if value in text or (other != value and len(other) > 2 and other[:-1] in text)
        ]


@pytest.fixture
def planted() -> Planted:
    return Planted()


@pytest.fixture
def version(analyst: User, modeler: User, workspace: Workspace, planted: Planted, run_jobs: RunJobs) -> DatasetVersion:
    uploaded = SimpleUploadedFile("people.csv", planted.text.encode())
    made = services.receive_upload(analyst, workspace, uploaded)
    run_jobs()
    protection.choose_protection(made, "称呼", "hash", modeler)
    run_jobs()
    made.refresh_from_db()
    assert dict(made.columns.exclude(personal_data="").values_list("name", "personal_data")) == {
        "姓名": "name", "手机": "mobile", "称呼": "other",
    }  # fmt: skip
    return made


def read_again(client: Client, version: DatasetVersion, run_jobs: RunJobs, **choices: str) -> DatasetVersion:
    answer = client.post(f"/data/{version.pk}/read-again/", {"encoding": "", **choices})
    assert answer.status_code == 302
    run_jobs()
    return version.dataset.versions.order_by("-number").first()


def table_of(version: DatasetVersion) -> str:
    table = pl.read_parquet(Path(django_settings.MEDIA_ROOT) / version.parquet_path)
    return json.dumps(table.to_dict(as_series=False), default=str, ensure_ascii=False)


def everything_shown(client: Client, caller: Client, version: DatasetVersion) -> dict[str, str]:
    """Return every page, file and answer about a version."""
    own = f"/data/{version.pk}/"
    addresses = [
        *("/data/", own, f"{own}columns.csv", f"{own}dictionary/", f"{own}dictionary/template.csv", f"{own}personal/"),
        *(f"{own}comparison/", f"{own}lineage.json", f"{own}preview/", f"{own}preview/?encoding=&header_line=0"),
        *(f"{own}preview/?encoding=&header_line={line}" for line in (1, 2, 5)),
        *(f"{own}preview/?encoding={name}" for name in ("gb18030", "utf-16", "utf-16-le", "big5", "latin-1")),
        *(f"{own}dictionary/{column.pk}/" for column in version.columns.all()),
    ]
    shown = {}
    for address in addresses:
        answer = client.get(address, follow=True)
        assert answer.status_code == 200 or (answer.status_code == 404 and not version.is_ready), address
        shown[address] = answer.content.decode()
    for address in (
        "/api/v1/datasets",
        f"/api/v1/datasets/{version.pk}",
        f"/api/v1/datasets/{version.pk}/personal-data",
    ):
        answer = caller.get(address)
        assert answer.status_code == 200 or not version.is_ready, address
        shown[address] = json.dumps(answer.json(), ensure_ascii=False)
    return shown


def everything_stored() -> str:
    kinds = (Column, DatasetVersion, Dataset, Finding, Job, JobLogLine, AuditEntry)
    return repr([list(kind.objects.values()) for kind in kinds])


@pytest.mark.parametrize(
    "choices",
    [
        {"header_line": "0"},
        {"header_line": "2"},
        {"header_line": "5"},
        {"delimiter": ";"},
        {"delimiter": "|", "header_line": "0"},
        {"encoding": "gb18030", "on_broken_bytes": "replace"},
        {"encoding": "gb18030", "on_broken_bytes": "replace", "header_line": "3"},
        {"encoding": "latin-1"},
        {"encoding": "utf-16-le", "on_broken_bytes": "replace"},
        {"encoding": "utf-16"},
    ],
    ids=str,
)
@pytest.mark.slow
def test_another_reading_shows_nobody_on_any_page_in_any_file_answer_or_log(
    version: DatasetVersion,
    modeler: User,
    planted: Planted,
    run_jobs: RunJobs,
    client_of: ClientOf,
    caplog: pytest.LogCaptureFixture,
    choices: dict[str, str],
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = ApiToken.new_secret()
    ApiToken.objects.create(user=modeler, name="test", digest=ApiToken.digest_of(secret))
    client, caller = client_of(modeler), Client(headers={"Authorization": f"Bearer {secret}"})
    encoding = choices.get("encoding") or "utf-8"

    again = read_again(client, version, run_jobs, **choices)

    places = {**everything_shown(client, caller, again), "stored": everything_stored(), "log": caplog.text}
    if again.is_ready:
        places["table"] = table_of(again)
    assert {place: found for place, text in places.items() if (found := planted.seen_in(text, encoding=encoding))} == {}


def test_what_was_decided_goes_along_with_the_column(
    version: DatasetVersion, modeler: User, client_of: ClientOf, run_jobs: RunJobs
) -> None:
    again = read_again(client_of(modeler), version, run_jobs, header_line="0")

    assert [column.name for column in again.columns.all()] == [
        "姓名", "column_2", "手机", "称呼", "column_5", "column_6",
    ]  # fmt: skip
    assert again.columns.get(name="称呼").profile["protection"]["way"] == "hash"


def test_a_detour_over_a_senseless_reading_does_not_make_anything_forgotten(
    version: DatasetVersion, modeler: User, planted: Planted, client_of: ClientOf, run_jobs: RunJobs
) -> None:
    client = client_of(modeler)
    for detour in ({"delimiter": "|"}, {"encoding": "utf-16-le", "on_broken_bytes": "replace"}):
        read_again(client, version, run_jobs, **detour)
        again = read_again(client, version, run_jobs, header_line="4")

        assert again.is_ready, again.job
        assert planted.seen_in(table_of(again) + everything_stored()) == []


def test_the_way_back_gives_the_table_there_was(
    version: DatasetVersion, modeler: User, client_of: ClientOf, run_jobs: RunJobs
) -> None:
    client, before = client_of(modeler), table_of(version)
    read_again(client, version, run_jobs, header_line="3")
    back = read_again(client, version, run_jobs)

    assert table_of(back) == before


def test_a_version_that_something_rests_on_is_read_as_a_new_one_as_safely(
    version: DatasetVersion,
    workspace: Workspace,
    modeler: User,
    planted: Planted,
    client_of: ClientOf,
    run_jobs: RunJobs,
) -> None:
    draft_experiment(user=modeler, workspace=workspace, kind="response", version=version, name="Who will respond")
    run_jobs()

    again = read_again(client_of(modeler), version, run_jobs, header_line="2")

    assert again.number == 2
    assert again.is_ready, again.job
    assert planted.seen_in(table_of(again) + everything_stored()) == []


def test_a_wrong_encoding_that_is_put_right_keeps_what_is_no_one_s(
    analyst: User, workspace: Workspace, client_of: ClientOf, run_jobs: RunJobs
) -> None:
    text = "姓名,城市,余额\n" + "".join(
        f"{'王李张刘陈'[n % 5]}{GIVEN[n % 8]},{['杭州', '宁波'][n % 2]},{n}\n" for n in range(90)
    )
    made = services.receive_upload(analyst, workspace, SimpleUploadedFile("a.csv", text.encode("gb18030")))
    run_jobs()
    client = client_of(analyst)
    read_again(client, made, run_jobs, encoding="latin-1")
    back = read_again(client, made, run_jobs, encoding="gb18030")

    assert back.is_ready, back.job
    assert [column.name for column in back.columns.all()] == ["姓名", "城市", "余额"]
    assert dict(back.columns.exclude(personal_data="").values_list("name", "personal_data")) == {"姓名": "name"}
    assert "杭州" in table_of(back)


def test_a_right_delimiter_that_is_put_right_keeps_what_is_no_one_s(
    analyst: User, workspace: Workspace, client_of: ClientOf, run_jobs: RunJobs
) -> None:
    random: Any = Random(5)
    text = "姓名^城市^手机\n" + "".join(
        f"{people.name(random)}^{['杭州', '宁波'][n % 2]}^{people.mobile(random)}\n" for n in range(90)
    )
    made = services.receive_upload(analyst, workspace, SimpleUploadedFile("a.csv", text.encode()))
    run_jobs()
    client = client_of(analyst)
    read_again(client, made, run_jobs, delimiter=";")
    back = read_again(client, made, run_jobs, delimiter="^")

    assert back.is_ready, back.job
    assert dict(back.columns.exclude(personal_data="").values_list("name", "personal_data")) == {
        "姓名": "name", "手机": "mobile",
    }  # fmt: skip
    assert "杭州" in table_of(back)


def test_next_month_s_file_under_other_names_shows_no_more_than_this_month_s(
    version: DatasetVersion, modeler: User, planted: Planted, client_of: ClientOf, run_jobs: RunJobs
) -> None:
    rows = planted.text.split("\n", 1)[1].replace(",yes", ",no ")
    for head in ("", "a,b,c,d,e,f\n"):
        form = {"encoding": "", "header_line": "1" if head else "0"}
        uploaded = SimpleUploadedFile("people.csv", (head + rows).encode())
        answer = client_of(modeler).post(f"/data/{version.pk}/new-version/", {"file": uploaded, **form})
        assert answer.status_code == 302
        run_jobs()
        latest = version.dataset.versions.order_by("-number").first()

        assert latest.is_ready, latest.job
        assert planted.seen_in(table_of(latest)) == []
        assert "东区" in table_of(latest)


@pytest.mark.parametrize(
    "choices",
    [
        {"header_line": "0"},
        {"header_line": "3"},
        {"sheet": "other"},
        {"sheet": "other", "header_line": "0"},
        {"sheet": "other", "header_line": "2"},
    ],
    ids=str,
)
def test_another_sheet_or_line_of_a_workbook_shows_nobody(
    analyst: User,
    workspace: Workspace,
    planted: Planted,
    client_of: ClientOf,
    run_jobs: RunJobs,
    choices: dict[str, str],
) -> None:
    book = Workbook()
    rows = [row.split(",") for row in planted.text.strip().split("\n")]
    for row in rows:
        book.active.append(row)
    other = book.create_sheet("other")
    for row in rows[:-1]:
        # The same people with their columns in another order.
        other.append([row[1], row[4], row[0], row[5], row[2], row[3]])
    packed = io.BytesIO()
    book.save(packed)
    made = services.receive_upload(analyst, workspace, SimpleUploadedFile("people.xlsx", packed.getvalue()))
    run_jobs()
    client = client_of(analyst)
    found = [*planted.names, *planted.phones]

    again = read_again(client, made, run_jobs, **choices)

    looks = [f"/data/{again.pk}/preview/?encoding=&header_line={n}&sheet=other" for n in "02"]
    pages = [client.get(look).content.decode() for look in looks]
    assert again.is_ready, again.job
    for text in (table_of(again), everything_stored(), client.get(f"/data/{again.pk}/").content.decode(), *pages):
        assert [value for value in found if value in text and value != "无"] == []
