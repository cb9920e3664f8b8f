"""A score is measured month by month, and months too small to judge are only counted."""

import json
from dataclasses import replace

import numpy as np
import pytest

from experiments.evaluation.by_period import by_period, volatility
from experiments.evaluation.psi_bins import PsiBins


def monthly_sample():
    rng = np.random.default_rng(6)
    rows = 6050
    period = np.array(["2024-01", "2024-02", "2024-03"] * 2000 + ["2024-04"] * 50)
    p = rng.beta(2, 6, rows)
    return (rng.random(rows) < p).astype(float), p, period


def test_periods_are_measured_and_small_ones_only_counted():
    y, p, period = monthly_sample()
    rows = by_period(y, p, period=period, baseline=PsiBins.fit(p[:2000]), out_of_time={"2024-03"})
    assert [row.period for row in rows] == ["2024-01", "2024-02", "2024-03", "2024-04"]
    assert [row.rows for row in rows] == [2000, 2000, 2000, 50]
    assert [row.is_enough for row in rows] == [True, True, True, False]
    assert [row.is_out_of_time for row in rows] == [False, False, True, False]
    assert np.isnan(rows[3].auc)
    assert all(row.auc_low < row.auc < row.auc_high for row in rows[:3])
    assert rows[0].psi < rows[0].psi_limit * 2
    json.dumps([row.to_dict() for row in rows], allow_nan=False)


def test_volatility_is_the_spread_of_the_monthly_ks():
    y, p, period = monthly_sample()
    expected = np.std([row.ks for row in by_period(y, p, period=period)[:3]])
    assert volatility(y, p, period=period) == pytest.approx(expected)
    assert volatility(y, p, period=None) == 0


def test_bounds_that_nobody_reads_are_not_drawn_and_nothing_else_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    months = np.repeat(["2025-01", "2025-02"], 300)
    y, p = np.tile([0, 1, 0], 200), np.tile(np.linspace(0.1, 0.9, 300), 2)
    told = by_period(y, p, period=months, baseline=PsiBins.fit(p))
    monkeypatch.setattr("experiments.evaluation.by_period.bootstrap_tallies", None)

    rows = by_period(y, p, period=months, baseline=PsiBins.fit(p), with_intervals=False)

    assert [row.is_enough for row in rows] == [True, True]
    for row, whole in zip(rows, told, strict=True):
        assert np.isnan([row.ks_low, row.ks_high]).all()
        assert replace(row, ks_low=whole.ks_low, ks_high=whole.ks_high) == whole
