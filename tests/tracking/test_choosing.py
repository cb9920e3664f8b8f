"""The list as a file, and what is done to several experiments at once."""

import csv
import io
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from audit.models import AuditEntry
from tests.counting import queries_of
from tracking.services import keeping
from training.models import Experiment, ExperimentState

Ask = Callable[..., Experiment]
Finish = Callable[[Experiment], Experiment]
FILE, CHOSEN = "/experiments/list.csv", "/experiments/chosen/"


@pytest.fixture
def browser(client_of: Callable[[User], Client], analyst: User) -> Client:
    return client_of(analyst)


def lines(browser: Client, query: str = "") -> list[dict[str, str]]:
    content = b"".join(browser.get(FILE + query).streaming_content)  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def told(browser: Client) -> list[str]:
    return [str(message) for message in browser.get("/experiments/").context["messages"]]


def test_the_file_holds_what_the_list_is_narrowed_to_in_the_readers_columns(
    browser: Client, analyst: User, ask: Ask, finish: Finish
) -> None:
    keeping.choose_columns(analyst, ["state", "tags", "trials", "auc.out_of_time", "note"])
    first = finish(ask("=First"))
    keeping.set_tags(first, ["q1", "base"], analyst)
    keeping.set_note(first, "Mind the months.", analyst)
    ask("Second")
    rows = lines(browser)
    assert [row["Experiment"] for row in rows] == ["Second", "'=First"]
    found = rows[1]
    assert (found["State"], found["Tags"], found["Trials"], found["Note"]) == (
        "Done",
        "base, q1",
        "3",
        "Mind the months.",
    )
    # As it was measured, not as the page rounds it.
    value = first.measured.get(sample="out_of_time", metric="auc")
    measured = [found[name] for name in found if name.startswith("AUC, out-of-time")]
    assert [float(cell) for cell in measured] == [value.value, value.low, value.high]
    assert rows[0]["AUC, out-of-time"] == ""
    assert [row["Experiment"] for row in lines(browser, "?tag=q1")] == ["'=First"]
    assert reverse("experiment_list_csv") + "?tag=q1&amp;" in browser.get("/experiments/?tag=q1").content.decode()


def test_the_file_takes_as_many_queries_for_three_experiments_as_for_one(
    browser: Client, ask: Ask, finish: Finish
) -> None:
    def queries() -> int:
        return queries_of(browser, FILE)

    finish(ask("First"))
    with_one = queries()
    for name in ("Second", "Third"):
        finish(ask(name))
    assert queries() == with_one


def test_several_experiments_are_tagged_and_one_tag_is_taken_off_again(
    browser: Client, analyst: User, ask: Ask
) -> None:
    first, second = ask("First"), ask("Second")
    keeping.set_tags(first, ["old"], analyst)
    keys = [first.pk, second.pk]
    browser.post(CHOSEN, {"e": keys, "act": "tag", "tag": " Spring "})
    assert [sorted(each.tagged.values_list("tag", flat=True)) for each in (first, second)] == [
        ["Spring", "old"],
        ["Spring"],
    ]
    assert told(browser) == ["Done for 2 experiments."]
    browser.post(CHOSEN, {"e": keys, "act": "untag", "tag": "spring"})
    assert [list(each.tagged.values_list("tag", flat=True)) for each in (first, second)] == [["old"], []]
    assert AuditEntry.objects.filter(action="experiment.tagged").count() == 5


def test_what_is_not_ones_own_or_has_not_ended_is_told_and_stops_none_of_the_others(
    browser: Client, add_person: Callable[..., User], ask: Ask, finish: Finish
) -> None:
    own, running = finish(ask("Own")), ask("Running")
    others = finish(ask("Others", owner=add_person("colleague", Role.ANALYST)))
    Experiment.objects.filter(pk=running.pk).update(state=ExperimentState.RUNNING)
    browser.post(CHOSEN, {"e": [own.pk, running.pk, others.pk], "act": "archive"})
    archived = Experiment.objects.exclude(archived_at=None)
    assert list(archived) == [own]
    said = told(browser)
    assert said[0] == "Done for 1 experiment."
    assert "1 experiment was left as it is" in said[1]
    assert said[2].startswith("“Running”: This run has not ended.")
    browser.post(CHOSEN, {"e": [own.pk], "act": "restore"})
    assert not archived.all().exists()


def test_the_models_of_ticked_experiments_are_compared_in_the_order_of_the_list(
    browser: Client, ask: Ask, finish: Finish
) -> None:
    first, second, draft = finish(ask("First")), finish(ask("Second")), ask("Draft")
    models = [each.leaderboard.get(is_recommended=True).pk for each in (second, first)]
    answer = browser.post(CHOSEN, {"e": [second.pk, first.pk, draft.pk], "act": "compare"})
    assert answer["Location"] == f"/compare/?m=f-{models[0]}&m=f-{models[1]}"
    browser.post(CHOSEN, {"e": [first.pk, draft.pk], "act": "compare"})
    assert told(browser) == ["Tick two experiments or more that have a model."]
    browser.post(CHOSEN, {"act": "compare"})
    assert told(browser) == ["Tick the experiments first."]


@pytest.mark.parametrize("act", ["tag", "untag"])
def test_without_a_tag_nothing_is_said_to_be_done(browser: Client, ask: Ask, act: str) -> None:
    browser.post(CHOSEN, {"e": [ask("Only").pk], "act": act, "tag": "  "})
    assert told(browser) == ["Type the tag first."]


def test_keys_that_no_database_has_are_passed_over(browser: Client, ask: Ask) -> None:
    only = ask("Only")
    browser.post(CHOSEN, {"e": [4_400 * "9", 20 * "9", "-1", "x", only.pk], "act": "tag", "tag": "spring"})
    assert told(browser) == ["Done for 1 experiment."]
    version = {"version": 20 * "9"}
    assert browser.post(reverse("experiment_clone", args=[only.pk]), version).status_code == 404


def test_experiments_of_another_workspace_are_not_touched(
    client_of: Callable[[User], Client], stranger: User, ask: Ask, finish: Finish
) -> None:
    experiment = finish(ask("First"))
    client_of(stranger).post(CHOSEN, {"e": [experiment.pk], "act": "archive"})
    assert Experiment.objects.get(pk=experiment.pk).archived_at is None


def test_a_finished_experiment_is_cloned_from_its_result(browser: Client, ask: Ask, finish: Finish) -> None:
    experiment = finish(ask("First"))
    shown = browser.get(reverse("experiment_result", args=[experiment.pk])).content.decode()
    assert reverse("experiment_clone", args=[experiment.pk]) in shown
    answer = browser.post(reverse("experiment_clone", args=[experiment.pk]))
    clone = Experiment.objects.exclude(pk=experiment.pk).get()
    assert answer["Location"] == reverse("experiment_plan", args=[clone.pk])
