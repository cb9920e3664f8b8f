"""Scores in real time: the same as of a file, exact refusals, who answers whom, and what is kept of it."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User, Workspace
from common.storage import local_path
from deployments import services
from deployments.live.answering import Scorer, serve_here, share_of
from deployments.live.loaded import OPEN_AGAIN_EVERY, Loaded
from deployments.live.score_log import folder_of, last_scores, shadow_agreement, tidy
from deployments.models import Deployment, Traffic
from deployments.queries import health_of
from deployments.services import Challenger
from dictionary.models import DictionaryEntry
from experiments.scoring.batch import score_file
from registry.models import ModelVersion
from registry.services.champions import retire
from tests.api.conftest import caller, post, problem_of  # noqa: F401 - fixture

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/deployments/offer/score"
Rows = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def client(deployment: Deployment, scorer: Scorer, analyst: User, caller: Any) -> Client:  # noqa: F811
    """A program with the analyst's key, at a process that has the deployment's model open."""
    scorer.loaded.look()
    client: Client = caller(analyst)
    return client


def test_scores_are_those_of_a_file_with_the_same_rows_to_the_bit(
    client: Client, champion: ModelVersion, rows: Rows, tmp_path: Path
) -> None:
    sent = rows(300)
    sent[3]["income"], sent[5]["job"], sent[7]["job"] = None, "astronaut", None
    pd.DataFrame(sent).to_csv(tmp_path / "rows.csv", index=False)
    score_file(
        local_path(champion.artifact_path), tmp_path / "rows.csv",
        outputs={"parquet": tmp_path / "scores.parquet"}, asked_for="parquet",
    )  # fmt: skip
    wanted = pd.read_parquet(tmp_path / "scores.parquet").fillna("")

    found = post(client, ADDRESS, rows=sent).json()["scores"]
    # One row alone, and its columns in another order, say the same.
    alone = [post(client, ADDRESS, rows=[dict(reversed(row.items()))]).json()["scores"][0] for row in sent[:10]]

    for name in ("probability", "score", "band"):
        assert [row[name] for row in found] == wanted[name].tolist()
        assert [row[name] for row in alone] == wanted[name].tolist()[:10]
    told = wanted[[f"reason_{number}" for number in range(1, 5)]].to_numpy().tolist()
    for answered in (found, alone):
        assert [row["reasons"] for row in answered] == [[text for text in row if text] for row in told[: len(answered)]]


def test_an_answer_tells_version_request_and_how_well_the_rows_were_covered(client: Client, rows: Rows) -> None:
    (row,) = rows(1)
    answer = post(client, ADDRESS, rows=[{**row, "job": "astronaut", "incmoe": 3}], reasons=2, language="zh").json()
    assert (answer["model"], answer["version"], answer["configuration"]) == ("Offer", 1, 1)
    assert len(answer["request_id"]) == 32
    assert answer["cover"] == {"empty": {}, "unseen": {"job": 1}, "ignored": ["incmoe"]}
    assert len(answer["scores"][0]["reasons"]) <= 2


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("age", "many", "Row 2: age takes a number; many is not a number."),
        ("age", True, "Row 2: age takes a number; true is not a number."),
        ("age", [1], "Row 2: age takes a number, text, true, false or null."),
        ("income", {"a": 1}, "Row 2: income takes a number, text, true, false or null."),
        ("age", 10**400, "Row 2: age takes a finite number of ordinary size."),
        ("job", "x" * 3_000, "Row 2: job holds a text of more than 2,000 characters."),
        ("job", "\ud800", "Row 2: job holds a text that is not valid Unicode."),
        ("unknown", {}, "Row 2: unknown takes a number, text, true, false or null."),
    ],
)
def test_a_cell_that_cannot_be_read_is_told_with_its_row_and_column_and_nobody_is_scored(
    column: str, value: Any, told: str, client: Client, rows: Rows, deployment: Deployment
) -> None:
    first, second = rows(2)
    refused = problem_of(post(client, ADDRESS, rows=[first, {**second, column: value}]))
    assert refused["status"] == 422
    assert refused["errors"] == [{"in": "body", "pointer": f"/rows/1/{column}", "detail": told}]
    assert last_scores(deployment) == []


@pytest.mark.parametrize("customer", ["\ud800", 10**400, [7]])
def test_a_customers_id_that_cannot_be_read_is_told_as_any_other_cell(
    customer: Any, client: Client, rows: Rows, deployment: Deployment
) -> None:
    first, second = rows(2)
    refused = problem_of(post(client, ADDRESS, rows=[first, {**second, "customer": customer}]))
    assert refused["status"] == 422
    assert refused["errors"][0]["pointer"] == "/rows/1/customer"
    assert last_scores(deployment) == []


def test_half_a_surrogate_pair_is_told_as_it_was_sent(client: Client, rows: Rows) -> None:
    (row,) = rows(1)
    assert post(client, ADDRESS, rows=[{**row, "\ud800": 1}]).json()["cover"]["ignored"] == ["\ud800"]
    refused = post(client, ADDRESS, rows=[{**row, "\ud800": {}}]).json()
    assert refused["errors"][0]["pointer"] == "/rows/0/\ud800"
    assert post(client, "/v2/models/offer/infer", inputs=tensors([row]), id="\ud800").json()["id"] == "\ud800"
    wrong = [{"name": "\ud800", "shape": [1], "datatype": "FLOAT", "data": [1]}]
    assert "\ud800 has the datatype" in post(client, "/v2/models/offer/infer", inputs=wrong).json()["error"]


def test_a_missing_column_is_named_and_null_is_a_value_that_is_not_known(client: Client, rows: Rows) -> None:
    (row,) = rows(1)
    refused = problem_of(post(client, ADDRESS, rows=[{name: cell for name, cell in row.items() if name != "age"}]))
    assert "age is missing, and the model needs it" in refused["errors"][0]["detail"]
    assert post(client, ADDRESS, rows=[{**row, "age": None}]).status_code == 200


def test_numbers_may_come_as_texts_as_they_stand_in_a_file(client: Client, rows: Rows) -> None:
    (row,) = rows(1)
    texts = {**row, "age": f" {row['age']:g} ", "income": str(row["income"])}
    assert post(client, ADDRESS, rows=[texts]).json()["scores"] == post(client, ADDRESS, rows=[row]).json()["scores"]


@pytest.mark.parametrize(
    ("count", "told"), [(1_001, "at most 1,000 rows in one request; this one has 1,001"), (0, "one row")]
)
def test_too_many_rows_and_none_are_refused_in_a_sentence(count: int, told: str, client: Client, rows: Rows) -> None:
    refused = problem_of(post(client, ADDRESS, rows=[{"age": 1}] * count))
    assert refused["status"] == 422
    assert refused["errors"][0]["pointer"] == "/rows"
    assert told in refused["errors"][0]["detail"]


def test_a_thousand_rows_of_a_wide_table_are_one_request(client: Client, rows: Rows) -> None:
    wide = [{**row, "note": "x" * 3_000} for row in rows(1_000)]
    assert len(post(client, ADDRESS, rows=wide, reasons=0).json()["scores"]) == 1_000


def test_a_request_sent_again_with_its_key_gets_the_same_answer_and_is_scored_once(
    client: Client, rows: Rows, deployment: Deployment
) -> None:
    body = json.dumps({"rows": rows(2)})
    first, again = (
        client.post(ADDRESS, body, content_type="application/json", headers={"Idempotency-Key": "one-and-the-same"})
        for _ in range(2)
    )
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert len(last_scores(deployment)) == 2


def test_what_is_not_deployed_is_not_there_and_who_has_no_key_is_refused(
    client: Client,
    rows: Rows,
    stranger: User,
    caller: Any,  # noqa: F811
) -> None:
    assert problem_of(post(client, ADDRESS.replace("offer", "ofer"), rows=rows(1)))["status"] == 404
    assert problem_of(post(caller(stranger), ADDRESS, rows=rows(1)))["status"] == 404
    assert problem_of(post(Client(), ADDRESS, rows=rows(1)))["status"] == 401


def test_a_switch_is_in_force_at_the_next_look_and_a_retired_version_answers_nobody(
    client: Client, scorer: Scorer, deployment: Deployment, second: ModelVersion, modeler: User, admin: User, rows: Rows
) -> None:
    services.switch(deployment, modeler, champion=second)
    assert post(client, ADDRESS, rows=rows(1)).json()["version"] == 1
    scorer.loaded.look()
    assert post(client, ADDRESS, rows=rows(1)).json()["version"] == 2
    retire(second, admin, "no more")
    scorer.loaded.look()
    refused = problem_of(post(client, ADDRESS, rows=rows(1)))
    assert refused["status"] == 503
    assert "not approved any more" in refused["detail"]
    services.switch_off(deployment, modeler)
    scorer.loaded.look()
    assert "is switched off" in problem_of(post(client, ADDRESS, rows=rows(1)))["detail"]


def test_a_model_that_could_not_be_opened_is_tried_again(
    client: Client, deployment: Deployment, champion: ModelVersion, rows: Rows
) -> None:
    folder = local_path(champion.artifact_path)
    away = folder.rename(folder.with_name("away"))
    scorer = Scorer(Loaded())
    serve_here(scorer)
    scorer.loaded.look()
    assert post(client, ADDRESS, rows=rows(1)).status_code == 503
    away.rename(folder)
    for _ in range(OPEN_AGAIN_EVERY):
        scorer.loaded.look()
    assert post(client, ADDRESS, rows=rows(1)).status_code == 200
    scorer.log.close()


def test_a_shadow_scores_the_same_rows_and_never_answers(
    client: Client, scorer: Scorer, deployment: Deployment, champion: ModelVersion, second: ModelVersion,
    modeler: User, rows: Rows,
) -> None:  # fmt: skip
    before = post(client, ADDRESS, rows=rows(40)).json()["scores"]
    services.switch(deployment, modeler, champion=champion, challengers=[Challenger(second)])
    scorer.loaded.look()
    answer = post(client, ADDRESS, rows=rows(40)).json()
    scorer._waiting.put(None)
    scorer._score_shadows()

    assert answer["scores"] == before
    kept = [each for each in last_scores(deployment, 1_000) if each.request == answer["request_id"]]
    assert Counter((each.role, each.version) for each in kept) == {("champion", 1): 40, ("shadow", 2): 40}
    (agreement,) = shadow_agreement(deployment)
    assert (agreement.version, agreement.rows) == (2, 40)


def test_no_answer_waits_for_a_shadow_and_what_it_did_not_score_is_told(
    client: Client, scorer: Scorer, deployment: Deployment, champion: ModelVersion, second: ModelVersion,
    modeler: User, rows: Rows, client_of: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    services.switch(deployment, modeler, champion=champion, challengers=[Challenger(second)])
    scorer.loaded.look()
    monkeypatch.setattr("deployments.live.answering.MOST_WAITING_ROWS", 5)
    for count in (3, 3, 2):
        assert post(client, ADDRESS, rows=rows(count)).status_code == 200
    scorer._waiting.put(None)
    scorer._score_shadows()
    assert post(client, ADDRESS, rows=rows(5)).status_code == 200  # there is room again
    scorer.traffic.write()

    deployment.refresh_from_db()
    health = health_of(deployment)
    champions, shadows = (member.health for member in health.members)
    assert (champions.requests, champions.rows) == (4, 13)
    assert (shadows.requests, shadows.rows, shadows.failed) == (2, 5, 1)
    assert health.whole.failed == 0
    page = client_of(modeler).get(reverse("deployment_detail", args=[deployment.pk])).content.decode()
    assert "1 request not scored" in page


def test_what_shadows_score_while_the_process_stops_is_still_counted(
    client: Client, scorer: Scorer, deployment: Deployment, champion: ModelVersion, second: ModelVersion,
    modeler: User, rows: Rows, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    services.switch(deployment, modeler, champion=champion, challengers=[Challenger(second)])
    scorer.loaded.look()
    written: list[int] = []
    monkeypatch.setattr("deployments.live.answering.SECONDS_TO_FINISH", 120.0)
    monkeypatch.setattr(scorer.loaded, "watch", lambda stop: None)
    monkeypatch.setattr(scorer.loaded, "look", lambda: None)
    monkeypatch.setattr(scorer.traffic, "keep_writing", lambda stop: written.append(stop.wait() and shadowed()))

    def shadowed() -> int:
        return sum(minute.rows for key, minute in scorer.traffic._minutes.items() if key[2] == "shadow")

    post(client, ADDRESS, rows=rows(7))
    scorer.start()
    scorer.stop()
    assert written == [7]


def test_a_customer_always_gets_the_same_version_and_shares_are_kept(
    client: Client, scorer: Scorer, deployment: Deployment, champion: ModelVersion, second: ModelVersion,
    modeler: User, rows: Rows,
) -> None:  # fmt: skip
    services.switch(deployment, modeler, champion=champion, challengers=[Challenger(second, 30)])
    scorer.loaded.look()
    sent = rows(400)
    found = [row["version"] for row in post(client, ADDRESS, rows=sent).json()["scores"]]
    again = [row["version"] for row in post(client, ADDRESS, rows=sent[::-1]).json()["scores"]]

    assert found == again[::-1]
    assert found == [2 if share_of(deployment.salt, row["customer"]) < 0.3 else 1 for row in sent]
    assert {1, 2} == set(found)
    lacking = problem_of(post(client, ADDRESS, rows=[{**sent[0], "customer": None}]))
    assert "by which it is decided which version answers" in lacking["errors"][0]["detail"]


def test_no_reason_names_a_column_that_the_dictionary_has_since_called_sensitive(
    client: Client, scorer: Scorer, champion: ModelVersion, modeler: User, rows: Rows
) -> None:
    def told() -> str:
        return " ".join(
            text for row in post(client, ADDRESS, rows=rows(100)).json()["scores"] for text in row["reasons"]
        )

    assert "ncome" in told()
    dataset = champion.leaderboard_row.experiment.version.dataset
    DictionaryEntry.objects.create(dataset=dataset, name="income", is_sensitive=True, set_by=modeler)
    scorer.loaded._rounds = 0
    scorer.loaded.look()
    assert "ncome" not in told()


def test_traffic_is_counted_and_no_id_lies_where_scores_are_kept(
    client: Client, scorer: Scorer, deployment: Deployment, rows: Rows
) -> None:
    post(client, ADDRESS, rows=rows(5))
    post(client, ADDRESS, rows=[{"age": "many"}])
    scorer.traffic.write()
    scorer.traffic.write()
    post(client, ADDRESS, rows=[{**rows(1)[0], "income": None}])
    scorer.traffic.write()

    health = health_of(deployment).whole
    assert (health.requests, health.rows, health.refused, health.failed) == (2, 6, 1, 0)
    assert health.empty["income"] == 1
    assert health.p50 is not None
    assert Traffic.objects.filter(process=scorer.process).exists()
    kept = "".join(path.read_text() for path in local_path(folder_of(deployment.pk)).glob("*.jsonl"))
    assert rows(1)[0]["customer"] not in kept


def test_a_web_process_says_that_the_real_time_server_is_away(
    deployment: Deployment,
    analyst: User,
    caller: Any,  # noqa: F811
    rows: Rows,
) -> None:
    away = problem_of(post(caller(analyst), ADDRESS, rows=rows(1)))
    assert away["status"] == 503
    assert "not answering" in away["detail"]


def test_two_workspaces_with_one_name_are_told_apart_by_the_query(
    client: Client, scorer: Scorer, deployment: Deployment, champion: ModelVersion, modeler: User, workspace: Workspace,
    rows: Rows,
) -> None:  # fmt: skip
    services.create(modeler, workspace, name="offer", champion=champion, environment="test")
    scorer.loaded.look()
    assert post(client, ADDRESS, rows=rows(1)).json()["environment"] == "production"
    assert post(client, f"{ADDRESS}?environment=test", rows=rows(1)).json()["environment"] == "test"
    assert post(client, f"{ADDRESS}?workspace=elsewhere", rows=rows(1)).status_code == 404


def tensors(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kinds = {"age": "FP64", "income": "FP64"}
    return [
        {"name": name, "shape": [len(rows)], "datatype": kinds.get(name, "BYTES"), "data": [row[name] for row in rows]}
        for name in rows[0]
    ]


def test_the_open_inference_protocol_gives_the_same_scores(client: Client, rows: Rows) -> None:
    sent = rows(4)
    wanted = post(client, ADDRESS, rows=sent).json()["scores"]
    found = post(client, "/v2/models/offer/infer", inputs=tensors(sent), id="mine").json()
    outputs = {each["name"]: each for each in found["outputs"]}

    assert (found["model_name"], found["model_version"], found["id"]) == ("offer", "1", "mine")
    for name in ("probability", "score", "band", "version"):
        assert outputs[name]["data"] == [row[name] for row in wanted]
    assert outputs["reasons"]["shape"] == [4, 4]
    assert [text for text in outputs["reasons"]["data"] if text] == [text for row in wanted for text in row["reasons"]]


def test_the_open_inference_protocol_tells_of_servers_and_models(client: Client) -> None:
    assert Client().get("/v2/health/live").json() == {"live": True}
    assert Client().get("/v2/health/ready").json() == {"ready": True}
    assert Client().get("/v2").json()["name"] == "xiaoyu"
    model = client.get("/v2/models/offer").json()
    assert model["versions"] == ["1"]
    assert {each["name"] for each in model["inputs"]} == {"age", "income", "job"}
    assert client.get("/v2/models/offer/ready").json()["ready"] is True
    assert client.get("/v2/models/offer/versions/1/ready").status_code == 200
    assert client.get("/v2/models/offer/versions/9").status_code == 404
    assert client.get("/v2/models/none").status_code == 404
    unknown = Client().get("/v2/models/offer")
    assert (unknown.status_code, unknown["WWW-Authenticate"]) == (401, "Bearer")
    for address, method, allowed in (
        ("/v2/models/offer", "post", "GET, HEAD"),
        ("/v2/models/offer/infer", "get", "POST"),
    ):
        refused = getattr(client, method)(address)
        assert (refused.status_code, refused["Allow"]) == (405, allowed)


@pytest.mark.parametrize(
    "body",
    [
        [], {}, {"inputs": []}, {"inputs": [3]}, {"inputs": [{"name": "age"}]},
        {"inputs": [{"name": "age", "shape": [2], "datatype": "FP64", "data": [1]}]},
        {"inputs": [{"name": "age", "shape": [1], "datatype": "FLOAT", "data": [1]}]},
        {"inputs": [{"name": "age", "shape": [1], "datatype": "FP64", "data": [[1, 2]]}]},
        {"inputs": [{"name": "age", "shape": [0], "datatype": "FP64", "data": []}]},
        {"inputs": [{"name": "age", "shape": [1001], "datatype": "FP64", "data": [1] * 1001}]},
        {"inputs": [{"name": "age", "shape": [1], "datatype": "FP64", "data": [1]}], "outputs": ["other"]},
    ],
)  # fmt: skip
def test_what_the_protocol_does_not_know_is_refused_in_a_sentence(body: Any, client: Client) -> None:
    refused = client.post("/v2/models/offer/infer", json.dumps(body), content_type="application/json")
    assert refused.status_code == 400
    assert refused.json()["error"]


def test_the_protocol_tells_that_a_body_is_too_large(client: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    refused = post(client, "/v2/models/offer/infer", inputs=[], id="x" * 200)
    assert (refused.status_code, refused.json()) == (413, {"error": "The request is too large."})


def test_scores_and_counts_of_long_ago_are_let_go(
    client: Client, scorer: Scorer, deployment: Deployment, rows: Rows
) -> None:
    post(client, ADDRESS, rows=rows(1))
    scorer.traffic.write()
    folder = local_path(folder_of(deployment.pk))
    (folder / "2020-01-01-other.jsonl").write_text("")
    Traffic.objects.create(deployment=deployment, minute=datetime(2020, 1, 1, tzinfo=UTC), process="other")
    tidy()
    assert [path.name for path in folder.glob("*other*")] == []
    assert set(Traffic.objects.values_list("process", flat=True)) == {scorer.process}
    assert len(last_scores(deployment)) == 1
