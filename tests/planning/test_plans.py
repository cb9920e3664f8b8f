"""Everything a person may decide ends up in the question the engine is asked, from the page and over HTTP alike."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.services import create_token
from catalog.models import Column, DatasetVersion
from checks import services as check_services
from checks.models import CheckedColumn
from experiments.errors import BadInput
from experiments.learners import LEARNERS as FAMILIES
from experiments.spec import LEARNERS, RANGES, ExperimentSpec, Limits, SearchBudget, ValidationScheme
from planning.api.plan_schemas import PlanIn
from planning.forms.plan import PlanForm
from planning.plans.plan import Plan
from planning.plans.spec import spec_of
from planning.services.drafting import save_plan
from planning.services.starting import start_experiment
from planning.words import SEARCHED, WITHOUT_DIRECTIONS
from training.models import Budget, Experiment, ExperimentState

ClientOf = Callable[[User], Client]
ALL = {
    "budget": "trials", "trials": "40", "seed": "9", "folds": "4", "scheme": "time", "embargo_days": "30",
    "split_column": "", "learners": ["lightgbm", "explainable_boosting"], "feature_effort": "deep", "ensemble": "off",
    "limit_ks_gap": "0.08", "limit_score_psi": "", "limit_features": "25", "limit_milliseconds": "0.5",
    "contact_percent": "10", "start": "1",
}  # fmt: skip


@pytest.fixture
def browser(client_of: ClientOf, analyst: User) -> Client:
    return client_of(analyst)


@pytest.fixture
def answered(version: DatasetVersion) -> Column:
    """A column that says who responded, with its whole profile."""
    column = Column.objects.create(
        version=version, position=9, name="answered", type="categorical", distinct_count=2,
        profile={"top_values": [{"value": "no", "count": 300}, {"value": "yes", "count": 100}]},
    )  # fmt: skip
    Column.objects.filter(name="age").update(profile={"min": -1, "max": 69})
    return column


def post_plan(browser: Client, experiment: Experiment, **changes: Any) -> Any:
    return browser.post(reverse("experiment_plan", args=[experiment.pk]), {**ALL, **changes})


def set_rule(browser: Client, experiment: Experiment, name: str, **rule: str) -> Any:
    column = experiment.version.columns.get(name=name)
    return browser.post(
        reverse("experiment_plan_column", args=[experiment.pk, column.pk]), rule, headers={"HX-Request": "true"}
    )


def test_what_an_expert_decides_is_what_the_engine_is_asked(browser: Client, draft: Experiment) -> None:
    set_rule(browser, draft, "age", direction="-1", special_values="-1，-999; 99")

    answer = post_plan(browser, draft)

    draft.refresh_from_db()
    spec = ExperimentSpec.from_dict(draft.spec)
    assert (answer.status_code, draft.state) == (302, ExperimentState.QUEUED)
    assert spec.budget == SearchBudget(seconds=None, trials=40)
    assert spec.validation == ValidationScheme(folds=4, scheme="time", embargo_days=30)
    assert spec.limits == Limits(ks_gap=0.08, score_psi=None, features=25, milliseconds=0.5)
    assert (spec.seed, spec.learners) == (9, ("lightgbm", "explainable_boosting"))
    assert (spec.feature_effort, spec.ensemble) == ("deep", False)
    assert (spec.monotone, spec.special_values) == ({"age": -1}, {"age": [-999.0, -1.0, 99.0]})


def test_a_plan_nobody_touched_asks_what_the_engine_asks_by_itself(draft: Experiment, analyst: User) -> None:
    spec = ExperimentSpec.from_dict(start_experiment(draft, analyst).spec)

    # That an age is protected is said by its name.
    plain = ExperimentSpec(
        target="bad", event="yes", budget=SearchBudget(1200.0), time_column="month", protected=("age",)
    )
    assert spec.to_dict() | {"labels": {}, "excluded": []} == plain.to_dict() | {"labels": {}, "excluded": []}


def test_without_protected_columns_a_run_neither_uses_them_nor_keeps_their_directions(
    browser: Client, draft: Experiment
) -> None:
    set_rule(browser, draft, "age", direction="-1", special_values="")
    page = browser.get(reverse("experiment_plan", args=[draft.pk])).content.decode()
    assert "Do not use protected columns" in page
    assert "age · never a customer's reason" in page

    post_plan(browser, draft, without_protected="on", derived_on_card="on")

    draft.refresh_from_db()
    spec = ExperimentSpec.from_dict(draft.spec)
    assert (spec.protected, spec.without_protected, spec.derived_on_card) == (("age",), True, True)
    assert spec.monotone == {}


def test_what_was_decided_is_shown_again(browser: Client, draft: Experiment) -> None:
    post_plan(browser, draft, start=[])

    draft.refresh_from_db()
    shown = browser.get(reverse("experiment_plan", args=[draft.pk])).content.decode()
    assert Plan.of(draft).trials == 40
    assert 'name="trials" id="id_trials" aria-label="Trials" value="40"' in shown
    assert 'value="0.08"' in shown
    assert '<option value="time" selected>' in shown
    assert 'value="deep" checked' in shown


def test_a_page_without_the_expert_fields_keeps_what_was_decided(browser: Client, draft: Experiment) -> None:
    decided = Plan(feature_effort="off", ensemble=False, limits=Limits(features=7), monotone={"age": 1})
    save_plan(draft, decided)

    browser.post(reverse("experiment_plan", args=[draft.pk]), {"budget": "quick", "learners": ["linear"]})

    draft.refresh_from_db()
    plan = Plan.of(draft)
    assert (plan.seconds, plan.learners) == (300, ("linear",))
    assert (plan.feature_effort, plan.ensemble, plan.limits, plan.monotone) == (
        "off",
        False,
        Limits(features=7),
        {"age": 1},
    )


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("trials", "0", "Enter a whole number from 1 to 50,000, for example 60."),
        ("trials", "", "Enter how many trials the run may make"),
        ("folds", "1", "Enter a whole number from 2 to 20, for example 5."),
        ("embargo_days", "-3", "Enter a whole number from 0 to 3,650, for example 30."),
        ("embargo_days", "soon", "Enter a whole number from 0 to 3,650, for example 30."),
        ("held_out_from", "soon", "soon is not a date. Enter it like 2026-01-31."),
        ("limit_ks_gap", "7", "Enter a number from 0.001 to 1, for example 0.05, or leave it empty for no limit."),
        ("limit_score_psi", "-1", "Enter a number from 0.001 to 5"),
        ("limit_features", "2.5", "Enter a whole number from 1 to 10,000"),
        ("limit_milliseconds", "0", "Enter a number from 0.0001 to 10,000"),
        ("seed", "x", "Enter a whole number from 0 to 2,147,483,647, for example 1."),
        ("learners", [], "Choose at least one algorithm"),
        ("scheme", "grouped", "Keeping customers together needs a customer ID or group."),
        ("split_column", "age", "only used for a split given by a column"),
        ("split_column", "aeg", "The table has no column aeg. Did you mean age?"),
        ("response_column", "age", "Only a conversion follows a response."),
    ],
)
def test_what_cannot_be_used_is_answered_at_its_field(
    browser: Client, draft: Experiment, field: str, typed: Any, told: str
) -> None:
    answer = post_plan(browser, draft, **{"embargo_days": "0", field: typed})

    draft.refresh_from_db()
    assert (answer.status_code, draft.state) == (422, ExperimentState.DRAFT)
    assert told in " ".join(str(error) for error in answer.context["form"].errors[field])
    if field != "response_column":  # which this kind of question does not show
        assert f'id="{field}_error"' in answer.content.decode()


def test_a_split_as_a_column_says_needs_that_column(browser: Client, draft: Experiment) -> None:
    answer = post_plan(browser, draft, scheme="given", embargo_days="0")

    assert 'id="split_column_error"' in answer.content.decode()
    assert "Choose the column that says which rows are for training" in answer.content.decode()


def test_days_are_left_out_only_where_rows_are_split_by_time(browser: Client, ask: Callable[..., Experiment]) -> None:
    undated = ask(time=False)

    answer = post_plan(browser, undated, scheme="auto")

    assert "An embargo needs a split by time" in answer.content.decode()


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


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"response_column": "bad"}, "response_column", "must not be the target"),
        ({"response_column": "answered"}, "response_event", "Enter the value of answered"),
        (
            {"response_column": "answered", "response_event": "maybe"},
            "response_event",
            "answered has no value maybe. Its values are: no, yes.",
        ),
        ({"response_event": "yes"}, "response_column", "Choose the column that says who responded."),
    ],
)
def test_a_response_needs_its_column_and_one_of_its_values(
    browser: Client, ask: Callable[..., Experiment], answered: Column, changes: dict[str, str], field: str, told: str
) -> None:
    answer = post_plan(browser, ask(kind="conversion"), **changes)

    assert told in " ".join(answer.context["form"].errors[field])
    assert f'id="{field}_error"' in answer.content.decode()


def test_a_conversion_is_asked_with_the_response_before_it(
    browser: Client, ask: Callable[..., Experiment], answered: Column
) -> None:
    experiment = ask(kind="conversion")

    post_plan(browser, experiment, response_column="answered", response_event="Yes")

    experiment.refresh_from_db()
    assert (experiment.spec["response_column"], experiment.spec["response_event"]) == ("answered", "Yes")


def test_only_a_conversion_is_asked_about_a_response(
    browser: Client, ask: Callable[..., Experiment], draft: Experiment
) -> None:
    other = ask("Buyers", kind="conversion")

    pages = [browser.get(reverse("experiment_plan", args=[each.pk])).content.decode() for each in (draft, other)]

    assert ["Response before the conversion" in page for page in pages] == [False, True]


def test_an_analyst_sees_no_expert_field_until_the_drawer_is_opened(browser: Client, draft: Experiment) -> None:
    shown = browser.get(reverse("experiment_plan", args=[draft.pk])).content.decode()

    outside = shown[: shown.index('<details class="cd fold-out mb" id="expert">')]
    assert 'name="contact_percent"' in outside
    for field in ("trials", "scheme", "limit_ks_gap", "feature_effort", "ensemble"):
        assert f'name="{field}"' not in outside


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


def test_every_family_on_the_page_is_one_the_engine_has() -> None:
    assert set(LEARNERS) <= set(SEARCHED) <= set(FAMILIES)


def wish(version: DatasetVersion, **more: Any) -> dict[str, Any]:
    return {"name": "Q", "kind": "default", "dataset_version_id": version.pk, "target": "bad", **more}


def call(user: User, version: DatasetVersion, **more: Any) -> Any:
    client = Client(headers={"Authorization": f"Bearer {create_token(user, 'tests')[1]}"})
    return client.post("/api/v1/experiments", json.dumps(wish(version, **more)), content_type="application/json")


def test_a_program_may_decide_all_that_the_page_offers(version: DatasetVersion, analyst: User) -> None:
    answer = call(
        analyst, version, trials=40, seed=9, folds=4, scheme="time", embargo_days=30, learners=["lightgbm"],
        feature_effort="deep", ensemble=False, limits={"ks_gap": None, "features": 25}, monotone={"age": 1},
        special_values={"age": [99, -1]},
    )  # fmt: skip

    plan = Plan.of(Experiment.objects.get(pk=answer.json()["id"]))
    assert (answer.status_code, answer.json()["budget_trials"]) == (201, 40)
    assert plan == Plan(
        budget=Budget.TRIALS, trials=40, seed=9, folds=4, scheme="time", embargo_days=30, learners=("lightgbm",),
        feature_effort="deep", ensemble=False, limits=Limits(ks_gap=None, features=25), monotone={"age": 1},
        special_values={"age": [-1.0, 99.0]},
    )  # fmt: skip


def test_a_limit_that_a_program_sends_is_the_limit_and_the_usual_share_is_for_those_who_send_none(
    version: DatasetVersion, analyst: User
) -> None:
    for sent, gap, share in [
        ({"ks_gap": 0.05}, 0.05, 0.0),
        ({"ks_gap": 0.05, "ks_gap_share": 0.2}, 0.05, 0.2),
        ({"features": 9}, 0.05, 0.2),
        (None, 0.05, 0.2),
    ]:
        answer = call(analyst, version, limits=sent)
        limits = Plan.of(Experiment.objects.get(pk=answer.json()["id"])).limits
        assert (limits.ks_gap, limits.ks_gap_share) == (gap, share)


def test_the_page_shows_the_share_that_may_widen_a_limit_and_takes_it_away(browser: Client, draft: Experiment) -> None:
    address = reverse("experiment_plan", args=[draft.pk])
    assert (
        'name="limit_ks_gap_percent" id="id_limit_ks_gap_percent" value="20"' in browser.get(address).content.decode()
    )
    sent = {"budget": "quick", "learners": ["linear"], "limit_ks_gap": "0.05"}
    for typed, share in (("15", 0.15), ("", 0.0)):
        browser.post(address, sent | {"limit_ks_gap_percent": typed})
        draft.refresh_from_db()
        assert (Plan.of(draft).limits.ks_gap, Plan.of(draft).limits.ks_gap_share) == (0.05, share)


def test_a_program_is_told_of_an_event_that_the_column_has_not(
    version: DatasetVersion, analyst: User, answered: Column
) -> None:
    refused = call(analyst, version, target="answered", event="maybe")
    assert "The target column answered has no value maybe. Its values are no, yes" in refused.json()["detail"]
    assert not Experiment.objects.exists()
    assert call(analyst, version, target="answered", event=" YES").status_code == 201


def test_a_program_learns_by_name_which_family_is_meant(version: DatasetVersion, analyst: User) -> None:
    answer = call(analyst, version, learners=["lightgmb"])
    assert "learners cannot be lightgmb. Did you mean lightgbm?" in json.dumps(answer.json()["errors"])


def test_pages_and_programs_take_the_numbers_that_the_engine_takes() -> None:
    schema = PlanIn.model_json_schema()
    for name in ("folds", "seed", "embargo_days"):
        numbers, field = RANGES[name], PlanForm.base_fields[name]
        assert (field.min_value, field.max_value) == (numbers.least, numbers.most)  # type: ignore[attr-defined]
        of_program = schema["properties"][name]
        assert (of_program["minimum"], of_program["maximum"]) == (numbers.least, numbers.most)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"monotone": {"aeg": 1}}, "The table has no column aeg. Did you mean age?"),
        ({"special_values": {"bad": [1]}}, "bad is not numeric"),
        ({"scheme": "given"}, "Choose the column that says which rows"),
        ({"learners": ["oracle"]}, "Part of what you sent cannot be used."),
        ({"monotone": {"age": 2}}, "Part of what you sent cannot be used."),
        ({"limits": {"ks_gap": 4}}, "Part of what you sent cannot be used."),
        ({"folds": 0}, "Part of what you sent cannot be used."),
        ({"seed": 2**31}, "Part of what you sent cannot be used."),
        ({"fold": 5}, "Part of what you sent cannot be used."),
        ({"target": "Bad"}, "The table has no column Bad. Did you mean bad?"),
    ],
)
def test_a_program_is_told_what_cannot_be_used(
    version: DatasetVersion, analyst: User, more: dict[str, Any], told: str
) -> None:
    answer = call(analyst, version, **more)

    assert answer.status_code in (409, 422)
    assert told in answer.json()["detail"]
    assert not Experiment.objects.exists()


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


def test_the_day_of_the_out_of_time_test_and_the_ranking_are_kept_and_told(
    browser: Client, draft: Experiment, run_jobs: Callable[[], Any]
) -> None:
    address = reverse("experiment_plan", args=[draft.pk])
    browser.post(
        address, {"budget": "quick", "learners": ["linear"], "held_out_from": "2025-09-01", "ranking": "log_loss"}
    )
    browser.get(address)
    run_jobs()
    shown = browser.get(address).content.decode()

    draft.refresh_from_db()
    spec = spec_of(draft)
    assert (spec.validation.held_out_from, spec.ranked_by) == ("2025-09-01", "log_loss")
    assert "2025-09-01" in shown
    assert "how close their probabilities are to the outcomes" in shown


def test_a_day_without_a_split_by_time_is_refused_beside_its_field(browser: Client, draft: Experiment) -> None:
    answer = post_plan(browser, draft, scheme="stratified", embargo_days="0", held_out_from="2025-09-01")

    assert "needs a split by time: choose automatic or by time" in answer.content.decode()
