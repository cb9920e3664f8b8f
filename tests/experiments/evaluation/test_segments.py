"""Segments: every row is counted once, the weak ones are found, the small ones only counted."""

import json

import numpy as np
import pandas as pd
import pytest

from experiments.evaluation.metrics import auc
from experiments.evaluation.segments import segment_table


def sample(rows=8000):
    rng = np.random.default_rng(0)
    channel = rng.choice(["手机", "座机"], rows)
    p = rng.beta(2, 6, rows)
    # For landlines the score knows nothing.
    truth = np.where(channel == "座机", 0.25, p)
    frame = pd.DataFrame(
        {
            "channel": channel,
            "age": np.where(rng.random(rows) < 0.1, np.nan, rng.integers(18, 80, rows)),
            "city": rng.choice([f"c{number}" for number in range(20)], rows),
            "is_new": rng.random(rows) < 0.5,
            "opened": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 90, rows), unit="D"),
        }
    )
    return (rng.random(rows) < truth).astype(float), p, frame


@pytest.mark.parametrize("column", ["channel", "age", "city", "is_new", "opened"])
def test_the_segments_of_a_column_hold_every_row_once(column):
    y, p, frame = sample()
    rows = segment_table(y, p, frame=frame, columns=[column])
    assert sum(row.rows for row in rows) == len(y)
    assert sum(row.share for row in rows) == pytest.approx(1)
    assert sum(row.events for row in rows) == y.sum()


def test_the_weak_segment_comes_first_and_is_named():
    y, p, frame = sample()
    first, *rest = segment_table(y, p, frame=frame)
    assert (first.column, first.label, first.is_weak) == ("channel", "座机", True)
    assert first.auc == pytest.approx(auc(y[frame.channel == "座机"], p[frame.channel == "座机"]))
    assert [row.label for row in rest if row.is_weak] == []


def test_numbers_become_ranges_with_missing_apart():
    y, p, frame = sample()
    rows = segment_table(y, p, frame=frame, columns=["age"])
    kinds = sorted(row.kind for row in rows)
    assert kinds == ["missing", "range", "range", "range", "range"]
    low_end = next(row for row in rows if row.kind == "range" and row.low is None)
    assert low_end.label == f"[−∞, {low_end.high:g})"


def test_rare_levels_are_put_together():
    y, p, frame = sample()
    rows = segment_table(y, p, frame=frame, columns=["city"])
    assert sorted(row.kind for row in rows) == ["level"] * 8 + ["other"]


def test_a_small_segment_is_counted_and_not_measured():
    y, p, frame = sample(rows=300)
    frame["branch"] = ["a"] * 270 + ["b"] * 30
    *_, last = segment_table(y, p, frame=frame, columns=["branch"])
    assert (last.label, last.rows, last.is_enough, last.is_weak) == ("b", 30, False, False)
    assert np.isnan(last.auc)
    json.dumps(last.to_dict(), allow_nan=False)


def test_unlabelled_rows_are_left_out_whatever_the_index():
    y, p, frame = sample(rows=1000)
    y[:100] = np.nan
    frame.index = np.arange(5000, 6000)
    assert sum(row.rows for row in segment_table(y, p, frame=frame, columns=["channel"])) == 900


def test_segments_of_customers_alike_by_score_are_judged_by_their_probabilities():
    rng = np.random.default_rng(4)
    driver = rng.normal(size=20_000)
    p = 1 / (1 + np.exp(1.5 - 2 * driver))
    y = (rng.random(20_000) < p).astype(float)
    grade = pd.cut(driver + 0.3 * rng.normal(size=20_000), [-9, -0.7, 0, 0.7, 9], labels=list("ABCD")).astype(str)
    frame = pd.DataFrame({"driver": driver, "grade": grade})

    rows = segment_table(y, p, frame=frame)
    off = segment_table(y, np.where(driver > 1, p / 2, p), frame=frame, columns=["driver"])

    # Within a range of the driver, or a level that follows it, all are alike: ranking is poor and nothing is wrong.
    assert all(row.auc_high < auc(y, p) - 0.02 for row in rows if row.label in "BC")
    assert not any(row.is_weak for row in rows)
    assert {row.judged_by for row in rows if row.label in ("A", "B", "C") or row.column == "driver"} == {"calibration"}
    assert [row.low is not None and row.high is None for row in off if row.is_weak] == [True]


def test_a_segment_in_which_the_model_ranks_by_chance_is_weak_although_its_scores_are_spread():
    rng = np.random.default_rng(3)
    p, is_noise = rng.uniform(0.05, 0.95, 6000), rng.random(6000) < 0.3
    y = (rng.random(6000) < np.where(is_noise, 0.5, p)).astype(float)
    frame = pd.DataFrame({"branch": np.where(is_noise, "new", "old")})

    first, second = segment_table(y, p, frame=frame)

    assert (first.label, first.is_weak, first.judged_by) == ("new", True, "ranking")
    assert not second.is_weak


def test_every_segment_of_a_driver_is_judged_by_its_probabilities():
    y, p, frame = sample()
    assert {row.judged_by for row in segment_table(y, p, frame=frame, drivers=list(frame))} == {"calibration"}
