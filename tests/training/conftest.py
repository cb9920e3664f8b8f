"""A small table of customers, a question on it, and an engine that answers at once."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from accounts.models import User, Workspace
from catalog.models import Column, Dataset, DatasetVersion
from checks.models import CheckedColumn, DataCheck
from experiments.charts.beeswarm import beeswarm_data
from experiments.charts.calibration import calibration_data
from experiments.charts.dependence import dependence_data
from experiments.charts.gains import gains_data
from experiments.charts.histogram import histogram_data
from experiments.charts.importance import importance_data
from experiments.charts.ks_curve import ks_curve_data
from experiments.charts.lift import lift_data
from experiments.charts.roc import roc_data
from experiments.charts.waterfall import waterfall_data
from experiments.evaluation.by_period import PeriodRow
from experiments.evaluation.deciles import decile_table
from experiments.strategy.curve import strategy_curve
from planning.plans.spec import spec_of
from planning.services.drafting import draft_experiment
from planning.services.starting import start_experiment
from tests.kept_rows import kept_row
from training.models import Experiment, ExperimentState, LeaderboardRow, Trial
from training.runner.measures import keep_measures

ROWS = 400
Engine = Callable[..., Any]


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
        experiment = draft_experiment(user=owner, workspace=workspace, kind=kind, version=version, name=name)
        check = experiment.data_check
        check.columns.all().delete()
        roles = {"month": "date" if time else "ignore", "age": "feature", "bad": "target"}
        for column in version.columns.all():
            CheckedColumn.objects.create(check_of=check, column=column, role=roles.get(column.name, "feature"))
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
                experiment=experiment, candidate=candidate, learner=candidate, rank=rank,
                is_tie=candidate == "lightgbm",
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
            spec=spec_of(experiment).to_dict(),
            work_path=f"experiments/{experiment.pk}",
        )
        keep_measures(experiment)
        return Experiment.objects.get(pk=experiment.pk)

    return end


def trial(number: int, **values: Any) -> SimpleNamespace:
    """A trial as the engine tells of it."""
    told = {
        "number": number, "learner": "lightgbm", "backend": "flaml", "stage": "", "state": "finished",
        "params": {"leaves": 31},
        "auc": 0.7, "ks": 0.3, "log_loss": 0.5, "objective": 0.3, "seconds": 1.5, "elapsed": 10.0 * number,
        "peak_mb": 120.0, "message": "", "frames": "",
    }  # fmt: skip
    return SimpleNamespace(**{**told, **values})


@pytest.fixture
def explain(settings: Any) -> Callable[[Experiment], None]:
    """Put beside every finalist's model the evidence an engine leaves there, made of 300 drawn customers."""

    def write(experiment: Experiment) -> None:
        random = np.random.default_rng(3)
        p = random.random(300)
        y = (random.random(300) < p).astype(float)
        curves = {
            "roc": roc_data(y, p), "ks": ks_curve_data(y, p), "gains": gains_data(y, p), "lift": lift_data(y, p),
            "calibration": calibration_data(y, p), "deciles": decile_table(y, p),
            "scores": histogram_data(600 - 100 * p), "strategy": strategy_curve(y, p, chosen="lowest"),
        }  # fmt: skip
        sample = {name: data.to_dict() for name, data in curves.items()}
        frame = pd.DataFrame({"age": random.normal(40, 9, 300), "job": random.choice(["clerk", "driver"], 300)})
        phi = np.column_stack([-(frame["age"] - 40) / 10, np.where(frame["job"] == "driver", 0.4, -0.2)])
        waterfall = waterfall_data(
            phi[0].tolist(), list(frame), frame.iloc[0].tolist(), base_probability=0.3, probability=0.4
        )
        reason = {"column": "age", "state": "low", "value": "31", "phi": 0.9, "message": "%(label)s is low (%(value)s)"}
        example = {
            "probability": 0.4, "margin": float(phi[0].sum()) - 0.8, "base": -0.8,
            "waterfall": waterfall.to_dict(), "reasons": [reason],
        }  # fmt: skip
        explanation = {
            "unit": "log-odds",
            "importance": importance_data(np.abs(phi).mean(axis=0), list(frame)).to_dict(),
            "beeswarm": beeswarm_data(phi, frame).to_dict(),
            "dependence": {name: dependence_data(phi[:, at], frame[name]).to_dict() for at, name in enumerate(frame)},
            "examples": {"high": example, "near": example, "low": example},
        }
        month = kept_row(PeriodRow, period="2025-01", rows=30, events=9, auc=0.7, auc_low=0.6, auc_high=0.8)
        months = [month, month | {"period": "2025-02", "is_out_of_time": True}]
        evidence = {"validation": sample, "out_of_time": sample, "by_period": months, "segments": []}
        for row in experiment.leaderboard.all():
            folder = Path(settings.MEDIA_ROOT) / row.model_path
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "evidence.json").write_text(json.dumps(evidence))
            (folder / "explanation.json").write_text(json.dumps(explanation))

    return write


def result(experiment: Experiment, trials: list[Any], candidates: tuple[str, ...] = ("lightgbm", "scorecard")) -> Any:
    """What the engine returns: finalists in its own folders."""
    finalists = tuple(
        SimpleNamespace(
            candidate=name, learner=name, rank=rank, is_tie=False, is_recommended=rank == 1,
            reason={"message": "Best within the limits.", "params": {}}, metrics={"validation": metrics_of(0.7)},
            evidence={"gap": float("nan")}, model_dir=experiment.work_dir / "models" / name, model_hash="ab" * 32,
            model_seal="cd" * 32,
        )
        for rank, name in enumerate(candidates, start=1)
    )  # fmt: skip
    plain = {"recommended": candidates[0], "split": {"folds": 5}, "finalists": [], "trials": []}
    return SimpleNamespace(
        finalists=finalists,
        trials=tuple(trials),
        recommended=candidates[0],
        out_of_time_readings=1,
        to_dict=lambda: plain,
    )


@pytest.fixture
def started(draft: Experiment, analyst: User) -> Experiment:
    return start_experiment(draft, analyst)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Callable[[Engine], None]:
    """Put a function in the engine's place."""

    def install(function: Engine) -> None:
        monkeypatch.setattr("training.runner.experiment.run_experiment", function)

    return install
