"""What becomes of scores when a source is missing or a number a little off, by a model that can be read."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.evaluation.metrics import auc
from experiments.scoring.sensitivity import stress_model


class ByAge:
    """A model whose margin is the age; an empty one counts as 40."""

    columns_heard = ("age", "city")

    def __init__(self, special: Mapping[str, list[float]] | None = None) -> None:
        self.facts = {"spec": {"special_values": dict(special or {})}}
        self.seen: list[np.ndarray] = []

    def predict(self, frame: pd.DataFrame) -> Any:
        self.seen.append(frame["age"].to_numpy(dtype=float))
        age = frame["age"].fillna(40).to_numpy(dtype=float)
        return 1 / (1 + np.exp((age - 40) / 10))


def rows() -> tuple[pd.DataFrame, np.ndarray]:
    random = np.random.default_rng(2)
    frame = pd.DataFrame({"age": random.uniform(20, 60, 2_000), "city": random.choice(["a", "b"], 2_000)})
    return frame, (random.random(2_000) < ByAge().predict(frame)).astype(float)


def test_a_source_that_is_missing_takes_its_ranking_along() -> None:
    frame, y = rows()
    found = stress_model(ByAge(), frame, y=y, sources={"bureau": ["age"], "own": ["city"]})  # type: ignore[arg-type]
    bureau, own = (next(row for row in found if row.name == name) for name in ("bureau", "own"))
    assert bureau.auc == 0.5
    assert bureau.auc_change == pytest.approx(0.5 - auc(y, ByAge().predict(frame)))
    assert bureau.auc_change_high < 0
    assert (own.auc_change, own.moved, own.mean_change) == (0.0, 0.0, 0.0)


def test_noise_on_a_number_costs_a_little_and_words_have_none() -> None:
    frame, y = rows()
    (age,) = (row for row in stress_model(ByAge(), frame, y=y) if row.kind == "noise")  # type: ignore[arg-type]
    assert age.name == "age"
    assert -0.05 < age.auc_change < 0.01
    assert 0 < age.moved < 1


def test_codes_and_what_is_no_number_get_no_noise_and_add_none() -> None:
    frame, y = rows()
    frame.loc[::10, "age"] = -999_999.0
    frame.loc[1::10, "age"] = np.nan
    frame.loc[2::10, "age"] = np.inf
    model = ByAge({"age": [-999_999.0]})
    stress_model(model, frame, y=y)  # type: ignore[arg-type]
    before, after = (each.reshape(-1, 10) for each in (frame["age"].to_numpy(), model.seen[-1]))
    np.testing.assert_array_equal(before[:, :3], after[:, :3])
    added = after[:, 3:] - before[:, 3:]
    assert np.all(added != 0)
    assert added.std() == pytest.approx(0.1 * before[:, 3:].std(), rel=0.1)
