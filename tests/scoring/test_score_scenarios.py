"""Scoring with a scenario lists whom it chooses of the scored customers, by the rule that was saved."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Membership
from accounts.services import create_token
from common.storage import local_path
from registry.models import ModelVersion
from scenarios import services as scenarios
from scenarios.models import ChosenList, Scenario
from scoring.services import ScoringError, Wanted, choose_from, start_scoring
from tests.scoring.test_scoring import scores, upload


@pytest.fixture
def quota(champion: ModelVersion, analyst: Any) -> Scenario:
    """Contact forty customers, whatever the list."""
    asked = {"by": "number", "number": 40, "customers": 1_200, "gain": 80.0, "cost": 6.0}
    return scenarios.save(analyst, champion.leaderboard_row, "Forty calls", asked)


def chosen_rows(chosen: ChosenList, client: Client) -> list[str]:
    answer = client.get(reverse("chosen_file", args=[chosen.pk]))
    return b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()


def test_a_quota_lists_so_many_of_the_scored_customers_and_no_reason(
    champion: ModelVersion, quota: Scenario, analyst: Any, next_month: Any, run_jobs: Any, settings: Any,
    client_of: Any,
) -> None:  # fmt: skip
    scoring_job = start_scoring(analyst, champion, upload(next_month()), wanted=Wanted(scenario_id=quota.pk))
    run_jobs()
    run_jobs()
    chosen = ChosenList.objects.get()
    assert (chosen.source, chosen.row_count, chosen.of_rows) == (f"scoring-{scoring_job.pk}", 40, 300)
    scoring_job.refresh_from_db()
    best = scores(scoring_job, settings).sort_values("probability", ascending=False, kind="stable").head(40)
    browser = client_of(analyst)
    lines = chosen_rows(chosen, browser)
    assert lines[0].startswith("rank,customer,probability,score,band")
    assert "reason" not in lines[0]
    assert [line.split(",")[1] for line in lines[1:]] == best["customer"].tolist()
    page = browser.get(reverse("scoring_detail", args=[scoring_job.pk])).content.decode()
    assert "Forty calls" in page
    browser.post(reverse("scoring_choose", args=[scoring_job.pk]), {"scenario": quota.pk})
    assert ChosenList.objects.count() == 2


@pytest.mark.parametrize("what", ["deleted", "left"])
def test_scores_stay_and_say_why_where_no_list_could_be_made(
    what: str, champion: ModelVersion, quota: Scenario, admin: Any, next_month: Any, run_jobs: Any, client_of: Any,
    add_person: Any,
) -> None:  # fmt: skip
    colleague = add_person("colleague")
    scoring_job = start_scoring(colleague, champion, upload(next_month(20)), wanted=Wanted(scenario_id=quota.pk))
    if what == "deleted":
        scenarios.delete(quota, quota.owner)
    else:
        Membership.objects.filter(user=colleague).delete()
    run_jobs()
    scoring_job.refresh_from_db()
    assert (scoring_job.state, scoring_job.row_count) == ("finished", 20)
    assert not ChosenList.objects.exists()
    page = client_of(admin).get(reverse("scoring_detail", args=[scoring_job.pk])).content.decode()
    said = {"deleted": "was deleted before the scores were ready", "left": "may no longer see it"}
    assert f"“Forty calls”{' ' if what == 'deleted' else ''}" in page
    assert said[what] in page


def test_of_a_list_that_could_not_be_made_no_folder_stays(
    champion: ModelVersion, quota: Scenario, analyst: Any, next_month: Any, run_jobs: Any
) -> None:
    scoring_job = start_scoring(analyst, champion, upload(next_month(20)))
    run_jobs()
    scoring_job.refresh_from_db()
    chosen = choose_from(scoring_job, quota, analyst)
    local_path(chosen.source_path).unlink()
    run_jobs()
    chosen.refresh_from_db()
    assert (chosen.is_made, chosen.job.state) == (False, "failed")
    assert not local_path(chosen.folder).exists()


def test_a_scenario_of_another_model_is_refused(champion: ModelVersion, analyst: Any, next_month: Any) -> None:
    other = champion.leaderboard_row.experiment.leaderboard.exclude(pk=champion.leaderboard_row_id).first()
    assert other is not None
    foreign = scenarios.save(analyst, other, "Theirs", {"by": "share", "share": 10.0})
    with pytest.raises(ScoringError, match="saved for another model"):
        start_scoring(analyst, champion, upload(next_month()), wanted=Wanted(scenario_id=foreign.pk))


def test_programs_name_a_scenario(
    champion: ModelVersion, quota: Scenario, analyst: Any, next_month: Any, run_jobs: Any
) -> None:
    client = Client(headers={"Authorization": f"Bearer {create_token(analyst, 'test')[1]}"})
    sent = {"file": upload(next_month(50)), "model_id": champion.registered_model_id, "scenario_id": quota.pk}
    answer = client.post("/api/v1/scoring-jobs", sent)
    assert answer.status_code == 202
    assert answer.json()["scenario_id"] == quota.pk
    answer = client.post("/api/v1/scoring-jobs", {**sent, "file": upload(next_month(50)), "scenario_id": 10**6})
    assert answer.status_code == 409
