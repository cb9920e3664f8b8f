"""A search may make 50,000 trials; pages that tell of it load a few of them and let the database count the rest."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from training.models import Experiment, ExperimentState, Trial
from training.queries.experiments import experiments_of
from training.queries.trials import Course, best_of_each_learner, course_of

TRIALS = 3_000
ClientOf = Callable[[User], Client]


def make_trials(experiment: Experiment, count: int = TRIALS) -> None:
    learners = ("lightgbm", "xgboost", "linear")
    Trial.objects.bulk_create(
        Trial(
            experiment=experiment, number=number, learner=learners[number % 3], backend="optuna",
            state="failed" if number % 10 == 0 else "finished", elapsed=float(number),
            auc=None if number % 10 == 0 else 0.7 + min(number, 600) / 10_000,
        )
        for number in range(1, count + 1)
    )  # fmt: skip


@pytest.fixture
def searched(draft: Experiment) -> Experiment:
    make_trials(draft)
    Experiment.objects.filter(pk=draft.pk).update(state=ExperimentState.RUNNING)
    draft.refresh_from_db()
    return draft


def test_the_database_tells_how_far_a_search_has_come(searched: Experiment) -> None:
    course = course_of(searched)
    # The 591st trial is the first within 0.001 of the best; nothing after it was clearly better.
    assert course == Course(
        count=3_000, beside=0, finished=2_700, elapsed=3_000.0, seconds_without_gain=2_999.0 - 591.0
    )
    assert [(trial.learner, trial.number) for trial in best_of_each_learner(searched)] == [
        ("xgboost", 601), ("linear", 602), ("lightgbm", 603),
    ]  # fmt: skip
    assert experiments_of(searched.workspace).get().trial_count == 3_000


def test_a_run_without_a_trial_has_no_course(draft: Experiment) -> None:
    assert course_of(draft) == Course(count=0, beside=0, finished=0, elapsed=0.0, seconds_without_gain=0.0)
    assert best_of_each_learner(draft) == []


@pytest.mark.parametrize("page", ["experiment_run", "experiment_run_live", "experiment_trials", "experiment_settings"])
def test_a_page_of_a_long_search_loads_few_trials(
    searched: Experiment, analyst: User, client_of: ClientOf, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[Any] = []
    of_a_row = Trial.from_db.__func__  # type: ignore[attr-defined]
    monkeypatch.setattr(Trial, "from_db", classmethod(lambda *given: loaded.append(1) or of_a_row(*given)))
    client, address = client_of(analyst), reverse(page, args=[searched.pk])

    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)

    assert (answer.status_code, len(loaded) <= 100) == (200, True)
    assert len(captured) <= 25
    assert not [query["sql"] for query in captured if 'JOIN "training_trial"' in query["sql"]]


def test_the_curve_of_a_long_search_reads_three_numbers_a_trial(
    searched: Experiment, analyst: User, client_of: ClientOf
) -> None:
    with CaptureQueriesContext(connection) as captured:
        figure = client_of(analyst).get(reverse("experiment_best_score", args=[searched.pk])).json()

    assert len(figure["data"][0]["x"]) <= 301
    assert not [query["sql"] for query in captured if '"training_trial"."params"' in query["sql"]]


def test_a_list_counts_the_trials_of_all_its_experiments_in_one_statement(
    searched: Experiment, ask: Callable[..., Experiment], analyst: User, client_of: ClientOf
) -> None:
    def queries_of(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client_of(analyst).get(address).status_code == 200
        return len(captured)

    before = queries_of("/experiments/")
    make_trials(ask("Another"), 10)

    assert queries_of("/experiments/") == before
