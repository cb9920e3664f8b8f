"""A thousand requests made from the API's own schema: nothing fails, and every answer is one that it tells of."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
import schemathesis
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation

from accounts.models import ApiToken, User
from api.root import api
from catalog.models import DatasetVersion
from registry.models import ApprovalRequest
from tests.api.in_process import within_process
from tests.registry.conftest import finished_experiment, stand_in_engine, submitted  # noqa: F401 - fixtures
from tests.serving.conftest import model_server  # noqa: F401 - a fixture
from training.models import Experiment
from uploads.models import Upload
from uploads.pieces import begin
from uploads.services import receive_upload

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
CASES_AN_OPERATION = 10
ROWS = "id,age,answered\n" + "\n".join(f"{n},{20 + n % 50},{'yes' if n % 4 == 0 else 'no'}" for n in range(400))
SECRET = ApiToken.new_secret()
ACCEPTED = ("2xx", "3xx", "401", "403", "404", "409", "429", "5xx")
CONFIG = SchemathesisConfig.from_dict(
    {
        "auth": {"openapi": {"BearerToken": {"bearer": SECRET}}},
        # A draft that was changed since its made-up ETag was read refuses what is sound otherwise.
        "checks": {"positive_data_acceptance": {"expected-statuses": [*ACCEPTED, "412"]}},
        "generation": {"deterministic": True, "max-examples": CASES_AN_OPERATION},
    }
)
SCHEMA = schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema())), config=CONFIG)
KEYS = {
    "version_id": DatasetVersion,
    "experiment_id": Experiment,
    "approval_id": ApprovalRequest,
    "upload_id": Upload,
}
seen = []


@schemathesis.serializer("application/offset+octet-stream")
def bytes_as_they_are(_context: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture
def network(
    modeler: User,
    submitted: Callable[..., ApprovalRequest],  # noqa: F811
    run_jobs: Callable[[], Any],
    monkeypatch: pytest.MonkeyPatch,
    model_server: Any,  # noqa: F811
) -> None:
    """Lead to an application where the key's owner has a dataset, an experiment, a model and a request that waits.

    The model server is there, as on a platform that is up: without it, answers are rightly 503.
    """
    workspace = modeler.memberships.get().workspace
    receive_upload(modeler, workspace, SimpleUploadedFile("rows.csv", ROWS.encode()))
    begin(modeler, workspace, file_name="rows.csv", length=1_000_000, metadata={"filename": "rows.csv"})
    run_jobs()
    submitted(modeler)
    ApiToken.objects.create(user=modeler, name="test", digest=ApiToken.digest_of(SECRET))
    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", within_process)


def lead_to_something_that_exists(case: schemathesis.Case) -> None:
    """Replace the made-up key in the address by one that is there, where it is sound."""
    for name, model in KEYS.items():
        newest = model.objects.values_list("pk", flat=True).last()
        if name in case.path_parameters and newest:
            case.path_parameters[name] = str(newest)


@SCHEMA.parametrize()
@settings(deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])
def test_every_answer_is_one_that_the_schema_tells_of(case: schemathesis.Case, network: None) -> None:
    seen.append(case)
    if len(seen) % 3 and not case.meta.is_negative_at(ParameterLocation.PATH):
        lead_to_something_that_exists(case)
    case.call_and_validate(base_url="http://testserver")


def test_the_schema_was_tried_a_thousand_times() -> None:
    assert len(seen) >= 1_000
