"""A model of a joined table scores next month's tables in one act: the recipe runs, and its table is scored."""

import re
from typing import Any

import pandas as pd
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User, Workspace
from accounts.services import create_token
from catalog.models import DatasetVersion
from joins import queries as join_queries
from joins import services as joins
from joins.models import JoinPlan
from registry.models import ModelVersion
from registry.services.champions import retire
from scoring.following import run_and_score
from scoring.models import ScoringJob
from scoring.services import Wanted
from tests.scoring.test_scoring import scores, upload
from uploads import services


def read(user: User, workspace: Workspace, run_jobs: Any, **frames: pd.DataFrame) -> list[DatasetVersion]:
    made = [services.receive_upload(user, workspace, upload(frame, f"{name}.csv")) for name, frame in frames.items()]
    run_jobs()
    for version in made:
        version.refresh_from_db()
    return made


@pytest.fixture
def plan(champion: ModelVersion, analyst: User, workspace: Workspace, next_month: Any, run_jobs: Any) -> JoinPlan:
    """Customers whose age stands in another table, joined once."""
    frame = next_month(100)
    base, people = read(analyst, workspace, run_jobs, base=frame.drop(columns="age"), people=frame[["customer", "age"]])
    made = joins.draw_join(analyst, workspace, name="Stock", base=base, others=[people])
    run_jobs()
    made.refresh_from_db()
    joins.run(made, join_queries.spec_of(made), analyst)  # type: ignore[arg-type]
    run_jobs()
    return join_queries.plans_of(workspace).get(pk=made.pk)


def test_a_table_that_lacks_the_model_s_columns_is_made_and_says_why_it_was_not_scored(
    plan: JoinPlan, champion: ModelVersion, analyst: User, run_jobs: Any, client_of: Any
) -> None:
    run_and_score(plan, {}, analyst, champion, Wanted())
    run_jobs()

    plan.refresh_from_db()
    assert plan.result is not None
    assert plan.result.number == 2
    assert not ScoringJob.objects.exists()
    page = client_of(analyst).get(reverse("join_detail", args=[plan.pk])).content.decode()
    assert "The table was made but not scored." in page
    assert "lacks 1 column the model needs: age" in page


def test_other_sources_are_joined_and_scored_in_one_act(
    plan: JoinPlan,
    champion: ModelVersion,
    analyst: User,
    workspace: Workspace,
    next_month: Any,
    run_jobs: Any,
    client_of: Any,
    settings: Any,
) -> None:
    whole = next_month(60)
    [base] = read(analyst, workspace, run_jobs, next_base=whole)
    client, place = client_of(analyst), reverse("scoring_join", args=[plan.pk])
    assert f'<option value="{base.pk}"' in client.get(place).content.decode()

    sent = {"version": champion.pk, "source-0": base.pk, "source-1": plan.definition["tables"]["people"]}
    assert client.post(place, {**sent, "file_format": "xlsx"}).status_code == 302
    run_jobs()

    scoring_job = ScoringJob.objects.get()
    plan.refresh_from_db()
    assert (scoring_job.state, scoring_job.source_version_id) == ("finished", plan.result_id)
    assert scoring_job.files["xlsx"]
    assert scores(scoring_job, settings)["customer"].tolist() == whole["customer"].tolist()
    page = client.get(reverse("join_detail", args=[plan.pk])).content.decode()
    assert reverse("scoring_detail", args=[scoring_job.pk]) in page


def test_only_who_may_change_the_join_runs_it_and_only_a_champion_scores(
    plan: JoinPlan,
    champion: ModelVersion,
    analyst: User,
    admin: User,
    stranger: User,
    add_person: Any,
    client_of: Any,
) -> None:
    colleague = add_person("colleague", Role.ANALYST)
    page, address = reverse("scoring_join", args=[plan.pk]), f"/api/v1/joins/{plan.pk}/score"
    body = {"model_id": champion.registered_model_id, "sources": {}}

    def ask(person: User) -> int:
        key = {"HTTP_AUTHORIZATION": f"Bearer {create_token(person, 'test')[1]}"}
        return Client().post(address, body, content_type="application/json", **key).status_code

    assert client_of(stranger).get(page).status_code == 404
    assert client_of(colleague).get(page).status_code == 403
    assert [ask(stranger), ask(colleague), ask(analyst)] == [404, 403, 202]
    retire(champion, admin, "old")
    assert ask(analyst) == 409


def test_the_page_says_what_a_joined_model_needs_of_each_source_table(
    plan: JoinPlan, champion: ModelVersion, analyst: User, client_of: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("scoring.queries.joins_behind", lambda version: [plan])

    page = client_of(analyst).get(reverse("scoring_new")).content.decode()

    sources = page.split('<dl class="sources">')[1].split("</dl>")[0]
    found = {
        part.split("</dt>")[0]: re.findall(r"<code[^>]*>([^<]+)</code>", part)
        for part in re.split(r'<dt class="wrap-any">', sources)[1:]
    }
    assert set(found) == {"base", "people"}
    assert found["base"][0] == "customer"
    assert set(found["base"]) == {"customer", "income", "job"}
    assert found["people"] == ["customer", "age"]
