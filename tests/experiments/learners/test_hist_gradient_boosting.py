"""A histogram gradient boosting written as LightGBM text gives scikit-learn's own numbers."""

import numpy as np
import pandas as pd
import pytest

from experiments.learners import LEARNERS, FitRequest
from experiments.learners import hist_gradient_boosting as module

LEARNER = LEARNERS["hist_gradient_boosting"]
ROWS = 1200
PARAMS = {
    "learning_rate": 0.1, "max_leaf_nodes": 12, "min_samples_leaf": 10, "l2_regularization": 1.0, "max_features": 1.0,
}  # fmt: skip


def _table():
    random = np.random.default_rng(4)
    table = pd.DataFrame(random.normal(size=(ROWS, 4)), columns=[f"f_{number:04d}" for number in range(1, 5)])
    is_empty = random.random(ROWS) < 0.2
    margin = table["f_0001"] + np.where(is_empty, 1.5, table["f_0002"]) - 1
    table.loc[is_empty, "f_0002"] = np.nan
    # A column that is empty or one number can only be split between the two.
    table["f_0005"] = np.where(random.random(ROWS) < 0.5, np.nan, 7.0)
    y = (random.random(ROWS) < 1 / (1 + np.exp(-margin + table["f_0005"].isna()))).astype(float)
    return table, y


@pytest.fixture
def native(monkeypatch):
    """What scikit-learn fitted, beside what was made of it."""
    seen = {}
    boost = module.HistGradientBoosting._boost

    def remember(self, request):
        seen["model"] = boost(self, request)
        return seen["model"]

    monkeypatch.setattr(module.HistGradientBoosting, "_boost", remember)
    return seen


def test_margins_are_scikit_learns_with_empty_cells_and_numbers_never_seen(native):
    table, y = _table()
    model = LEARNER.fit(FitRequest(table, y, PARAMS, iterations=50))
    strange = pd.DataFrame(np.nan, index=range(3), columns=table.columns)
    strange.iloc[1], strange.iloc[2] = 1e30, -1e30
    everything = pd.concat([table, table.mask(table > 0.3), strange])
    assert model.iterations == 50
    expected = native["model"].decision_function(everything.to_numpy())
    np.testing.assert_allclose(model.margin(everything), expected, rtol=0, atol=1e-9)
    assert np.ptp(expected) > 1


def test_a_saved_model_gives_scikit_learns_margins(native, tmp_path):
    table, y = _table()
    model = LEARNER.fit(FitRequest(table, y, PARAMS, iterations=30, weight=np.linspace(0.5, 1.5, ROWS)))
    model.save(tmp_path, "member_0")
    again = LEARNER.model.load(tmp_path, "member_0")
    assert again.iterations == 30
    expected = native["model"].decision_function(table.to_numpy())
    np.testing.assert_allclose(again.margin(table), expected, rtol=0, atol=1e-9)


def test_validation_rows_of_ours_choose_the_rounds(native):
    table, y = _table()
    validation = (table.iloc[800:], y[800:], None)
    model = LEARNER.fit(FitRequest(table.iloc[:800], y[:800], PARAMS, validation=validation))
    losses = [
        -np.mean(np.log(np.where(y[800:] == 1, p[:, 1], p[:, 0])))
        for p in native["model"].staged_predict_proba(table.iloc[800:].to_numpy())
    ]
    assert model.iterations == 1 + int(np.argmin(losses))
    assert model.iterations < len(losses) < module.MOST_ROUNDS


def test_steps_between_pulses_leave_the_numbers_as_they_are(monkeypatch):
    table, y = _table()
    in_steps = LEARNER.fit(FitRequest(table, y, PARAMS, iterations=45))
    monkeypatch.setattr(module, "ROUNDS_A_PULSE", 1000)
    at_once = LEARNER.fit(FitRequest(table, y, PARAMS, iterations=45))
    np.testing.assert_allclose(in_steps.margin(table), at_once.margin(table), rtol=0, atol=1e-9)


def test_the_pulse_is_felt_between_steps():
    table, y = _table()
    pulses = []
    LEARNER.fit(FitRequest(table, y, PARAMS, iterations=100, pulse=lambda: pulses.append(1)))
    assert len(pulses) == 5
