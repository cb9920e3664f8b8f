"""Joins, tables, databases, SQL and samples over HTTP: what they do, and that everyone finds only their own."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Role, User, Workspace
from catalog.models import DatasetVersion
from connections import services as connections
from connections.models import Connection
from jobs.models import Job
from joins.models import JoinPlan
from tests.api.conftest import post
from tests.catalog.conftest import LOANS, TRANS, a_file, upload
from uploads import services

pytestmark = pytest.mark.database

RunJobs = Callable[[], list[Job]]
Caller = Callable[[User], Client]
SECRET = "kingfisher-77-blue"
DESCRIBED = {
    "name": "Warehouse", "kind": "postgresql", "host": "10.1.2.3", "port": 5432, "database": "bank",
    "user_name": "reader",
}  # fmt: skip


@pytest.fixture
def tables(analyst: User, workspace: Workspace, run_jobs: RunJobs) -> list[DatasetVersion]:
    return upload(analyst, workspace, run_jobs, loan=LOANS, trans=TRANS)


def test_a_program_draws_runs_and_carries_away_a_join_and_runs_it_on_other_sources(
    tables: list[DatasetVersion], analyst: User, workspace: Workspace, caller: Caller, run_jobs: RunJobs
) -> None:
    client, (loan, trans) = caller(analyst), tables
    drawn = post(client, "/api/v1/joins", name="training", base_version_id=loan.pk, table_version_ids=[trans.pk])
    assert drawn.status_code == 202, drawn.content
    run_jobs()
    place = f"/api/v1/joins/{drawn.json()['id']}"
    found = client.get(place).json()
    assert found["spec"]["tables"][0]["keys"] == [["account_id", "account_id"]]

    spec = found["spec"]
    spec["tables"][0]["windows"] = [30]
    assert post(client, f"{place}/run", spec=spec).status_code == 202
    run_jobs()
    made = client.get(place).json()
    assert (made["state"], made["is_busy"]) == ("ready", False)
    assert made["report"]["trans"]["is_timed"] is True
    table = client.get(f"/api/v1/datasets/{made['result_version_id']}/table.csv")
    assert table.getvalue().decode("utf-8-sig").startswith("loan_id,account_id,loan_date")

    [later] = upload(analyst, workspace, run_jobs, later=TRANS)
    assert post(client, f"{place}/run", sources={"trans": later.pk}).status_code == 202
    run_jobs()
    again = client.get(place).json()
    assert again["result_version_id"] != made["result_version_id"]
    assert client.get(f"{place}/recipe").json()["sources"]["trans"]["version"] == later.pk
    assert post(client, f"{place}/repeat").status_code == 202
    run_jobs()
    assert client.get(place).json()["is_same_again"] is True
    assert [each["id"] for each in client.get("/api/v1/joins").json()] == [drawn.json()["id"]]


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"monotne": 1}, 422, "monotne"),
        ({"tables": []}, 422, "tables"),
        ({"base": "trans"}, 409, "The base table of this join is loan"),
        ({"tables": [{"keys": [["account_id", "nothing"]]}]}, 409, "trans has no column nothing"),
        ({"tables": [{"name": "elsewhere"}]}, 409, "elsewhere is not a table of this join"),
        ({"tables": [{"only": [["type", "in"]]}]}, 422, "only/0/1"),
        ({"time_column": None}, 409, "needs one too"),
    ],
)
def test_a_drawing_that_does_not_fit_is_refused_in_words(
    tables: list[DatasetVersion],
    analyst: User,
    caller: Caller,
    run_jobs: RunJobs,
    change: dict[str, Any],
    status: int,
    words: str,
) -> None:
    client, (loan, trans) = caller(analyst), tables
    drawn = post(client, "/api/v1/joins", base_version_id=loan.pk, table_version_ids=[trans.pk]).json()
    run_jobs()
    spec = client.get(f"/api/v1/joins/{drawn['id']}").json()["spec"]
    changed = [{**spec["tables"][0], **each} for each in change.get("tables", spec["tables"])]

    refused = post(client, f"/api/v1/joins/{drawn['id']}/preview", spec={**spec, **change, "tables": changed})

    assert refused.status_code == status, refused.content
    assert words in refused.content.decode()


def test_joins_and_tables_of_others_are_not_there_and_colleagues_change_none(
    tables: list[DatasetVersion],
    analyst: User,
    stranger: User,
    other_workspace: Workspace,
    add_person: Callable[..., User],
    caller: Caller,
    run_jobs: RunJobs,
) -> None:
    loan, trans = tables
    drawn = post(caller(analyst), "/api/v1/joins", base_version_id=loan.pk, table_version_ids=[trans.pk]).json()
    run_jobs()
    theirs = services.receive_upload(stranger, other_workspace, a_file("trans.csv", TRANS))
    run_jobs()
    place, colleague = f"/api/v1/joins/{drawn['id']}", add_person("colleague", Role.ANALYST)

    for path in (place, f"{place}/recipe", f"/api/v1/datasets/{loan.pk}/table.csv"):
        assert caller(stranger).get(path).status_code == 404
    for act in ("guess", "preview", "run", "repeat"):
        assert post(caller(stranger), f"{place}/{act}").status_code == 404
        assert post(caller(colleague), f"{place}/{act}").status_code == 403
    assert caller(stranger).get("/api/v1/joins").json() == []
    assert caller(colleague).get(place).status_code == 200
    assert caller(colleague).get(f"/api/v1/datasets/{loan.pk}/table.csv").status_code == 403
    mixed = {"base_version_id": loan.pk, "table_version_ids": [theirs.pk]}
    assert post(caller(analyst), "/api/v1/joins", **mixed).status_code == 404
    assert post(caller(analyst), f"{place}/run", sources={"trans": theirs.pk}).status_code == 404
    assert JoinPlan.objects.count() == 1


def test_passwords_of_databases_go_in_and_never_come_out(modeler: User, caller: Caller) -> None:
    client = caller(modeler)
    made = post(client, "/api/v1/connections", **DESCRIBED, password=SECRET)
    assert made.status_code == 201, made.content
    place = f"/api/v1/connections/{made.json()['id']}"

    changed = client.patch(place, {"name": "Store", "password": SECRET + "2"}, content_type="application/json")
    tried = post(client, f"{place}/test")

    said = [
        answer.content.decode()
        for answer in (made, changed, tried, client.get(place), client.get("/api/v1/connections"))
    ]
    assert not any(SECRET in text or 'password":"' in text or "gAAAA" in text for text in said)
    assert (changed.json()["name"], changed.json()["has_password"]) == ("Store", True)
    assert tried.json()["works"] is False
    moved = client.patch(place, {"host": "10.9.9.9"}, content_type="application/json")
    assert moved.status_code == 409
    assert "Enter the password again" in moved.json()["detail"]
    assert client.delete(place).status_code == 204
    assert client.get(place).status_code == 404


def test_only_modelers_and_admins_see_databases_and_a_stranger_none(
    modeler: User, analyst: User, stranger: User, workspace: Workspace, caller: Caller, version: DatasetVersion
) -> None:
    connection = connections.create(modeler, workspace, password=SECRET, **DESCRIBED)
    place = f"/api/v1/connections/{connection.pk}"
    asked = {"connection_id": connection.pk, "sql": "select 1", "name": "one"}

    assert caller(analyst).get("/api/v1/connections").status_code == 403
    assert post(caller(analyst), "/api/v1/connections", **DESCRIBED).status_code == 403
    for person, status in ((analyst, 403), (stranger, 404)):
        client = caller(person)
        assert client.get(place).status_code == status
        assert client.patch(place, {"name": "x"}, content_type="application/json").status_code == status
        assert client.delete(place).status_code == status
        assert post(client, f"{place}/test").status_code == status
        assert post(client, "/api/v1/queries", **asked).status_code == status
    assert post(caller(stranger), f"/api/v1/datasets/{version.pk}/refresh").status_code == 404
    assert Connection.objects.get().name == "Warehouse"


def test_sql_becomes_a_version_and_only_what_reads_is_taken(
    modeler: User, workspace: Workspace, caller: Caller, version: DatasetVersion, stranger: User
) -> None:
    connection = connections.create(modeler, workspace, password=SECRET, **DESCRIBED)
    client = caller(modeler)

    made = post(client, "/api/v1/queries", connection_id=connection.pk, sql="select 1 as one", name="one")
    next_one = post(
        client, "/api/v1/queries", connection_id=connection.pk, sql="select 1", dataset_version_id=version.pk
    )
    refused = post(client, "/api/v1/queries", connection_id=connection.pk, sql="drop table customers", name="two")

    assert (made.status_code, made.json()["name"], made.json()["number"]) == (202, "one", 1)
    assert (next_one.status_code, next_one.json()["number"]) == (202, version.number + 1)
    assert refused.status_code == 409
    again = post(client, f"/api/v1/datasets/{made.json()['id']}/refresh")
    assert (again.status_code, again.json()["number"]) == (202, 2)
    assert post(client, f"/api/v1/datasets/{version.pk}/refresh").status_code == 409


def test_a_sample_is_defined_read_and_undone_by_who_may(
    version: DatasetVersion,
    analyst: User,
    stranger: User,
    add_person: Callable[..., User],
    caller: Caller,
    run_jobs: RunJobs,
) -> None:
    client = caller(analyst)
    made = post(
        client, "/api/v1/experiments", name="q", kind="response", dataset_version_id=version.pk, target="responded"
    ).json()
    run_jobs()
    place = f"/api/v1/experiments/{made['id']}/sample"

    def put(who: User, **body: Any) -> Any:
        return caller(who).put(place, body, content_type="application/json")

    rule = {"column": "age", "operator": "more", "value": "60"}
    assert put(analyst, exclusions=[rule]).status_code == 200
    run_jobs()
    found = client.get(place).json()
    assert found["definition"]["exclusions"] == [rule]
    assert found["waterfall"][0]["rows"] > found["waterfall"][-1]["rows"]
    assert put(analyst, exclusions=[{**rule, "column": "nothing"}]).status_code == 409
    assert put(analyst, exclusons=[rule]).status_code == 422
    assert put(stranger, exclusions=[rule]).status_code == 404
    assert put(add_person("colleague", Role.ANALYST), exclusions=[rule]).status_code == 403
    assert caller(stranger).get(place).status_code == 404
    assert client.delete(place).json()["is_all_rows"] is True
