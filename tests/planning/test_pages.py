"""The plan page reads as one sentence, keeps what is typed, and starts a run once."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from checks.models import DataCheck
from jobs.models import Job
from planning.plans.plan import Plan
from planning.plans.spec import spec_of
from training.models import Experiment, ExperimentState

ClientOf = Callable[[User], Client]
RunJobs = Callable[[], list[Job]]


@pytest.fixture
def browser(client_of: ClientOf, analyst: User) -> Client:
    return client_of(analyst)


def page(browser: Client, name: str, experiment: Experiment) -> str:
    return browser.get(reverse(name, args=[experiment.pk])).content.decode()


def test_the_plan_is_one_sentence_with_the_real_numbers_of_the_file(
    browser: Client, draft: Experiment, run_jobs: RunJobs
) -> None:
    assert "The rows are being split" in page(browser, "experiment_plan", draft)
    page(browser, "experiment_plan", draft)
    assert [(job.kind, job.state) for job in run_jobs()] == [("split", "succeeded")]
    shown = page(browser, "experiment_plan", draft)

    plan = spec_of(draft)
    assert plan.time_column == "month"
    assert "validate on" in shown
    assert "5 folds" in shown
    assert "There is no date column" not in shown
    assert "as the out-of-time test" in shown
    assert "rank the leaderboard by" in shown
    assert shown.count("btn-primary") == 1
    assert "Start, ready at" in shown


def test_a_plan_without_a_date_says_that_time_is_not_tested(
    browser: Client, ask: Callable[..., Experiment], run_jobs: RunJobs
) -> None:
    undated = ask(time=False)
    page(browser, "experiment_plan", undated)
    run_jobs()
    shown = page(browser, "experiment_plan", undated)

    assert "80 random rows" in shown
    assert "stability over time is not tested" in shown


def test_a_plan_that_cannot_start_says_why_and_where_to_mend_it(
    browser: Client, draft: Experiment, run_jobs: RunJobs
) -> None:
    DataCheck.objects.filter(pk=draft.data_check_id).update(target="age", event="")

    page(browser, "experiment_plan", draft)
    run_jobs()
    shown = page(browser, "experiment_plan", draft)

    assert "different values" in shown
    assert "Go to the data check" in shown


def test_a_wrong_entry_keeps_what_was_typed_and_says_what_may_be_entered(browser: Client, draft: Experiment) -> None:
    answer = browser.post(
        reverse("experiment_plan", args=[draft.pk]),
        {"budget": "custom", "seconds": "3", "seed": "77", "learners": ["linear"], "start": "1"},
    )

    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "A run needs at least 5 seconds" in shown
    assert 'value="77"' in shown
    draft.refresh_from_db()
    assert draft.state == ExperimentState.DRAFT


def test_a_changed_plan_is_kept_without_a_start(browser: Client, draft: Experiment) -> None:
    browser.post(
        reverse("experiment_plan", args=[draft.pk]),
        {"budget": "deep", "seed": "3", "folds": "4", "contact_percent": "25", "learners": ["linear", "catboost"]},
    )

    draft.refresh_from_db()
    plan = Plan.of(draft)
    assert (draft.state, plan.seconds, plan.seed, plan.folds) == (ExperimentState.DRAFT, 3600, 3, 4)
    assert (plan.contact_share, plan.learners) == (0.25, ("catboost", "linear"))


def test_a_double_click_on_start_makes_one_run_and_both_clicks_arrive_there(
    browser: Client, client_of: ClientOf, analyst: User, draft: Experiment
) -> None:
    plan = {"budget": "quick", "learners": ["linear"], "start": "1"}
    address = reverse("experiment_plan", args=[draft.pk])

    answers = [client_of(analyst).post(address, plan) for _click in range(2)]

    run = reverse("experiment_run", args=[draft.pk])
    assert [answer["Location"] for answer in answers] == [run, run]
    assert Job.objects.filter(kind="experiment").count() == 1
