"""Addresses that there are not, methods that an address does not take, and things that are not there."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.api.conftest import post, problem_of
from tests.registry.conftest import finished_experiment, stand_in_engine  # noqa: F401 - fixtures

ROWS = "id,age,answered\n" + "\n".join(f"{n},{20 + n % 50},{'yes' if n % 4 == 0 else 'no'}" for n in range(400))


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("/api/v1/experimnts", "/api/v1/experiments"),
        ("/api/v1/experiments/", "/api/v1/experiments"),
        ("/api/v1/experiments/12/strat", "/api/v1/experiments/{experiment_id}/start"),
        ("/api/v2/experiments", "/api/v1/experiments"),
        ("/api/v1/dataset/3", "/api/v1/datasets/{version_id}"),
    ],
)
def test_an_unknown_address_is_a_problem_that_names_the_nearest(db: None, address: str, near: str) -> None:
    answer = Client().get(address)

    assert answer.status_code == 404
    assert problem_of(answer)["addresses"][0] == near
    assert problem_of(answer)["detail"] == f"There is no address {address}. Did you mean {near}?"


@pytest.mark.parametrize("address", ["/api/", "/api/v1/", "/api/v1/xyzzy", "/api/quite/another/thing.html"])
def test_an_address_like_none_leads_to_the_list_of_them(db: None, address: str) -> None:
    problem = problem_of(Client().post(address))

    assert problem["detail"] == f"There is no address {address}. /api/v1/docs lists all addresses."
    assert problem["documentation"] == "/api/v1/docs"
    assert "没有" in Client(headers={"Accept-Language": "zh-hans"}).get(address).json()["detail"]


def test_a_method_that_an_address_does_not_take_is_a_problem_with_those_that_it_does(caller: Any, analyst: Any) -> None:
    for client in (Client(), caller(analyst)):
        answer = client.put("/api/v1/experiments", {}, content_type="application/json")
        assert (answer.status_code, answer["Allow"]) == (405, "GET, POST")
        assert problem_of(answer)["detail"] == "/api/v1/experiments takes GET, POST, not PUT."
        assert problem_of(answer)["allowed"] == ["GET", "POST"]


def test_a_page_that_is_not_there_is_still_a_page(client_of: Any, analyst: Any) -> None:
    assert client_of(analyst).get("/apiary/")["Content-Type"].startswith("text/html")


def test_what_is_not_there_is_named_with_where_it_was_named(
    caller: Any,
    analyst: Any,
    finished_experiment: Any,  # noqa: F811
    run_jobs: Any,
) -> None:
    client = caller(analyst)
    experiment = finished_experiment()
    wish = {"name": "n", "kind": "response", "dataset_version_id": 987, "target": "y"}
    file = SimpleUploadedFile("a.csv", ROWS.encode())

    by_path = client.get("/api/v1/experiments/987")
    by_body = post(client, "/api/v1/experiments", **wish)
    by_query = client.get("/api/v1/datasets?workspace=retial")
    by_form = client.post("/api/v1/scoring-jobs", {"file": file, "model_id": "987"})
    finalist = post(client, f"/api/v1/experiments/{experiment.pk}/submit", name="n", purpose="p", candidate="lightgmb")

    answers = [by_path, by_body, by_query, by_form, finalist]
    told = [(answer.status_code, problem_of(answer)["detail"]) for answer in answers]
    assert told == [
        (404, "/api/v1/experiments has no 987 that you may see."),
        (404, "dataset_version_id 987 does not exist, or you may not see it."),
        (404, "workspace retial does not exist, or you may not see it. Did you mean retail?"),
        (404, "model_id 987 does not exist, or you may not see it."),
        (404, "candidate lightgmb does not exist, or you may not see it. Did you mean lightgbm?"),
    ]
    places = [(error["in"], error["pointer"]) for answer in answers for error in answer.json()["errors"]]
    assert places == [
        ("path", "/experiment_id"),
        ("body", "/dataset_version_id"),
        ("query", "/workspace"),
        ("form", "/model_id"),
        ("body", "/candidate"),
    ]
