"""One word finds experiments, models, datasets, columns and people, and only what the asker may see."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User, Workspace
from catalog.models import Column, Dataset, DatasetVersion
from planning.services.drafting import draft_experiment
from registry.models import RegisteredModel

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]


@pytest.fixture
def stocked(workspace: Workspace, analyst: User) -> Dataset:
    dataset = Dataset.objects.create(workspace=workspace, name="Salary loans", owner=analyst)
    for number in (1, 2):
        version = DatasetVersion.objects.create(
            dataset=dataset, number=number, owner=analyst, file_name="loans.csv", state="ready", row_count=5
        )
        Column.objects.create(version=version, position=0, name="salary_band", label="工资档", type="categorical")
        Column.objects.create(version=version, position=1, name=f"salary_{number}", type="numeric")
    draft_experiment(user=analyst, workspace=workspace, kind="default", version=version, name="Salary 2026")
    RegisteredModel.objects.create(workspace=workspace, name="Salary card", kind="default")
    return dataset


def found(client: Client, text: str) -> str:
    return client.get(reverse("find"), {"q": text}, headers={"HX-Request": "true"}).content.decode()


def test_a_word_finds_what_bears_it_and_columns_of_the_newest_version_alone(
    stocked: Dataset, analyst: User, client_of: ClientOf
) -> None:
    page = found(client_of(analyst), "SALARY")

    assert all(name in page for name in ("Salary loans", "Salary 2026", "Salary card", "salary_2"))
    assert page.count("<b>salary_band</b>") == 1
    assert "salary_1" not in page
    assert "<html" not in page


def test_a_chinese_label_finds_its_column(stocked: Dataset, analyst: User, client_of: ClientOf) -> None:
    page = found(client_of(analyst), "工资")

    assert f'href="{reverse("dataset_detail", args=[stocked.pk])}?q=salary_band#columns"' in page


def test_a_stranger_finds_nothing_of_it(stocked: Dataset, stranger: User, client_of: ClientOf) -> None:
    assert "salary_band" not in found(client_of(stranger), "salary")


def test_people_are_found_by_admins_alone(analyst: User, modeler: User, admin: User, client_of: ClientOf) -> None:
    pages = {person: found(client_of(person), modeler.username[:4]) for person in (analyst, modeler, admin)}

    assert [f"person-{modeler.memberships.get().pk}" in pages[person] for person in pages] == [False, False, True]


def test_a_long_list_is_cut_and_says_so(workspace: Workspace, analyst: User, client_of: ClientOf) -> None:
    for number in range(9):
        RegisteredModel.objects.create(workspace=workspace, name=f"Card {number}", kind="default")

    page = found(client_of(analyst), "card")

    assert page.count("<li>") == 6
    assert "There are more matches" in page


@pytest.mark.parametrize("text", ["", "   ", "no such thing", "%", "_", "<script>", "x" * 5000])
def test_whatever_is_typed_is_answered(text: str, stocked: Dataset, analyst: User, client_of: ClientOf) -> None:
    answer = client_of(analyst).get(reverse("find"), {"q": text})

    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode().split("<main")[1].split("</main")[0]
    assert "salary_band" not in answer.content.decode().split("<main")[1] or text in ("_",)


def test_more_of_a_kind_takes_no_more_queries(
    workspace: Workspace, analyst: User, client_of: ClientOf, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for number in range(5):
        RegisteredModel.objects.create(workspace=workspace, name=f"Card {number}", kind="default")
    client = client_of(analyst)
    found(client, "card")

    with django_assert_max_num_queries(16):
        found(client, "card")
