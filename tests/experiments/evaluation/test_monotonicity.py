"""The grid sees every step in the wrong direction, however rare, and none where there is none."""

import numpy as np
import pandas as pd
import pytest

from experiments.evaluation.monotonicity import MonotoneCheck, check_monotone


class Model:
    """A model that is a function of the frame."""

    def __init__(self, function):
        self.function = function
        self.rows = 0

    def predict(self, frame):
        self.rows += len(frame)
        return self.function(frame).to_numpy(dtype=float)


def _frame(rows: int = 3000) -> pd.DataFrame:
    random = np.random.default_rng(2)
    frame = pd.DataFrame({"age": random.normal(40, 10, rows), "debt": random.normal(size=rows)})
    frame.loc[::7, "age"] = np.nan
    return frame


def test_a_rising_probability_has_no_violations():
    model = Model(lambda frame: 1 / (1 + np.exp(-frame["age"].fillna(99) / 40 + frame["debt"])))
    checks = check_monotone(model, _frame(), constraints={"age": 1, "debt": -1})
    assert checks == [
        MonotoneCheck("age", 1, 0, 0.0, rows=1000, points=20),
        MonotoneCheck("debt", -1, 0, 0.0, rows=1000, points=20),
    ]
    assert model.rows == 2 * 1000 * 20


def test_the_wrong_direction_is_a_violation_at_every_step():
    model = Model(lambda frame: frame["debt"] / 100)
    frame = _frame()
    [check] = check_monotone(model, frame, constraints={"debt": -1})
    grid = np.sort(frame["debt"])[np.linspace(0, 2999, 20).astype(int)]
    assert check.violations == 1000 * 19
    assert check.worst_step == pytest.approx(np.diff(grid).max() / 100)


def test_one_row_that_goes_wrong_is_seen_behind_many_that_do_not():
    frame = _frame(1000)
    odd = frame["debt"].iloc[123]
    model = Model(lambda rows: np.where(rows["debt"] == odd, -1, 1) * rows["age"] / 1000 + 0 * rows["debt"])
    [check] = check_monotone(model, frame, constraints={"age": 1})
    assert check.violations == 19


def test_rounding_is_no_violation():
    model = Model(lambda frame: 0.5 + 1e-12 * np.sin(1000 * frame["debt"]))
    assert check_monotone(model, _frame(), constraints={"debt": 1})[0].violations == 0


def test_special_values_and_empty_cells_are_not_on_the_grid():
    frame = pd.DataFrame({"months": [-999.0, np.nan, 1.0, 2.0, 3.0, -999.0]})
    model = Model(lambda rows: rows["months"].where(rows["months"] > 0, 9) / 10)
    [check] = check_monotone(model, frame, constraints={"months": 1}, special_values={"months": [-999]})
    assert (check.points, check.violations) == (3, 0)
    assert check_monotone(model, frame, constraints={"months": 1})[0].violations == 6


def test_dates_yes_and_no_and_numbers_written_as_text_are_moved_in_their_order():
    frame = pd.DataFrame(
        {
            "opened": pd.to_datetime(["2020-01-01", "2021-06-01", "2019-03-01", None]),
            "owner": ["yes", "no", "no", None],
            "count": ["10", "9", "2", ""],
        }
    )
    days = Model(lambda rows: -(rows["opened"] - pd.Timestamp("2000-01-01")).dt.days.fillna(0) / 1e4)
    assert check_monotone(days, frame, constraints={"opened": -1})[0].violations == 0
    assert check_monotone(days, frame, constraints={"opened": 1})[0].violations == 4 * 2
    owner = Model(lambda rows: rows["owner"].eq("yes") * 0.5)
    types = {"owner": "boolean", "count": "numeric"}
    assert check_monotone(owner, frame, constraints={"owner": 1}, types=types)[0].points == 2
    assert check_monotone(owner, frame, constraints={"owner": -1}, types=types)[0].violations == 4
    count = Model(lambda rows: pd.to_numeric(rows["count"], errors="coerce").fillna(0) / 100)
    assert check_monotone(count, frame, constraints={"count": 1}, types=types)[0] == MonotoneCheck(
        "count", 1, 0, 0.0, 4, 3
    )


def test_no_direction_asks_nothing_and_a_constant_cannot_go_wrong():
    frame = _frame(50).assign(same=1.0)
    model = Model(lambda rows: rows["same"])
    assert check_monotone(model, frame, constraints={"debt": 0, "same": 1}) == [MonotoneCheck("same", 1, 0, 0.0, 50, 1)]
    assert model.rows == 0


def test_fewer_rows_are_moved_when_asked_and_the_listener_is_heard():
    model, pulses = Model(lambda rows: rows["debt"]), []
    checks = check_monotone(
        model, _frame(), constraints={"age": 1, "debt": 1}, rows=30, points=5, pulse=lambda: pulses.append(1)
    )
    assert [(check.rows, check.points) for check in checks] == [(30, 5), (30, 5)]
    assert len(pulses) == 2
