"""A finished run on a small table, with the scores and the diagnosis that a run leaves beside its models."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from django.test import Client

from accounts.models import User
from experiments.artifact.diagnosis import DIAGNOSIS, ColumnFairness, Diagnosis, SampleDiagnosis
from experiments.artifact.held_out_scores import HELD_OUT, VALIDATED, HeldOutScores, read_held_out
from experiments.artifact.manifest import attach, write_manifest
from experiments.evaluation.calibration_facts import calibration_facts
from experiments.evaluation.column_facts import column_facts
from experiments.evaluation.deciles import decile_table
from experiments.evaluation.fairness import Proxy, fairness_table
from results.queries.evidence import folder_of
from tests.experiments.loans import loans, model_of
from tests.training.conftest import ROWS, ask, draft, explain, finish, version  # noqa: F401 - fixtures
from training.models import Experiment


@pytest.fixture
def experiment(request: pytest.FixtureRequest, settings: Any, db: None) -> Experiment:
    finished: Experiment = request.getfixturevalue("finish")(request.getfixturevalue("draft"))
    request.getfixturevalue("explain")(finished)
    frame = pd.read_parquet(Path(settings.MEDIA_ROOT) / "loans.parquet")
    y = (frame["bad"] == "yes").to_numpy(dtype=float)
    p = np.clip(0.3 + 0.002 * (frame["age"].to_numpy() - 45), 0.01, 0.99)
    for row in finished.leaderboard.all():
        folder = Path(settings.MEDIA_ROOT) / row.model_path
        kept = {name: (folder / name).read_text() for name in ("evidence.json", "explanation.json")}
        for name in kept:
            (folder / name).unlink()
        write_manifest(folder, {"learner": row.learner})
        scores = HeldOutScores(np.arange(ROWS), y, p).to_parquet()
        diagnosis = json.dumps(_diagnosis(frame, y, p).to_dict(), allow_nan=False)
        attach(folder, {**kept, HELD_OUT: scores, VALIDATED: scores, DIAGNOSIS: diagnosis})
    return finished


def _diagnosis(frame: pd.DataFrame, y: np.ndarray, p: np.ndarray) -> Diagnosis:
    tables = {str(groups): decile_table(y, p, groups=groups) for groups in (10, 20, 100)}
    sample = SampleDiagnosis(tables, calibration_facts(y, p))
    groups = fairness_table(y, p, group=np.where(frame["age"] < 45, "young", "old"), share=0.8, chosen="lowest")
    return Diagnosis(
        samples={"train": sample, "validation": sample, "out_of_time": sample},
        columns=(column_facts(frame["age"], y, later=frame["age"], later_y=y, name="age"),),
        fairness=(ColumnFairness("age", groups, (Proxy("month", "young", 0.8),)),),
    )


@pytest.fixture
def browser(client_of: Callable[[User], Client], modeler: User) -> Client:
    return client_of(modeler)


@pytest.fixture
def refittable(experiment: Experiment, settings: Any) -> Experiment:
    """An experiment whose recommended model is a real one, over a table with numbers, words and gaps."""
    row = experiment.leaderboard.get(is_recommended=True)
    folder = folder_of(row)
    kept = read_held_out(folder)
    assert kept is not None
    shutil.rmtree(folder)
    model = model_of("linear")
    model.facts["params"] = {"C": 0.05, "knots": 4}
    model.save(folder)
    attach(folder, {HELD_OUT: kept.to_parquet()})
    row.learner = "linear"
    row.save()
    table = Path(settings.MEDIA_ROOT) / "loans.parquet"
    loans(400).drop(columns="age").join(pd.read_parquet(table)).to_parquet(table)
    return experiment
