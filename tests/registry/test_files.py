"""Every file of a model's folder is under its hash, wherever people or machines read it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from experiments.artifact.manifest import attach
from experiments.errors import ArtifactError
from registry.models import ApprovalRequest, ModelVersion
from registry.queries.files import files_of, refusal_of
from results.queries.evidence import evidence_of, read_beside, untouched_folder_of
from training.models import LeaderboardRow

NOT_RECORDED = "are not the ones that were recorded"


def alter(folder: Path) -> None:
    (folder / "evidence.json").write_text("{}")


def remove(folder: Path) -> None:
    (folder / "evidence.json").unlink()


def forge(folder: Path) -> None:
    """Swap the evidence and write a manifest that agrees with it."""
    attach(folder, {"evidence.json": json.dumps({"segments": []})})


def add(folder: Path) -> None:
    (folder / "notes.txt").write_text("Looks fine")


WAYS = [(alter, "evidence.json"), (remove, "evidence.json"), (forge, NOT_RECORDED)]


def folder_of(version: ModelVersion, settings: Any) -> Path:
    return Path(settings.MEDIA_ROOT) / version.artifact_path


def row_and_folder(finished_experiment: Any, settings: Any) -> tuple[LeaderboardRow, Path]:
    row = finished_experiment().leaderboard.get(is_recommended=True)
    return row, Path(settings.MEDIA_ROOT) / row.model_path


@pytest.mark.parametrize(("change", "told"), WAYS)
def test_pages_read_no_evidence_that_is_not_the_recorded_one(
    finished_experiment: Any, settings: Any, change: Callable[[Path], None], told: str
) -> None:
    row, folder = row_and_folder(finished_experiment, settings)
    assert evidence_of(row).segments
    change(folder)
    with pytest.raises(ArtifactError) as refused:
        evidence_of(row)
    assert told in refused.value.message % refused.value.params


@pytest.mark.parametrize(("change", "told"), [*WAYS, (add, "notes.txt")])
def test_work_on_a_finalist_begins_only_with_untouched_files(
    finished_experiment: Any, settings: Any, change: Callable[[Path], None], told: str
) -> None:
    row, folder = row_and_folder(finished_experiment, settings)
    assert untouched_folder_of(row) == folder
    change(folder)
    with pytest.raises(ArtifactError) as refused:
        untouched_folder_of(row)
    assert told in refused.value.message % refused.value.params


def test_a_manifest_of_another_model_is_not_read_either(finished_experiment: Any, settings: Any) -> None:
    row, folder = row_and_folder(finished_experiment, settings)
    assert read_beside(row, "manifest.json")["hash"] == row.model_hash
    forge(folder)
    with pytest.raises(ArtifactError):
        read_beside(row, "manifest.json")


def test_a_result_whose_evidence_was_changed_says_so_in_place_of_its_numbers(
    finished_experiment: Any, settings: Any, client_of: Callable[..., Client], analyst: Any
) -> None:
    row, folder = row_and_folder(finished_experiment, settings)
    alter(folder)
    page = client_of(analyst).get(reverse("experiment_result", args=[row.experiment_id]))
    assert page.status_code == 409
    assert "its file evidence.json is missing or was changed" in page.content.decode()


@pytest.mark.parametrize(("change", "told"), [*WAYS, (add, "notes.txt")])
def test_the_decision_page_and_the_version_say_which_file_was_changed(
    submitted: Callable[..., ApprovalRequest],
    settings: Any,
    client_of: Callable[..., Client],
    admin: Any,
    change: Callable[[Path], None],
    told: str,
) -> None:
    approval = submitted()
    version = approval.model_version
    client = client_of(admin)
    pages = [reverse("approval_detail", args=[approval.pk]), reverse("model_version_detail", args=[version.pk])]
    assert all("cannot be approved, scored or downloaded" not in client.get(page).content.decode() for page in pages)

    change(folder_of(version, settings))

    assert told in refusal_of(version)
    for page in pages:
        text = client.get(page).content.decode()
        assert told in text, page
        assert "cannot be approved, scored or downloaded" in text, page


def test_a_folder_without_its_manifest_is_told_without_where_it_lies(
    submitted: Any, settings: Any, client_of: Any, admin: Any
) -> None:
    version = submitted().model_version
    folder = folder_of(version, settings)
    (folder / "manifest.json").unlink()
    text = client_of(admin).get(reverse("model_version_detail", args=[version.pk])).content.decode()
    assert f"{folder.name} holds no model: manifest.json is missing" in text
    assert str(settings.MEDIA_ROOT) not in text


def test_a_version_lists_every_file_with_its_hash(submitted: Any, client_of: Any, admin: Any) -> None:
    version = submitted().model_version
    found = files_of(version)
    assert [file.name for file in found.files] == ["evidence.json", "model.json"]
    text = client_of(admin).get(reverse("model_version_detail", args=[version.pk])).content.decode()
    assert all(file.sha256 in text for file in found.files)
    assert "All 2 files are those that were registered" in text


def test_a_version_registered_without_a_seal_says_what_its_hash_covers(submitted: Any) -> None:
    version = submitted().model_version
    version.artifact_seal = ""
    assert not files_of(version).is_evidence_sealed
