"""The HTTP API: who gets in, what a problem looks like, and the page that describes it."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken
from catalog.models import DatasetVersion
from registry.models import ModelVersion
from tests.api.conftest import post, problem_of
from tests.conftest import PASSWORD
from tests.registry.conftest import finished_experiment, gathered, stand_in_engine, submitted  # noqa: F401 - fixtures

ROWS = "id,age,answered\n" + "\n".join(f"{n},{20 + n % 50},{'yes' if n % 4 == 0 else 'no'}" for n in range(400))


def csv(name: str = "customers.csv", text: str = ROWS) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode(), content_type="text/csv")


def test_a_key_says_who_calls_and_where_they_work(caller: Any, analyst: Any) -> None:
    assert caller(analyst).get("/api/v1/me").json() == {
        "username": "analyst",
        "name": "analyst",
        "workspaces": [{"slug": "retail", "name": "Retail", "role": "analyst"}],
    }


def test_without_a_live_key_nothing_opens(caller: Any, analyst: Any, client_of: Any) -> None:
    revoked = caller(analyst)
    ApiToken.objects.update(revoked_at=timezone.now())

    for client in (Client(), client_of(analyst), revoked, Client(headers={"Authorization": "Bearer xy_wrong"})):
        answer = client.get("/api/v1/me")
        assert answer.status_code == 401
        assert problem_of(answer)["detail"] == "Send a valid key: Authorization: Bearer xy_…"
        assert answer["WWW-Authenticate"] == "Bearer"


def test_a_key_of_a_sample_person_opens_nothing_where_sample_people_may_not_sign_in(
    caller: Any, analyst: Any, settings: Any
) -> None:
    analyst.is_sample = True
    analyst.save()
    settings.SAMPLE_PEOPLE_MAY_SIGN_IN = False

    assert caller(analyst).get("/api/v1/me").status_code == 401


def test_a_dataset_is_uploaded_read_and_seen_by_colleagues_but_not_by_strangers(
    caller: Any, analyst: Any, modeler: Any, stranger: Any, run_jobs: Any
) -> None:
    answer = caller(analyst).post("/api/v1/datasets", {"file": csv(), "name": "Customers"})
    run_jobs()

    assert answer.status_code == 202
    address = f"/api/v1/datasets/{answer.json()['id']}"
    found = caller(modeler).get(address).json()
    assert (found["state"], found["row_count"], found["name"]) == ("ready", 400, "Customers")
    assert [column["name"] for column in found["columns"]] == ["id", "age", "answered"]
    assert caller(stranger).get(address).status_code == 404
    assert problem_of(caller(stranger).get(address))["title"] == "Not Found"
    assert caller(stranger).get("/api/v1/datasets").json() == []


def test_a_file_over_the_limit_is_refused_with_the_limit(caller: Any, analyst: Any, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 1000

    answer = caller(analyst).post("/api/v1/datasets", {"file": csv()})

    assert answer.status_code == 413
    assert problem_of(answer)["detail"].startswith("The file is larger than 1000 B")


def test_a_workspace_that_is_not_ones_own_does_not_exist(caller: Any, analyst: Any, other_workspace: Any) -> None:
    answer = caller(analyst).get("/api/v1/datasets?workspace=corporate")

    assert answer.status_code == 404
    assert caller(analyst).post("/api/v1/datasets", {"file": csv(), "workspace": "corporate"}).status_code == 404
    assert not DatasetVersion.objects.exists()


def test_invalid_bodies_are_told_field_by_field(caller: Any, analyst: Any) -> None:
    answer = post(caller(analyst), "/api/v1/experiments", name="", kind="fraud", dataset_version_id="x", target="y")

    assert answer.status_code == 422
    problem = problem_of(answer)
    assert problem["detail"] == "Part of what you sent cannot be used."
    assert [error["pointer"].rsplit("/", 1)[-1] for error in problem["errors"]] == [
        "name",
        "kind",
        "dataset_version_id",
    ]


def test_a_body_that_is_no_json_is_a_problem_too(caller: Any, analyst: Any) -> None:
    answer = caller(analyst).post("/api/v1/experiments", "{", content_type="application/json")

    assert answer.status_code == 400
    problem_of(answer)


def test_an_unexpected_failure_gives_a_reference_and_no_traceback(
    caller: Any, analyst: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("datasets.api.workspace_named", fail)

    problem = problem_of(caller(analyst).get("/api/v1/datasets"))

    assert problem["status"] == 500
    assert re.fullmatch(r"E-[0-9a-f]{8}", problem["reference"])
    assert "secret" not in str(problem)


def test_an_experiment_is_drafted_checked_and_started_once(
    caller: Any, analyst: Any, modeler: Any, add_person: Any, stranger: Any, run_jobs: Any, monkeypatch: Any
) -> None:
    client = caller(analyst)
    version_id = client.post("/api/v1/datasets", {"file": csv()}).json()["id"]
    wish = {"name": "Offer", "kind": "response", "dataset_version_id": version_id, "target": "answered"}
    too_early = post(client, "/api/v1/experiments", **wish)
    run_jobs()
    unknown = post(client, "/api/v1/experiments", **{**wish, "target": "nothing"})
    drafted = post(client, "/api/v1/experiments", **wish, budget_seconds=30)
    address = f"/api/v1/experiments/{drafted.json()['id']}"
    not_checked = post(client, f"{address}/start")
    run_jobs()
    changed = client.post(f"{address}/columns", [{"name": "age", "excluded": False}], content_type="application/json")
    monkeypatch.setattr("jobs.services.send", lambda job: None)
    first, second = post(client, f"{address}/start"), post(client, f"{address}/start")

    assert problem_of(too_early)["detail"].startswith("The file has not been read yet")
    assert problem_of(unknown)["detail"] == "The table has no column nothing. Its columns are: id, age, answered."
    assert (drafted.status_code, drafted.json()["budget_seconds"]) == (201, 30)
    assert problem_of(not_checked)["detail"].startswith("The data is still being checked")
    assert changed.json()["check_state"] == "ready"
    assert (first.status_code, first.json()["state"]) == (202, "queued")
    assert second.json()["id"] == first.json()["id"]
    assert client.get(f"{address}/leaderboard").json() == []
    colleague = caller(add_person("colleague"))
    assert colleague.get(address).status_code == 200
    assert post(colleague, f"{address}/cancel").status_code == 403
    assert post(caller(stranger), f"{address}/cancel").status_code == 404
    assert post(caller(modeler), f"{address}/cancel").json()["state"] == "cancelled"


def test_a_model_is_submitted_and_approved_by_someone_else(
    caller: Any,
    finished_experiment: Any,  # noqa: F811
    analyst: Any,
    admin: Any,
    stranger: Any,
) -> None:
    experiment = gathered(finished_experiment())
    submit_address = f"/api/v1/experiments/{experiment.pk}/submit"
    wish = {"name": "Phone", "purpose": "Rank the call list"}
    assert post(caller(stranger), submit_address, **wish).status_code == 404
    approval = post(caller(analyst), submit_address, **wish)
    assert approval.status_code == 201
    assert len(approval.json()["version"]["checks"]) == 13

    address = f"/api/v1/approvals/{approval.json()['id']}/decision"
    decision = {"decision": "approved", "comment": "Agreed", "password": PASSWORD, "limits_of_use": "Ranking only"}
    assert post(caller(analyst), address, **decision).status_code == 403
    assert post(caller(stranger), address, **decision).status_code == 404
    wrong = post(caller(admin), address, **{**decision, "password": "wrong"})
    assert (wrong.status_code, problem_of(wrong)["detail"]) == (409, "That is not your password. Nothing was decided.")
    approved = post(caller(admin), address, **decision)

    assert (approved.status_code, approved.json()["decided_by"]) == (200, "approver")
    version = ModelVersion.objects.get()
    assert version.is_champion
    models = caller(analyst).get("/api/v1/models").json()
    assert [model["champion_version_id"] for model in models] == [version.pk]
    artifact = caller(analyst).get(f"/api/v1/model-versions/{version.pk}/artifact.zip")
    assert artifact["Content-Type"] == "application/zip"
    assert caller(stranger).get(f"/api/v1/model-versions/{version.pk}").status_code == 404


def test_a_program_has_the_evidence_of_another_finalist_gathered_and_then_submits_it(
    caller: Any,
    finished_experiment: Any,  # noqa: F811
    analyst: Any,
    stranger: Any,
    add_person: Any,
    run_jobs: Any,
) -> None:
    address = f"/api/v1/experiments/{finished_experiment().pk}"
    wish = {"name": "Phone", "purpose": "Rank the call list", "candidate": "lightgbm"}
    asked = f"{address}/evidence?candidate=lightgbm"
    client = caller(analyst)

    early = post(client, f"{address}/submit", **wish)
    assert (early.status_code, early["Content-Type"]) == (409, "application/problem+json")
    assert "still being gathered" in problem_of(early)["detail"]
    assert client.get(asked).json() == {
        "candidate": "lightgbm", "state": "waiting", "percent": 0.0, "error": "", "checks": [],
    }  # fmt: skip
    run_jobs()
    gathered = client.get(asked).json()
    assert (gathered["state"], gathered["percent"], len(gathered["checks"])) == ("gathered", 100.0, 13)
    assert post(client, asked).status_code == 202
    assert post(client, f"{address}/submit", **wish).status_code == 201

    assert [caller(person).get(asked).status_code for person in (add_person("colleague"), stranger)] == [403, 404]
    assert [post(caller(person), asked).status_code for person in (add_person("other"), stranger)] == [403, 404]


def test_an_admin_cannot_approve_own_work_over_the_api(caller: Any, submitted: Any, admin: Any) -> None:  # noqa: F811
    request = submitted(owner=admin)

    answer = post(
        caller(admin), f"/api/v1/approvals/{request.pk}/decision", decision="approved", comment="Me", password=PASSWORD
    )

    assert answer.status_code == 403
    assert problem_of(answer)["detail"] == "You cannot decide on your own model: someone else must."


def test_the_description_lists_every_operation_and_needs_no_other_server(db: None) -> None:
    schema = Client().get("/api/v1/openapi.json").json()
    answer = Client().get("/api/v1/docs")
    page = answer.content.decode()

    operations = [(address, method) for address, methods in schema["paths"].items() for method in methods]
    assert len(operations) >= 25
    assert all(address in page for address, _ in operations)
    assert page.count('class="op"') == len(operations)
    assert not re.search(r"\sstyle=|\son\w+=|<script>|https?://(?!testserver|www\.w3\.org)", page)
    assert (
        "script-src" in answer["Content-Security-Policy"] or "default-src 'self'" in answer["Content-Security-Policy"]
    )


def test_what_no_parser_can_read_is_told_as_such(caller: Any, analyst: Any) -> None:
    without_boundary = caller(analyst).post("/api/v1/datasets", b"x", content_type="multipart/form-data")
    no_json = caller(analyst).post("/api/v1/experiments", b"{", content_type="application/json")
    no_number = caller(analyst).post("/api/v1/experiments", b'{"seed": NaN}', content_type="application/json")

    assert [problem_of(answer)["status"] for answer in (without_boundary, no_json, no_number)] == [400, 400, 400]


def test_a_name_of_five_thousand_characters_is_taken_shortened(caller: Any, analyst: Any) -> None:
    for name in ("x" * 5_000 + ".csv", "file." + "y" * 5_000, "名" * 5_000):
        answer = caller(analyst).post("/api/v1/datasets", {"file": csv(name)})
        assert answer.status_code == 202
        assert len(answer.json()["file_name"]) <= 180


@pytest.mark.parametrize("letter", ["\x00", "\ud800"])
def test_a_text_that_no_database_holds_is_refused_where_it_stands(caller: Any, analyst: Any, letter: str) -> None:
    wish = {"name": f"a{letter}b", "kind": "response", "dataset_version_id": 1, "target": "y"}
    in_body = post(caller(analyst), "/api/v1/experiments", **wish)
    in_form = caller(analyst).post("/api/v1/datasets", {"file": csv(), "name": "a\x00b"})
    in_address = caller(analyst).get("/api/v1/datasets?workspace=a%00b")

    assert problem_of(in_body)["errors"][0]["pointer"] == "/name"
    assert [answer.status_code for answer in (in_body, in_form, in_address)] == [422, 422, 422]


def test_a_seed_that_no_database_holds_is_refused_by_the_schema(caller: Any, analyst: Any) -> None:
    wish = {"name": "n", "kind": "response", "dataset_version_id": 1, "target": "y"}

    assert post(caller(analyst), "/api/v1/experiments", **wish, seed=2**31).status_code == 422
    assert post(caller(analyst), "/api/v1/experiments", **wish, seed=2**31 - 1).status_code == 404
