"""Every family and the ensemble of several are one ONNX graph, categories and derived columns included."""

import zipfile

import numpy as np
import onnxruntime
import pytest

from experiments import ModelArtifact
from experiments.evaluation.calibrators import BetaCalibrator, PlattCalibrator
from experiments.exports.making import export_model
from experiments.exports.plain import own_columns, plain_of, table_as_inputs
from tests.experiments.exports.models import BENT, FAMILY_NAMES, applicants, saved_model

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("family", [*FAMILY_NAMES, "ensemble"])
def test_a_graph_of_each_family_scores_as_the_model_does(tmp_path, family):
    calibrator = {"lightgbm": BENT, "linear": BetaCalibrator(0.1, 0.9, 1.1)}.get(family, PlattCalibrator(-0.2, 0.9))
    model = saved_model(tmp_path / "model", family, calibrator=calibrator)

    made = export_model(model, tmp_path / "onnx.zip", form="onnx")

    assert made.proof.rows > 10_000
    assert made.proof.furthest < 1e-5
    artifact = ModelArtifact.load(model)
    frame, _ = applicants(200, seed=4)
    frame.loc[7, "job"] = "astronaut"
    plain = plain_of(artifact, "ONNX")
    table = table_as_inputs(plain, frame)
    with zipfile.ZipFile(tmp_path / "onnx.zip") as packed:
        session = onnxruntime.InferenceSession(packed.read("model.onnx"), providers=["CPUExecutionProvider"])
    given = {
        name: np.array(["" if cell is None else cell for cell in table[name]], dtype=object).reshape(-1, 1)
        if read_as == "level"
        else table[name].to_numpy(dtype=np.float64).reshape(-1, 1)
        for name, read_as in own_columns(plain).items()
    }
    (found,) = session.run(["probability"], given)
    assert np.abs(found.ravel() - artifact.predict(frame)).max() < 1e-5
    assert {one.name for one in session.get_inputs()} == set(given)


def test_the_graph_names_the_model_it_was_made_of(tmp_path):
    model = saved_model(tmp_path / "model", "baseline")
    export_model(model, tmp_path / "onnx.zip", form="onnx")
    with zipfile.ZipFile(tmp_path / "onnx.zip") as packed:
        session = onnxruntime.InferenceSession(packed.read("model.onnx"), providers=["CPUExecutionProvider"])
    known = session.get_modelmeta().custom_metadata_map
    assert known == {"model_hash": ModelArtifact.load(model).hash, "learner": "baseline"}
