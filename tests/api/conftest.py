"""A caller of the API: a test client that carries a person's key."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark.expression import Expression
from _pytest.nodeid import NodeId
from django.test import Client

from accounts.models import ApiToken, User, Workspace
from catalog.models import DatasetVersion
from jobs.models import Job
from tests.catalog.conftest import a_file
from uploads import services

MADE_FROM_THE_SCHEMA = "test_schema_is_true.py"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Making up a thousand requests takes seconds, in each process of the tests, also where none will be sent."""
    wanted = config.getoption("markexpr")
    marks = {"slow", "django_db"}
    is_left_out = bool(wanted) and not Expression.compile(wanted).evaluate(lambda name, **_more: name in marks)
    return True if is_left_out and collection_path.name == MADE_FROM_THE_SCHEMA else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests made from a schema all have one name, by which workers would know only one; and one worker counts them."""
    made = (item for item in items if item.path.name == MADE_FROM_THE_SCHEMA)
    for number, item in enumerate(made, start=1):
        item._id = NodeId.parse(f"{item.nodeid}[{number}]@schema")


@pytest.fixture
def caller() -> Callable[[User], Client]:
    """Give a client with a person's key: ``caller(analyst).get("/api/v1/me")``."""

    def carry(user: User) -> Client:
        secret = ApiToken.new_secret()
        ApiToken.objects.create(user=user, name="test", digest=ApiToken.digest_of(secret))
        return Client(headers={"Authorization": f"Bearer {secret}"})

    return carry


def post(client: Client, address: str, **body: Any) -> Any:
    return client.post(address, body, content_type="application/json")


@pytest.fixture
def version(analyst: User, workspace: Workspace, run_jobs: Callable[[], list[Job]]) -> DatasetVersion:
    """A version that a worker has read."""
    made = services.receive_upload(analyst, workspace, a_file())
    run_jobs()
    made.refresh_from_db()
    return made


def problem_of(answer: Any) -> dict[str, Any]:
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert set(problem) >= {"type", "title", "status", "detail"}
    return problem
