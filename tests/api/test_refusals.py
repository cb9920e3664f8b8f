"""The description tells of every refusal with an answer to it, and what it shows is what is really answered."""

import json
from typing import Any

import jsonschema_rs
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client

from accounts.models import User
from api import refusals
from api.root import api
from tests.api.conftest import problem_of

SCHEMA = json.loads(json.dumps(api.get_openapi_schema()))
COMPONENTS = SCHEMA["components"]
OPERATIONS = [
    pytest.param(address, method, told, id=f"{method} {address}")
    for address, methods in SCHEMA["paths"].items()
    for method, told in methods.items()
]
MULTIPART, JSON = "multipart/form-data", "application/json"
UPLOADS = "/api/v1/uploads"


def examples(told: dict[str, Any], status: int) -> list[dict[str, Any]]:
    content = told["responses"][str(status)]["content"]["application/problem+json"]
    return [example["value"] for example in content["examples"].values()]


def asked_of(address: str, method: str, told: dict[str, Any]) -> refusals.Asked:
    allowed = sorted(each.upper() for each in SCHEMA["paths"][address])
    return refusals.Asked(address, method.upper(), allowed, told, COMPONENTS["schemas"])


@pytest.mark.parametrize(("address", "method", "told"), OPERATIONS)
def test_each_refusal_has_an_example_that_is_a_problem(address: str, method: str, told: dict[str, Any]) -> None:
    asked = asked_of(address, method, told)
    validator = jsonschema_rs.Draft202012Validator({"$ref": "#/components/schemas/Problem", "components": COMPONENTS})
    listed = {int(status) for status in told["responses"] if int(status) >= 400}

    assert listed >= {405, 422, 500}
    assert listed >= ({401, 429, 503} if "security" in told else set())
    assert listed >= ({404} if asked.path_keys else set())
    assert listed >= ({413, 415} if asked.takes else set())
    assert listed >= ({400} if asked.takes in (JSON, MULTIPART) else set())
    for status in listed:
        for example in examples(told, status):
            assert (status, [str(each) for each in validator.iter_errors(example)]) == (example["status"], [])
            for place in example.get("errors", []):
                assert place["pointer"].startswith("/")
                assert place["detail"]
        assert examples(told, status)


@pytest.mark.parametrize(("address", "method", "told"), OPERATIONS)
def test_each_answer_of_success_tells_what_it_holds(address: str, method: str, told: dict[str, Any]) -> None:
    success = {status: answer for status, answer in told["responses"].items() if status.startswith("2")}

    assert len(success) == 1
    for status, answer in success.items():
        assert answer["description"]
        assert "content" in answer or status == "204" or address.startswith(UPLOADS)


def body_of(told: dict[str, Any], slip: str = "") -> tuple[Any, str]:
    """Return a sound body of an operation, but for a slip, and its type."""
    content = told.get("requestBody", {}).get("content", {})
    if JSON in content:
        body = json.loads(json.dumps(content[JSON]["example"]))
        if slip:
            (body[0] if isinstance(body, list) else body)[slip] = "?"
        return json.dumps(body), JSON
    if MULTIPART in content:
        fields = content[MULTIPART]["schema"]
        body = {name: "1" for name in fields.get("required", []) if name != "file"} | ({slip: "?"} if slip else {})
        return body | {"file": SimpleUploadedFile("a.csv", b"a,b\n1,2\n")}, MULTIPART
    return "", JSON


def send(client: Client, method: str, path: str, body: Any = "", kind: str = JSON, **headers: str) -> Any:
    if isinstance(body, dict):
        return client.post(path, body, headers=headers)
    return client.generic(method.upper(), path, body, content_type=kind, headers=headers)


@pytest.mark.parametrize(("address", "method", "told"), [each for each in OPERATIONS if "head" not in each.values])
def test_what_is_shown_is_what_is_answered(
    address: str, method: str, told: dict[str, Any], caller: Any, modeler: User
) -> None:
    asked, client = asked_of(address, method, told), caller(modeler)
    body, kind = body_of(told)
    plain = {"Upload-Length": "10", "Upload-Offset": "0"} if address.startswith(UPLOADS) else {}
    piece = "application/offset+octet-stream" if asked.method == "PATCH" and plain else kind

    if "security" in told:
        assert problem_of(send(Client(), method, asked.path, body, kind)) in examples(told, 401)
    shown = examples(told, 405)[0]
    wrong = shown["detail"].rsplit(" ", 1)[-1].rstrip(".")
    assert problem_of(send(client, wrong, asked.path)) == shown
    if asked.takes in (JSON, MULTIPART):
        assert problem_of(send(client, method, asked.path, "<xml/>", "text/plain")) == examples(told, 415)[0]
    if asked.takes == JSON:
        assert problem_of(send(client, method, asked.path, "{", JSON)) == examples(told, 400)[0]
    slip = refusals.misspelt(asked.fields)
    query = "" if slip else refusals.misspelt(asked.query_names)
    where = examples(told, 422)[0]["errors"][0]
    path = asked.path.replace(refusals.UNKNOWN_KEY, "abc").replace(refusals.UNKNOWN["uuid"], "abc")
    path = path if where["in"] == "path" else f"{asked.path}?{query}=1" if query else asked.path
    path = f"{path}?verbose=1" if where["pointer"] == "/verbose" else path
    body, kind = body_of(told, slip)
    answer = send(client, method, path, body, piece if piece != JSON else kind, **plain)
    assert problem_of(answer) == examples(told, 422)[0]


