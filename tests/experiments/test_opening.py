"""A model opens and scores with nothing but its own library."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.experiments.loans import loans, model_of

pytestmark = pytest.mark.slow

LIBRARIES = (
    "catboost", "django", "flaml", "lightgbm", "matplotlib", "numba", "optuna", "plotly", "polars", "scipy", "shap",
    "sklearn", "statsmodels", "xgboost",
)  # fmt: skip
OPEN = """
import json, sys
from pathlib import Path
import pandas as pd
from experiments.artifact import ModelArtifact

artifact = ModelArtifact.load(Path(sys.argv[1]))
opened = [name for name in sys.argv[2:] if name in sys.modules]
scored = artifact.score(pd.read_pickle(sys.argv[1] + ".rows"))
used = [name for name in sys.argv[2:] if name in sys.modules]
print(json.dumps([opened, used, [p.hex() for p in scored.frame["probability"]], scored.frame["reason_1"].tolist()]))
"""


def opened_elsewhere(learner: str, folder: Path) -> tuple[set[str], set[str]]:
    artifact, rows = model_of(learner), loans(20, seed=8)
    artifact.save(folder / "model")
    rows.to_pickle(folder / "model.rows")
    command = [sys.executable, "-c", OPEN, str(folder / "model"), *LIBRARIES]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    opened, used, probabilities, reasons = json.loads(done.stdout)
    here = artifact.score(rows).frame
    assert probabilities == [p.hex() for p in here["probability"]]
    assert reasons == here["reason_1"].tolist()
    return set(opened), set(used)


@pytest.mark.parametrize(
    "learner",
    ["lightgbm", "hist_gradient_boosting", "explainable_boosting", "random_forest", "linear", "baseline", "scorecard"],
)
def test_most_models_open_score_and_explain_without_any_library_of_learning(learner, tmp_path):
    assert opened_elsewhere(learner, tmp_path) == (set(), set())


@pytest.mark.parametrize(("learner", "others"), [("xgboost", {"catboost"}), ("catboost", {"xgboost"})])
def test_the_other_models_bring_their_own_library_only(learner, others, tmp_path):
    opened, used = opened_elsewhere(learner, tmp_path)
    assert learner in opened
    assert not (used & (others | {"flaml", "lightgbm", "optuna", "shap", "statsmodels"}))
