"""Joins of a workspace: guessed, previewed, run as a job into a version that knows its sources, and run again."""

import re
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, User, Workspace
from audit.models import AuditEntry
from catalog.models import Column, ColumnSetting, DatasetVersion
from common.storage import local_path
from dictionary.models import DictionaryEntry
from experiments.errors import BadInput
from experiments.ingest.table import read_parquet
from experiments.joins import JoinSpec
from jobs import services as job_services
from jobs.models import Job
from joins import queries as join_queries
from joins import services as joins
from joins.models import JoinPlan
from tests.catalog.conftest import LOANS, TRANS, fresh, spec_of, upload

pytestmark = pytest.mark.database

ClientOf = Callable[[User], Client]
RunJobs = Callable[[], list[Job]]


def test_keys_and_times_are_guessed(plan: JoinPlan) -> None:
    [trans] = spec_of(plan).tables

    assert (trans.parent, trans.keys, trans.relation) == ("loan", (("account_id", "account_id"),), "many")
    assert (spec_of(plan).time_column, trans.time_column) == ("loan_date", "date")
    assert plan.definition["guesses"]["trans"]["confidence"] > 0.8
    assert plan.state == "draft"


def test_the_result_is_a_new_dataset_that_knows_its_sources(joined: JoinPlan, analyst: User) -> None:
    result = joined.result
    assert result is not None
    assert (joined.state, result.state, result.origin, result.number) == ("ready", "ready", "join", 1)
    assert result.dataset.name == "training table"
    assert result.row_count == len(read_parquet(local_path(result.parquet_path))) == 60
    lineage = result.lineage
    assert [(source["table"], source["number"]) for source in lineage["sources"]] == [("loan", 1), ("trans", 1)]
    assert all(len(source["sha256"]) == 64 for source in lineage["sources"])
    assert lineage["steps"][0]["spec"] == spec_of(joined).to_dict()
    assert (lineage["by"], lineage["sha256"]) == (analyst.username, result.parquet_sha256)
    assert lineage["refused_future_rows"] > 0


def test_made_columns_carry_words_in_both_languages_and_a_formula(joined: JoinPlan) -> None:
    assert joined.result is not None
    column = Column.objects.get(version=joined.result, name="trans_amount_sum_90d")
    entry = DictionaryEntry.objects.get(dataset=joined.result.dataset, name=column.name)

    assert column.label == entry.name_en == "trans amount: sum of last 90 days"
    assert entry.name_zh == "trans amount：最近 90 天合计"
    assert column.profile["made_by"]["formula"].startswith("sum(trans.amount) where trans.account_id = loan.account_id")
    assert joined.result.lineage["columns"][column.name]["table"] == "trans"


def test_roles_are_proposed_for_the_joined_table(joined: JoinPlan) -> None:
    assert joined.result is not None
    roles = dict(Column.objects.filter(version=joined.result).values_list("name", "proposed_role"))

    assert roles["loan_date"] == "date"
    assert roles["trans_amount_sum_90d"] == "feature"


def test_running_again_gives_the_same_hash(joined: JoinPlan, analyst: User, run_jobs: RunJobs) -> None:
    joins.run_again(joined, analyst)
    run_jobs()

    assert fresh(joined).definition["again"]["same"] is True
    assert DatasetVersion.objects.filter(origin="join").count() == 1


def test_a_changed_source_is_noticed_when_run_again(joined: JoinPlan, analyst: User, run_jobs: RunJobs) -> None:
    source = DatasetVersion.objects.get(dataset__name="loan")
    path = local_path(source.parquet_path)
    frame = read_parquet(path)
    frame["amount"] = frame["amount"].where(frame.index > 0, -1)
    frame.to_parquet(path)

    joins.run_again(joined, analyst)
    run_jobs()

    assert fresh(joined).definition["again"]["same"] is False


def test_running_a_changed_join_makes_the_next_version(joined: JoinPlan, analyst: User, run_jobs: RunJobs) -> None:
    spec = spec_of(joined).to_dict()
    spec["tables"][0]["windows"] = [7]
    joins.run(joined, JoinSpec.from_dict(spec), analyst)
    run_jobs()

    result = fresh(joined).result
    assert result is not None
    assert (result.dataset.name, result.number) == ("training table", 2)


