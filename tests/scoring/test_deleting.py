"""Scores can be deleted: files and rows go, what was scored by which version stays on record."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.urls import reverse

from accounts.services import create_token
from audit.models import AuditEntry
from common.storage import local_path
from explanations.queries.places import places_of
from registry.models import ModelVersion
from scenarios import services as scenarios
from scenarios.models import ChosenList
from scoring.models import ScoringJob
from scoring.services import ScoringError, Wanted, choose_from, delete_scores, start_scoring
from tests.scoring.test_scoring import scored, upload

pytestmark = pytest.mark.database


def test_files_rows_and_the_upload_go_and_lists_say_so(
    champion: ModelVersion, analyst: Any, next_month: Any, run_jobs: Any, client_of: Any, add_person: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    rule = {"by": "share", "share": 10.0, "customers": 1_200}
    scenario = scenarios.save(analyst, champion.leaderboard_row, "A tenth", rule)
    scoring_job = start_scoring(analyst, champion, upload(next_month(20)), wanted=Wanted(scenario_id=scenario.pk))
    run_jobs()
    run_jobs()
    scoring_job.refresh_from_db()
    kept = [*scoring_job.files.values(), scoring_job.rows_key, scoring_job.source_path]
    assert all(local_path(key).is_file() for key in kept)
    experiment, browser = champion.leaderboard_row.experiment, client_of(analyst)
    assert any(place.kind == "list" for place in places_of(experiment))
    detail, delete = (reverse(name, args=[scoring_job.pk]) for name in ("scoring_detail", "scoring_delete"))
    assert delete not in client_of(add_person("colleague")).get(detail).content.decode()
    assert client_of(add_person("another")).post(delete).status_code == 403
    assert delete in browser.get(detail).content.decode()

    with django_capture_on_commit_callbacks(execute=True):
        browser.post(delete)

    assert not any(local_path(key).exists() for key in kept)
    assert not local_path(scoring_job.folder).exists()
    page = browser.get(detail).content.decode()
    assert "The files were deleted on" in page
    assert "scores deleted" in page
    assert delete not in page
    assert "scores.csv" not in page
    assert ChosenList.objects.get().is_made
    assert local_path(ChosenList.objects.get().path).is_file()
    assert browser.get(reverse("scoring_file", args=[scoring_job.pk, "csv"])).status_code == 404
    browser.post(reverse("scoring_choose", args=[scoring_job.pk]), {"scenario": scenario.pk})
    assert ChosenList.objects.count() == 1
    assert not any(place.kind == "list" for place in places_of(experiment))
    assert AuditEntry.objects.get(action="scoring_job.deleted").details == {"file": "april.csv", "rows": 20}
    assert browser.get(reverse("scoring_list")).status_code == 200
    with pytest.raises(DatabaseError), transaction.atomic():
        ScoringJob.objects.filter(pk=scoring_job.pk).update(deleted_at=None)


def test_programs_delete_what_has_ended(
    champion: ModelVersion, analyst: Any, next_month: Any, run_jobs: Any, client: Any, add_person: Any
) -> None:
    scoring_job = start_scoring(analyst, champion, upload(next_month(20)))
    _token, secret = create_token(analyst, "programs")
    address, headers = f"/api/v1/scoring-jobs/{scoring_job.pk}", {"Authorization": f"Bearer {secret}"}
    refused = client.delete(address, headers=headers)
    assert (refused.status_code, "has not ended" in refused.content.decode()) == (409, True)
    run_jobs()
    with pytest.raises(PermissionDenied):
        delete_scores(scoring_job, add_person("colleague"))
    assert client.delete(address, headers=headers).status_code == 204
    assert client.delete(address, headers=headers).status_code == 204
    told = client.get(address, headers=headers).json()
    assert (told["state"], told["files"], told["deleted_at"] is not None) == ("finished", [], True)
    gone = client.get(f"{address}/scores.csv", headers=headers)
    assert (gone.status_code, "have been deleted" in gone.content.decode()) == (409, True)
    assert AuditEntry.objects.filter(action="scoring_job.deleted").count() == 1


def test_no_list_is_chosen_from_scores_that_somebody_has_just_deleted(
    champion: ModelVersion, analyst: Any, next_month: Any, run_jobs: Any
) -> None:
    rule = {"by": "share", "share": 10.0, "customers": 1_200}
    scenario = scenarios.save(analyst, champion.leaderboard_row, "A tenth", rule)
    seen = scored(analyst, champion, upload(next_month(20)), run_jobs)
    delete_scores(ScoringJob.objects.get(pk=seen.pk), analyst)
    with pytest.raises(ScoringError, match="have been deleted"):
        choose_from(seen, scenario, analyst)
    assert not ChosenList.objects.exists()


def test_a_data_version_that_was_scored_stays(
    champion: ModelVersion, analyst: Any, next_month: Any, run_jobs: Any, django_capture_on_commit_callbacks: Any
) -> None:
    scoring_job = scored(analyst, champion, upload(next_month(20)), run_jobs)
    table = champion.leaderboard_row.experiment.version
    ScoringJob.objects.filter(pk=scoring_job.pk).update(source_version=table)
    with django_capture_on_commit_callbacks(execute=True):
        delete_scores(scoring_job, analyst)
    assert local_path(scoring_job.source_path).is_file()
    assert not local_path(scoring_job.folder).exists()
