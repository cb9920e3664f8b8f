"""A model saved long ago, by another Python, still gives the numbers and the reasons it gave then."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.artifact.model import ModelArtifact

KEPT = Path(__file__).parent / "kept_model"


def test_a_kept_model_scores_as_on_the_day_it_was_saved():
    expected = json.loads((KEPT / "expected.json").read_text(encoding="utf-8"))
    artifact, rows = ModelArtifact.load(KEPT / "model"), pd.DataFrame(expected["rows"])

    assert [margin.hex() for margin in artifact.margin(rows)] == expected["margins"]
    _, base = artifact.contributions(rows)
    assert {part.hex() for part in base} == {expected["base"]}
    scored = artifact.score(rows).frame
    # The last step takes logarithms and exponentials, which processors may round differently in the last digit.
    np.testing.assert_allclose(scored["probability"], expected["probabilities"], rtol=1e-14)
    assert scored[[f"reason_{number}" for number in range(1, 5)]].to_numpy().tolist() == expected["reasons"]
