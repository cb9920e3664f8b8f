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
    rows = segment_table(y, p, frame, columns=[column])
    assert sum(row.rows for row in rows) == len(y)
    assert sum(row.share for row in rows) == pytest.approx(1)
    assert sum(row.events for row in rows) == y.sum()


def test_the_weak_segment_comes_first_and_is_named():
    y, p, frame = sample()
    first, *rest = segment_table(y, p, frame)
    assert (first.column, first.label, first.is_weak) == ("channel", "座机", True)
    assert first.auc == pytest.approx(auc(y[frame.channel == "座机"], p[frame.channel == "座机"]))
    assert [row.label for row in rest if row.is_weak] == []


def test_numbers_become_ranges_with_missing_apart():
    y, p, frame = sample()
    rows = segment_table(y, p, frame, columns=["age"])
    kinds = sorted(row.kind for row in rows)
    assert kinds == ["missing", "range", "range", "range", "range"]
    low_end = next(row for row in rows if row.kind == "range" and row.low is None)
    assert low_end.label == f"[−∞, {low_end.high:g})"


def test_rare_levels_are_put_together():
    y, p, frame = sample()
    rows = segment_table(y, p, frame, columns=["city"])
    assert sorted(row.kind for row in rows) == ["level"] * 8 + ["other"]


def test_a_small_segment_is_counted_and_not_measured():
    y, p, frame = sample(rows=300)
    frame["branch"] = ["a"] * 270 + ["b"] * 30
    *_, last = segment_table(y, p, frame, columns=["branch"])
    assert (last.label, last.rows, last.is_enough, last.is_weak) == ("b", 30, False, False)
    assert np.isnan(last.auc)
    json.dumps(last.to_dict(), allow_nan=False)


def test_unlabelled_rows_are_left_out_whatever_the_index():
    y, p, frame = sample(rows=1000)
    y[:100] = np.nan
    frame.index = np.arange(5000, 6000)
    assert sum(row.rows for row in segment_table(y, p, frame, columns=["channel"])) == 900


def test_ranges_of_the_strongest_driver_itself_are_judged_by_their_probabilities():
    rng = np.random.default_rng(2)
    driver = rng.normal(size=8000)
    p = 1 / (1 + np.exp(1.5 - 2 * driver))
    y, frame = (rng.random(8000) < p).astype(float), pd.DataFrame({"driver": driver})

    by_ranking = segment_table(y, p, frame)
    by_calibration = segment_table(y, p, frame, drivers=["driver"])
    off = segment_table(y, np.where(driver > 1, p / 2, p), frame, drivers=["driver"])

    # Within a range of the driver all are alike, so ranking is poor although nothing is wrong with the model.
    assert any(row.is_weak for row in by_ranking)
    assert [row.is_weak for row in by_calibration] == [False] * 4
    assert {row.judged_by for row in by_calibration} == {"calibration"}
    assert [row.low is not None and row.high is None for row in off if row.is_weak] == [True]
