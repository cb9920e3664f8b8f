"""A small table of customers, a question on it, and an engine that answers at once."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from accounts.models import User, Workspace
from catalog.models import CheckedColumn, Column, DataCheck, Dataset, DatasetVersion
from training import services
from training.models import Experiment, ExperimentState, LeaderboardRow, Trial

ROWS = 400


@pytest.fixture
def version(analyst: User, workspace: Workspace, settings: Any) -> DatasetVersion:
    """A dataset version of 400 customers over ten months, ready to be asked about."""
    random = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "month": pd.to_datetime("2025-01-15") + pd.to_timedelta(np.sort(random.integers(0, 300, ROWS)), unit="D"),
            "age": random.integers(20, 70, ROWS).astype(float),
            "bad": random.random(ROWS) < 0.3,
        }
    )
    frame["bad"] = frame["bad"].map({True: "yes", False: "no"})
    path = Path(settings.MEDIA_ROOT) / "loans.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(path)
    dataset = Dataset.objects.create(workspace=workspace, name="Loans", owner=analyst)
    version = DatasetVersion.objects.create(
        dataset=dataset, number=1, owner=analyst, file_name="loans.csv", source_path="loans.csv",
        parquet_path="loans.parquet", state="ready", row_count=ROWS, column_count=3, sha256="7f3a" + "0" * 56 + "c21e",
    )  # fmt: skip
    for position, (name, kind) in enumerate([("month", "date"), ("age", "numeric"), ("bad", "categorical")]):
        Column.objects.create(version=version, position=position, name=name, label=name, type=kind)
    return version


@pytest.fixture
def ask(version: DatasetVersion, workspace: Workspace, analyst: User) -> Callable[..., Experiment]:
    """Put a question to the version, its data check done: ``ask("Bad loans", time=True)``."""

    def draft(
        name: str = "Bad loans", *, kind: str = "default", time: bool = True, owner: User = analyst
    ) -> Experiment:
        experiment = services.draft_experiment(user=owner, workspace=workspace, kind=kind, version=version, name=name)
        check = experiment.data_check
        check.columns.all().delete()
        roles = {"month": "date" if time else "ignore", "age": "feature", "bad": "target"}
        for column in version.columns.all():
            CheckedColumn.objects.create(check_of=check, column=column, role=roles[column.name])
        DataCheck.objects.filter(pk=check.pk).update(state="ready", target="bad", event="yes")
        return Experiment.objects.get(pk=experiment.pk)

    return draft


@pytest.fixture
def draft(ask: Callable[..., Experiment]) -> Experiment:
    return ask()


def metric(value: float, width: float = 0.02) -> dict[str, float]:
    return {"value": value, "low": value - width, "high": value + width}


def metrics_of(auc: float) -> dict[str, Any]:
    return {
        "auc": metric(auc), "ks": metric(2 * auc - 1.1), "gini": metric(2 * auc - 1), "lift": metric(3.1),
        "capture": metric(0.31), "log_loss": metric(0.4), "brier": metric(0.15), "ece": metric(0.02),
        "calibration_slope": metric(1.0), "observed_expected": metric(1.02),
    }  # fmt: skip


@pytest.fixture
def finish() -> Callable[..., Experiment]:
    """Give an experiment the rows of a finished run: two finalists and three trials."""

    def end(experiment: Experiment) -> Experiment:
        for rank, (candidate, auc) in enumerate([("lightgbm", 0.78), ("scorecard", 0.77)], start=1):
            LeaderboardRow.objects.create(
                experiment=experiment, candidate=candidate, learner=candidate, rank=rank, is_tie=candidate == "lightgbm",
                is_recommended=candidate == "scorecard", reason={"message": "It is the simplest of the tied models."},
                metrics={"validation": metrics_of(auc), "out_of_time": metrics_of(auc - 0.02)},
                evidence={"gap": 0.01 * rank, "features": 2},
                model_path=f"experiments/{experiment.pk}/models/{candidate}",
            )  # fmt: skip
        for number, learner in enumerate(["baseline", "scorecard", "lightgbm"], start=1):
            Trial.objects.create(
                experiment=experiment, number=number, learner=learner, backend="flaml", state="finished",
                auc=0.7 + number / 100, ks=0.3 + number / 100, log_loss=0.4, objective=0.3,
                seconds=2, elapsed=5.0 * number,
            )  # fmt: skip
        Experiment.objects.filter(pk=experiment.pk).update(
            state=ExperimentState.FINISHED,
            spec=services.spec_of(experiment).to_dict(),
            work_path=f"experiments/{experiment.pk}",
        )
        return Experiment.objects.get(pk=experiment.pk)

    return end


def trial(number: int, **values: Any) -> SimpleNamespace:
    """A trial as the engine tells of it."""
    told = {
        "number": number, "learner": "lightgbm", "backend": "flaml", "state": "finished", "params": {"leaves": 31},
        "auc": 0.7, "ks": 0.3, "log_loss": 0.5, "objective": 0.3, "seconds": 1.5, "elapsed": 10.0 * number,
        "peak_mb": 120.0, "message": "",
    }  # fmt: skip
    return SimpleNamespace(**{**told, **values})
