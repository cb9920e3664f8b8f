"""Made-up requests to a deployment that is there: none fails, whatever is sent, and each refusal is a sentence.

``XIAOYU_FUZZED_REQUESTS=1700`` has so many made up by each test.
"""

import json
import os
from typing import Any

import pytest
import requests
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.models import ApiToken, User
from api.root import api
from deployments.live.answering import Scorer
from deployments.models import Deployment
from tests.api.in_process import within_process

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
MANY = int(os.environ.get("XIAOYU_FUZZED_REQUESTS", "60"))
SECRET = ApiToken.new_secret()
PATH = "/api/v1/deployments/{name}/score"
CONFIG = SchemathesisConfig.from_dict(
    {
        "auth": {"openapi": {"BearerToken": {"bearer": SECRET}}},
        "generation": {"deterministic": True, "max-examples": MANY},
    }
)
SCHEMA = schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema())), config=CONFIG)
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
WHATEVER = {"deadline": None, "suppress_health_check": list(HealthCheck), "derandomize": True}

CELL = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), st.just("2026-13-45"), st.just("1e999"),
    st.integers(min_value=10**308, max_value=10**320), st.lists(st.integers(), max_size=2), st.just({}),
)  # fmt: skip
COLUMN = st.one_of(st.sampled_from(["age", "income", "job", "customer", "answered"]), st.text(max_size=8))
ROW = st.one_of(
    st.dictionaries(COLUMN, CELL, max_size=6),
    st.fixed_dictionaries({"age": CELL, "income": CELL, "job": CELL}, optional={"customer": CELL}),
)
BODY = st.one_of(
    st.fixed_dictionaries(
        {"rows": st.lists(ROW, max_size=5)}, optional={"reasons": CELL, "language": CELL, "other": CELL}
    ),
    CELL,
)
TENSOR = st.fixed_dictionaries(
    {},
    optional={
        "name": st.one_of(COLUMN, CELL), "shape": st.one_of(st.just([2]), st.just([2, 1]), st.lists(CELL, max_size=3)),
        "datatype": st.one_of(st.sampled_from(["FP64", "BYTES", "BOOL", "INT64"]), CELL),
        "data": st.one_of(st.lists(CELL, min_size=2, max_size=2), CELL),
    },
)  # fmt: skip
COLUMNS = st.tuples(
    *(
        st.fixed_dictionaries(
            {"name": st.just(name), "shape": st.just([2]), "datatype": st.just("FP64"),
             "data": st.lists(CELL, min_size=2, max_size=2)}
        )
        for name in ("age", "income", "job")
    )
)  # fmt: skip
INFER = st.one_of(
    st.fixed_dictionaries(
        {"inputs": st.one_of(COLUMNS.map(list), st.lists(TENSOR, max_size=4))},
        optional={"outputs": st.one_of(CELL, st.lists(st.one_of(CELL, st.just({"name": "band"})))), "id": CELL},
    ),
    CELL,
)


@pytest.fixture
def network(deployment: Deployment, scorer: Scorer, modeler: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lead to a process that has the deployment's model open."""
    scorer.loaded.look()
    ApiToken.objects.create(user=modeler, name="test", digest=ApiToken.digest_of(SECRET))
    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", within_process)


@SCHEMA.include(path=PATH).parametrize()
@settings(phases=[Phase.explicit, Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_the_schema_makes_up_is_answered_as_it_says(case: schemathesis.Case, network: None) -> None:
    if len(str(case.path_parameters.get("name", ""))) % 4:
        case.path_parameters["name"] = "offer"
    case.call_and_validate(base_url="http://testserver", checks=CHECKS)


def send(address: str, body: Any) -> Any:
    client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {SECRET}"})
    return client.post(address, json.dumps(body), content_type="application/json")


@settings(max_examples=MANY, **WHATEVER)
@given(body=BODY)
def test_whatever_is_sent_to_be_scored_is_scored_or_refused_in_a_sentence(body: Any, network: None) -> None:
    answer = send("/api/v1/deployments/offer/score", body)
    assert answer.status_code in (200, 400, 422), (answer.status_code, body, answer.content)
    assert answer.status_code == 200 or answer.json()["detail"]


@settings(max_examples=MANY, **WHATEVER)
@given(body=INFER)
def test_whatever_is_inferred_is_inferred_or_refused_in_a_sentence(body: Any, network: None) -> None:
    answer = send("/v2/models/offer/infer", body)
    assert answer.status_code in (200, 400), (answer.status_code, body, answer.content)
    assert answer.status_code == 200 or answer.json()["error"]