def test_a_job_taken_over_after_its_last_write_makes_no_second_table(joined: JoinPlan, run_jobs: RunJobs) -> None:
    Job.objects.filter(pk=joined.job_id).update(state="queued")
    run_jobs()

    assert DatasetVersion.objects.filter(origin="join").count() == 1
    assert joined.result is not None
    assert local_path(joined.result.parquet_path).exists()


def test_what_people_decided_about_the_base_holds_for_the_result(
    plan: JoinPlan, analyst: User, run_jobs: RunJobs
) -> None:
    ColumnSetting.objects.create(dataset=plan.base.dataset, name="loan_id", role="id", set_by=analyst)
    joins.run(plan, spec_of(plan), analyst)
    run_jobs()

    result = fresh(plan).result
    assert result is not None
    assert ColumnSetting.objects.get(dataset=result.dataset, name="loan_id").role == "id"
    assert ColumnSetting.objects.filter(name="loan_id").count() == 2


def test_every_act_is_on_record(joined: JoinPlan) -> None:
    entries = AuditEntry.objects.filter(action__startswith="join.").order_by("id")

    assert [entry.action for entry in entries] == ["join.drawn", "join.started", "join.finished"]


def test_a_table_whose_key_is_written_otherwise_is_told_of(
    plan: JoinPlan, analyst: User, run_jobs: RunJobs, client_of: ClientOf
) -> None:
    spec = spec_of(plan).to_dict()
    spec["tables"][0]["keys"] = [["account_id", "type"]]
    joins.run(plan, JoinSpec.from_dict(spec), analyst)
    run_jobs()

    result = fresh(plan).result
    assert result is not None
    assert [(note["severity"], note["params"]) for note in result.notes] == [("warning", {"table": "trans"})]
    assert "No row of trans was used" in client_of(analyst).get(f"/data/joins/{plan.pk}/").content.decode()


def test_a_join_that_would_repeat_rows_fails_in_words_and_leaves_no_table(
    plan: JoinPlan, analyst: User, run_jobs: RunJobs
) -> None:
    spec = spec_of(plan).to_dict()
    spec["tables"][0] |= {"relation": "one", "columns": ["amount"], "time_column": None}
    joins.run(plan, JoinSpec.from_dict(spec), analyst)
    [job] = run_jobs()

    assert job.state == "failed"
    assert job.error_params == {"table": "trans", "columns": "account_id", "keys": 60, "rows": 900}
    assert fresh(plan).state == "failed"
    assert not DatasetVersion.objects.filter(origin="join").exists()


def test_a_cancelled_run_goes_back_to_the_drawing(plan: JoinPlan, analyst: User) -> None:
    joins.run(plan, spec_of(plan), analyst)
    job_services.request_cancel(plan.job)

    assert fresh(plan).state == "draft"


def test_only_one_work_at_a_time(plan: JoinPlan, analyst: User) -> None:
    joins.run(plan, spec_of(plan), analyst)

    with pytest.raises(joins.JoinRefused, match="is running"):
        joins.preview(fresh(plan), spec_of(plan), analyst)


def test_nothing_to_join_is_refused(plan: JoinPlan, analyst: User, workspace: Workspace) -> None:
    with pytest.raises(joins.JoinRefused, match="at least one table"):
        joins.draw_join(analyst, workspace, name="", base=plan.base, others=[plan.base])
    with pytest.raises(joins.JoinRefused, match="at least one table"):
        joins.run(plan, JoinSpec("loan", ()), analyst)


def test_a_timed_table_without_an_observation_time_is_refused_before_anything_runs(
    plan: JoinPlan, analyst: User
) -> None:
    spec = spec_of(plan).to_dict() | {"time_column": None}

    with pytest.raises(BadInput, match="observation time"):
        joins.run(plan, JoinSpec.from_dict(spec), analyst)


# Pages


