"""A dataset gets new versions: replaced or added to, compared with the one before, and made again from its sources."""

import json
from collections.abc import Callable

import polars as pl
import pytest
from django.test import Client
from django.utils.translation import override

from accounts.models import User, Workspace
from audit.models import AuditEntry
from catalog.models import ColumnSetting, DatasetVersion
from common.storage import local_path
from common.templatetags.formatting import told
from datasets import verifying
from jobs.models import Job
from tests.catalog.conftest import CUSTOMERS, a_file
from uploads import services, versions

pytestmark = pytest.mark.database

RunJobs = Callable[[], list[Job]]
ClientOf = Callable[[User], Client]
MORE = "city,customer_id,age,responded\n" + "".join(
    f"{'南' if n % 2 else '东'},C{n:04d},{20 + n % 50},{'yes' if n % 5 == 0 else 'no'}\n" for n in range(150, 300)
)


def add(version: DatasetVersion, user: User, text: str, mode: str, run_jobs: RunJobs) -> DatasetVersion:
    made = versions.add_version(version.dataset, a_file("february.csv", text), mode, user)
    run_jobs()
    made.refresh_from_db()
    return made


def table_of(version: DatasetVersion) -> pl.DataFrame:
    return pl.read_parquet(local_path(version.parquet_path))


@pytest.fixture(autouse=True)
def english():
    """Sentences are compared in English, whatever language a test before left behind."""
    with override("en"):
        yield


@pytest.fixture
def appended(version: DatasetVersion, analyst: User, run_jobs: RunJobs) -> DatasetVersion:
    return add(version, analyst, MORE, "append", run_jobs)


def test_added_rows_stand_behind_those_before_and_the_old_version_stays(
    version: DatasetVersion, appended: DatasetVersion
) -> None:
    old, both = table_of(version), table_of(appended)

    assert (appended.state, appended.number, appended.origin, appended.row_count) == ("ready", 2, "append", 350)
    assert both.columns == old.columns
    assert both.head(200).equals(old)
    assert both["customer_id"][200] == "C0150"
    assert [column.row_count if column else 0 for column in (version, appended)] == [200, 350]
    assert appended.columns.get(name="age").profile["rows"] == 350
    assert appended.notes[0]["params"]["rows"] == "150"


def test_replacing_takes_the_file_alone(version: DatasetVersion, analyst: User, run_jobs: RunJobs) -> None:
    replaced = add(version, analyst, MORE, "replace", run_jobs)

    assert (replaced.number, replaced.origin, replaced.row_count) == (2, "upload", 150)
    assert table_of(replaced).columns == ["city", "customer_id", "age", "responded"]


def test_adding_other_columns_fails_with_their_names_and_changes_nothing(
    version: DatasetVersion, analyst: User, run_jobs: RunJobs
) -> None:
    failed = add(version, analyst, "customer_id,age,town,responded\nC1,3,x,yes\n", "append", run_jobs)

    assert failed.state == "failed"
    assert failed.job is not None
    assert told(failed.job.error_message, failed.job.error_params).startswith(
        "february.csv lacks city, which version 1 has, and has town instead."
    )
    assert not [*local_path(failed.source_path).parent.glob("*.parquet")]
    assert versions.newest(version.dataset) == version


def test_adding_another_type_names_column_and_type_in_both_languages(
    version: DatasetVersion, analyst: User, run_jobs: RunJobs
) -> None:
    failed = add(version, analyst, CUSTOMERS.replace(",2", ",alt").replace(",3", ",alt"), "append", run_jobs)

    assert failed.job is not None
    assert "age had numbers and now has text" in told(failed.job.error_message, failed.job.error_params)


def test_the_same_file_is_not_added_twice(version: DatasetVersion, analyst: User, run_jobs: RunJobs) -> None:
    twice = add(version, analyst, CUSTOMERS, "append", run_jobs)

    assert twice.state == "failed"
    assert twice.job is not None
    assert "in version 1 already" in told(twice.job.error_message, twice.job.error_params)


def test_there_must_be_something_to_add_to(analyst: User, workspace: Workspace) -> None:
    unread = services.receive_upload(analyst, workspace, a_file())

    with pytest.raises(versions.VersionRefused):
        versions.add_version(unread.dataset, a_file("more.csv"), "append", analyst)


def test_the_added_rows_are_compared_with_those_before(version: DatasetVersion, appended: DatasetVersion) -> None:
    found = appended.comparison

    said = {column["name"]: [change["code"] for change in column["changes"]] for column in found["columns"]}
    assert (found["number"], found["older_rows"], found["newer_rows"]) == (1, 200, 150)
    assert "new_levels" in said["city"]
    assert found["columns"][0]["name"] == "city"
    assert {"code": "keys", "share": "33.3%"} in [
        {"code": change["code"], "share": change["params"].get("share")} for change in found["table"]
    ]
    assert version.comparison == {}


