"""Tags, notes, archive and deletion: who may, what is put on record, and what refuses."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from audit.models import AuditEntry
from checks.models import DataCheck
from common import samples
from experiments.errors import BadInput
from experiments.sentence import Sentence
from planning.services.deleting import delete_experiment
from tracking.samples import mark_sample
from tracking.services import keeping
from training import hooks
from training.models import Experiment, ExperimentState, LeaderboardRow, RecommendedMeasure, Trial
from training.queries.participants import participants_in
from training.queries.readings import readings_of_version

Ask = Callable[..., Experiment]
Finish = Callable[[Experiment], Experiment]


@pytest.fixture
def browser(client_of: Callable[[User], Client], analyst: User) -> Client:
    return client_of(analyst)


@pytest.fixture
def colleague(add_person: Callable[..., User]) -> User:
    return add_person("colleague", Role.ANALYST)


def manage(experiment: Experiment) -> str:
    return reverse("experiment_manage", args=[experiment.pk])


def test_tags_are_typed_with_commas_of_either_width_and_spelled_once(browser: Client, draft: Experiment) -> None:
    browser.post(manage(draft), {"tags": " baseline，2026  Q1, Baseline,,", "note": " See the branch. "})

    assert [tagged.tag for tagged in draft.tagged.all()] == ["2026 Q1", "baseline"]
    assert draft.note.text == "See the branch."
    tagged, noted = AuditEntry.objects.filter(action__in=["experiment.tagged", "experiment.noted"]).order_by("id")
    assert tagged.details == {"tags": ["2026 Q1", "baseline"], "before": []}
    assert noted.details == {"letters": 15}


def test_what_stays_as_it_is_is_no_act(browser: Client, draft: Experiment) -> None:
    for _time in range(2):
        browser.post(manage(draft), {"tags": "a", "note": "b"})

    assert AuditEntry.objects.filter(action__in=["experiment.tagged", "experiment.noted"]).count() == 2


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (",".join(f"t{n}" for n in range(21)), "Too many tags: 21"),
        ("x" * 41, "The limit for its length is 40."),
    ],
)
def test_too_many_and_too_long_tags_are_refused_with_what_was_typed(
    browser: Client, draft: Experiment, typed: str, said: str
) -> None:
    answer = browser.post(manage(draft), {"tags": typed, "note": "kept in the form"})

    shown = answer.content.decode()
    assert answer.status_code == 422
    assert said in shown
    assert typed in shown
    assert "kept in the form" in shown
    assert not draft.tagged.exists()


def test_a_colleague_looks_and_clones_but_changes_nothing(
    client_of: Callable[[User], Client], colleague: User, draft: Experiment
) -> None:
    other = client_of(colleague)
    shown = other.get(manage(draft)).content.decode()

    assert "You can look and clone" in shown
    assert "Delete for good" not in shown
    for name in ("experiment_archive", "experiment_restore", "experiment_delete", "experiment_manage"):
        assert other.post(reverse(name, args=[draft.pk]), {"tags": "x"}).status_code == 403
    assert Experiment.objects.filter(pk=draft.pk, archived_at=None, tagged=None).exists()


def test_archive_and_restore_are_put_on_record_once(browser: Client, draft: Experiment) -> None:
    for name in ("experiment_archive", "experiment_archive", "experiment_restore", "experiment_restore"):
        browser.post(reverse(name, args=[draft.pk]))

    acts = AuditEntry.objects.filter(action__in=["experiment.archived", "experiment.restored"]).order_by("id")
    assert [each.action for each in acts] == ["experiment.archived", "experiment.restored"]
    assert Experiment.objects.get(pk=draft.pk).archived_at is None


def test_a_run_that_has_not_ended_is_neither_archived_nor_deleted(started: Experiment, analyst: User) -> None:
    with pytest.raises(BadInput, match="has not ended"):
        keeping.archive(started, analyst)
    with pytest.raises(BadInput, match="has not ended"):
        delete_experiment(started, analyst)


def test_whoever_tidies_up_has_no_part_in_the_models(draft: Experiment, colleague: User) -> None:
    keeping.set_tags(draft, ["x"], colleague)
    keeping.archive(draft, colleague)

    assert colleague.pk not in participants_in(draft)


def test_deleting_takes_all_that_hangs_on_an_experiment_and_leaves_its_dataset(
    browser: Client, draft: Experiment, finish: Finish, analyst: User, settings: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    experiment = finish(draft)
    experiment.work_dir.mkdir(parents=True)
    keeping.set_tags(experiment, ["x"], analyst)

    with django_capture_on_commit_callbacks(execute=True):
        browser.post(reverse("experiment_delete", args=[experiment.pk]))

    for model in (Experiment, LeaderboardRow, Trial, RecommendedMeasure, DataCheck):
        assert not model.objects.exists()
    assert not experiment.work_dir.exists()
    assert type(draft.version).objects.filter(pk=draft.version_id).exists()
    act = AuditEntry.objects.get(action="experiment.deleted")
    assert act.details == {"name": "Bad loans", "state": "finished"}


def test_rows_that_were_read_stay_read_when_the_run_is_deleted(ask: Ask, finish: Finish, analyst: User) -> None:
    first, second = finish(ask("First")), finish(ask("Second"))
    for each in (first, second):
        Experiment.objects.filter(pk=each.pk).update(result={"out_of_time_readings": 1})
    assert readings_of_version(second).count == 2

    delete_experiment(first, analyst)

    found = readings_of_version(second)
    assert (found.count, found.runs) == (2, 2)


def test_a_run_that_another_repeats_is_kept_for_the_comparison(ask: Ask, finish: Finish, analyst: User) -> None:
    first, again = finish(ask("First")), finish(ask("First, repeated"))
    Experiment.objects.filter(pk=again.pk).update(result={"repeats": {"experiment": first.pk, "hashes": {}}})

    with pytest.raises(BadInput) as refused:
        delete_experiment(first, analyst)
    assert "First, repeated" in str(refused.value.params)

    delete_experiment(again, analyst)
    delete_experiment(first, analyst)
    assert not Experiment.objects.exists()


def test_what_an_app_above_keeps_is_refused_in_its_sentence(
    browser: Client, draft: Experiment, finish: Finish, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = finish(draft)
    monkeypatch.setitem(hooks._keeps, "test", lambda each: Sentence("%(name)s is needed.", {"name": each.name}))

    answer = browser.post(reverse("experiment_delete", args=[experiment.pk]), follow=True)

    assert "Bad loans is needed." in answer.content.decode()
    assert Experiment.objects.filter(pk=experiment.pk).exists()


def test_the_api_keeps_tags_note_favourite_and_archive(
    caller: Callable[[User], Any], analyst: User, colleague: User, draft: Experiment
) -> None:
    address = f"/api/v1/experiments/{draft.pk}/kept"
    mine, other = caller(analyst), caller(colleague)

    kept = mine.patch(
        address, {"tags": ["a"], "note": "n", "favourite": True, "archived": True}, content_type="application/json"
    ).json()

    assert (kept["tags"], kept["note"], kept["favourite"]) == (["a"], "n", True)
    assert kept["archived_at"]
    assert other.get(address).json()["favourite"] is False
    assert other.patch(address, {"favourite": True}, content_type="application/json").status_code == 200
    assert other.patch(address, {"tags": []}, content_type="application/json").status_code == 403
    assert mine.patch(address, {"archived": False}, content_type="application/json").json()["archived_at"] is None


def test_a_finished_experiment_is_deleted_over_the_api(
    caller: Callable[[User], Any], analyst: User, draft: Experiment, finish: Finish
) -> None:
    finish(draft)
    Experiment.objects.filter(pk=draft.pk).update(state=ExperimentState.RUNNING)
    client = caller(analyst)

    assert client.delete(f"/api/v1/experiments/{draft.pk}").status_code == 409
    Experiment.objects.filter(pk=draft.pk).update(state=ExperimentState.FINISHED)
    assert client.delete(f"/api/v1/experiments/{draft.pk}").status_code == 204


def test_the_sample_experiment_is_marked_once_and_what_is_taken_away_stays_away(
    draft: Experiment, analyst: User
) -> None:
    Experiment.objects.filter(pk=draft.pk).update(is_sample=True)
    mark_sample()
    assert (draft.tagged.count(), draft.favourites.count()) == (2, 1)

    keeping.set_tags(draft, [], analyst)
    mark_sample()

    assert draft.tagged.count() == 0


def test_a_loader_that_fails_keeps_no_other_from_loading(caplog: pytest.LogCaptureFixture) -> None:
    samples.Loader("operator.length_hint", weight=1).load()

    assert "operator.length_hint brought nothing" in caplog.text