def as_form(page: str) -> dict[str, Any]:
    """Return what a browser would send of the form of a join as it stands."""
    form: dict[str, Any] = {}
    body = page[page.index('id="join"') :]
    for select in re.finditer(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', body, re.S):
        chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)', select[2])
        form[select[1]] = (chosen[1] if chosen[1] is not None else chosen[2]) if chosen else ""
    for tag in re.finditer(r"<input ([^>]+)>", body):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag[1]))
        is_tick = attributes.get("type") == "checkbox"
        if "name" in attributes and (not is_tick or " checked" in tag[1]):
            form.setdefault(attributes["name"], []).append(attributes.get("value", ""))
    return form


def test_the_page_sent_back_untouched_says_the_same(
    plan: JoinPlan, analyst: User, client_of: ClientOf, run_jobs: RunJobs
) -> None:
    before = spec_of(plan).to_dict()
    client = client_of(analyst)
    form = as_form(client.get(f"/data/joins/{plan.pk}/").content.decode())

    assert client.post(f"/data/joins/{plan.pk}/", form | {"then": "preview"}).status_code == 302
    assert spec_of(fresh(plan)).to_dict() == before


def test_a_preview_shows_the_first_rows_and_masks_persons(
    plan: JoinPlan, analyst: User, client_of: ClientOf, run_jobs: RunJobs
) -> None:
    client = client_of(analyst)
    form = as_form(client.get(f"/data/joins/{plan.pk}/").content.decode())
    form["t1-categories"] = ["type", "phone"]
    client.post(f"/data/joins/{plan.pk}/", form | {"then": "preview"})
    run_jobs()

    preview = fresh(plan).definition["preview"]
    page = client.get(f"/data/joins/{plan.pk}/").content.decode()
    assert len(preview["rows"]) == 20
    assert "trans amount: sum of last 90 days" in page
    assert not re.search(r"1391234\d{4}", str(preview))
    assert not re.search(r"1391234\d{4}", page)
    assert fresh(plan).state == "draft"


def test_a_wrong_choice_is_told_and_what_was_chosen_stays(plan: JoinPlan, analyst: User, client_of: ClientOf) -> None:
    client = client_of(analyst)
    form = as_form(client.get(f"/data/joins/{plan.pk}/").content.decode()) | {"t1-key": "", "t1-lag": "9"}

    answer = client.post(f"/data/joins/{plan.pk}/", form | {"then": "run"})

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Choose the column by which trans is joined" in page
    assert 'name="t1-lag" value="9"' in page


def test_a_person_draws_and_runs_a_join(
    analyst: User, workspace: Workspace, client_of: ClientOf, run_jobs: RunJobs
) -> None:
    loan, trans = upload(analyst, workspace, run_jobs, loan=LOANS, trans=TRANS)
    client = client_of(analyst)
    assert "loan v1" in client.get(f"/data/joins/new/?base={loan.pk}").content.decode()

    answer = client.post("/data/joins/new/", {"base": loan.pk, "tables": [trans.pk], "name": "one table"})
    address = answer["Location"]
    run_jobs()
    form = as_form(client.get(address).content.decode())
    client.post(address, form | {"then": "run"})
    run_jobs()

    page = client.get(address).content.decode()
    assert "60 rows, as many as in the base table" in page
    assert client.get("/data/joins/").content.decode().count("one table") >= 1


@pytest.mark.parametrize("address", ["/data/joins/{pk}/"])
def test_colleagues_look_and_a_stranger_finds_nothing(
    joined: JoinPlan, analyst: User, modeler: User, stranger: User, client_of: ClientOf, address: str
) -> None:
    statuses = [
        client_of(person).get(address.format(pk=joined.pk)).status_code for person in (analyst, modeler, stranger)
    ]

    assert statuses == [200, 200, 404]


