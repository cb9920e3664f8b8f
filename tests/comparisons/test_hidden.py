"""Whose values no comparison shows: protected, personal and sensitive columns, of every table it rests on."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User, Workspace
from catalog.models import Column, Dataset
from comparisons import services
from comparisons.models import ModelComparison
from comparisons.queries.hidden import shown_facts
from comparisons.queries.subjects import subjects_named
from dictionary.models import DictionaryEntry
from experiments.comparison.evidence import ModelsCompared
from jobs.models import Job
from training.models import Experiment

pytestmark = pytest.mark.slow

RunJobs = Callable[[], list[Job]]
Make = Callable[..., Experiment]


def codes_of(experiment: Experiment, *candidates: str) -> list[str]:
    return [f"f-{experiment.leaderboard.get(candidate=name).pk}" for name in candidates]


def compared(codes: list[str], workspace: Workspace, user: User, run_jobs: RunJobs, **more: Any) -> ModelComparison:
    comparison = services.ask(subjects_named(codes, workspace), workspace=workspace, user=user, **more)
    run_jobs()
    comparison.refresh_from_db()
    return comparison


def mark(dataset: Dataset, user: User, *names: str, **marks: bool) -> None:
    for name in names:
        DictionaryEntry.objects.update_or_create(dataset=dataset, name=name, defaults={**marks, "set_by": user})


def values_told(found: ModelsCompared | None) -> set[str]:
    """Columns of which a value of one customer, or the levels, are told."""
    assert found is not None
    rows = {name for each in found.against for swap in each.swaps for row in swap.rows for name in row.values}
    why = {one.column for each in found.against for moved in each.moved for one in moved.why if one.value}
    return rows | why | cut_by(found)


def cut_by(found: ModelsCompared | None) -> set[str]:
    assert found is not None
    return {segment.column for each in found.against for swap in each.swaps for segment in swap.segments}


def test_values_and_levels_of_sensitive_columns_are_never_kept(
    real_experiment: Make, workspace: Workspace, analyst: User, run_jobs: RunJobs
) -> None:
    experiment = real_experiment()
    codes = codes_of(experiment, "scorecard", "linear")
    open_to_all = values_told(compared(codes, workspace, analyst, run_jobs).found.compared)
    assert {"income", "region", "debt"} <= open_to_all
    ModelComparison.objects.all().delete()
    mark(experiment.version.dataset, analyst, "income", "region", is_sensitive=True)
    told = values_told(compared(codes, workspace, analyst, run_jobs).found.compared)
    assert "debt" in told
    assert not told & {"income", "region"}


def test_a_protected_column_is_cut_by_but_nobodys_value_is_told_unless_it_is_sensitive_too(
    real_experiment: Make, workspace: Workspace, analyst: User, run_jobs: RunJobs
) -> None:
    experiment = real_experiment()
    mark(experiment.version.dataset, analyst, "region", is_protected=True)
    codes = codes_of(experiment, "scorecard", "linear")
    comparison = compared(codes, workspace, analyst, run_jobs)
    assert "region" in cut_by(comparison.found.compared)
    assert comparison.found.compared is not None
    rows = [row for swap in comparison.found.compared.against[0].swaps for row in swap.rows]
    assert rows
    assert all("region" not in row.values for row in rows)
    mark(experiment.version.dataset, analyst, "region", is_sensitive=True)
    assert "region" not in cut_by(shown_facts(comparison).compared)


def test_columns_hidden_in_the_version_scored_are_hidden_too(
    real_experiment: Make, workspace: Workspace, analyst: User, run_jobs: RunJobs
) -> None:
    old, new = real_experiment(), real_experiment("second", rows=1_200, seed=2, without=("debt",))
    assert old.version.dataset_id != new.version.dataset_id
    Column.objects.create(version=new.version, position=20, name="income", type="numeric", personal_data="phone")
    mark(new.version.dataset, analyst, "region", is_sensitive=True)
    codes = codes_of(old, "scorecard", "linear")
    told = values_told(compared(codes, workspace, analyst, run_jobs, version=new.version).found.compared)
    assert "debt" in told
    assert not told & {"income", "region"}


def test_a_column_marked_sensitive_later_is_shown_nowhere_any_more(
    real_experiment: Make, workspace: Workspace, analyst: User, run_jobs: RunJobs,
    client_of: Callable[[User], Client], caller: Callable[[User], Client],
) -> None:  # fmt: skip
    experiment = real_experiment()
    codes = codes_of(experiment, "scorecard", "linear")
    comparison = compared(codes, workspace, analyst, run_jobs)
    query = "?" + "&".join(f"m={code}" for code in codes)
    found = comparison.found.compared
    assert found is not None
    value = next(row.values["income"] for swap in found.against[0].swaps for row in swap.rows)

    def everywhere() -> dict[str, str]:
        browser = client_of(analyst)
        texts = {
            name: b"".join(browser.get(reverse("compare_table", args=[name]) + query)).decode()
            for name in ("swapped", "moved", "segments")
        }
        texts["page"] = browser.get(reverse("compare") + query).content.decode()
        texts["api"] = json.dumps(caller(analyst).get(f"/api/v1/model-comparisons/{comparison.pk}").json())
        return texts

    before = everywhere()
    assert value in before["swapped"]
    assert value in before["page"]
    assert value in before["api"]
    assert "region" in before["segments"]
    mark(experiment.version.dataset, analyst, "income", "region", "id", is_sensitive=True)
    after = everywhere()
    assert not [name for name, text in after.items() if value in text]
    assert "region" not in after["segments"]
    assert not [name for name, text in after.items() if "****" in text]
    experiment.leaderboard.get(candidate="linear").delete()
    gone = shown_facts(ModelComparison.objects.get(pk=comparison.pk)).compared
    assert not values_told(gone)
