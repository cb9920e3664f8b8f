"""A version leads back to its experiment, trial, data and their sources, software and files."""

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from catalog.models import DatasetVersion
from registry.models import ModelVersion
from registry.queries.lineage import lineage_of
from tests.registry.test_one_verdict import with_key
from training.models import LeaderboardRow, Trial

FILE = {"kind": "file", "file": "rows.csv", "bytes": 12, "sha256": "cd" * 32}


def with_sources(submitted: Any, *, is_joined: bool = False) -> ModelVersion:
    version: ModelVersion = submitted().model_version
    data = version.leaderboard_row.experiment.version
    sources: list[dict[str, Any]] = [FILE]
    if is_joined:
        other = DatasetVersion.objects.create(
            dataset=data.dataset, number=7, state="ready", owner=data.owner, file_name="other.csv",
            source_path="other.csv", row_count=3, sha256="ef" * 32,
            lineage={"sources": [{**FILE, "file": "other.csv"}]},
        )  # fmt: skip
        sources = [{"version": other.pk, "dataset": data.dataset.name, "number": 7, "sha256": "ef" * 32}]
    DatasetVersion.objects.filter(pk=data.pk).update(lineage={"sources": sources, "engine": {"polars": "2"}})
    return ModelVersion.objects.get(pk=version.pk)


def titles(version: ModelVersion) -> dict[str, list[str]]:
    return {stage.name: [node.title for node in stage.nodes] for stage in lineage_of(version).stages()}


def test_every_step_stands_from_the_file_to_the_model(submitted: Any) -> None:
    version = with_sources(submitted)
    found = lineage_of(version).to_dict()
    by_kind = {node["kind"]: node for node in found["nodes"]}

    assert list(by_kind) == ["source", "data", "experiment", "trial", "software", "model"]
    assert by_kind["source"]["hash"] == FILE["sha256"]
    assert by_kind["data"]["facts"]["read_with"] == {"polars": "2"}
    assert by_kind["model"]["hash"] == version.artifact_hash
    assert by_kind["model"]["facts"]["all_files_sha256"] == version.artifact_seal
    assert sorted(by_kind["model"]["facts"]["files"]) == ["evidence.json", "model.json"]
    known = {node["id"] for node in found["nodes"]}
    assert {end for edge in found["edges"] for end in edge.values()} == known


def test_a_joined_table_leads_back_to_the_tables_it_was_made_of(submitted: Any) -> None:
    version = with_sources(submitted, is_joined=True)
    assert titles(version)["Data versions"][0].endswith("v7")
    assert titles(version)["Sources"] == ["other.csv"]


def test_versions_that_name_each_other_are_told_once(submitted: Any) -> None:
    version = with_sources(submitted)
    data = version.leaderboard_row.experiment.version
    named = {"version": data.pk, "dataset": "x", "number": 1}
    DatasetVersion.objects.filter(pk=data.pk).update(lineage={"sources": [named]})
    assert len(titles(ModelVersion.objects.get(pk=version.pk))["Data versions"]) == 1


def test_versions_appended_day_by_day_cost_one_question_each(submitted: Any) -> None:
    version = with_sources(submitted)
    data = version.leaderboard_row.experiment.version

    def questions(days: int) -> int:
        before = data.pk
        for number in range(100, 100 + days):
            before = DatasetVersion.objects.create(
                dataset=data.dataset, number=number + days, state="ready", owner=data.owner, file_name=f"{number}.csv",
                source_path=f"{number}.csv", row_count=3, sha256="ef" * 32, origin="append",
                lineage={"append_to": before} if before != data.pk else {},
            ).pk  # fmt: skip
        DatasetVersion.objects.filter(pk=data.pk).update(origin="append", lineage={"append_to": before})
        with CaptureQueriesContext(connection) as asked:
            assert len(titles(ModelVersion.objects.get(pk=version.pk))["Data versions"]) == days + 1
        return len(asked)

    few = questions(5)
    assert questions(15) - few == 10


def test_the_trial_is_named_with_its_settings(finished_experiment: Any, submitted: Any) -> None:
    version = with_sources(submitted)
    row = LeaderboardRow(experiment_id=version.leaderboard_row.experiment_id, evidence={"trial": 4}, learner="lightgbm")
    Trial.objects.create(
        experiment_id=row.experiment_id, number=4, learner="lightgbm", backend="flaml", state="finished",
        params={"num_leaves": 8},
    )  # fmt: skip
    version.leaderboard_row = row
    trial = next(node for node in lineage_of(version).nodes if node.kind == "trial")
    assert (trial.said, trial.facts["settings"]) == ("Trial 4", {"num_leaves": 8})


def test_lineage_is_drawn_carried_away_and_told_by_the_api(
    submitted: Any, admin: User, stranger: User, client_of: Any
) -> None:
    version = with_sources(submitted)
    expected = lineage_of(version).to_dict()
    client: Client = client_of(admin)

    page = client.get(reverse("model_version_detail", args=[version.pk])).content.decode()
    file = client.get(reverse("model_version_lineage", args=[version.pk]))
    told = with_key(admin).get(f"/api/v1/model-versions/{version.pk}/lineage")

    assert "rows.csv" in page
    assert FILE["sha256"][:12] in page
    assert file.json() == told.json() == expected
    assert client_of(stranger).get(reverse("model_version_lineage", args=[version.pk])).status_code == 404
    assert with_key(stranger).get(f"/api/v1/model-versions/{version.pk}/lineage").status_code == 404
