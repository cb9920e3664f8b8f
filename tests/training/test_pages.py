"""What the list and the page of a run say, where they lead, and how many queries they take."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from jobs.models import Job, JobLogLine, JobState
from planning.services.starting import start_experiment
from tests.counting import queries_of
from training.models import Experiment, ExperimentState, Trial

ClientOf = Callable[[User], Client]


@pytest.fixture
def browser(client_of: ClientOf, analyst: User) -> Client:
    return client_of(analyst)


def page(browser: Client, name: str, experiment: Experiment) -> str:
    return browser.get(reverse(name, args=[experiment.pk])).content.decode()


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
