"""A scorecard is changed step by step: nobody overwrites another, all can be undone, the history stays."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from accounts.services import create_token
from audit.models import AuditEntry
from dictionary.models import DictionaryEntry
from experiments.errors import BadInput, Cancelled
from jobs.context import JobContext
from jobs.models import Job
from planning.services.deleting import delete_experiment
from scorecards import errors, services
from scorecards.errors import CardRefused, StaleCard
from scorecards.models import CardEdit, CardRefit, EditedCard
from scorecards.queries.bench import bench_of
from scorecards.queries.withheld import secret_on
from scorecards.runner import opening, refitting
from scorecards.words import bin_in_words
from tests.counting import queries_of
from training.models import Experiment, ExperimentState

pytestmark = pytest.mark.database
ClientOf = Callable[[User], Client]


def page(card: EditedCard, name: str = "card_bench") -> str:
    return reverse(name, args=[card.experiment_id, card.made_of])


def change(card: EditedCard, user: User, act: str, why: str = "", **fields: Any) -> CardEdit:
    return services.edit(card, user, act=act, fields=fields, revision=card.revision, why=why)


def edges(card: EditedCard) -> tuple[float, ...]:
    card.refresh_from_db()
    return card.now.column("age").edges


def test_a_change_is_kept_with_who_what_why_and_what_it_did(card: EditedCard, analyst: User) -> None:
    before = edges(card)
    edit = change(card, analyst, "merge", why="too few", column="age", bin=0)

    assert edges(card) == before[1:]
    assert card.revision == 1
    assert (edit.person, edit.why, edit.column_name) == (analyst, "too few", "age")
    assert edit.sentence.params == {"column": "age", "number": 1, "next": 2}
    one, other = edit.effect["column"]
    assert one["iv"] > other["iv"] > 0
    assert edit.effect["card"][0]["auc"] != edit.effect["card"][1]["auc"]
    assert card.ranking == edit.effect["card"][1]
    entry = AuditEntry.objects.get(action="scorecard.edited")
    assert (entry.object_id, entry.details["why"]) == (str(card.experiment_id), "too few")


def test_changes_are_undone_and_done_again_and_all_of_it_stands_in_the_history(
    card: EditedCard, analyst: User, modeler: User
) -> None:
    before = card.draft
    change(card, analyst, "merge", column="age", bin=0)
    merged = card.draft
    change(card, analyst, "scale", base="660", odds="15", pdo="40")
    scaled = card.draft
    change(card, modeler, "undo")
    assert card.draft == merged
    change(card, modeler, "undo")
    assert card.draft == before
    change(card, analyst, "redo")
    change(card, analyst, "redo")
    assert card.draft == scaled
    with pytest.raises(CardRefused, match="no change to redo"):
        change(card, analyst, "redo")
    change(card, analyst, "undo")
    change(card, analyst, "limits", max_columns="5", iv_floor="0.02")
    # What was undone before another change was made is gone for redoing, not from the history.
    assert card.undone == []
    assert list(card.edits.values_list("act", flat=True)) == [
        "limits", "undo", "redo", "redo", "undo", "undo", "scale", "merge",
    ]  # fmt: skip
    assert card.revision == 8


def test_a_change_of_a_card_that_somebody_has_changed_since_is_refused(
    card: EditedCard, analyst: User, modeler: User
) -> None:
    mine = EditedCard.objects.get(pk=card.pk)
    change(card, modeler, "merge", column="age", bin=0)

    with pytest.raises(StaleCard, match=str(modeler)):
        services.edit(card, analyst, act="merge", fields={"column": "age", "bin": 0}, revision=0)
    # Read at the same moment, too: the database decides who was first.
    with pytest.raises(StaleCard, match=str(modeler)):
        services.edit(mine, analyst, act="merge", fields={"column": "age", "bin": 1}, revision=0)
    with pytest.raises(StaleCard, match=str(modeler)):
        services.refit(card, analyst, revision=0)
    assert card.edits.count() == 1


@pytest.mark.parametrize(
    ("act", "fields", "said"),
    [
        ("merge", {"column": "age", "bin": 99}, "neighbouring"),
        ("merge", {"column": "nobody", "bin": 0}, "no column nobody"),
        ("merge", {"column": "age", "bin": "first"}, "“first” is not a number"),
        ("merge", {"column": "age", "bin": "0.5"}, "not a whole number"),
        ("move", {"column": "age", "bin": 0, "to": "thirty"}, "“thirty” is not a number"),
        ("move", {"column": "age", "bin": 0, "to": "nan"}, "“nan” is not a number"),
        ("move", {"column": "job", "bin": 0, "to": "3"}, "no bin"),
        ("trend", {"column": "age", "trend": "sideways"}, "sideways"),
        ("treat", {"column": "age", "bin": 0, "treatment": "own"}, "no bin 1"),
        ("treat", {"column": "age", "bin": 0, "treatment": "joined-" + "9" * 5_000}, "no bin 1"),
        ("want", {"column": "age", "wanted": "perhaps"}, "perhaps"),
        ("want", {"column": "age", "wanted": "auto"}, "changes nothing"),
        ("scale", {"base": "600", "odds": "50", "pdo": "inf"}, "“inf” is not a number"),
        ("scale", {"base": "600", "odds": "-1", "pdo": "20"}, "above 0"),
        ("limits", {"max_columns": "0", "iv_floor": "0"}, "from 1 to 100"),
        ("limits", {"max_columns": "1e400", "iv_floor": "0"}, "“1e400” is not a number"),
        ("explode", {}, "explode"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence_and_nothing_changes(
    card: EditedCard, analyst: User, act: str, fields: dict[str, Any], said: str
) -> None:
    before = card.draft
    with pytest.raises((BadInput, CardRefused), match=said):
        change(card, analyst, act, **fields)
    card.refresh_from_db()
    assert (card.draft, card.revision, card.edits.count()) == (before, 0, 0)


def test_a_sensitive_column_is_neither_put_on_a_card_nor_are_its_values_shown(
    card: EditedCard, analyst: User, client_of: ClientOf, client: Client
) -> None:
    change(card, analyst, "merge", column="age", bin=0)
    border = f"{card.now.column('age').edges[0]:g}"
    dataset = card.experiment.version.dataset
    for name in ("noise", "age"):
        DictionaryEntry.objects.create(dataset=dataset, name=name, is_sensitive=True, set_by=analyst)

    with pytest.raises(CardRefused, match="sensitive or protected"):
        change(card, analyst, "want", column="noise", wanted="in")
    with pytest.raises(CardRefused, match="neither shown nor changed"):
        change(card, analyst, "merge", column="age", bin=0)
    shown = client_of(analyst).get(page(card) + "?column=age")
    assert shown.context["bench"].column.name == "job"
    assert "age: changed; its values are sensitive" in shown.text
    assert f"[{border}," not in shown.text
    headers = {"Authorization": f"Bearer {create_token(analyst, 'key')[1]}"}
    rates = {"sample": "out_of_time", "columns": {"age": [], "job": []}, "unseen_iv": {}}
    EditedCard.objects.filter(pk=card.pk).update(seen=card.seen | rates)
    found = client.get(f"/api/v1/experiments/{card.experiment_id}/scorecards/scorecard", headers=headers).json()
    assert "age" not in found["bins"]
    assert list(found["seen"]["columns"]) == ["job"]
    assert next(each["bins"] for each in found["card"]["columns"] if each["name"] == "age") == []
    change(card, analyst, "want", column="age", wanted="out")


def test_a_column_made_of_a_sensitive_one_is_as_secret_as_that(
    card: EditedCard, analyst: User, client_of: ClientOf, client: Client
) -> None:
    columns = [
        each | {"sources": ["income", "age"] if each["name"] == "noise" else [each["name"]]}
        for each in card.draft["columns"]
    ]
    EditedCard.objects.filter(pk=card.pk).update(draft=card.draft | {"columns": columns})
    card.refresh_from_db()
    assert client_of(analyst).get(page(card) + "?column=noise").context["bench"].column.name == "noise"
    dataset = card.experiment.version.dataset
    DictionaryEntry.objects.create(dataset=dataset, name="income", is_sensitive=True, set_by=analyst)

    assert client_of(analyst).get(page(card) + "?column=noise").context["bench"].column.name != "noise"
    with pytest.raises(CardRefused, match="neither shown nor changed"):
        change(card, analyst, "trend", column="noise", trend="none")
    with pytest.raises(CardRefused, match="sensitive or protected"):
        change(card, analyst, "want", column="noise", wanted="in")
    headers = {"Authorization": f"Bearer {create_token(analyst, 'key')[1]}"}
    found = client.get(f"/api/v1/experiments/{card.experiment_id}/scorecards/scorecard", headers=headers).json()
    assert "noise" not in found["bins"]


def test_a_card_stored_before_it_said_what_its_columns_are_made_of_opens_and_hides_derived_ones(
    card: EditedCard, analyst: User, client_of: ClientOf
) -> None:
    columns = [{key: each[key] for key in each if key != "sources"} for each in card.draft["columns"]]
    old = card.draft | {"columns": columns}
    EditedCard.objects.filter(pk=card.pk).update(draft=old, saved=old)
    card.refresh_from_db()
    assert client_of(analyst).get(page(card) + "?column=noise").context["bench"].column.name == "noise"
    dataset = card.experiment.version.dataset
    DictionaryEntry.objects.create(dataset=dataset, name="income", is_sensitive=True, set_by=analyst)

    # "age" is a column of the table and tells itself; "noise" is not, so it may tell of income.
    assert client_of(analyst).get(page(card) + "?column=noise").context["bench"].column.name == "age"
    assert secret_on(card) == {"income", "job", "noise", "opened"}


def test_a_column_called_sensitive_after_it_was_put_in_is_neither_refitted_nor_put_in_again(
    card: EditedCard, analyst: User
) -> None:
    change(card, analyst, "want", column="noise", wanted="in")
    dataset = card.experiment.version.dataset
    DictionaryEntry.objects.create(dataset=dataset, name="noise", is_sensitive=True, set_by=analyst)

    with pytest.raises(CardRefused, match="noise is sensitive or protected"):
        services.refit(card, analyst, revision=card.revision)
    change(card, analyst, "undo")
    with pytest.raises(CardRefused, match="noise is sensitive or protected"):
        change(card, analyst, "redo")
    assert services.refit(card, analyst, revision=card.revision).is_under_way


def test_a_border_between_dates_is_typed_and_told_as_a_day(card: EditedCard, analyst: User) -> None:
    if not card.now.column("opened").edges:
        change(card, analyst, "split", column="opened", bin=0)
    day = int(bench_of(card, "opened").grid[20][1])
    typed = (date(1970, 1, 1) + timedelta(days=day)).isoformat()
    edit = change(card, analyst, "move", column="opened", bin=0, to=typed)

    assert edit.sentence.params["new"] == typed
    assert bench_of(card, "opened").bins[0].upper == typed
    with pytest.raises(BadInput, match="“spring” is not a number"):
        change(card, analyst, "move", column="opened", bin=0, to="spring")


def test_the_database_keeps_the_history_as_it_was_written(card: EditedCard, analyst: User) -> None:
    edit = change(card, analyst, "merge", column="age", bin=0)
    for field, value in (("why", "another"), ("person_id", 999), ("column_name", "job"), ("before", {})):
        with pytest.raises(DatabaseError, match="history"), transaction.atomic():
            CardEdit.objects.filter(pk=edit.pk).update(**{field: value})


def test_the_page_shows_bins_and_lets_only_editors_change_them(
    card: EditedCard, analyst: User, modeler: User, stranger: User, add_person: Callable[..., User],
    client_of: ClientOf,
) -> None:  # fmt: skip
    colleague = add_person("colleague", "analyst")
    form = {"act": "merge", "column": "age", "bin": "0", "revision": "0"}

    shown = client_of(analyst).get(page(card) + "?column=age").content.decode()
    assert 'id="undo"' in shown
    assert shown.count('class="bench-bin') == len(card.now.column("age").bins)
    # Within an image nobody who listens to the page would find the borders that can be moved.
    assert re.search(r'<svg class="bench-chart"[^>]* role="group"', shown)
    assert 'role="slider"' in shown
    read_only = client_of(colleague).get(page(card)).content.decode()
    assert re.search(r'<svg class="bench-chart"[^>]* role="img"', read_only)
    assert 'role="slider"' not in read_only
    assert 'name="act"' not in read_only
    assert "can change this experiment" in read_only
    assert client_of(colleague).post(page(card, "card_edit"), form).status_code == 403
    assert client_of(stranger).get(page(card)).status_code == 404
    assert client_of(stranger).post(page(card, "card_edit"), form).status_code == 404
    answer = client_of(modeler).post(page(card, "card_edit"), form, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert 'data-revision="1"' in answer.content.decode()
    stale = client_of(modeler).post(page(card, "card_edit"), form, headers={"HX-Request": "true"})
    assert 'id="bench-refusal"' in stale.content.decode()
    plain = client_of(modeler).post(page(card, "card_edit"), {**form, "revision": "1"})
    assert plain.headers["Location"].endswith("?column=age")


def test_the_page_asks_the_database_no_more_often_for_many_changes(
    card: EditedCard, analyst: User, client_of: ClientOf
) -> None:
    client = client_of(analyst)
    change(card, analyst, "merge", column="age", bin=0)
    one = queries_of(client, page(card))
    for _ in range(4):
        change(card, analyst, "undo")
        change(card, analyst, "redo")
    assert queries_of(client, page(card)) == one


def test_a_card_that_is_not_open_offers_to_be_opened_and_one_that_failed_says_why(
    card: EditedCard, analyst: User, client_of: ClientOf, run_jobs: Callable[[], list[Job]]
) -> None:
    client = client_of(analyst)
    EditedCard.objects.filter(pk=card.pk).update(model_hash="of another model")
    assert "Open for editing" in client.get(page(card)).content.decode()
    # The page, a change of it and a program agree that there is none.
    form = {"act": "merge", "column": "age", "bin": "0", "revision": "0"}
    assert client.post(page(card, "card_edit"), form).status_code == 404
    headers = {"Authorization": f"Bearer {create_token(analyst, 'key')[1]}"}
    place = f"/api/v1/experiments/{card.experiment_id}/scorecards/scorecard"
    assert client.get(place, headers=headers).status_code == 404

    assert client.post(page(card, "card_open")).status_code == 302
    assert 'id="preparing"' in client.get(page(card)).content.decode()
    run_jobs()
    failed = client.get(page(card)).content.decode()
    assert "Try again" in failed
    assert client.get(reverse("card_bench", args=[card.experiment_id, "lightgbm"])).status_code == 404


def test_a_change_of_a_card_that_is_prepared_again_leads_to_the_page_that_says_so(
    card: EditedCard, analyst: User, client_of: ClientOf
) -> None:
    EditedCard.objects.filter(pk=card.pk).update(draft={}, saved={}, revision=1)
    form, client = {"act": "merge", "column": "age", "bin": "0", "revision": "0"}, client_of(analyst)

    answer = client.post(page(card, "card_edit"), form, headers={"HX-Request": "true"})

    assert (answer.status_code, answer.headers["HX-Refresh"]) == (200, "true")
    assert "still being prepared" in client.get(page(card)).text


def test_a_changed_column_is_marked_as_changed_in_chinese(card: EditedCard, analyst: User, client_of: ClientOf) -> None:
    change(card, analyst, "merge", column="age", bin=0)
    User.objects.filter(pk=analyst.pk).update(language="zh-hans")
    assert 'title="已调整"' in client_of(analyst).get(page(card) + "?column=job").text


def test_the_chart_of_a_column_has_an_axis_of_round_rates_up_to_its_highest_bar(
    card: EditedCard, analyst: User, client_of: ClientOf
) -> None:
    bench = bench_of(card, "age")

    rates, highest = [tick.rate for tick in bench.ticks], max(line.rate.value or 0.0 for line in bench.bins)
    step = rates[1]
    assert rates == pytest.approx([step * place for place in range(len(rates))])
    assert highest - step < rates[-1] <= highest
    # A bar of the rate that a tick names would end at the tick.
    tallest = max(bench.bins, key=lambda line: line.height)
    assert 200 - bench.ticks[1].y == pytest.approx(tallest.height * step / highest)
    assert bench.overall.rate == pytest.approx(sum(line.events for line in bench.bins) / bench.rows)
    text = client_of(analyst).get(page(card) + "?column=age").text
    assert re.findall(r'<text x="42"[^>]*>([^<]*)<', text) == [f"{rate:.1%}" for rate in rates]


def test_what_the_bench_shows_adds_up(card: EditedCard, analyst: User) -> None:
    bench = bench_of(card, "age")

    assert sum(line.rows for line in bench.bins) == bench.rows == 1_200
    assert sum(line.iv for line in bench.bins) == pytest.approx(bench.after.iv)
    assert sum(line.share for line in bench.columns) == pytest.approx(1.0)
    assert bench.before == bench.after
    assert [handle.value for handle in bench.handles] == list(card.now.column("age").edges)
    scaled = card.now.with_scale(base=600, odds=50, pdo=40)
    EditedCard.objects.filter(pk=card.pk).update(draft=scaled.to_dict())
    card.refresh_from_db()
    points = [line.points for line in bench_of(card, "age").bins]
    spread = [max(p) - min(p) for p in (points, [line.points for line in bench.bins])]
    assert spread[0] == pytest.approx(2 * spread[1])


def test_counts_and_work_go_with_the_experiment(
    card: EditedCard, analyst: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    folder = card.counts_dir
    assert folder.is_dir()
    services.refit(card, analyst, revision=0)
    with django_capture_on_commit_callbacks(execute=True):
        delete_experiment(card.experiment, analyst)
    assert not folder.parent.exists()
    assert not EditedCard.objects.filter(pk=card.pk).exists()
    assert Job.objects.get(kind="refit_card").is_terminated


def test_a_card_whose_preparation_is_stopped_leaves_no_counts_behind(
    card: EditedCard, analyst: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    EditedCard.objects.filter(pk=card.pk).update(model_hash="of another model")
    opened = services.open_card(card.experiment.leaderboard.get(candidate="scorecard"), analyst)
    assert opened.job is not None

    def stopped(*_asked: Any, counts: Path, **_named: Any) -> None:
        counts.mkdir(parents=True)
        raise Cancelled

    monkeypatch.setattr(opening, "open_card", stopped)
    with pytest.raises(Cancelled):
        opening.run(opened.job, JobContext(opened.job, heartbeat_seconds=0))
    assert not card.counts_dir.exists()


def test_a_refit_that_is_stopped_after_it_read_the_rows_set_aside_has_been_counted(
    card: EditedCard, analyst: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = card.experiment.out_of_time_readings
    refit = services.refit(card, analyst, revision=0)
    assert refit.job is not None

    def stopped(*_asked: Any, on_reading: Callable[[], None], **_named: Any) -> None:
        on_reading()
        raise Cancelled

    monkeypatch.setattr(refitting, "refit_card", stopped)
    with pytest.raises(Cancelled):
        refitting.run(refit.job, JobContext(refit.job, heartbeat_seconds=0))
    assert Experiment.objects.get(pk=card.experiment_id).out_of_time_readings == readings + 1


def test_the_same_card_is_refitted_once_and_a_refused_one_says_why(
    card: EditedCard, analyst: User, run_jobs: Callable[[], list[Job]]
) -> None:
    one, other = (services.refit(card, analyst, revision=0) for _ in range(2))
    assert one == other
    run_jobs()
    again = CardRefit.objects.get(pk=one.pk)
    assert again.leaderboard_row is None
    assert again.has_failed


def test_a_refit_of_a_run_that_was_given_more_time_meanwhile_is_refused(
    card: EditedCard, analyst: User, run_jobs: Callable[[], list[Job]]
) -> None:
    refit = services.refit(card, analyst, revision=0)
    Experiment.objects.filter(pk=card.experiment_id).update(state=ExperimentState.RUNNING)
    run_jobs()
    refit.refresh_from_db()
    assert refit.refusal["message"] == errors.RUN_GOES_ON


def test_programs_change_a_card_as_people_do(card: EditedCard, analyst: User, client: Client) -> None:
    key = create_token(analyst, "key")[1]
    headers = {"Authorization": f"Bearer {key}"}
    place = f"/api/v1/experiments/{card.experiment_id}/scorecards/scorecard"

    found = client.get(place, headers=headers).json()
    assert (found["state"], found["revision"], found["can_undo"]) == ("ready", 0, False)
    assert sum(line["rows"] for line in found["bins"]["age"]) == 1_200
    asked = {"act": "merge", "revision": 0, "fields": {"column": "age", "bin": 0}, "why": "alike"}
    made = client.post(f"{place}/edits", asked, content_type="application/json", headers=headers)
    assert made.status_code == 201
    assert made.json()["change"] == "age: bins 1 and 2 merged"
    stale = client.post(f"{place}/edits", asked, content_type="application/json", headers=headers)
    assert stale.status_code == 409
    assert "has changed this card" in stale.json()["detail"]
    history = client.get(f"{place}/edits", headers=headers).json()
    assert [each["why"] for each in history] == ["alike"]
    refit = client.post(f"{place}/refits", {"revision": 1}, content_type="application/json", headers=headers)
    assert (refit.status_code, refit.json()["state"]) == (202, "queued")
    listed = client.get(f"{place}/refits", headers=headers).json()
    assert [each["id"] for each in listed] == [refit.json()["id"]]


def test_empty_cells_are_called_in_the_language_of_the_page_and_a_level_as_it_is_written() -> None:
    with translation.override("zh-hans"):
        assert bin_in_words("missing", "missing") == "缺失"
        assert [bin_in_words("levels", level) for level in ("missing", "levels")] == ["missing", "levels"]
        assert bin_in_words("range", "[18, 25)") == "[18, 25)"


def test_a_rate_of_few_rows_is_grey_and_one_of_a_handful_is_told_nowhere(
    card: EditedCard, analyst: User, client_of: ClientOf, client: Client
) -> None:
    change(card, analyst, "split", column="age", bin=0, at="20")
    change(card, analyst, "move", column="age", bin=0, to="0")
    card.refresh_from_db()
    lines = bench_of(card, "age").bins
    assert any(line.rate.is_uncertain for line in lines)
    shown = client_of(analyst).get(page(card) + "?column=age").text
    assert "fewer than 100 rows" in shown

    seen = {
        "sample": "out_of_time", "unseen_iv": {},
        "columns": {"age": [{"rows": 9, "event_rate": 1 / 9, "unseen_rows": 12, "unseen_rate": 0.25}] * len(lines)},
    }  # fmt: skip
    EditedCard.objects.filter(pk=card.pk).update(seen=card.seen | seen, saved=card.draft)
    card.refresh_from_db()
    first = bench_of(card, "age").bins[0].unseen
    assert first is not None
    assert (first.rate.value, first.unseen_rate.value, first.unseen_rate.is_uncertain) == (None, 0.25, True)
    headers = {"Authorization": f"Bearer {create_token(analyst, 'key')[1]}"}
    found = client.get(f"/api/v1/experiments/{card.experiment_id}/scorecards/scorecard", headers=headers).json()
    assert {(each["event_rate"], each["unseen_rate"]) for each in found["seen"]["columns"]["age"]} == {(None, 0.25)}


def test_a_bin_tells_how_it_did_out_of_time_while_it_is_that_of_the_saved_card(
    card: EditedCard, analyst: User, client_of: ClientOf
) -> None:
    bins = len(card.now.column("age").bins)
    rates = [{"rows": 300, "event_rate": 0.4, "unseen_rows": 200 + n, "unseen_rate": 0.3} for n in range(bins)]
    EditedCard.objects.filter(pk=card.pk).update(seen=card.seen | {"columns": {"age": rates}})
    card.refresh_from_db()
    assert "after the refit" not in client_of(analyst).get(page(card) + "?column=age").context["bench"].note_on_rates
    before = bench_of(card, "age")
    assert [line.unseen.unseen_rows for line in before.bins if line.unseen] == [200 + n for n in range(bins)]
    assert not before.is_cut_anew

    change(card, analyst, "merge", column="age", bin=0)
    card.refresh_from_db()
    after = bench_of(card, "age")
    known = [line.unseen and line.unseen.unseen_rows for line in after.bins]
    assert known == [None, *(200 + n for n in range(2, bins))]
    assert "known after the refit" in client_of(analyst).get(page(card) + "?column=age").text


def test_a_bin_of_very_many_values_names_some_and_offers_only_those_that_were_counted(
    card: EditedCard, analyst: User, client_of: ClientOf
) -> None:
    rare = [f"rare {n:04d}" for n in range(3_000)]
    columns = card.draft["columns"]
    job = next(each for each in columns if each["name"] == "job")
    job["bins"][0]["levels"] = [*job["bins"][0]["levels"], *rare]
    EditedCard.objects.filter(pk=card.pk).update(draft=card.draft)
    card.refresh_from_db()
    shown = client_of(analyst).get(page(card) + "?column=job").text
    assert "rare 2999" not in shown
    assert re.search(r"and 2,9\d\d more values", shown)
    assert "too rare to be split off alone" in shown


def test_counts_of_a_sample_are_said_to_be_of_a_sample(card: EditedCard, analyst: User, client_of: ClientOf) -> None:
    client = client_of(analyst)
    assert "Counted on 1,200 training rows" in client.get(page(card)).text
    grid = card.counts_dir / "grid.json"
    grid.write_text(grid.read_text().replace('"kept_rows": 1200', '"kept_rows": 1000'))
    assert "on an even sample of 1,000 of them" in client.get(page(card)).text
