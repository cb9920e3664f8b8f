"""A model opens, scores and explains without the library it was fitted by."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.artifact.model import ModelArtifact
from experiments.learners import LEARNERS
from tests.experiments.loans import blend_of, loans, model_of

pytestmark = pytest.mark.slow

LIBRARIES = (
    "catboost", "django", "flaml", "lightgbm", "matplotlib", "numba", "optuna", "plotly", "polars", "scipy", "shap",
    "sklearn", "statsmodels", "xgboost",
)  # fmt: skip
OPEN = """
import json, sys
from pathlib import Path
import pandas as pd
from experiments.artifact.model import ModelArtifact

artifact = ModelArtifact.load(Path(sys.argv[1]))
opened = [name for name in sys.argv[2:] if name in sys.modules]
scored = artifact.score(pd.read_pickle(sys.argv[1] + ".rows"))
used = [name for name in sys.argv[2:] if name in sys.modules]
print(json.dumps([opened, used, [p.hex() for p in scored.frame["probability"]], scored.frame["reason_1"].tolist()]))
"""


def opened_elsewhere(artifact: ModelArtifact, folder: Path) -> tuple[set[str], set[str]]:
    rows = loans(20, seed=8)
    artifact.save(folder / "model")
    rows.to_pickle(folder / "model.rows")
    command = [sys.executable, "-c", OPEN, str(folder / "model"), *LIBRARIES]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    opened, used, probabilities, reasons = json.loads(done.stdout)
    here = artifact.score(rows).frame
    assert probabilities == [p.hex() for p in here["probability"]]
    assert reasons == here["reason_1"].tolist()
    return set(opened), set(used)


@pytest.mark.parametrize("learner", LEARNERS)
def test_every_model_opens_scores_and_explains_without_any_library_of_learning(learner, tmp_path):
    assert opened_elsewhere(model_of(learner), tmp_path) == (set(), set())


def test_so_does_an_ensemble_of_many_families(tmp_path):
    artifact = blend_of("lightgbm", "xgboost", "catboost", "extra_trees", "linear")
    assert opened_elsewhere(artifact, tmp_path) == (set(), set())
