"""A small real model, trained once for all tests of scoring, taken through the registry to a champion."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from accounts.models import User, Workspace
from approvals.services.decision import decide
from experiments import ExperimentSpec, SearchBudget, run_experiment
from registry.models import ModelVersion
from tests.conftest import PASSWORD
from tests.registry.conftest import make_experiment, nothing_missing, submit_gathered
from training.models import LeaderboardRow

LABELS = {"income": {"en": "Monthly income", "zh": "月收入"}, "age": {"en": "Age", "zh": "年龄"}}


def customers(count: int, seed: int = 1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "customer": [f"C{number:05d}" for number in range(count)],
            "age": random.integers(20, 70, count).astype(float),
            "income": random.lognormal(3, 1, count).round(2),
            "job": random.choice(["clerk", "nurse", "driver"], count),
        }
    )
    odds = np.exp(-2 + 0.06 * (frame["age"] - 45) + 0.9 * (frame["job"] == "nurse") - 0.02 * frame["income"])
    frame["answered"] = np.where(random.random(count) < odds / (1 + odds), "yes", "no")
    return frame


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The finalists of a run of one trial on 1,200 customers."""
    folder = tmp_path_factory.mktemp("trained")
    spec = ExperimentSpec(
        target="answered",
        event="yes",
        kind="response",
        id_column="customer",
        budget=SearchBudget(seconds=None, trials=1),
        learners=("lightgbm",),
        labels=LABELS,
        value_labels={"job": {"nurse": {"en": "nursing", "zh": "护士"}}},
    )
    customers(1200).to_parquet(folder / "rows.parquet")
    return spec, folder, run_experiment(spec, folder / "rows.parquet", work_dir=folder / "work")


def finalist_of(trained: Any, workspace: Workspace, analyst: User, settings: Any) -> LeaderboardRow:
    """Return the recommended finalist of an experiment of the analyst's, with its files."""
    spec, folder, result = trained
    experiment = make_experiment(workspace, analyst, name="Offer", kind="response", events=400)
    experiment.spec = spec.to_dict()
    experiment.save()
    work = Path(settings.MEDIA_ROOT) / f"experiments/{experiment.pk}"
    shutil.copytree(folder / "work", work)
    shutil.copy(folder / "rows.parquet", Path(settings.MEDIA_ROOT) / "rows.parquet")
    for finalist in result.finalists:
        LeaderboardRow.objects.create(
            experiment=experiment,
            candidate=finalist.candidate,
            learner=finalist.learner,
            rank=finalist.rank,
            is_recommended=finalist.is_recommended,
            metrics=finalist.metrics,
            evidence=finalist.evidence,
            model_path=f"experiments/{experiment.pk}/models/{finalist.candidate}",
            model_hash=finalist.model_hash,
            model_seal=finalist.model_seal,
        )
    return experiment.leaderboard.get(is_recommended=True)


@pytest.fixture
def finalist(trained: Any, workspace: Workspace, analyst: User, settings: Any) -> LeaderboardRow:
    """The recommended finalist, which nobody has submitted."""
    return finalist_of(trained, workspace, analyst, settings)


@pytest.fixture
def champion(trained: Any, workspace: Workspace, analyst: User, admin: User, settings: Any) -> ModelVersion:
    """The recommended finalist, submitted by the analyst and approved by the admin."""
    finalist = finalist_of(trained, workspace, analyst, settings)
    with nothing_missing("warning"):
        request = submit_gathered(finalist, analyst, "Offer")
    decide(request, admin, "approved", "Agreed", PASSWORD, limits_of_use="Ranking only")
    return ModelVersion.objects.get(pk=request.model_version_id)


@pytest.fixture
def next_month() -> Callable[..., pd.DataFrame]:
    """Next month's file, without the answer: ``next_month(300)``."""
    return lambda count=300: customers(count, seed=2).drop(columns="answered")