@pytest.mark.parametrize(("address", "method", "told"), [each for each in OPERATIONS if "head" not in each.values])
def test_a_thing_that_is_not_there_is_told_as_shown(
    address: str, method: str, told: dict[str, Any], caller: Any, modeler: User
) -> None:
    asked = asked_of(address, method, told)
    if not asked.path_keys:
        pytest.skip("names nothing in its path")
    body, kind = body_of(told)
    headers = {"Upload-Offset": "0"} if address.startswith(UPLOADS) else {}
    kind = "application/offset+octet-stream" if asked.method == "PATCH" and headers else kind

    assert problem_of(send(caller(modeler), method, asked.path, body, kind, **headers)) in examples(told, 404)


def test_a_database_that_does_not_answer_is_told_as_such_with_when_to_come_again(
    caller: Any, analyst: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = caller(analyst)

    def locked(*_: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr("accounts.api.user_for_token", locked)
    answer = client.get("/api/v1/me")

    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert (
        problem_of(answer)["detail"] == "The database is not answering right now. Send the request again in a minute."
    )


def test_a_column_of_a_plan_that_there_is_not_is_pointed_to_by_the_field_that_named_it(
    caller: Any, analyst: User, version: Any
) -> None:
    client = caller(analyst)
    column = version.columns.order_by("position").last().name
    wish = {"name": "n", "kind": "response", "dataset_version_id": version.pk, "target": column}

    def pointers(**more: Any) -> list[tuple[str, str]]:
        answer = client.post("/api/v1/experiments", {**wish, **more}, content_type=JSON)
        assert answer.status_code == 409
        return [(each["in"], each["pointer"]) for each in problem_of(answer)["errors"]]

    assert pointers(monotone={"agge": 1}) == [("body", "/monotone/agge")]
    assert pointers(special_values={"agge": [1]}) == [("body", "/special_values/agge")]
    assert pointers(target="agge") == [("body", "/target")]
    assert pointers(event="never seen") == [("body", "/event")]


def test_a_rule_of_a_sample_that_cannot_be_is_pointed_to(caller: Any, analyst: User, version: Any) -> None:
    client = caller(analyst)
    names = list(version.columns.order_by("position").values_list("name", flat=True))
    wish = {"name": "n", "kind": "response", "dataset_version_id": version.pk, "target": names[-1]}
    made = client.post("/api/v1/experiments", wish, content_type=JSON).json()["id"]

    def pointers(**sample: Any) -> list[str]:
        answer = client.put(f"/api/v1/experiments/{made}/sample", sample, content_type=JSON)
        assert answer.status_code == 409
        return [each["pointer"] for each in problem_of(answer)["errors"]]

    rule = {"column": "agge", "operator": "at_least", "value": "1"}
    assert pointers(observed_at="agge") == ["/observed_at"]
    assert pointers(performance_months=3) == ["/observed_at"]
    assert pointers(event=rule) == ["/event/column"]
    assert pointers(exclusions=[{**rule, "column": names[0]}, rule]) == ["/exclusions/1/column"]


def test_columns_are_changed_all_or_none_and_the_target_is_never_left_out(
    caller: Any, analyst: User, version: Any
) -> None:
    client = caller(analyst)
    first, *_, target = version.columns.order_by("position").values_list("name", flat=True)
    wish = {"name": "n", "kind": "response", "dataset_version_id": version.pk, "target": target}
    made = client.post("/api/v1/experiments", wish, content_type=JSON).json()["id"]
    address = f"/api/v1/experiments/{made}/columns"

    unknown = client.post(address, [{"name": first, "role": "ignore"}, {"name": "agge"}], content_type=JSON)
    out = client.post(address, [{"name": target, "excluded": True}], content_type=JSON)

    assert [each["pointer"] for each in problem_of(unknown)["errors"]] == ["/1/name"]
    checked = version.checks.get().columns.get(column__name=first)
    assert checked.role != "ignore"
    assert problem_of(out)["detail"] == "The target is what the model predicts, so it cannot be left out."


def test_what_a_dictionary_sent_as_json_has_wrong_is_pointed_to_in_a_sentence_that_agrees(
    caller: Any, analyst: User, version: Any
) -> None:
    answer = caller(analyst).put(
        f"/api/v1/datasets/{version.pk}/dictionary", [{"name": "agge", "name_en": "Age"}], content_type=JSON
    )

    told = problem_of(answer)
    assert told["detail"] == "Nothing was saved: 1 entry of the dictionary needs to be corrected."
    assert [(each["in"], each["pointer"]) for each in told["errors"]] == [("body", "/0/name")]


def test_what_a_header_or_a_cursor_must_be_is_said_in_words_and_not_as_a_pattern(caller: Any, analyst: User) -> None:
    client = caller(analyst)

    def said(answer: Any) -> str:
        return str(problem_of(answer)["errors"][0]["detail"])

    assert said(client.post(UPLOADS, headers={"Upload-Length": "ten"})).startswith("Send a whole number from 1 to ")
    metadata = {"Upload-Length": "10", "Upload-Metadata": "filename !!"}
    assert said(client.post(UPLOADS, headers=metadata)).endswith("must hold names and values in Base64.")
    assert said(client.get("/api/v1/datasets?cursor=%21")).startswith("The cursor does not belong to this list.")


def test_what_an_upload_or_a_version_is_not_is_said_instead_of_that_it_is_not_there(
    caller: Any, analyst: User, version: Any
) -> None:
    client = caller(analyst)
    body = {"uploads": [refusals.UNKNOWN["uuid"]]}

    unknown = client.post("/api/v1/datasets/from-uploads", body, content_type=JSON)
    no_query = client.post(f"/api/v1/datasets/{version.pk}/refresh")

    assert (unknown.status_code, problem_of(unknown)["errors"][0]["pointer"]) == (404, "/uploads")
    assert no_query.status_code == 409
    assert problem_of(no_query)["detail"].startswith("This version does not come from a database query")
