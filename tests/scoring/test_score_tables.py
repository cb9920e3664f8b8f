"""Scoring a table that is here already: what it asks for, whose it may be, and that ids are hidden once."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from accounts.models import Workspace
from accounts.services import create_token
from audit.models import AuditEntry
from catalog.models import Column, DatasetVersion
from experiments.scoring.formats import FORMATS
from joins.models import JoinPlan
from registry.models import ModelVersion
from scoring.models import ScoringJob
from scoring.services import ScoringError, score_version, start_scoring
from tests.counting import times_asked
from tests.scoring.test_scoring import scores, upload
from uploads.services import receive_upload


@pytest.fixture
def table(workspace: Workspace, analyst: Any, next_month: Any, run_jobs: Any, champion: ModelVersion) -> DatasetVersion:
    return received(workspace, analyst, next_month(), run_jobs)


def received(workspace: Workspace, user: Any, frame: pd.DataFrame, run_jobs: Any) -> DatasetVersion:
    version = receive_upload(user, workspace, upload(frame, "stock.csv"), name="Stock")
    run_jobs()
    version.refresh_from_db()
    return version


def test_a_dataset_version_scores_as_the_file_it_was_read_from(
    champion: ModelVersion, table: DatasetVersion, analyst: Any, next_month: Any, run_jobs: Any, settings: Any
) -> None:
    scoring_job = score_version(analyst, champion, table)
    run_jobs()
    scoring_job.refresh_from_db()

    of_file = start_scoring(analyst, champion, upload(next_month()))
    run_jobs()
    of_file.refresh_from_db()
    assert scoring_job.state == "finished"
    pd.testing.assert_frame_equal(scores(scoring_job, settings), scores(of_file, settings))
    assert (Path(settings.MEDIA_ROOT) / table.parquet_path).exists()
    entry = AuditEntry.objects.get(action="scoring_job.started", object_id=str(scoring_job.pk))
    assert entry.details["dataset_version"] == table.pk


def test_files_of_scores_that_are_not_there_say_why(
    champion: ModelVersion, table: DatasetVersion, analyst: Any, run_jobs: Any, monkeypatch: Any
) -> None:
    client = Client(headers={"Authorization": f"Bearer {create_token(analyst, 'test')[1]}"})
    scoring_job = score_version(analyst, champion, table)
    address = f"/api/v1/scoring-jobs/{scoring_job.pk}"

    monkeypatch.setitem(FORMATS, "xlsx", replace(FORMATS["xlsx"], unasked_rows=0))
    early = client.get(f"{address}/scores.csv"), client.get(f"{address}/dictionary.csv")
    run_jobs()
    other_form = client.get(f"{address}/scores.xlsx")
    registered = champion.registered_model
    ModelVersion.objects.filter(pk=champion.pk).update(alias="")
    unled = client.post(f"/api/v1/datasets/{table.pk}/scoring-jobs", {"model_id": registered.pk}, "application/json")

    told = [(answer.status_code, answer.json()["detail"]) for answer in (*early, other_form, unled)]
    reason = "it was not asked for, or cannot hold so many rows"
    waiting = "This scoring has not finished, so there is no file of it. Its state says how far it is."
    assert told == [
        (409, waiting),
        (409, waiting),
        (409, f"There is no Excel file of these scores: {reason}. Take the CSV."),
        (409, f"{registered.name} has no champion. Have a version of it approved before it scores."),
    ]


def test_a_table_that_lacks_what_the_model_needs_is_refused_by_name_before_any_work(
    champion: ModelVersion, analyst: Any, workspace: Workspace, next_month: Any, run_jobs: Any, client_of: Any
) -> None:
    short = received(workspace, analyst, next_month().drop(columns=["age", "income"]), run_jobs)

    with pytest.raises(ScoringError, match="lacks 2 column"):
        score_version(analyst, champion, short)
    page = client_of(analyst).post(reverse("scoring_table"), {"version": champion.pk, "table": short.pk})
    assert page.status_code == 422
    assert "age, income" in page.content.decode()
    assert not ScoringJob.objects.exists()


def test_the_page_scores_a_chosen_table_and_links_back_to_it(
    champion: ModelVersion, table: DatasetVersion, analyst: Any, run_jobs: Any, client_of: Any
) -> None:
    client = client_of(analyst)
    assert (
        f'<option value="{table.pk}" selected'
        in client.get(reverse("scoring_table"), {"table": table.pk}).content.decode()
    )
    sent = client.post(reverse("scoring_table"), {"version": champion.pk, "table": table.pk, "file_format": "xlsx"})
    run_jobs()

    scoring_job = ScoringJob.objects.get()
    assert sent.headers["Location"] == reverse("scoring_detail", args=[scoring_job.pk])
    page = client.get(sent.headers["Location"]).content.decode()
    assert reverse("dataset_detail", args=[table.pk]) in page
    assert reverse("scoring_file", args=[scoring_job.pk, "xlsx"]) in page
    assert (
        reverse("scoring_table") + f"?table={table.pk}"
        in client.get(reverse("dataset_detail", args=[table.pk])).content.decode()
    )


def test_ids_that_the_table_hides_already_are_not_hidden_a_second_time(
    champion: ModelVersion, table: DatasetVersion, analyst: Any, run_jobs: Any, settings: Any, next_month: Any
) -> None:
    trained_on = champion.leaderboard_row.experiment.version
    facts = {"protection": {"way": "hash", "kind": "mobile"}}
    trained_on.columns.filter(name="customer").delete()
    Column.objects.create(
        version=trained_on, position=99, name="customer", type="text", personal_data="mobile", profile=facts
    )
    table.columns.filter(name="customer").update(personal_data="mobile", profile=facts)

    scoring_job = score_version(analyst, champion, table)
    run_jobs()
    scoring_job.refresh_from_db()
    assert scores(scoring_job, settings)["customer"].tolist() == next_month()["customer"].tolist()


def test_a_stranger_scores_no_table_of_ours_and_nobody_a_table_of_elsewhere(
    champion: ModelVersion,
    table: DatasetVersion,
    analyst: Any,
    stranger: Any,
    other_workspace: Workspace,
    next_month: Any,
    run_jobs: Any,
) -> None:
    theirs = received(other_workspace, stranger, next_month(), run_jobs)
    with pytest.raises(PermissionDenied):
        score_version(stranger, champion, table)
    with pytest.raises(PermissionDenied):
        score_version(analyst, champion, theirs)

    ours = {"HTTP_AUTHORIZATION": f"Bearer {create_token(analyst, 'test')[1]}"}
    others = {"HTTP_AUTHORIZATION": f"Bearer {create_token(stranger, 'test')[1]}"}

    def ask(key: dict[str, str], version: DatasetVersion) -> int:
        body = {"model_id": champion.registered_model_id}
        path = f"/api/v1/datasets/{version.pk}/scoring-jobs"
        return Client().post(path, body, content_type="application/json", **key).status_code

    assert [ask(ours, theirs), ask(others, table), ask(others, theirs), ask(ours, table)] == [404, 404, 404, 202]


def test_the_page_leads_from_a_model_of_a_joined_table_to_its_recipe(
    champion: ModelVersion, analyst: Any, workspace: Workspace, client_of: Any
) -> None:
    learnt_from = champion.leaderboard_row.experiment.version
    plan = JoinPlan.objects.create(
        workspace=workspace, owner=analyst, name="Bureau and loans", base=learnt_from, result=learnt_from
    )

    page = client_of(analyst).get(reverse("scoring_table")).content.decode()

    assert f"{reverse('scoring_join', args=[plan.pk])}?version={champion.pk}" in page
    assert "Bureau and loans" in page


def test_the_page_asks_once_whether_there_is_a_table_to_score(
    champion: ModelVersion, analyst: Any, client_of: Any
) -> None:
    asked = times_asked(client_of(analyst), reverse("scoring_table"), "catalog_datasetversion")
    assert [times for sql, times in asked.items() if sql.startswith("SELECT 1")] == [1]


def test_the_page_asks_for_its_tables_and_its_champions_once(
    champion: ModelVersion, analyst: Any, client_of: Any
) -> None:
    asked = times_asked(client_of(analyst), reverse("scoring_table"), "catalog_datasetversion")
    assert asked
    assert set(asked.values()) == {1}
    page = client_of(analyst).get(reverse("scoring_table")).content.decode()
    assert f'<option value="{champion.pk}"' in page
