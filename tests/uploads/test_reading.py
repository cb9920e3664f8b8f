"""How a file is read can be chosen, and what reading found is told in plain words."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User, Workspace
from audit.models import AuditEntry
from catalog.models import DatasetVersion
from catalog.reading import Reading, offered_choices
from checks import services as check_services
from checks.models import DataCheck
from common.storage import local_path
from jobs.models import Job
from tests.catalog.conftest import CUSTOMERS, a_file
from tests.experiments.ingest.workbooks import rows_xml, workbook
from uploads import services

ClientOf = Callable[[User], Client]
RunJobs = Callable[[], list[Job]]
CHINESE = "姓名,城市,age\n" + "".join(f"王{n % 7}小,东京路{n},{20 + n % 40}\n" for n in range(300))


def table_of(version: DatasetVersion) -> pl.DataFrame:
    version.refresh_from_db()
    return pl.read_parquet(local_path(version.parquet_path))


def broken_file() -> SimpleUploadedFile:
    raw = CHINESE.encode("gb18030")
    at = raw.index("东京".encode("gb18030"))
    return SimpleUploadedFile("broken.csv", raw[:at] + b"\xff" + raw[at + 1 :])


def test_files_of_one_layout_become_one_version(
    analyst: User, workspace: Workspace, client_of: ClientOf, run_jobs: RunJobs
) -> None:
    header, *rows = CUSTOMERS.splitlines()
    parts = ["\n".join([header, *rows[:120]]), "\n".join([header, *rows[120:]])]
    client = client_of(analyst)

    client.post(
        "/data/new/", {"file": [a_file("jan.csv", parts[0]), a_file("feb.csv", parts[1])], "source_column": "month"}
    )
    run_jobs()

    version = DatasetVersion.objects.get()
    assert (version.dataset.name, version.file_name, version.state) == ("jan", "jan.csv, feb.csv", "ready")
    assert version.reading["read"] == [{"name": "jan.csv", "row_count": 120}, {"name": "feb.csv", "row_count": 80}]
    assert table_of(version)["month"].value_counts(sort=True)["count"].to_list() == [120, 80]
    assert len(version.sha256) == 64
    page = client.get(f"/data/{version.pk}/").content.decode()
    assert "Files read as one table" in page
    assert "feb.csv" in page


def test_a_file_of_another_layout_is_refused_by_name(analyst: User, workspace: Workspace, run_jobs: RunJobs) -> None:
    files = [a_file("jan.csv"), a_file("feb.csv", "customer_id,age\nC1,2\n")]
    version = services.receive_files(analyst, workspace, files)
    (job,) = run_jobs()

    version.refresh_from_db()
    assert (version.state, job.error_params["file"], job.error_params["first"]) == ("failed", "feb.csv", "jan.csv")


def test_broken_bytes_offer_choices_and_the_chosen_one_is_read(
    analyst: User, workspace: Workspace, client_of: ClientOf, run_jobs: RunJobs
) -> None:
    version = services.receive_upload(analyst, workspace, broken_file())
    run_jobs()
    version.refresh_from_db()
    best = version.reading["choices"][0]
    assert (version.state, best["encoding"], best["on_broken_bytes"]) == ("failed", "gb18030", "replace")
    client = client_of(analyst)
    page = client.get(f"/data/{version.pk}/").content.decode()
    assert "Which version reads correctly?" in page
    assert "姓名,城市,age" in page
    assert "东京路" not in page

    client.post(f"/data/{version.pk}/read-again/", {"encoding": "gb18030", "on_broken_bytes": "replace"})
    run_jobs()

    version.refresh_from_db()
    assert (version.state, version.row_count, version.encoding) == ("ready", 300, "gb18030")
    assert "�" in table_of(version)["城市"][0]
    assert any("replaced by" in note["message"] for note in version.notes)
    assert AuditEntry.objects.get(action="dataset.read_again").details["reading"] == {
        "encoding": "gb18030", "on_broken_bytes": "replace",
    }  # fmt: skip


def test_the_most_sensible_choice_comes_first() -> None:
    def choice(encoding: str, broken: int) -> dict[str, Any]:
        return {"encoding": encoding, "broken": broken, "sample": ["王伟,13812345678", "姓名", "蹇子墨,城区"]}

    offered = offered_choices([choice("windows-1252", 0), choice("gb18030", 3), choice("utf-8", 900)], 10_000)

    assert [each["encoding"] for each in offered] == ["gb18030", "windows-1252", "utf-8"]
    assert offered[0]["sample"] == ["王…,1…", "姓名", "蹇…,城…"]


def test_a_sample_shows_the_letters_by_which_encodings_differ() -> None:
    lines = ["1,Société", "2,Soci�t�", "3,Privé 13812345678"]
    offered = offered_choices([{"encoding": "gb18030", "broken": 3, "sample": lines}], 10_000)
    assert offered[0]["sample"] == ["1,S…é", "2,S…�", "3,P…é"]


@pytest.mark.parametrize(
    ("text", "chosen", "names", "first"),
    [
        ("C1;1,5\nC2;2,5\n", {"header_line": "0", "delimiter": ";"}, ["column_1", "column_2"], ("C1", 1.5)),
        ("Report\nof today\nid;amount\nC1;1,500\nC2;2,500\n", {"header_line": "3", "decimal": ","},
         ["id", "amount"], ("C1", 1.5)),
        ("id;amount\nC1;1,500\nC2;2,500\n", {"decimal": "."}, ["id", "amount"], ("C1", 1500)),
        ("a|b;c\n1|2;3\n2|3;4\n", {"delimiter": "|"}, ["a", "b;c"], (1, "2;3")),
        ("a\tb\n1\t2\n2\t3\n", {"delimiter": "tab"}, ["a", "b"], (1, 2)),
    ],
)  # fmt: skip
def test_a_ready_version_is_read_again_as_chosen(
    text: str, chosen: dict[str, str], names: list[str], first: tuple[Any, ...], analyst: User, workspace: Workspace,
    client_of: ClientOf, run_jobs: RunJobs,
) -> None:  # fmt: skip
    version = services.receive_upload(analyst, workspace, a_file("a.csv", text))
    run_jobs()

    client_of(analyst).post(f"/data/{version.pk}/read-again/", {"encoding": "", **chosen})
    run_jobs()

    assert DatasetVersion.objects.get().state == "ready"
    assert table_of(version).columns == names
    assert table_of(version).row(0) == first


def test_what_others_look_at_stays_and_the_new_reading_is_the_next_version(
    version: DatasetVersion, analyst: User, run_jobs: RunJobs
) -> None:
    DataCheck.objects.create(version=version, owner=analyst, kind="response")
    before = local_path(version.parquet_path).read_bytes()

    again = services.read_again(version, analyst, Reading(header_line=0))
    run_jobs()

    version.refresh_from_db()
    again.refresh_from_db()
    assert (version.number, version.state, version.row_count) == (1, "ready", 200)
    assert local_path(version.parquet_path).read_bytes() == before
    assert (again.dataset, again.number, again.state, again.row_count) == (version.dataset, 2, "ready", 201)
    assert (again.file_name, again.sha256) == (version.file_name, version.sha256)


def test_a_colleague_s_file_is_not_read_again_by_an_analyst(
    version: DatasetVersion, add_person: Callable[..., User], stranger: User, client_of: ClientOf
) -> None:
    address = f"/data/{version.pk}/read-again/"

    assert client_of(add_person("other")).post(address, {"encoding": "big5"}).status_code == 403
    assert client_of(stranger).post(address, {"encoding": "big5"}).status_code == 404
    assert client_of(stranger).get(f"/data/{version.pk}/preview/").status_code == 404
    version.refresh_from_db()
    assert version.state == "ready"


def test_numbers_ruined_by_a_spreadsheet_block_their_column_on_the_page_and_in_the_check(
    analyst: User, workspace: Workspace, client_of: ClientOf, run_jobs: RunJobs
) -> None:
    rows = "".join(f"62220212{n:07d}0000,{20 + n % 50},{'yes' if n % 5 == 0 else 'no'}\n" for n in range(300))
    version = services.receive_upload(analyst, workspace, a_file("cards.csv", "card,age,responded\n" + rows))
    check = check_services.open_check(version, "response", analyst)
    run_jobs()

    page = client_of(analyst).get(f"/data/{version.pk}/").content.decode()
    assert "1 column blocked" in page
    assert "A spreadsheet has overwritten their last digits" in page
    check.refresh_from_db()
    [finding] = check.findings.filter(code="ruined")
    assert (finding.severity, finding.column and finding.column.name) == ("block", "card")
    assert check.columns.get(column__name="card").excluded


def test_the_preview_of_a_version_follows_the_choices(
    version: DatasetVersion, analyst: User, client_of: ClientOf
) -> None:
    client = client_of(analyst)

    assert '<th scope="col">customer_id</th>' in client.get(f"/data/{version.pk}/preview/").content.decode()
    headless = client.get(f"/data/{version.pk}/preview/", {"encoding": "", "header_line": "0"}).content.decode()
    assert '<th scope="col">column_1</th>' in headless
    assert "customer_id" in headless


@pytest.mark.parametrize(
    ("member", "size", "limit", "words"),
    [
        ("../../x.csv", 10, 10**9, "points outside the archive"),
        ("x.csv", 5_000, 1_000, "GB"),
        ("x.csv", 120 << 20, 10**10, "unpacks to more than"),
    ],
)
def test_traps_in_archives_are_refused_in_a_sentence_on_the_page(
    member: str, size: int, limit: int, words: str, analyst: User, workspace: Workspace, client_of: ClientOf,
    run_jobs: RunJobs, settings: Any,
) -> None:  # fmt: skip
    settings.UPLOAD_MAX_UNPACKED_BYTES = limit
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, "0" * size)
    version = services.receive_upload(analyst, workspace, SimpleUploadedFile("table.zip", packed.getvalue()))
    run_jobs()

    page = client_of(analyst).get(f"/data/{version.pk}/").content.decode()

    assert "could not be read" in page
    assert words in page


def test_the_limits_stand_on_the_page(analyst: User, client_of: ClientOf, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES, settings.UPLOAD_MAX_UNPACKED_BYTES = 3 << 30, 20 << 30

    page = client_of(analyst).get("/data/new/").content.decode()

    assert "up to 3.0 GB and 20.0 GB unpacked" in page


def test_the_sheet_of_a_workbook_and_rows_of_totals_follow_the_choice_of_a_person(
    analyst: User, workspace: Workspace, run_jobs: RunJobs, client_of: Any
) -> None:
    customers = [["cust_id", "income"], *([number, 1_000 + number] for number in range(1, 60)), ["合计", 60_000]]
    codes = [["code", "name"], *([number, f"branch {number}"] for number in range(1, 9))]
    content = workbook({"码表": rows_xml(codes), "客户": rows_xml(customers)}, hidden=["码表"])
    version = services.receive_upload(analyst, workspace, SimpleUploadedFile("客户.xlsx", content))
    run_jobs()
    version.refresh_from_db()
    page = client_of(analyst).get(f"/data/{version.pk}/").content.decode()
    assert version.row_count == 59
    assert "Rows that hold totals, not customers, were left out: 1 (合计)" in page
    assert "码表 (hidden, 9 rows)" in page

    preview = client_of(analyst).get(f"/data/{version.pk}/preview/", {"encoding": "", "sheet": "码表"})
    assert '<option value="客户">' in preview.content.decode()
    assert '<th scope="col">code</th>' in preview.content.decode()
    again = f"/data/{version.pk}/read-again/"
    client_of(analyst).post(again, {"encoding": "", "sheet": "码表"})
    run_jobs()
    version.refresh_from_db()
    assert [column.name for column in version.columns.all()] == ["code", "name"]
    client_of(analyst).post(again, {"encoding": "", "totals": "keep"})
    run_jobs()
    version.refresh_from_db()
    assert version.row_count == 60
