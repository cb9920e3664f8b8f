"""Who may open and who may change an experiment: its owner, a colleague, an approver, a stranger."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from planning.services.starting import start_experiment
from training.models import Experiment, ExperimentState

ClientOf = Callable[[User], Client]

DRAFT_PAGES = ["experiment_plan"]
RUN_PAGES = [
    "experiment_run",
    "experiment_run_live",
    "experiment_technical_log",
    "experiment_trials",
    "experiment_settings",
]
RESULT_PAGES = [
    "experiment_result", "experiment_why", "experiment_trials", "experiment_settings",
    "experiment_leaderboard_csv", "experiment_trials_csv",
]  # fmt: skip
ACTIONS = ["experiment_finish", "experiment_cancel", "experiment_resume", "experiment_reopen"]


@pytest.fixture
def colleague(add_person: Callable[..., User]) -> User:
    return add_person("colleague", Role.ANALYST)


@pytest.mark.parametrize("name", DRAFT_PAGES)
def test_owner_and_colleague_see_a_draft_and_a_stranger_finds_nothing(
    name: str, draft: Experiment, analyst: User, colleague: User, stranger: User, client_of: ClientOf
) -> None:
    address = reverse(name, args=[draft.pk])

    answers = [client_of(person).get(address).status_code for person in (analyst, colleague, stranger)]

    assert answers == [200, 200, 404]


@pytest.mark.parametrize("name", RUN_PAGES)
def test_owner_and_colleague_watch_a_run_and_a_stranger_finds_nothing(
    name: str, draft: Experiment, analyst: User, colleague: User, stranger: User, client_of: ClientOf
) -> None:
    start_experiment(draft, analyst)
    address = reverse(name, args=[draft.pk])

    answers = [client_of(person).get(address).status_code for person in (analyst, colleague, stranger)]

    assert answers == [200, 200, 404]


@pytest.mark.parametrize("name", RESULT_PAGES)
def test_owner_and_colleague_read_a_result_and_a_stranger_finds_nothing(
    name: str, draft: Experiment, finish: Callable[[Experiment], Experiment],
    analyst: User, colleague: User, stranger: User, client_of: ClientOf,
) -> None:  # fmt: skip
    finish(draft)
    address = reverse(name, args=[draft.pk])

    answers = [client_of(person).get(address).status_code for person in (analyst, colleague, stranger)]

    assert answers == [200, 200, 404]


@pytest.mark.parametrize("name", ["best_score", "roc", "importance"])
def test_charts_are_for_members_only(
    name: str, draft: Experiment, finish: Callable[[Experiment], Experiment], stranger: User, client_of: ClientOf
) -> None:
    finish(draft)

    assert client_of(stranger).get(reverse("experiment_chart", args=[draft.pk, name])).status_code == 404
    assert client_of(stranger).get(reverse("experiment_chart_table", args=[draft.pk, name])).status_code == 404


def test_only_owner_modeler_and_admin_start_a_run(
    draft: Experiment, colleague: User, modeler: User, stranger: User, client_of: ClientOf
) -> None:
    address = reverse("experiment_plan", args=[draft.pk])
    plan = {"budget": "quick", "learners": ["linear"], "start": "1"}

    assert client_of(colleague).post(address, plan).status_code == 403
    assert client_of(stranger).post(address, plan).status_code == 404
    draft.refresh_from_db()
    assert draft.state == ExperimentState.DRAFT

    assert client_of(modeler).post(address, plan).status_code == 302
    draft.refresh_from_db()
    assert draft.state == ExperimentState.QUEUED


@pytest.mark.parametrize("name", ACTIONS)
def test_a_colleague_is_told_whom_to_ask_and_a_stranger_nothing(
    name: str, draft: Experiment, analyst: User, colleague: User, admin: User, stranger: User, client_of: ClientOf
) -> None:
    start_experiment(draft, analyst)
    address = reverse(name, args=[draft.pk])

    refused = client_of(colleague).post(address)

    assert refused.status_code == 403
    assert str(analyst) in refused.content.decode()
    assert client_of(stranger).post(address).status_code == 404
    assert client_of(analyst).get(address).status_code == 405
    assert client_of(admin).post(address).status_code == 302


def test_a_list_shows_only_the_own_workspace(
    draft: Experiment, analyst: User, stranger: User, client_of: ClientOf
) -> None:
    address = reverse("experiment_list")

    assert draft.name in client_of(analyst).get(address).content.decode()
    assert draft.name not in client_of(stranger).get(address).content.decode()


def test_nobody_signed_out_sees_an_experiment(draft: Experiment) -> None:
    answer = Client().get(reverse("experiment_plan", args=[draft.pk]))

    assert answer.status_code == 302
    assert "/sign-in/" in answer["Location"]
