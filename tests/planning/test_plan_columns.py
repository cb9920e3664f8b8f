"""What the plan asks of a single column: its direction, its special values and its role."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.services import create_token
from catalog.models import Column
from checks import services as check_services
from checks.models import CheckedColumn
from experiments.errors import BadInput
from experiments.learners import LEARNERS as FAMILIES
from planning.plans.plan import Plan
from planning.plans.spec import spec_of
from planning.services.drafting import save_plan
from planning.services.starting import start_experiment
from planning.words import SEARCHED, WITHOUT_DIRECTIONS
from tests.planning.rules import set_rule
from training.models import Experiment, ExperimentState

ClientOf = Callable[[User], Client]


def test_a_role_that_was_taken_away_after_the_plan_stops_the_start(draft: Experiment, analyst: User) -> None:
    save_plan(draft, Plan(scheme="time"))
    CheckedColumn.objects.filter(check_of=draft.data_check, role="date").update(role="ignore")

    with pytest.raises(Exception, match="A split by time needs an observation date"):
        start_experiment(draft, analyst)


@pytest.mark.parametrize(
    ("wish", "change", "told"),
    [
        (
            {"monotone": {"age": 1}},
            {"excluded": True},
            "age has a monotone constraint or special values, but has been taken",
        ),
        ({"special_values": {"age": [-1.0]}}, {"excluded": True}, "age has a monotone constraint or special values"),
        (
            {"monotone": {"age": 1}},
            {"role": "ignore"},
            "age has a monotone constraint or special values, but is not a feature",
        ),
        ({"monotone": {"age": 1}}, {"type": "categorical"}, "age is not numeric"),
    ],
)
def test_a_wish_for_a_column_that_is_out_of_the_model_is_refused_by_name(
    browser: Client, draft: Experiment, analyst: User, wish: dict[str, Any], change: dict[str, Any], told: str
) -> None:
    save_plan(draft, Plan(**wish))
    CheckedColumn.objects.filter(check_of=draft.data_check, column__name="age").update(**change)

    with pytest.raises(BadInput, match=told):
        start_experiment(draft, analyst)
    shown = browser.get(reverse("experiment_plan", args=[draft.pk])).content.decode()
    assert shown.count(told) == 2  # above the plan, and in the row where it can be taken back

    set_rule(browser, draft, "age", direction="0", special_values="")
    draft.refresh_from_db()
    assert start_experiment(draft, analyst).state == ExperimentState.QUEUED


def test_no_new_wish_is_taken_for_a_column_that_is_out(browser: Client, draft: Experiment) -> None:
    CheckedColumn.objects.filter(check_of=draft.data_check, column__name="age").update(excluded=True)

    answer = set_rule(browser, draft, "age", direction="1")

    assert "age has a monotone constraint or special values, but has been taken out" in answer.content.decode()
    assert Plan.of(Experiment.objects.get(pk=draft.pk)).monotone == {}


def test_a_program_that_asks_something_of_a_column_that_is_out_is_refused_by_name(
    draft: Experiment, analyst: User
) -> None:
    save_plan(draft, Plan(monotone={"age": 1}))
    CheckedColumn.objects.filter(check_of=draft.data_check, column__name="age").update(excluded=True)
    client = Client(headers={"Authorization": f"Bearer {create_token(analyst, 'tests')[1]}"})

    told = client.get(f"/api/v1/experiments/{draft.pk}").json()["faults"]
    answer = client.post(f"/api/v1/experiments/{draft.pk}/start")

    assert "age has a monotone constraint or special values, but has been taken out" in answer.json()["detail"]
    assert answer.status_code in (409, 422)
    assert [fault["field"] for fault in told] == ["columns"]
    assert told[0]["fault"] == answer.json()["detail"]


def test_a_role_of_a_column_that_is_taken_out_is_refused_by_name(draft: Experiment, analyst: User) -> None:
    CheckedColumn.objects.filter(check_of=draft.data_check, role="date").update(excluded=True)

    with pytest.raises(BadInput, match=r"month has a role \(Observation date\) but has been taken out"):
        start_experiment(draft, analyst)


def test_a_role_given_to_a_column_that_was_out_puts_it_back(draft: Experiment, analyst: User) -> None:
    column = draft.version.columns.get(name="age")
    check_services.exclude(draft.data_check, column, analyst)

    check_services.set_role(draft.data_check, column, "weight", analyst)

    assert spec_of(draft).weight_column == "age"


def test_a_rule_that_is_typed_wrong_is_answered_in_its_row_and_kept_nowhere(browser: Client, draft: Experiment) -> None:
    answer = set_rule(browser, draft, "age", direction="1", special_values="unknown")

    shown = answer.content.decode()
    draft.refresh_from_db()
    assert "Enter numbers with commas between them" in shown
    assert 'value="unknown"' in shown
    assert Plan.of(draft).monotone == {}


def test_a_word_column_has_no_direction(browser: Client, draft: Experiment, answered: Column) -> None:
    answer = set_rule(browser, draft, "answered", direction="1")

    assert "answered is not numeric" in answer.content.decode()


def test_a_rule_is_taken_back_with_free_and_an_empty_field(browser: Client, draft: Experiment) -> None:
    set_rule(browser, draft, "age", direction="1", special_values="-1")

    answer = set_rule(browser, draft, "age", direction="0", special_values="")

    draft.refresh_from_db()
    assert (Plan.of(draft).monotone, Plan.of(draft).special_values) == ({}, {})
    assert "0 monotone constraints" in answer.content.decode()


def test_columns_are_found_by_a_part_of_their_name(browser: Client, draft: Experiment) -> None:
    address = reverse("experiment_plan", args=[draft.pk])

    found = browser.get(address + "?q=AG").context["rules"]["lines"]
    missed = browser.get(address + "?q=zzz").context["rules"]["lines"]

    assert [line.column.name for line in found] == ["age"]
    assert list(missed) == []


def test_a_rule_may_be_set_by_those_who_may_change_the_experiment_only(
    client_of: ClientOf, draft: Experiment, stranger: User, add_person: Callable[..., User]
) -> None:
    colleague = add_person("colleague")

    assert set_rule(client_of(colleague), draft, "age", direction="1").status_code == 403
    assert set_rule(client_of(stranger), draft, "age", direction="1").status_code == 404


def test_the_plan_shows_the_special_values_that_the_data_check_confirmed(
    browser: Client, draft: Experiment, analyst: User
) -> None:
    confirmed = [{"value": -999, "meaning": "missing"}]
    draft.version.dataset.column_settings.create(name="age", special_values=confirmed, set_by=analyst)

    page = browser.get(reverse("experiment_plan", args=[draft.pk])).content.decode()

    assert "1 column with special values" in page
    assert 'value="-999"' in page


def test_a_confirmed_special_value_can_be_taken_back_on_the_plan(
    browser: Client, draft: Experiment, analyst: User
) -> None:
    confirmed = [{"value": -999, "meaning": "missing"}]
    draft.version.dataset.column_settings.create(name="age", special_values=confirmed, set_by=analyst)

    set_rule(browser, draft, "age", direction="1", special_values="-999")
    draft.refresh_from_db()
    assert (Plan.of(draft).monotone, Plan.of(draft).special_values) == ({"age": 1}, {})

    shown = set_rule(browser, draft, "age", direction="1", special_values="")

    draft.refresh_from_db()
    assert "0 columns with special values" in shown.content.decode()
    assert spec_of(draft).special_values == {}


def test_a_family_that_cannot_keep_a_direction_is_not_shown_as_tried(browser: Client, draft: Experiment) -> None:
    assert set(WITHOUT_DIRECTIONS) == {name for name in SEARCHED if not FAMILIES[name].keeps_monotone}

    pages = [browser.get(reverse("experiment_plan", args=[draft.pk])).content.decode()]
    set_rule(browser, draft, "age", direction="1", special_values="")
    pages += [browser.get(reverse("experiment_plan", args=[draft.pk])).content.decode()]

    told = "Left out: it cannot apply the monotone constraints"
    assert [page.count(told) for page in pages] == [0, len(WITHOUT_DIRECTIONS)]
