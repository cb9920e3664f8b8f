"""Long lists come in pages that neither repeat nor lose a row, can be narrowed, and say how many there are."""

import re
from typing import Any

import pytest

from accounts.models import User, Workspace
from api.root import api
from catalog.models import Dataset, DatasetVersion
from tests.api.conftest import problem_of
from tests.registry.conftest import finished_experiment, stand_in_engine  # noqa: F401 - fixtures

LISTS = "/api/v1/datasets"


@pytest.fixture
def seven(analyst: User) -> list[int]:
    """Return the keys of seven dataset versions, newest first, of which four came at the same moment."""
    workspace: Workspace = analyst.memberships.get().workspace
    dataset = Dataset.objects.create(workspace=workspace, name="Customers", owner=analyst)
    keys = [
        DatasetVersion.objects.create(
            dataset=dataset, number=number, file_name=f"{number}.csv", size_bytes=1, owner=analyst,
            state="ready" if number % 2 else "failed",
        ).pk
        for number in range(1, 8)
    ]  # fmt: skip
    moment = DatasetVersion.objects.get(pk=keys[1]).created_at
    DatasetVersion.objects.filter(pk__in=keys[1:5]).update(created_at=moment)
    return list(reversed(keys))


def links_of(answer: Any) -> dict[str, str]:
    return {rel: address for address, rel in re.findall(r'<([^>]+)>; rel="(\w+)"', answer.get("Link", ""))}


def ids(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()]


def test_pages_lead_through_a_list_and_back_without_losing_or_repeating_a_row(
    caller: Any, analyst: User, seven: list[int]
) -> None:
    client = caller(analyst)
    pages, address = [], f"{LISTS}?limit=3"
    while address:
        answer = client.get(address)
        pages.append(ids(answer))
        assert answer["X-Total-Count"] == "7"
        back, address = links_of(answer).get("prev"), links_of(answer).get("next", "")

    assert pages == [seven[:3], seven[3:6], seven[6:]]
    second = client.get(back)
    assert ids(second) == seven[3:6]
    first = client.get(links_of(second)["prev"])
    assert (ids(first), sorted(links_of(first))) == (seven[:3], ["next"])


def test_a_row_that_is_added_meanwhile_moves_none_to_another_page(caller: Any, analyst: User, seven: list[int]) -> None:
    client = caller(analyst)
    first = client.get(f"{LISTS}?limit=3")
    dataset = Dataset.objects.get()
    DatasetVersion.objects.create(dataset=dataset, number=8, file_name="8.csv", size_bytes=1, owner=analyst)

    assert ids(client.get(links_of(first)["next"])) == seven[3:6]


def test_filters_narrow_a_list_and_stay_on_in_its_links(caller: Any, analyst: User, seven: list[int]) -> None:
    client = caller(analyst)
    ready = client.get(f"{LISTS}?state=ready&limit=2&name=custom")

    assert (ids(ready), ready["X-Total-Count"]) == ([seven[0], seven[2]], "4")
    assert ids(client.get(links_of(ready)["next"])) == [seven[4], seven[6]]
    assert ids(client.get(f"{LISTS}?name=nothing")) == []
    assert client.get(f"{LISTS}?state=redy").status_code == 422


def test_a_page_has_at_most_five_hundred_rows_and_a_cursor_belongs_to_its_list(
    caller: Any, analyst: User, seven: list[int]
) -> None:
    client = caller(analyst)
    cursor = links_of(client.get(f"{LISTS}?limit=1"))["next"].rsplit("cursor=", 1)[1]

    assert [client.get(f"{LISTS}?limit={limit}").status_code for limit in (0, 501, 500)] == [422, 422, 200]
    for address in (f"/api/v1/models?cursor={cursor}", f"{LISTS}?cursor=made-up"):
        answer = client.get(address)
        assert (answer.status_code, problem_of(answer)["detail"]) == (
            409,
            "The cursor does not belong to this list. Start again without it.",
        )


def test_trials_are_paged_by_their_number(
    caller: Any,
    analyst: User,
    finished_experiment: Any,  # noqa: F811
) -> None:
    experiment = finished_experiment()
    experiment.trials.all().delete()
    for number in range(1, 6):
        experiment.trials.create(number=number, learner="lightgbm", backend="flaml", state="finished")
    client = caller(analyst)

    answer = client.get(f"/api/v1/experiments/{experiment.pk}/trials?after=1&limit=3")

    assert [row["number"] for row in answer.json()] == [2, 3, 4]
    assert [row["number"] for row in client.get(links_of(answer)["next"]).json()] == [5]


def test_every_list_of_the_api_is_paged_with_its_limits_in_the_schema() -> None:
    for address, methods in api.get_openapi_schema()["paths"].items():
        answer = methods.get("get", {}).get("responses", {}).get("200", {})
        content = answer.get("content", {}).get("application/json", {}).get("schema", {})
        if content.get("type") == "array":
            limits = [p["schema"] for p in methods["get"]["parameters"] if p["name"] == "limit"]
            assert [limit["minimum"] for limit in limits] == [1], address
            assert limits[0]["maximum"] <= 1_000, address
            assert "Link" in answer["headers"], address