@pytest.mark.parametrize("address", ["/data/joins/{pk}/", "/data/joins/{pk}/guess/", "/data/joins/{pk}/again/"])
def test_only_the_owner_modelers_and_admins_change_it(
    joined: JoinPlan,
    modeler: User,
    stranger: User,
    add_person: Callable[..., User],
    client_of: ClientOf,
    run_jobs: RunJobs,
    address: str,
) -> None:
    colleague = add_person("colleague", Role.ANALYST)
    answers = []
    for person in (modeler, colleague, stranger):
        answers.append(client_of(person).post(address.format(pk=joined.pk), {"then": "preview"}))
        run_jobs()

    assert answers[0].status_code in (302, 422)
    assert [answer.status_code for answer in answers[1:]] == [403, 404]
    assert "analyst" in answers[1].content.decode()


def test_a_stranger_s_tables_cannot_be_joined(plan: JoinPlan, stranger: User, client_of: ClientOf) -> None:
    answer = client_of(stranger).post("/data/joins/new/", {"base": plan.base_id, "tables": [plan.base_id]})

    assert answer.status_code == 422
    assert "training table" not in client_of(stranger).get("/data/joins/").content.decode()


def test_lists_ask_the_database_as_often_for_three_joins_as_for_one(
    plan: JoinPlan, analyst: User, workspace: Workspace, client_of: ClientOf, run_jobs: RunJobs
) -> None:
    client = client_of(analyst)

    def queries_of(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    pages = ["/data/joins/", "/data/joins/new/", f"/data/joins/{plan.pk}/"]
    with_one = [queries_of(page) for page in pages]
    versions = upload(analyst, workspace, run_jobs, one=LOANS, two=TRANS, three=TRANS)
    for name in ("a", "b"):
        joins.draw_join(analyst, workspace, name=name, base=versions[0], others=versions[1:])
    run_jobs()

    assert [queries_of(page) for page in pages] == with_one
    large = JoinPlan.objects.get(name="a")
    assert queries_of(f"/data/joins/{large.pk}/") == with_one[2]


def test_the_pages_speak_chinese(joined: JoinPlan, analyst: User, client_of: ClientOf) -> None:
    page = client_of(analyst).get(f"/data/joins/{joined.pk}/", headers={"accept-language": "zh-CN"}).content.decode()

    assert "各表之间的关联" in page
    assert "Aggregate by" not in page


def test_a_join_drawn_or_run_by_two_clicks_is_one(plan: JoinPlan, analyst: User, client_of: ClientOf) -> None:
    client, before = client_of(analyst), Job.objects.count()
    base, *others = [version.pk for version in join_queries.newest_versions(plan.workspace)]
    form = {"base": base, "name": "Once more", "tables": others, "once": "m"}
    drawn = {client.post("/data/joins/new/", form)["Location"] for _click in range(2)}
    for _click in range(2):
        client.post(f"/data/joins/{plan.pk}/guess/", {"once": "n"})

    assert len(drawn) == 1
    assert JoinPlan.objects.filter(name="Once more").count() == 1
    assert Job.objects.count() == before + 2


def test_odd_forms_change_nothing(plan: JoinPlan, analyst: User, client_of: ClientOf) -> None:
    odd = pd.Series(["t1-use", "t1-to", "t1-key", "t1-relation", "t1-windows", "t1-lag", "base-time"])
    answer = client_of(analyst).post(
        f"/data/joins/{plan.pk}/", dict.fromkeys(odd, "99:nothing'\"<script>") | {"then": "run"}
    )

    assert answer.status_code == 422
    assert "<script>" not in answer.content.decode().split("<main")[1].split("</main")[0]


def test_a_wide_table_offers_only_likely_keys(plan: JoinPlan, analyst: User, client_of: ClientOf) -> None:
    trans = DatasetVersion.objects.get(dataset__name="trans")
    Column.objects.bulk_create(
        Column(version=trans, position=100 + n, name=f"x{n}", type="numeric", proposed_role="feature")
        for n in range(400)
    )

    page = client_of(analyst).get(f"/data/joins/{plan.pk}/").content.decode()

    keys = re.search(r'<select[^>]* name="t1-key".*?</select>', page, re.S)
    assert keys is not None
    assert "account_id" in keys[0]
    assert "x399" not in keys[0]
    assert 'value="x399"' in page
