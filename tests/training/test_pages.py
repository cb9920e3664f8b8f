"""What the pages say, where they lead, and how many queries they take."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from checks.models import DataCheck
from jobs.models import Job, JobLogLine, JobState
from training.models import Experiment, ExperimentState, LeaderboardRow, Trial
from training.plans.plan import Plan
from training.plans.spec import spec_of
from training.services.runs import start_experiment

ClientOf = Callable[[User], Client]


@pytest.fixture
def browser(client_of: ClientOf, analyst: User) -> Client:
    return client_of(analyst)


def page(browser: Client, name: str, experiment: Experiment, query: str = "") -> str:
    return browser.get(reverse(name, args=[experiment.pk]) + query).content.decode()


def queries_of(browser: Client, address: str) -> int:
    browser.get(address)
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert browser.get(address).status_code == 200
    return len(caught)


def test_the_list_takes_as_many_queries_for_three_experiments_as_for_one(
    browser: Client, ask: Callable[..., Experiment], finish: Callable[[Experiment], Experiment]
) -> None:
    finish(ask("First"))
    with_one = queries_of(browser, reverse("experiment_list"))

    finish(ask("Second"))
    finish(ask("Third"))

    assert queries_of(browser, reverse("experiment_list")) == with_one


@pytest.mark.parametrize("name", ["experiment_result", "experiment_trials", "experiment_leaderboard_csv"])
def test_a_result_takes_as_many_queries_for_six_models_as_for_two(
    name: str, browser: Client, draft: Experiment, finish: Callable[[Experiment], Experiment]
) -> None:
    experiment = finish(draft)
    address = reverse(name, args=[experiment.pk])
    with_two = queries_of(browser, address)

    row = experiment.leaderboard.first()
    assert row is not None
    for number in range(4):
        LeaderboardRow.objects.create(
            experiment=experiment, candidate=f"linear-{number}", learner="linear", rank=3 + number, metrics=row.metrics
        )
        Trial.objects.create(
            experiment=experiment, number=10 + number, learner="linear", backend="flaml", state="failed"
        )

    assert queries_of(browser, address) == with_two


def test_the_live_part_takes_as_many_queries_for_many_trials_as_for_one(
    browser: Client, draft: Experiment, analyst: User
) -> None:
    started = start_experiment(draft, analyst)
    Experiment.objects.filter(pk=draft.pk).update(state=ExperimentState.RUNNING)
    Job.objects.filter(pk=started.job_id).update(state=JobState.RUNNING)

    def try_one(number: int) -> None:
        Trial.objects.create(
            experiment=draft,
            number=number,
            learner=f"learner{number}",
            backend="flaml",
            state="finished",
            auc=0.7,
            ks=0.3,
        )
        JobLogLine.objects.create(job_id=started.job_id, message="One more.", params={})

    try_one(1)
    address = reverse("experiment_run_live", args=[draft.pk])
    with_one = queries_of(browser, address)
    for number in range(2, 8):
        try_one(number)

    assert queries_of(browser, address) == with_one


RunJobs = Callable[[], list[Job]]


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
    assert "To the data check" in shown


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


def test_a_failed_run_tells_the_sentence_and_what_to_do(browser: Client, draft: Experiment, analyst: User) -> None:
    started = start_experiment(draft, analyst)
    Job.objects.filter(pk=started.job_id).update(
        state=JobState.FAILED, stage="Preparing the data",
        error_message="The target column %(column)s has only one value.", error_params={"column": "bad"},
    )  # fmt: skip
    Experiment.objects.filter(pk=draft.pk).update(state=ExperimentState.FAILED)

    shown = page(browser, "experiment_run", draft)

    assert "The run stopped at: Preparing the data" in shown
    assert "The target column bad has only one value." in shown
    assert "Continue from where it stopped" in shown
    assert shown.count("btn-primary") == 1


def test_an_unexpected_failure_shows_its_reference(browser: Client, draft: Experiment, analyst: User) -> None:
    started = start_experiment(draft, analyst)
    Job.objects.filter(pk=started.job_id).update(state=JobState.FAILED, error_reference="E-1234abcd")
    Experiment.objects.filter(pk=draft.pk).update(state=ExperimentState.FAILED)

    assert "E-1234abcd" in page(browser, "experiment_run", draft)


def test_the_end_of_a_run_opens_its_result(
    browser: Client, draft: Experiment, finish: Callable[[Experiment], Experiment]
) -> None:
    finish(draft)

    answer = browser.get(reverse("experiment_run_live", args=[draft.pk]))

    assert (answer.status_code, answer["HX-Redirect"]) == (204, reverse("experiment_result", args=[draft.pk]))


@pytest.mark.parametrize("state", [ExperimentState.FAILED, ExperimentState.CANCELLED, ExperimentState.PAUSED])
def test_any_other_end_has_the_page_load_itself_again(browser: Client, draft: Experiment, state: str) -> None:
    Experiment.objects.filter(pk=draft.pk).update(state=state)

    answer = browser.get(reverse("experiment_run_live", args=[draft.pk]))

    assert (answer.status_code, answer["HX-Refresh"]) == (204, "true")


def test_an_unfinished_experiment_has_no_result_yet_and_leads_to_its_run(
    browser: Client, draft: Experiment, analyst: User
) -> None:
    start_experiment(draft, analyst)

    answer = browser.get(reverse("experiment_result", args=[draft.pk]))

    assert answer["Location"] == reverse("experiment_run", args=[draft.pk])


def test_ties_share_their_rank_and_the_recommended_model_is_named(
    browser: Client, draft: Experiment, finish: Callable[[Experiment], Experiment]
) -> None:
    shown = page(browser, "experiment_result", finish(draft))

    assert shown.count(">=1<") == 2
    assert "It is the simplest of the tied models." in shown
    assert "?candidate=scorecard" in shown
    assert shown.count("btn-primary") == 1


def test_an_unknown_candidate_is_not_found(
    browser: Client, draft: Experiment, finish: Callable[[Experiment], Experiment]
) -> None:
    finish(draft)

    assert browser.get(reverse("experiment_result", args=[draft.pk]) + "?candidate=nobody").status_code == 404


def test_trials_are_sorted_by_any_column_with_empty_values_last(
    browser: Client, draft: Experiment, finish: Callable[[Experiment], Experiment]
) -> None:
    experiment = finish(draft)
    Trial.objects.create(
        experiment=experiment, number=4, learner="catboost", backend="optuna", state="failed", message="No memory"
    )

    answer = browser.get(reverse("experiment_trials", args=[experiment.pk]) + "?sort=-auc")

    assert [trial.number for trial in answer.context["page"]] == [3, 2, 1, 4]
    assert "No memory" in answer.content.decode()


def test_a_cell_of_a_download_never_begins_like_a_formula(
    browser: Client, draft: Experiment, finish: Callable[[Experiment], Experiment]
) -> None:
    experiment = finish(draft)
    Trial.objects.create(experiment=experiment, number=4, learner="=1+1", backend="flaml", state="failed")

    answer = browser.get(reverse("experiment_trials_csv", args=[experiment.pk]))

    text = b"".join(answer.streaming_content).decode()
    assert "4,'=1+1,flaml,failed" in text


def test_settings_hold_what_is_needed_to_repeat_a_run(
    browser: Client, draft: Experiment, finish: Callable[[Experiment], Experiment]
) -> None:
    shown = page(browser, "experiment_settings", finish(draft))

    assert draft.version.sha256 in shown
    assert "Random seed" in shown
    assert "&quot;target&quot;: &quot;bad&quot;" in shown
