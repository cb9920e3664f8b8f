"""One real run with three finalists, scored and saved, for all tests of comparisons that need real models."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from django.test import Client

from accounts.models import ApiToken, User, Workspace
from catalog.models import Column, DatasetVersion
from checks.models import DataCheck
from experiments import ExperimentSpec, SearchBudget, run_experiment
from experiments.ingest.reading import ingest_file
from tests.registry.conftest import make_experiment
from training.models import Experiment
from training.runner.experiment import store_result


def customers(count: int, first: int, *, seed: int) -> pd.DataFrame:
    """Return loans of one year whose loss depends on debt, and on income at both its ends."""
    random = np.random.default_rng(seed)
    income, debt = random.normal(size=count), random.normal(size=count)
    chance = 1 / (1 + np.exp(2.5 - 2.0 * np.abs(income) - 1.0 * debt))
    month = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.sort(random.integers(0, 360, count)), unit="D")
    return pd.DataFrame(
        {
            "id": [f"C{first + number:06d}" for number in range(count)],
            "month": month.strftime("%Y-%m-%d"),
            "income": income.round(3),
            "debt": debt.round(3),
            "loan_amount": random.integers(1_000, 9_000, count),
            "region": random.choice(["north", "south"], count),
            "bad": np.where(random.random(count) < chance, "yes", "no"),
        }
    )


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[Any, Path, ExperimentSpec]]:
    """Run the engine once a table for all tests: ``ran("first", without=())``."""
    known: dict[Any, tuple[Any, Path, ExperimentSpec]] = {}

    def run(name: str, *, rows: int, seed: int, without: tuple[str, ...] = ()) -> tuple[Any, Path, ExperimentSpec]:
        if name not in known:
            folder = tmp_path_factory.mktemp(name)
            customers(rows, seed * 100_000, seed=seed).to_csv(folder / "rows.csv", index=False)
            ingest_file(folder / "rows.csv", folder / "rows.parquet")
            spec = ExperimentSpec(
                "bad", "yes", id_column="id", time_column="month", excluded=without, learners=("linear",),
                budget=SearchBudget(None, 1), feature_effort="off", ensemble=False,
            )  # fmt: skip
            result = run_experiment(spec, folder / "rows.parquet", work_dir=folder / "work")
            known[name] = result, folder / "rows.parquet", spec
        return known[name]

    return run


@pytest.fixture
def caller() -> Callable[[User], Client]:
    """A program with a key of a person's: ``caller(analyst).get("/api/v1/…")``."""

    def carry(user: User) -> Client:
        secret = ApiToken.new_secret()
        ApiToken.objects.create(user=user, name="test", digest=ApiToken.digest_of(secret))
        return Client(headers={"Authorization": f"Bearer {secret}"})

    return carry


@pytest.fixture
def real_experiment(
    workspace: Workspace, analyst: User, settings: Any, ran: Callable[..., Any]
) -> Callable[..., Experiment]:
    """Put a run of the engine on record: ``real_experiment("first")``."""

    def make(name: str = "first", *, rows: int = 1_500, seed: int = 1, without: tuple[str, ...] = ()) -> Experiment:
        result, table, spec = ran(name, rows=rows, seed=seed, without=without)
        experiment = make_experiment(workspace, analyst, name=name, kind="default", events=400)
        media = Path(settings.MEDIA_ROOT)
        media.mkdir(parents=True, exist_ok=True)
        (media / f"{name}.parquet").write_bytes(table.read_bytes())
        DatasetVersion.objects.filter(pk=experiment.version_id).update(
            parquet_path=f"{name}.parquet", parquet_sha256=name
        )
        Column.objects.create(version=experiment.version, position=9, name="bad", type="categorical")
        DataCheck.objects.filter(pk=experiment.data_check_id).update(target="bad", event="yes")
        Experiment.objects.filter(pk=experiment.pk).update(spec=spec.to_dict())
        experiment = Experiment.objects.get(pk=experiment.pk)
        copied = _copied(result, experiment.work_dir)
        store_result(experiment, copied)
        return Experiment.objects.get(pk=experiment.pk)

    return make


def _copied(result: Any, work_dir: Path) -> Any:
    """Return the result with its models where this test's files are."""
    finalists = []
    for row in result.finalists:
        folder = work_dir / "models" / row.candidate
        shutil.copytree(row.model_dir, folder)
        finalists.append(replace(row, model_dir=folder))
    return replace(result, finalists=tuple(finalists))
