"""The list of experiments: searched, narrowed, sorted by any measure, in columns that each reader chose."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from experiments.comparison.limits import MOST_MODELS
from tests.counting import queries_of
from tracking.models import ChosenColumns
from tracking.services import keeping
from training.models import Experiment, RecommendedMeasure

Ask = Callable[..., Experiment]
Finish = Callable[[Experiment], Experiment]
LIST = "/experiments/"


@pytest.fixture
def browser(client_of: Callable[[User], Client], analyst: User) -> Client:
    return client_of(analyst)


def names(browser: Client, query: str = "") -> list[str]:
    """Return the names of the experiments shown, in their order."""
    return [line.experiment.name for line in browser.get(LIST + query).context["lines"]]


def measured(experiment: Experiment, value: float | None, metric: str = "auc", sample: str = "out_of_time") -> None:
    found = RecommendedMeasure.objects.filter(experiment=experiment, metric=metric, sample=sample)
    if value is None:
        found.delete()
    else:
        found.update(value=value)


def test_the_list_takes_as_many_queries_for_three_experiments_as_for_one(
    browser: Client, analyst: User, ask: Ask, finish: Finish
) -> None:
    keeping.choose_columns(analyst, ["state", "tags", "note", "trials", "auc.validation", "ks.out_of_time"])
    first = finish(ask("First"))
    keeping.set_tags(first, ["a"], analyst)
    keeping.set_note(first, "Mind the new months.", analyst)
    with_one = queries_of(browser, LIST)

    for name in ("Second", "Third"):
        other = finish(ask(name))
        keeping.set_tags(other, ["a", "b"], analyst)
        keeping.set_note(other, "Another.", analyst)

    assert queries_of(browser, LIST) == with_one


def test_sorting_by_a_measure_puts_what_is_unknown_last_either_way(browser: Client, ask: Ask, finish: Finish) -> None:
    for name, value in (("Good", 0.8), ("Unknown", None), ("Poor", 0.6)):
        measured(finish(ask(name)), value)
    ask("Draft")

    assert names(browser, "?sort=-auc.out_of_time")[:2] == ["Good", "Poor"]
    assert names(browser, "?sort=auc.out_of_time")[:2] == ["Poor", "Good"]
    assert set(names(browser, "?sort=auc.out_of_time")[2:]) == {"Unknown", "Draft"}


def test_the_first_click_on_a_loss_sorts_the_smallest_first(browser: Client, analyst: User, ask: Ask) -> None:
    ask()
    keeping.choose_columns(analyst, ["log_loss.validation", "auc.validation"])

    heads = {head.column.name: head.query for head in browser.get(LIST).context["heads"]}

    assert heads["log_loss.validation"] == "sort=log_loss.validation&"
    assert heads["auc.validation"] == "sort=-auc.validation&"


def test_a_measure_is_shown_with_its_interval(browser: Client, ask: Ask, finish: Finish) -> None:
    finish(ask())

    shown = browser.get(LIST).content.decode()

    assert "0.770" in shown
    assert "0.750–0.790" in shown


def test_the_list_is_narrowed_by_kind_state_person_dataset_tag_and_words(
    browser: Client, ask: Ask, finish: Finish, analyst: User, add_person: Callable[..., User]
) -> None:
    colleague = add_person("colleague", Role.ANALYST)
    risk = finish(ask("Risk", owner=colleague))
    call = ask("Call", kind="response")
    keeping.set_tags(risk, ["2026 Q1"], colleague)
    keeping.set_note(call, "ask the branch in Hangzhou", analyst)

    assert names(browser, "?kind=response") == ["Call"]
    assert names(browser, "?state=finished") == ["Risk"]
    assert names(browser, f"?owner={colleague.pk}") == ["Risk"]
    assert names(browser, "?tag=2026 q1") == ["Risk"]
    assert names(browser, "?q=hangzhou") == ["Call"]
    assert names(browser, "?q=2026") == ["Risk"]
    assert set(names(browser, f"?dataset={risk.version.dataset_id}")) == {"Risk", "Call"}
    assert names(browser, f"?dataset={risk.version.dataset_id + 1}") == []


@pytest.mark.parametrize(
    "query",
    ["?sort=password", "?owner=x", "?dataset=99999999999999999999", "?owner=" + 4_400 * "9", "?kind=no", "?page=9"],
)
def test_an_address_that_asks_for_what_there_is_not_shows_the_list(browser: Client, ask: Ask, query: str) -> None:
    ask("Only")

    assert names(browser, query) == ["Only"]


def test_no_match_says_so_and_leads_back(browser: Client, ask: Ask) -> None:
    ask()

    shown = browser.get(f"{LIST}?q=nothing+of+the+kind").content.decode()

    assert "No matches" in shown
    assert "Show all" in shown


def test_an_empty_workspace_is_told_how_to_begin(browser: Client) -> None:
    assert "Your experiments appear here" in browser.get(LIST).content.decode()


def test_an_archived_experiment_is_in_the_archive_only(browser: Client, ask: Ask) -> None:
    old, new = ask("Old"), ask("New")
    Experiment.objects.filter(pk=old.pk).update(archived_at=timezone.now())

    assert names(browser) == [new.name]
    assert names(browser, "?archived=1") == [old.name]
    assert "Old" not in browser.get("/").content.decode()


def test_each_person_has_favourites_of_their_own(
    browser: Client, client_of: Callable[[User], Client], add_person: Callable[..., User], ask: Ask
) -> None:
    ask("Mine"), ask("Other")
    mine = Experiment.objects.get(name="Mine")
    colleague = client_of(add_person("colleague", Role.ANALYST))

    browser.post(reverse("experiment_favourite", args=[mine.pk]), {"favourite": "1"})

    assert names(browser, "?favourites=1") == ["Mine"]
    assert names(colleague, "?favourites=1") == []
    browser.post(reverse("experiment_favourite", args=[mine.pk]), {"favourite": "0"})
    assert names(browser, "?favourites=1") == []


def test_columns_are_chosen_and_remembered_per_person(
    browser: Client, client_of: Callable[[User], Client], add_person: Callable[..., User], analyst: User, ask: Ask
) -> None:
    ask()
    colleague = client_of(add_person("colleague", Role.ANALYST))

    browser.post(reverse("experiment_list_columns"), {"column": ["seed", "ks.out_of_time", "no such column"]})

    def shown(person: Client) -> list[str]:
        return [head.column.name for head in person.get(LIST).context["heads"]]

    assert shown(browser) == ["name", "ks.out_of_time", "seed"]
    assert "auc.validation" in shown(colleague)
    browser.post(reverse("experiment_list_columns"), {"usual": "1"})
    assert shown(browser) == shown(colleague)
    assert ChosenColumns.objects.filter(user=analyst).count() == 1


def test_every_column_can_be_shown_at_once(browser: Client, analyst: User, ask: Ask, finish: Finish) -> None:
    from tracking.words import COLUMNS

    finish(ask())
    keeping.choose_columns(analyst, list(COLUMNS))

    shown = browser.get(LIST).content.decode()

    assert "7f3a00000000" in shown
    assert "31%" in shown


def test_an_experiment_that_runs_again_has_no_measures_of_before(draft: Experiment, finish: Finish) -> None:
    from training.runner.measures import keep_measures

    experiment = finish(draft)
    assert experiment.measured.count() > 0

    experiment.leaderboard.all().delete()
    keep_measures(experiment)

    assert experiment.measured.count() == 0


def told(answer: Any) -> list[str]:
    return [each["name"] for each in answer.json()]


def test_the_api_narrows_and_sorts_like_the_page_and_pages_through_it(
    caller: Callable[[User], Any], analyst: User, ask: Ask, finish: Finish
) -> None:
    for name, value in (("Good", 0.8), ("Poor", 0.6)):
        measured(finish(ask(name)), value)
    ask("Draft")
    client = caller(analyst)

    answer = client.get("/api/v1/experiments?sort=-auc.out_of_time&limit=2")

    assert told(answer) == ["Good", "Poor"]
    assert answer.json()[0]["measures"]["out_of_time"]["auc"] == {"value": 0.8, "low": 0.73, "high": 0.77}
    assert answer["X-Total-Count"] == "3"
    link = answer["Link"].partition("<")[2].partition(">")[0]
    assert told(client.get(link.partition("testserver")[2])) == ["Draft"]
    assert told(client.get("/api/v1/experiments?state=draft")) == ["Draft"]
    assert client.get("/api/v1/experiments?sort=password").status_code == 422


def test_the_search_of_everything_leaves_out_what_is_archived_as_the_list_does(
    browser: Client, analyst: User, finish: Finish, ask: Ask
) -> None:
    for name in ("Harbour loans", "Harbour cards"):
        finish(ask(name))
    keeping.archive(Experiment.objects.get(name="Harbour cards"), analyst)

    found = browser.get(reverse("find") + "?q=harbour").content.decode()

    assert names(browser, "?q=harbour") == ["Harbour loans"]
    assert "Harbour loans" in found
    assert "Harbour cards" not in found


def test_the_list_compares_as_many_models_as_the_comparison_takes(browser: Client, ask: Ask) -> None:
    ask()
    assert browser.get(LIST).context["most_compared"] == MOST_MODELS


@pytest.mark.parametrize(
    ("state", "has_ended"),
    [("queued", False), ("running", False), ("paused", False), ("draft", True), ("finished", True), ("failed", True)],
)
def test_a_run_that_is_halted_has_not_ended(state: str, has_ended: bool) -> None:
    assert Experiment(state=state).has_ended is has_ended
