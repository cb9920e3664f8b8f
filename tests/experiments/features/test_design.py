"""The dense matrix of linear models is finite, scaled and knows where each column came from."""

import json

import numpy as np
import pandas as pd

from experiments.features.design import LinearDesign
from experiments.features.encoding import TableEncoder


def test_the_design_is_finite_and_round_trips_for_a_messy_table():
    random = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "income": np.exp(random.normal(10, 2, 400)),
            "huge": np.where(random.random(400) < 0.01, np.inf, random.normal(size=400)),
            "constant": 1.0,
            "nothing": np.nan,
            "holes": np.where(random.random(400) < 0.3, np.nan, random.normal(size=400)),
            "rarely": (np.arange(400) == 7).astype(float),
            "city": random.choice(["a", "b", "c", None], 400),
        }
    )
    encoder = TableEncoder().fit(frame)
    matrix, _ = encoder.transform(frame)
    design = LinearDesign().fit(matrix, encoder)
    dense = design.transform(matrix)

    assert np.isfinite(dense).all()
    assert design.parents_ == ["f_0001", "f_0002", "f_0005", "f_0005", "f_0006"] + ["f_0007"] * 4
    assert abs(dense[:, 0].mean()) < 1e-9
    assert abs(dense).max() < 25
    again = LinearDesign.from_dict(json.loads(json.dumps(design.to_dict())))
    assert np.array_equal(again.transform(matrix), dense)


def test_an_unseen_level_and_an_empty_cell_raise_no_flag_they_did_not_have_in_training():
    encoder = TableEncoder(min_level_rows=1).fit(pd.DataFrame({"city": ["a", "b"] * 20}))
    matrix, _ = encoder.transform(pd.DataFrame({"city": ["a", "b"] * 20}))
    design = LinearDesign().fit(matrix, encoder)

    assert design.transform(pd.DataFrame({"f_0001": [0.0, 1.0, np.nan, 9.0]})).tolist() == [
        [1.0, 0.0],
        [0.0, 1.0],
        [0.0, 0.0],
        [0.0, 0.0],
    ]
