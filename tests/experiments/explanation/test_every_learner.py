"""Whatever family wins the search, its explanation adds up to its margin and names original columns."""

import numpy as np
import pandas as pd
import pytest

from experiments.explanation.shap_values import check_sum, contributions
from experiments.features.encoding import TableEncoder
from experiments.learners import LEARNERS, FitRequest

RANDOM = np.random.default_rng(12)
ROWS = 600


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(LEARNERS))
def test_every_learners_parts_add_up_to_its_margin(name):
    frame = pd.DataFrame(
        {
            "income": np.where(RANDOM.random(ROWS) < 0.1, np.nan, RANDOM.normal(5_000, 2_000, ROWS)),
            "职业": RANDOM.choice(["a", "b", "c", None], ROWS),
            "debt": RANDOM.normal(size=ROWS),
        }
    )
    y = (RANDOM.random(ROWS) < 1 / (1 + np.exp(frame["debt"] - (frame["职业"] == "b")))).to_numpy().astype(float)
    encoder = TableEncoder().fit(frame)
    matrix, _ = encoder.transform(frame)
    learner = LEARNERS[name]
    table = frame if learner.reads_table else matrix
    params = learner.first_configurations(ROWS, 3)[0]
    codes = () if learner.reads_table else tuple(encoder.categorical_ids_)
    model = learner.fit(FitRequest(table=table, y=y, params=params, iterations=40, categorical=codes, threads=1))

    phi, base = contributions(model, table)
    margin = model.margin(table)

    assert np.ptp(margin) > 0.01
    assert np.abs(phi.sum(axis=1) + base - margin).max() < 1e-4
    assert {encoder.names_.get(column, column) for column in table.columns} <= set(frame)
    check_sum(phi, base, margin=margin)
