"""A choice is kept under a name, compared, renamed, deleted, and lists its customers without telling who they are."""

import csv
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.services import create_token
from audit.models import AuditEntry
from common.storage import local_path
from dictionary.models import DictionaryEntry
from experiments.artifact.held_out_scores import HELD_OUT, HeldOutScores
from experiments.artifact.manifest import attach, write_manifest
from jobs.models import Job, JobState
from planning.services.deleting import delete_experiment
from results.queries.evidence import evidence_of
from scenarios.errors import ScenarioError
from scenarios.models import ChosenList, Scenario
from scenarios.services import Source, keep_sample, make_list, rename, save
from training.models import Experiment, LeaderboardRow

ClientOf = Callable[[User], Client]
RunJobs = Callable[[], list[Job]]
MONEY = {"customers": 10_000, "gain": 100.0, "cost": 100.0}


def kept(user: User, row: LeaderboardRow, name: str = "Spring", share: float = 30) -> Scenario:
    return save(user, row, name, {"by": "share", "share": share, **MONEY})


def lines(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def with_ids(experiment: Experiment, **entry: bool) -> None:
    """Let the column of ages tell customers apart, as the dictionary says of it."""
    experiment.spec = {**experiment.spec, "id_column": "age"}
    experiment.save(update_fields=["spec"])
    DictionaryEntry.objects.create(dataset=experiment.version.dataset, name="age", set_by=experiment.owner, **entry)


def test_what_the_page_was_asked_is_kept_with_who_and_when(
    client_of: ClientOf, analyst: User, experiment: Experiment, row: LeaderboardRow
) -> None:
    browser = client_of(analyst)
    sent = {"candidate": row.candidate, "name": "Spring", "by": "number", "number": 4_000, **MONEY}
    answer = browser.post(reverse("scenario_save", args=[experiment.pk]), sent, follow=True)

    scenario = Scenario.objects.get()
    assert (scenario.owner, scenario.leaderboard_row, scenario.name) == (analyst, row, "Spring")
    assert scenario.asked == {"by": "number", "number": 4_000, **MONEY}
    assert "Approve the safest 4,000" in answer.content.decode()
    assert AuditEntry.objects.get(action="scenario.saved").details["scenario"] == "Spring"


def test_what_cannot_be_saved_is_marked_on_the_page_that_it_leads_back_to(
    client_of: ClientOf, analyst: User, experiment: Experiment, row: LeaderboardRow
) -> None:
    sent = {"candidate": row.candidate, "name": "Spring", "by": "share", "share": "101", "customers": "10000"}
    answer = client_of(analyst).post(reverse("scenario_save", args=[experiment.pk]), sent, follow=True)
    text = answer.content.decode()
    assert not Scenario.objects.exists()
    assert "Correct the fields marked on the page" in text
    assert text.count('class="err"') == 1
    assert 'value="101"' in text


def test_a_name_is_given_once_a_model_and_can_be_changed(analyst: User, row: LeaderboardRow) -> None:
    scenario = kept(analyst, row)
    with pytest.raises(ScenarioError):
        kept(analyst, row)
    with pytest.raises(ScenarioError):
        kept(analyst, row, "  ")
    rename(scenario, analyst, "Summer")
    kept(analyst, row)
    assert set(Scenario.objects.values_list("name", flat=True)) == {"Spring", "Summer"}


def test_two_scenarios_stand_side_by_side(
    client_of: ClientOf, analyst: User, experiment: Experiment, row: LeaderboardRow
) -> None:
    pair = [kept(analyst, row, "Few", 20), kept(analyst, row, "Many", 80)]
    query = "".join(f"&pick={each.pk}" for each in pair)
    address = reverse("scenario_list", args=[experiment.pk]) + f"?candidate={row.candidate}{query}"
    text = client_of(analyst).get(address).content.decode()
    assert "Two scenarios side by side" in text
    assert "20.0% of the list" in text
    assert "80.0% of the list" in text


def test_many_scenarios_are_told_of_one_reading_and_without_drawing_rows_anew(
    client_of: ClientOf, analyst: User, experiment: Experiment, row: LeaderboardRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    for share in (20, 40, 60):
        kept(analyst, row, f"{share} percent", share)
    reads: list[LeaderboardRow] = []

    def counted(of: LeaderboardRow) -> Any:
        reads.append(of)
        return evidence_of(of)

    monkeypatch.setattr("scenarios.queries.evidence_of", counted)
    monkeypatch.setattr("results.queries.act.best", lambda *_asked, **_more: pytest.fail("rows were drawn"))
    address = reverse("scenario_list", args=[experiment.pk]) + f"?candidate={row.candidate}"
    assert client_of(analyst).get(address).content.decode().count("Approve the safest") == 3
    assert reads == [row]


def test_only_the_owner_a_modeler_or_an_admin_changes_a_scenario(
    client_of: ClientOf, analyst: User, modeler: User, stranger: User, row: LeaderboardRow
) -> None:
    scenario = kept(modeler, row)
    address = reverse("scenario_delete", args=[scenario.pk])
    assert client_of(stranger).post(address).status_code == 404
    assert client_of(analyst).post(address).status_code == 403
    assert client_of(modeler).post(address).status_code == 302
    assert not Scenario.objects.exists()


def test_the_list_holds_the_lowest_of_the_held_out_rows_by_rank(
    client_of: ClientOf, analyst: User, row: LeaderboardRow, run_jobs: RunJobs
) -> None:
    scenario = kept(analyst, row)
    assert client_of(analyst).post(reverse("scenario_choose", args=[scenario.pk])).status_code == 302
    (job,) = run_jobs()
    assert job.state == JobState.SUCCEEDED, job.error
    chosen = ChosenList.objects.get()
    assert (chosen.row_count, chosen.of_rows, chosen.cutoff) == (3, 10, pytest.approx(0.2))

    found = lines(client_of(analyst).get(reverse("chosen_file", args=[chosen.pk])))
    assert found[0] == ["rank", "row_number", "probability", "outcome"]
    assert found[1:] == [["1", "28", "0.05", "0.0"], ["2", "4", "0.1", "0.0"], ["3", "16", "0.2", "0.0"]]


def test_an_outcome_that_nobody_knows_is_an_empty_cell(
    client_of: ClientOf, analyst: User, row: LeaderboardRow, run_jobs: RunJobs
) -> None:
    scores = HeldOutScores(np.arange(2), np.array([np.nan, 1.0]), np.array([0.1, 0.9]))
    write_manifest(local_path(row.model_path), {"learner": row.learner})
    attach(local_path(row.model_path), {HELD_OUT: scores.to_parquet()})
    make_list(kept(analyst, row, share=100), analyst)
    run_jobs()
    found = lines(client_of(analyst).get(reverse("chosen_file", args=[ChosenList.objects.get().pk])))
    assert [line[3] for line in found] == ["outcome", "", "1.0"]


def test_the_page_asks_no_more_of_the_database_for_many_lists(
    client_of: ClientOf, analyst: User, experiment: Experiment, row: LeaderboardRow
) -> None:
    browser, scenario = client_of(analyst), kept(analyst, row)
    address = reverse("scenario_list", args=[experiment.pk]) + f"?candidate={row.candidate}"

    def asked(lists: int) -> int:
        made: dict[str, Any] = {
            "leaderboard_row": row,
            "scenario": scenario,
            "scenario_name": "Spring",
            "rule": scenario.rule,
        }
        ChosenList.objects.bulk_create([ChosenList(**made, owner=analyst) for _each in range(lists)])
        with CaptureQueriesContext(connection) as queries:
            assert "Spring" in browser.get(address).content.decode()
        return len(queries)

    asked(1)
    assert asked(1) == asked(8)


@pytest.mark.parametrize("entry", [{"is_sensitive": True}, {"is_protected": True}])
def test_ids_that_the_dictionary_keeps_back_are_masked_for_who_may_not_see_them(
    client_of: ClientOf, analyst: User, admin: User, experiment: Experiment, row: LeaderboardRow, run_jobs: RunJobs,
    entry: dict[str, bool],
) -> None:  # fmt: skip
    with_ids(experiment, **entry)
    make_list(kept(analyst, LeaderboardRow.objects.get(pk=row.pk)), analyst)
    run_jobs()
    address = reverse("chosen_file", args=[ChosenList.objects.get().pk])
    hidden, open_ids = ([line[1] for line in lines(client_of(who).get(address))[1:]] for who in (analyst, admin))
    assert all(text.startswith("****") for text in hidden)
    assert all(float(text) >= 20 for text in open_ids)
    masked = AuditEntry.objects.filter(action="chosen_list.downloaded").order_by("pk")
    assert [entry.details["ids_masked"] for entry in masked] == [True, False]


def test_ids_that_are_numbers_are_masked_too(
    client_of: ClientOf, analyst: User, experiment: Experiment, row: LeaderboardRow, run_jobs: RunJobs
) -> None:
    """A table of the platform keeps ids that are numbers as numbers, and so do the scores made of it."""
    with_ids(experiment, is_sensitive=True)
    scores = local_path("scoring/1/scores.parquet")
    scores.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame({"age": [60_000_001, 60_000_002, None], "probability": [0.1, 0.2, 0.3]}).write_parquet(scores)
    source = Source("scoring-1", "march", "scoring/1/scores.parquet")
    make_list(kept(analyst, LeaderboardRow.objects.get(pk=row.pk), share=100), analyst, source)
    run_jobs()
    found = lines(client_of(analyst).get(reverse("chosen_file", args=[ChosenList.objects.get().pk])))
    assert [line[1] for line in found] == ["age", "****01", "****02", ""]


def test_a_list_of_a_model_that_kept_no_scores_says_so(
    analyst: User, experiment: Experiment, row: LeaderboardRow, run_jobs: RunJobs
) -> None:
    local_path(f"{row.model_path}/held_out.parquet").unlink()
    write_manifest(local_path(row.model_path), {"learner": row.learner})
    make_list(kept(analyst, row), analyst)
    (job,) = run_jobs()
    assert job.state == JobState.FAILED
    assert "held-out rows were kept" in job.error_message


def test_scenarios_and_lists_go_with_their_experiment(
    analyst: User, experiment: Experiment, row: LeaderboardRow, run_jobs: RunJobs
) -> None:
    make_list(kept(analyst, row), analyst)
    run_jobs()
    folder = local_path(ChosenList.objects.get().folder)
    assert folder.is_dir()
    delete_experiment(experiment, analyst)
    run_jobs()
    assert not Scenario.objects.exists()
    assert not ChosenList.objects.exists()


def test_the_sample_has_two_scenarios_and_a_list_once(experiment: Experiment) -> None:
    experiment.is_sample = True
    experiment.save()
    for _again in range(2):
        keep_sample(experiment)
    assert Scenario.objects.count() == 2
    assert ChosenList.objects.count() == 1


def test_programs_save_rename_use_and_carry_away(
    analyst: User, experiment: Experiment, row: LeaderboardRow, run_jobs: RunJobs
) -> None:
    client = Client(headers={"Authorization": f"Bearer {create_token(analyst, 'test')[1]}"})
    body = {"name": "Spring", "candidate": row.candidate, "by": "cutoff", "cutoff": 30}
    address = f"/api/v1/experiments/{experiment.pk}/scenarios"
    made = client.post(address, body, content_type="application/json").json()
    assert client.post(address, body, content_type="application/json").status_code == 409
    renamed = client.patch(f"/api/v1/scenarios/{made['id']}", {"name": "Cut"}, content_type="application/json").json()
    assert (renamed["name"], renamed["value"]) == ("Cut", 30)
    asked = client.post(f"/api/v1/scenarios/{made['id']}/lists").json()
    assert client.get(f"/api/v1/chosen-lists/{asked['id']}/customers.csv").status_code == 409
    run_jobs()
    assert client.get(f"/api/v1/chosen-lists/{asked['id']}").json()["row_count"] == 4
    assert len(lines(client.get(f"/api/v1/chosen-lists/{asked['id']}/customers.csv"))) == 5
    assert client.delete(f"/api/v1/scenarios/{made['id']}").status_code == 204
    assert client.get(address).json() == []
