"""A join is a recipe: run on next month's tables it makes the same columns; and a table leaves only as it may."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User, Workspace
from audit.models import AuditEntry
from catalog.models import Column, ColumnSetting, DatasetVersion
from common.storage import local_path
from datasets import table_file
from dictionary.models import DictionaryEntry
from jobs.models import Job
from joins import queries as join_queries
from joins import services as joins
from joins.models import JoinPlan
from tests.catalog.conftest import LOANS, TRANS, fresh, spec_of, upload

pytestmark = pytest.mark.database

ClientOf = Callable[[User], Client]
RunJobs = Callable[[], list[Job]]

# Next month: no status yet, and other words for the kind of a transaction.
NEXT_LOANS = "\n".join(line.rsplit(",", 1)[0] for line in LOANS.strip().split("\n")) + "\n"
NEXT_TRANS = TRANS.replace(",in,", ",salary,").replace(",out,", ",rent,")


@pytest.fixture
def next_month(joined: JoinPlan, analyst: User, workspace: Workspace, run_jobs: RunJobs) -> list[DatasetVersion]:
    return upload(analyst, workspace, run_jobs, next_loan=NEXT_LOANS, next_trans=NEXT_TRANS)


def test_run_on_next_month_s_tables_the_recipe_makes_the_columns_it_made_before(
    joined: JoinPlan, next_month: list[DatasetVersion], analyst: User, run_jobs: RunJobs
) -> None:
    before = joined.result
    joins.run_on(joined, dict(zip(("loan", "trans"), next_month, strict=True)), analyst)
    run_jobs()

    plan = fresh(joined)
    assert plan.result is not None
    assert before is not None
    assert (plan.state, plan.result.number, plan.result.dataset_id) == ("ready", 2, before.dataset_id)
    made = [set(version.columns.values_list("name", flat=True)) for version in (before, plan.result)]
    assert made[0] - made[1] == {"status"}
    assert made[1] <= made[0]
    assert "trans_type_in_count_365d" in made[1]
    assert [source["version"] for source in plan.result.lineage["sources"]] == [each.pk for each in next_month]
    assert before.lineage["sources"][0]["version"] != next_month[0].pk
    assert AuditEntry.objects.filter(action="join.sources_changed").count() == 1
    joins.run_again(plan, analyst)
    run_jobs()
    assert fresh(joined).definition["again"]["same"] is True


def test_a_version_without_a_column_of_the_recipe_is_refused_by_name(
    joined: JoinPlan, analyst: User, workspace: Workspace, run_jobs: RunJobs, client_of: ClientOf
) -> None:
    [short] = upload(analyst, workspace, run_jobs, short="account_id,amount,type\n1,2,in\n2,3,out\n")

    with pytest.raises(joins.JoinRefused, match="it lacks date"):
        joins.run_on(joined, {"trans": short}, analyst)
    assert short not in {table: fits for table, _, fits in join_queries.sources_for(joined)}["trans"]
    assert fresh(joined).definition["tables"] == joined.definition["tables"]
    page = (
        client_of(analyst)
        .post(reverse("join_run_on", args=[joined.pk]), {"source-1": short.pk}, follow=True)
        .content.decode()
    )
    assert "it lacks date" in page


def test_the_page_offers_what_fits_and_runs_it_and_a_stranger_s_table_is_none(
    joined: JoinPlan,
    next_month: list[DatasetVersion],
    analyst: User,
    add_person: Callable[..., User],
    stranger: User,
    other_workspace: Workspace,
    client_of: ClientOf,
    run_jobs: RunJobs,
) -> None:
    client, place = client_of(analyst), reverse("join_run_on", args=[joined.pk])
    page = client.get(reverse("join_detail", args=[joined.pk])).content.decode()
    assert f'<option value="{next_month[0].pk}"' in page

    [theirs] = upload(stranger, other_workspace, run_jobs, trans=TRANS)
    assert client_of(stranger).post(place, {"source-0": next_month[0].pk}).status_code == 404
    assert client_of(add_person("colleague", Role.ANALYST)).post(place, {}).status_code == 403
    client.post(place, {"source-0": next_month[0].pk, "source-1": theirs.pk})
    run_jobs()

    result = fresh(joined).result
    assert result is not None
    assert [source["dataset"] for source in result.lineage["sources"]] == ["next_loan", "trans"]
    assert result.lineage["sources"][1]["version"] != theirs.pk


def test_zero_rows_of_the_future_is_said_only_where_time_was_known(
    plan: JoinPlan, analyst: User, client_of: ClientOf, run_jobs: RunJobs
) -> None:
    spec = spec_of(plan)
    untimed = replace(spec, tables=(replace(spec.tables[0], time_column=None, time_format=""),))
    joins.run(plan, untimed, analyst)
    run_jobs()

    page = client_of(analyst).get(reverse("join_detail", args=[plan.pk])).content.decode()
    assert "rows dated after the observation were left out" not in page
    assert "there is no time column, so it could not be checked" in page
    assert "no time column" in page


def test_a_joined_table_leaves_whole_guarded_masked_and_on_record(
    joined: JoinPlan, analyst: User, admin: User, client_of: ClientOf
) -> None:
    version = joined.result
    assert version is not None
    parquet = local_path(version.parquet_path)
    table = pl.read_parquet(parquet)
    nasty = ["=1+1", "call 13912345678", "@x", *table["status"].to_list()[3:]]
    table.with_columns(pl.Series("status", nasty)).write_parquet(parquet)
    DictionaryEntry.objects.filter(dataset=version.dataset, name="amount").delete()
    DictionaryEntry.objects.create(dataset=version.dataset, name="amount", is_sensitive=True, set_by=analyst)

    def rows(user: User) -> list[dict[str, str]]:
        answer = client_of(user).get(reverse("version_table", args=[version.pk]))
        assert answer.streaming
        return list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))

    found = rows(analyst)
    assert len(found) == version.row_count
    assert [row["status"] for row in found[:3]] == ["'=1+1", "call 139****5678", "'@x"]
    assert found[0]["loan_id"] == "L000"
    assert {row["amount"] for row in found} == {"***"}
    assert rows(admin)[0]["amount"] == "1000"
    assert AuditEntry.objects.filter(action="dataset.downloaded", object_id=str(version.pk)).count() == 2


def test_who_may_not_change_a_dataset_does_not_carry_it_away(
    joined: JoinPlan, stranger: User, add_person: Callable[..., User], client_of: ClientOf
) -> None:
    assert joined.result is not None
    place = reverse("version_table", args=[joined.result.pk])

    assert client_of(stranger).get(place).status_code == 404
    assert client_of(add_person("colleague", Role.ANALYST)).get(place).status_code == 403
    assert not AuditEntry.objects.filter(action="dataset.downloaded").exists()


def test_ids_leave_as_they_are_even_where_they_look_like_cards(version: DatasetVersion, analyst: User) -> None:
    parquet = local_path(version.parquet_path)
    table = pl.read_parquet(parquet)
    ids = [f"62220212345{n:05d}" for n in range(table.height)]
    table.with_columns(pl.Series("customer_id", ids), pl.Series("city", ids)).write_parquet(parquet)
    Column.objects.filter(version=version, name="customer_id").update(proposed_role="id")
    ColumnSetting.objects.create(dataset=version.dataset, name="city", role="feature", set_by=analyst)

    first = b"".join(table_file.download(version, analyst)).decode("utf-8-sig").split("\n")[1].split(",")

    assert first[0] == ids[0]
    assert "****" in first[2]


def test_the_recipe_is_to_be_had_as_plain_data(joined: JoinPlan, analyst: User, client_of: ClientOf) -> None:
    recipe: dict[str, Any] = client_of(analyst).get(reverse("join_recipe", args=[joined.pk])).json()

    assert recipe["spec"]["time_column"] == "loan_date"
    assert recipe["spec"]["tables"][0]["keys"] == [["account_id", "account_id"]]
    assert dict(recipe["spec"]["tables"][0]["frequent"])["type"] == ["in", "out"]
    assert recipe["sources"]["trans"]["number"] == 1


APPLICATIONS = "SK_ID_CURR,AMT,TARGET\n" + "".join(f"{100 + n},{n * 10},{n % 2}\n" for n in range(60))
BUREAU = "SK_ID_CURR,DAYS_CREDIT,DAYS_DUE,AMT_SUM\n" + "".join(
    f"{100 + n % 60},{-1 - n % 900},{365243 if n % 4 == 0 else -n % 700 - 700},{n % 91}\n" for n in range(1_200)
)


def test_days_before_the_application_and_the_code_for_none_need_no_hand(
    analyst: User, workspace: Workspace, client_of: ClientOf, run_jobs: RunJobs
) -> None:
    app, bureau = upload(analyst, workspace, run_jobs, app=APPLICATIONS, bureau=BUREAU)
    plan = joins.draw_join(analyst, workspace, name="credit", base=app, others=[bureau])
    run_jobs()

    [table] = spec_of(fresh(plan)).tables
    assert (table.time_column, table.time_format) == ("DAYS_CREDIT", "days before")
    assert dict(table.no_values) == {"DAYS_DUE": (365243.0,)}
    page = client_of(analyst).get(reverse("join_detail", args=[plan.pk])).content.decode()
    assert "DAYS_DUE 365243" in page
    joins.run(fresh(plan), spec_of(fresh(plan)), analyst)
    run_jobs()
    result = fresh(plan).result
    assert result is not None
    joined_table = pl.read_parquet(local_path(result.parquet_path))
    assert joined_table["bureau_DAYS_DUE_max_365d"].max() < 0
    assert (
        "0 rows dated after the observation were left out"
        in client_of(analyst).get(reverse("join_detail", args=[plan.pk])).content.decode()
    )
