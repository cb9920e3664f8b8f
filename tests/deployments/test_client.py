"""The Python client of one file, as a program uses it: typed answers, refusals by place, and requests sent again."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from django.core.wsgi import get_wsgi_application
from django.test import Client
from django.urls import reverse

from accounts.models import ApiToken, User
from deployments.live.answering import Scorer
from deployments.live.score_log import last_scores
from deployments.models import Deployment
from registry.models import ModelVersion

pytestmark = pytest.mark.django_db
FILE = Path(__file__).resolve().parents[2] / "static" / "api" / "xiaoyu_client.py"
Rows = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def downloaded() -> Iterator[ModuleType]:
    """The file, imported from where it lies and by its own name, as whoever downloads it does."""
    spec = importlib.util.spec_from_file_location("xiaoyu_client", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["xiaoyu_client"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["xiaoyu_client"]


class Faltering(httpx.BaseTransport):
    """The platform in this process, which some of the first requests do not reach, or whose answers get lost."""

    def __init__(self, *lost: str) -> None:
        self.inner = httpx.WSGITransport(app=get_wsgi_application())
        self.lost = list(lost)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        how = self.lost.pop(0) if self.lost else ""
        if how == "before":
            raise httpx.ConnectError("nobody there")
        response = self.inner.handle_request(request)
        if how == "after":
            response.read()
            raise httpx.ReadError("the answer was lost")
        return response


@pytest.fixture
def connect(downloaded: ModuleType, scorer: Scorer, deployment: Deployment, modeler: User) -> Callable[..., Any]:
    """Give a client with a modeler's key: ``connect("before", "after")`` loses a request, then an answer."""
    scorer.loaded.look()
    secret = ApiToken.new_secret()
    ApiToken.objects.create(user=modeler, name="test", digest=ApiToken.digest_of(secret))

    def make(*lost: str, key: str = secret) -> Any:
        return downloaded.Xiaoyu("http://testserver", key=key, transport=Faltering(*lost))

    return make


def test_a_program_scores_customers_and_reads_typed_answers(connect: Callable[..., Any], rows: Rows) -> None:
    with connect() as xiaoyu:
        answer = xiaoyu.score("offer", rows(3), reasons=2, language="zh")
    assert (answer.deployment, answer.version, answer.configuration) == ("offer", 1, 1)
    assert [each.row for each in answer.scores] == [1, 2, 3]
    assert all(0 < each.probability < 1 and len(each.reasons) <= 2 for each in answer.scores)


def test_more_than_a_request_holds_goes_in_several_and_rows_count_through(
    connect: Callable[..., Any], rows: Rows
) -> None:
    with connect() as xiaoyu:
        found = list(xiaoyu.score_all("offer", iter(rows(1_200)), reasons=0))
    assert [each.row for each in found] == list(range(1, 1_201))


def test_an_answer_that_is_lost_is_asked_for_again_and_nothing_is_scored_twice(
    connect: Callable[..., Any], rows: Rows, deployment: Deployment
) -> None:
    with connect("before", "after") as xiaoyu:
        assert len(xiaoyu.score("offer", rows(2)).scores) == 2
    assert len(last_scores(deployment)) == 2


def test_a_refusal_names_the_places_that_are_wrong(
    connect: Callable[..., Any], downloaded: ModuleType, rows: Rows
) -> None:
    first, second = rows(2)
    with connect() as xiaoyu, pytest.raises(downloaded.XiaoyuError) as refused:
        xiaoyu.score("offer", [first, {**second, "age": "many"}])
    assert refused.value.status == 422
    assert [(each.pointer, each.detail) for each in refused.value.places] == [
        ("/rows/1/age", "Row 2: age takes a number; many is not a number.")
    ]
    with connect(key="xy_unknown") as nobody, pytest.raises(downloaded.XiaoyuError, match="401"):
        nobody.get("/api/v1/me")


def test_a_program_lists_switches_and_rolls_back(
    connect: Callable[..., Any], second: ModelVersion, champion: ModelVersion
) -> None:
    with connect() as xiaoyu:
        (one,) = xiaoyu.deployments()
        switched = xiaoyu.switch(one["id"], champion=second.pk, challengers=[{"version": champion.pk, "percent": 20}])
        assert (switched["champion"], switched["challengers"][0]["percent"]) == (second.pk, 20)
        assert xiaoyu.roll_back(one["id"], why="worse")["champion"] == champion.pk


def test_the_api_page_offers_the_client_and_says_how_it_is_used(client: Client) -> None:
    page = client.get(reverse("api-1.0.0:openapi-view")).content.decode()
    assert "/static/api/xiaoyu_client.py" in page
    assert "/deployments/NAME/score" in page
