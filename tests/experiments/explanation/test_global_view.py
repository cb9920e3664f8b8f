"""The views of a model are small, plain and true to the contributions."""

import json

import numpy as np
import pandas as pd
import pytest

from experiments.explanation.global_view import (
    beeswarm_of,
    dependence_of,
    example_rows,
    importance_of,
    to_plain,
    waterfall_of,
)

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
    assert second.direction is None
    assert sum(entry.share for entry in (top, second, *rest)) == pytest.approx(1.0)


def test_the_beeswarm_shows_the_same_few_rows_for_every_column():
    swarm = beeswarm_of(PHI, FRAME, columns=3, points=40)

    assert [entry.column for entry in swarm] == ["age", "city", "since"]
    assert {len(entry.phi) for entry in swarm} == {40}
    age = swarm[0]
    assert [rank is None for rank in age.rank] == [text == "" for text in age.value]
    filled = [(rank, phi) for rank, phi in zip(age.rank, age.phi, strict=True) if rank is not None]
    assert sorted(filled) == sorted(filled, key=lambda pair: pair[1])
    assert set(swarm[1].rank) == {None}
    json.dumps(to_plain(swarm), allow_nan=False)


def test_dependence_covers_every_row_once_and_keeps_empty_cells_apart():
    curve = dependence_of(FRAME["age"], PHI["age"].to_numpy())

    assert sum(point.rows for point in curve.points) + curve.empty.rows == 500
    assert len(curve.points) <= 21
    means = [point.mean for point in curve.points]
    assert means == sorted(means)
    assert curve.points[0].low == 18
    json.dumps(curve.to_dict(), allow_nan=False)


def test_dependence_of_a_category_lists_its_levels_by_frequency():
    curve = dependence_of(FRAME["city"], PHI["city"].to_numpy())

    assert [(point.level, point.mean) for point in curve.points] == [("x", 0.5), ("y", -0.5)]
    assert curve.empty.mean == -0.5


def test_dependence_of_dates_reads_as_dates_and_an_empty_column_has_no_points():
    dates = dependence_of(FRAME["since"], np.zeros(500), bins=2).points
    assert dates[0].text.startswith("2020-01-")
    assert dependence_of(pd.Series([np.nan] * 5, name="nothing"), np.zeros(5)).points == []


def test_a_waterfall_leads_from_the_base_to_the_margin():
    row = int(np.flatnonzero(FRAME["age"].notna())[0])
    fall = waterfall_of(PHI.iloc[row], -1.0, FRAME.iloc[row], steps=1)

    assert fall.base + sum(step.phi for step in fall.steps) + fall.rest == pytest.approx(fall.margin)
    assert fall.margin == pytest.approx(-1.0 + PHI.iloc[row].sum())
    assert fall.rest_columns == 3


def test_examples_are_a_high_a_low_and_one_near_the_cut_off():
    p = np.linspace(0, 1, 101)
    assert example_rows(p, 0.305) == {"high": 98, "near": 30, "low": 2}
