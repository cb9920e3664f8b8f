"""MLflow opens the folder and scores a table as the model does."""

import zipfile

import numpy as np
import pytest

from experiments import ModelArtifact
from experiments.exports.making import export_model
from tests.experiments.exports.models import applicants, saved_model

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("family", ["scorecard", "lightgbm"])
def test_mlflow_opens_the_folder_and_scores_a_table_as_the_model_does(tmp_path, family):
    pyfunc = pytest.importorskip("mlflow.pyfunc")
    model = saved_model(tmp_path / "model", family)
    export_model(model, tmp_path / "mlflow.zip", form="mlflow")
    with zipfile.ZipFile(tmp_path / "mlflow.zip") as packed:
        packed.extractall(tmp_path / "mlflow")
    frame, _ = applicants(120, seed=5)
    frame.loc[2, "job"] = "astronaut"

    found = pyfunc.load_model(str(tmp_path / "mlflow")).predict(frame)

    artifact = ModelArtifact.load(model)
    expected = artifact.predict(frame)
    assert np.abs(found["probability"].to_numpy() - expected).max() < 1e-9
    assert found["band"].tolist() == artifact.band_of(expected).tolist()


def test_the_requirements_are_frozen(tmp_path):
    model = saved_model(tmp_path / "model", "baseline")
    export_model(model, tmp_path / "mlflow.zip", form="mlflow")
    with zipfile.ZipFile(tmp_path / "mlflow.zip") as packed:
        lines = packed.read("requirements.txt").decode().splitlines()
    assert [line.split("==")[0] for line in lines][:3] == ["numpy", "pandas", "python-dateutil"]
    assert all("==" in line for line in lines)
