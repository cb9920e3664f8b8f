"""What a column says alone and how it moved: by hand, in one set of bins."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from experiments.evaluation.calibration_facts import calibration_facts
from experiments.evaluation.column_facts import column_facts
from experiments.evaluation.crossed_segments import crossed_segments
from experiments.evaluation.metrics import auc


def test_iv_psi_and_rates_of_a_category_are_those_worked_out_by_hand() -> None:
    then = ["a"] * 500 + ["b"] * 400 + ["c"] * 100
    y = np.concatenate([np.repeat([1, 0], [50, 450]), np.repeat([1, 0], [80, 320]), np.repeat([1, 0], [30, 70])])
    now = ["a"] * 500 + ["b"] * 500
    now_y = np.repeat([1, 0, 1, 0], [40, 460, 90, 410])
    found = column_facts(then, y, later=now, later_y=now_y, name="city")
    assert [bin_.label for bin_ in found.bins] == ["a", "b", "c"]
    assert [bin_.event_rate for bin_ in found.bins] == pytest.approx([0.1, 0.2, 0.3])
    events, others = np.array([50, 80, 30]) + 0.5, np.array([450, 320, 70]) + 0.5
    shares = events / events.sum(), others / others.sum()
    assert found.iv == pytest.approx(float(((shares[0] - shares[1]) * np.log(shares[0] / shares[1])).sum()))
    assert found.bins[0].woe == pytest.approx(float(np.log(shares[0][0] / shares[1][0])))
    assert found.iv_floor == pytest.approx(2 * (1 / 160 + 1 / 840))
    base, late = (np.array([500, 400, 100]) + 0.5) / 1001.5, (np.array([500, 500, 0]) + 0.5) / 1001.5
    assert found.psi == pytest.approx(float(((late - base) * np.log(late / base)).sum()))
    assert found.is_shift
    assert np.isnan(found.bins[2].later_event_rate)


def test_the_parts_of_the_bins_add_up_to_the_psi_and_missing_has_its_own() -> None:
    random = np.random.default_rng(1)
    then, now = random.normal(size=2_000), random.normal(0.5, size=1_000)
    then[:100], now[:200] = np.nan, np.nan
    y, later_y = random.integers(0, 2, 2_000), random.integers(0, 2, 1_000)
    found = column_facts(then, y, later=now, later_y=later_y)
    assert sum(bin_.psi for bin_ in found.bins) == pytest.approx(found.psi)
    assert (found.missing, found.later_missing) == (0.05, 0.2)
    assert next(bin_ for bin_ in found.bins if bin_.label == "missing").later_rows == 200


def test_pure_noise_is_called_so_by_its_p_value() -> None:
    random = np.random.default_rng(2)
    found = column_facts(random.normal(size=5_000), np.arange(5_000) % 2, later=[0.0], later_y=[1])
    assert found.iv_p_value > 0.01
    assert found.iv < 4 * found.iv_floor


def test_calibration_by_decile_adds_up_to_the_sample() -> None:
    random = np.random.default_rng(5)
    p = random.uniform(0.05, 0.6, 4_000)
    y = (random.random(4_000) < p / 1.25).astype(float)
    found = calibration_facts(y, p)
    assert found.observed_expected == pytest.approx(y.sum() / p.sum())
    assert found.observed_expected_high < 1
    assert len(found.groups) == 10
    assert sum(group.rows for group in found.groups) == 4_000
    assert sum(group.predicted * group.rows for group in found.groups) == pytest.approx(p.sum())
    fitted = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1_000).fit(np.log(p / (1 - p))[:, None], y)
    assert found.slope == pytest.approx(fitted.coef_[0, 0], rel=1e-4)


def test_crossed_segments_are_measured_on_the_rows_that_both_columns_choose() -> None:
    random = np.random.default_rng(7)
    frame = pd.DataFrame({"city": random.choice(["a", "b"], 4_000), "age": random.integers(20, 70, 4_000)})
    p = random.uniform(size=4_000)
    y = (random.random(4_000) < p).astype(float)
    y[frame["city"] == "b"] = random.integers(0, 2, int((frame["city"] == "b").sum()))
    found = crossed_segments(y, p, first=frame["city"], second=frame["age"])
    assert sum(each.row.rows for each in found) == 4_000
    assert all(each.row.is_weak == (each.row.label == "b") for each in found)
    one = found[0]
    inside = (frame["age"] >= (one.other.low or 0)) & (frame["age"] < (one.other.high or 999))
    own = (frame["city"] == one.row.label) & inside
    assert one.row.auc == pytest.approx(auc(y[own], p[own]))
