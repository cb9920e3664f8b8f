"""The bundle as a model folder of MLflow, written without MLflow: ``mlflow.pyfunc.load_model`` opens it."""

import json
import platform
import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from experiments.artifact.model import ModelArtifact
from experiments.errors import gettext_noop
from experiments.exports.formats.bundle import PROGRAMS, Bundle, run_alone, scored_in_parts
from experiments.exports.plain import Plain
from experiments.exports.rows import CheckRows

LABEL = gettext_noop("MLflow model")
LOADER = "xiaoyu_bundle"
# What MLflow does, without MLflow: its loader's module is imported from the folder of code and given the data.
AS_MLFLOW_DOES = """
import csv, importlib, sys
import pandas as pd
folder, rows, out = sys.argv[1:]
sys.path.insert(0, folder + "/code")
model = importlib.import_module("xiaoyu_bundle")._load_pyfunc(folder + "/data")
table = pd.read_csv(rows, dtype=str, keep_default_na=False)
found = model.predict(table)
with open(out, "w", newline="") as stream:
    writer = csv.writer(stream)
    writer.writerow(["probability"])
    writer.writerows([repr(float(p))] for p in found["probability"])
"""


class Mlflow(Bundle):
    """A folder with ``MLmodel``, frozen requirements and the bundle; scoring needs no network."""

    name = "mlflow"
    label = LABEL
    also_needed = ("pandas",)

    def write(self, artifact: ModelArtifact, plain: Plain | None, out: Path, rows: CheckRows) -> None:
        """Write the bundle below what MLflow reads."""
        data, code = out / "data", out / "code"
        data.mkdir()
        super().write(artifact, plain, data, rows)
        code.mkdir()
        shutil.copyfile(PROGRAMS / f"{LOADER}.py", code / f"{LOADER}.py")
        shutil.copyfile(data / "requirements.txt", out / "requirements.txt")
        about = {
            "flavors": {
                "python_function": {
                    "loader_module": LOADER, "code": "code", "data": "data",
                    "python_version": platform.python_version(), "env": {"virtualenv": "python_env.yaml"},
                },
                "xiaoyu": {"model_hash": artifact.hash, "learner": artifact.learner},
            },
            "model_uuid": artifact.hash[:32],
        }  # fmt: skip
        # JSON is YAML.
        (out / "MLmodel").write_text(json.dumps(about, indent=1), encoding="utf-8")
        environment = {"python": platform.python_version(), "dependencies": ["-r requirements.txt"]}
        (out / "python_env.yaml").write_text(json.dumps(environment, indent=1), encoding="utf-8")

    def scores(self, artifact: ModelArtifact, out: Path, rows: CheckRows) -> Mapping[str, np.ndarray]:
        """Open the folder as MLflow does, in a process that sees nothing of ours."""
        run_alone([str(out / "data" / "verify.py")], out.parent)

        def score(sample: Path, scored: Path) -> None:
            run_alone(["-c", AS_MLFLOW_DOES, str(out), str(sample), str(scored)], out.parent)

        return {LOADER: scored_in_parts(rows.frame, out.parent, score)}
