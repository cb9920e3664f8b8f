"""What the pages of a result say, where they lead, and how many queries they take."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from planning.services.starting import start_experiment
from tests.counting import queries_of
from training.models import Experiment, LeaderboardRow, Trial

ClientOf = Callable[[User], Client]


@pytest.fixture
def browser(client_of: ClientOf, analyst: User) -> Client:
    return client_of(analyst)


def page(browser: Client, name: str, experiment: Experiment) -> str:
    return browser.get(reverse(name, args=[experiment.pk])).content.decode()


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
