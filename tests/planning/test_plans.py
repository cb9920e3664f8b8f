"""Everything a person may decide on the page ends up in the question the engine is asked."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from catalog.models import Column
from experiments.learners import LEARNERS as FAMILIES
from experiments.spec import LEARNERS, ExperimentSpec, Limits, SearchBudget, ValidationScheme
from planning.plans.plan import Plan
from planning.plans.spec import spec_of
from planning.services.drafting import save_plan
from planning.services.starting import start_experiment
from planning.words import SEARCHED
from tests.planning.rules import set_rule
from training.models import Experiment, ExperimentState

ClientOf = Callable[[User], Client]


ALL = {
    "budget": "trials", "trials": "40", "seed": "9", "folds": "4", "scheme": "time", "embargo_days": "30",
    "split_column": "", "learners": ["lightgbm", "explainable_boosting"], "feature_effort": "deep", "ensemble": "off",
    "limit_ks_gap": "0.08", "limit_score_psi": "", "limit_features": "25", "limit_milliseconds": "0.5",
    "contact_percent": "10", "start": "1",
}  # fmt: skip


def post_plan(browser: Client, experiment: Experiment, **changes: Any) -> Any:
    return browser.post(reverse("experiment_plan", args=[experiment.pk]), {**ALL, **changes})


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


def test_every_family_on_the_page_is_one_the_engine_has() -> None:
    assert set(LEARNERS) <= set(SEARCHED) <= set(FAMILIES)


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
