"""What is sent is what is asked for: a slip is refused by name, wherever it stands, and told in the caller's words."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from api.root import api
from common.answers import Body
from tests.api.conftest import post, problem_of

WISH = {"name": "Offer", "kind": "response", "dataset_version_id": 1, "target": "answered"}


def errors_of(answer: Any) -> list[tuple[str, str, str]]:
    assert answer.status_code == 422
    return [(error["in"], error["pointer"], error["detail"]) for error in problem_of(answer)["errors"]]


def test_a_misspelt_field_of_a_body_is_refused_with_the_nearest_at_any_depth(caller: Any, analyst: Any) -> None:
    client = caller(analyst)
    top = post(client, "/api/v1/experiments", **WISH, monotne={"age": 1})
    deep = post(client, "/api/v1/experiments", **WISH, limits={"ks_gapp": 0.1})
    in_list = client.post(
        "/api/v1/experiments/1/columns", [{"name": "a"}, {"name": "b", "rol": "id"}], content_type="application/json"
    )

    assert errors_of(top) == [("body", "/monotne", "There is no monotne here. Did you mean monotone?")]
    assert errors_of(deep) == [("body", "/limits/ks_gapp", "There is no ks_gapp here. Did you mean ks_gap?")]
    assert errors_of(in_list) == [("body", "/1/rol", "There is no rol here. Did you mean role?")]


def test_every_body_of_the_api_refuses_what_it_does_not_know() -> None:
    schema = json.loads(json.dumps(api.get_openapi_schema()))
    bodies = [
        (address, method, content["schema"])
        for address, methods in schema["paths"].items()
        for method, operation in methods.items()
        for media, content in operation.get("requestBody", {}).get("content", {}).items()
        if media != "application/offset+octet-stream"
    ]

    assert len(bodies) >= 10
    assert [place[:2] for place in bodies if _open_objects(place[2], schema)] == []


def _open_objects(part: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the objects within a schema that would take any field."""
    if "$ref" in part:
        return _open_objects(schema["components"]["schemas"][part["$ref"].rsplit("/", 1)[-1]], schema)
    inner = [*part.get("properties", {}).values(), *part.get("anyOf", []), *filter(None, [part.get("items")])]
    is_open = "properties" in part and part.get("additionalProperties", True) is not False
    return [*([part] if is_open else []), *(found for one in inner for found in _open_objects(one, schema))]


def test_a_misspelt_parameter_is_refused_everywhere_and_so_is_one_sent_twice(caller: Any, analyst: Any) -> None:
    client = caller(analyst)

    assert errors_of(client.get("/api/v1/datasets?workspce=retail")) == [
        ("query", "/workspce", "There is no workspce here. Did you mean workspace?")
    ]
    assert errors_of(client.get("/api/v1/me?verbose=1")) == [
        ("query", "/verbose", "There is no verbose here: no parameters are accepted.")
    ]
    assert errors_of(client.get("/api/v1/datasets?limit=1&limit=2")) == [
        ("query", "/limit", "This is sent twice. Send it once.")
    ]
    assert errors_of(post(client, "/api/v1/experiments?dry_run=true", **WISH)) == [
        ("query", "/dry_run", "There is no dry_run here: no parameters are accepted.")
    ]


def test_a_misspelt_field_of_a_form_is_told_beside_what_is_missing(caller: Any, analyst: Any) -> None:
    file = SimpleUploadedFile("a.csv", b"a,b\n1,2\n")
    client = caller(analyst)

    assert errors_of(client.post("/api/v1/datasets", {"fil": file})) == [
        ("form", "/file", "This is required but was not sent."),
        ("form", "/fil", "There is no fil here. Did you mean file?"),
    ]
    assert errors_of(client.post("/api/v1/scoring-jobs", {"file": file, "model_id": "1", "modle": "2"})) == [
        ("form", "/modle", "There is no modle here. Did you mean model_id?")
    ]


def test_a_field_that_stands_twice_in_an_object_is_refused_since_one_would_be_lost(caller: Any, analyst: Any) -> None:
    body = json.dumps(WISH)[:-1] + ', "seed": 1, "seed": 2}'

    answer = caller(analyst).post("/api/v1/experiments", body, content_type="application/json")

    assert errors_of(answer) == [("body", "/seed", "This is sent twice. Send it once.")]


@pytest.mark.parametrize("body", [{"seconds": 60}, [1]])
def test_a_body_for_an_address_that_takes_none_is_refused(caller: Any, analyst: Any, body: Any) -> None:
    answer = caller(analyst).post("/api/v1/experiments/1/start", body, content_type="application/json")

    assert [place for place, *_ in errors_of(answer)] == ["body"]


def test_what_is_wrong_is_told_in_plain_words_of_the_callers_language(caller: Any, analyst: Any) -> None:
    wish = {**WISH, "kind": "fraud", "seed": -1, "folds": "five", "learners": []}
    client = caller(analyst)

    english = post(client, "/api/v1/experiments", **wish)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    chinese = post(client, "/api/v1/experiments", **wish)

    assert {pointer: said for _, pointer, said in errors_of(english)} == {
        "/kind": "Choose one of: 'response', 'conversion', 'default' or 'attrition'.",
        "/seed": "Send 0 or more.",
        "/folds": "Send a whole number.",
        "/learners": "Send at least 1 entry.",
    }
    assert dict(entry[1:] for entry in errors_of(chinese))["/folds"] == "请发送整数。"


def test_a_pointer_leads_through_names_with_slashes(caller: Any, analyst: Any) -> None:
    answer = post(caller(analyst), "/api/v1/experiments", **WISH, monotone={"a/b~c": 2})

    assert [pointer for _, pointer, _ in errors_of(answer)] == ["/monotone/a~1b~0c"]


def test_a_body_of_the_api_is_strict_by_its_base() -> None:
    assert Body.model_config["extra"] == "forbid"
