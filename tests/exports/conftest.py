"""A version of a small real scorecard, registered but not yet decided on, and the server that opens it."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User, Workspace
from common.storage import local_path
from experiments.artifact.manifest import read_manifest
from registry.models import ModelVersion, RegisteredModel
from tests.experiments.exports.models import saved_model
from tests.registry.conftest import make_experiment
from tests.serving.conftest import model_server
from training.models import LeaderboardRow

__all__ = ["model_server"]


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scorecard that reads a derived column, so that it cannot be had as PMML."""
    return saved_model(tmp_path_factory.mktemp("card") / "model", "scorecard")


@pytest.fixture
def version(card: Path, workspace: Workspace, analyst: User, model_server: Any) -> ModelVersion:
    experiment = make_experiment(workspace, analyst, name="Loans", kind="default", events=300)
    manifest = read_manifest(card)
    row = LeaderboardRow.objects.create(
        experiment=experiment, candidate="scorecard", learner="scorecard", rank=1, model_path="experiments/1/card",
        model_hash=manifest["hash"], model_seal=manifest["seal"], is_recommended=True,
    )  # fmt: skip
    shutil.copytree(card, local_path("registry/versions/1"))
    return ModelVersion.objects.create(
        registered_model=RegisteredModel.objects.create(workspace=workspace, name="Loans", kind="default"), number=1,
        author=analyst, leaderboard_row=row, artifact_path="registry/versions/1", artifact_hash=manifest["hash"],
        artifact_seal=manifest["seal"], metrics={"learner": "scorecard"},
    )  # fmt: skip