def test_persons_added_are_protected_like_those_before(analyst: User, workspace: Workspace, run_jobs: RunJobs) -> None:
    def phones(numbers: range) -> str:
        return "phone,amount\n" + "".join(f"138{n:08d},{n % 90}\n" for n in numbers)

    first = services.receive_upload(analyst, workspace, a_file("phones.csv", phones(range(200))))
    run_jobs()
    second = add(first, analyst, phones(range(100, 300)), "append", run_jobs)

    values = table_of(second)["phone"]
    assert second.columns.get(name="phone").personal_data == "mobile"
    assert values.str.contains(r"^[0-9a-f]{32}$").all()
    assert values[200] == values[100]
    assert "13800000" not in json.dumps([second.comparison, second.lineage, second.notes], ensure_ascii=False)


def test_a_version_knows_its_sources_its_steps_who_and_with_what(
    version: DatasetVersion, appended: DatasetVersion, analyst: User
) -> None:
    lineage = appended.lineage

    assert [(source["kind"], source.get("file") or source["version"]) for source in lineage["sources"]] == [
        ("file", "february.csv"), ("version", version.pk),
    ]  # fmt: skip
    version.refresh_from_db()
    assert lineage["sources"][1]["sha256"] == version.parquet_sha256 == version.lineage["sha256"]
    assert lineage["sources"][0]["sha256"] == appended.sha256
    assert [step["step"] for step in lineage["steps"]] == ["read", "append"]
    assert lineage["by"] == analyst.username
    assert set(lineage["engine"]) == {"code", "polars", "pyarrow"}
    assert lineage["sha256"] == appended.parquet_sha256


@pytest.mark.parametrize("which", ["first", "appended", "protected"])
def test_made_again_it_is_the_same(
    version: DatasetVersion,
    appended: DatasetVersion,
    analyst: User,
    workspace: Workspace,
    run_jobs: RunJobs,
    which: str,
) -> None:
    chosen = {"first": version, "appended": appended}.get(which)
    if chosen is None:
        text = "phone,amount\n" + "".join(f"138{n:08d},{n % 90}\n" for n in range(200))
        chosen = services.receive_upload(analyst, workspace, a_file("phones.csv", text))
        run_jobs()
        chosen.refresh_from_db()
    verifying.verify(chosen, analyst)
    (job,) = run_jobs()

    chosen.refresh_from_db()
    again = chosen.lineage["again"]
    assert job.state == "succeeded"
    assert (again["same"], again["same_sources"], again["same_engine"]) == (True, True, True)
    assert again["sha256"] == chosen.parquet_sha256
    assert not [*local_path(chosen.parquet_path).parent.glob("again-*")]


def test_a_changed_source_does_not_pass(version: DatasetVersion, analyst: User, run_jobs: RunJobs) -> None:
    source = local_path(version.source_path)
    source.chmod(0o600)
    source.write_text(CUSTOMERS.replace("C0001,21", "C0001,22"))
    verifying.verify(version, analyst)
    run_jobs()

    version.refresh_from_db()
    assert (version.lineage["again"]["same"], version.lineage["again"]["same_sources"]) == (False, False)


def test_a_worker_that_died_while_comparing_leaves_the_version_as_it_is(
    appended: DatasetVersion, analyst: User, run_jobs: RunJobs
) -> None:
    columns = [column.pk for column in appended.columns.all()]
    DatasetVersion.objects.filter(pk=appended.pk).update(comparison={})
    appended.refresh_from_db()
    versions.compare_again(appended, analyst)
    run_jobs()

    appended.refresh_from_db()
    assert appended.comparison["number"] == 1
    assert [column.pk for column in appended.columns.all()] == columns


def test_who_was_called_customer_is_asked_of_the_dataset(
    version: DatasetVersion, analyst: User, run_jobs: RunJobs
) -> None:
    ColumnSetting.objects.create(dataset=version.dataset, name="customer_id", role="ignore", set_by=analyst)
    replaced = add(version, analyst, MORE, "replace", run_jobs)

    assert "keys" not in [change["code"] for change in replaced.comparison["table"]]


def test_a_new_version_is_on_record(appended: DatasetVersion) -> None:
    entry = AuditEntry.objects.filter(action="dataset.uploaded").last()

    assert entry is not None
    assert (entry.object_id, entry.details["append_to"]) == (str(appended.pk), 1)
