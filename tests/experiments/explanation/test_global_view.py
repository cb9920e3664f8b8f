"""The view of a model is true to the contributions."""

import numpy as np
import pandas as pd
import pytest

from experiments.explanation.global_view import example_rows, importance_of

RANDOM = np.random.default_rng(6)
FRAME = pd.DataFrame(
    {
        "age": np.where(RANDOM.random(500) < 0.1, np.nan, RANDOM.integers(18, 80, 500)),
        "city": RANDOM.choice(["x", "y", None], 500, p=[0.6, 0.3, 0.1]),
        "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(RANDOM.integers(0, 900, 500), unit="D"),
        "unused": 1.0,
    }
)
PHI = pd.DataFrame(
    {
        "age": (FRAME["age"].fillna(40) - 45) / 10,
        "city": np.where(FRAME["city"] == "x", 0.5, -0.5),
        "since": np.zeros(500),
        "unused": np.zeros(500),
    }
)


def test_importance_is_the_mean_absolute_contribution_with_its_direction():
    top, second, *rest = importance_of(PHI, FRAME)

    assert (top.column, second.column) == ("age", "city")
    assert top.mean_abs == pytest.approx(PHI["age"].abs().mean())
    assert top.direction == pytest.approx(1.0)
    assert [entry.direction for entry in (second, *rest)] == [None, None, None]
    assert sum(entry.share for entry in (top, second, *rest)) == pytest.approx(1.0)


def test_examples_are_a_high_a_low_and_one_near_the_cut_off():
    p = np.linspace(0, 1, 101)
    assert example_rows(p, 0.305) == {"high": 98, "near": 30, "low": 2}


def test_a_special_value_has_no_part_in_a_columns_direction():
    months = np.append(np.arange(60.0), np.full(60, 9999.0))
    phi = pd.DataFrame({"months": np.append(np.arange(60.0), np.full(60, -50.0))})
    frame = pd.DataFrame({"months": months})

    assert importance_of(phi, frame)[0].direction < 0
    assert importance_of(phi, frame, special_values={"months": [9999]})[0].direction == pytest.approx(1.0)
