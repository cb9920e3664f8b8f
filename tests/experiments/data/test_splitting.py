"""Rows are set aside in time where there is time, by chance elsewhere, and customers are never cut in two."""

import numpy as np
import pandas as pd
import pytest

from experiments.data.splitting import split_rows
from experiments.spec import ExperimentSpec


def table(rows: int = 1200, **columns: object) -> tuple[pd.DataFrame, np.ndarray]:
    y = (np.random.default_rng(1).random(rows) < 0.2).astype(float)
    return pd.DataFrame({"x": np.arange(rows), **columns}), y


def spec(**options: object) -> ExperimentSpec:
    return ExperimentSpec(target="y", event="1", **options)  # type: ignore[arg-type]


def test_without_a_date_a_stratified_fifth_is_held_out_and_five_folds_cover_the_rest():
    frame, y = table()
    split = split_rows(frame, y, spec())
    assert (split.held_out_kind, len(split.train), len(split.held_out), len(split.folds)) == ("held_out", 960, 240, 5)
    assert abs(y[split.held_out].mean() - y.mean()) < 0.01
    np.testing.assert_array_equal(np.sort(np.concatenate([valid for _, valid in split.folds])), split.train)
    for fit, valid in split.folds:
        assert not set(fit) & set(valid)
        assert abs(y[valid].mean() - y.mean()) < 0.01
    message = split.description["message"] % split.description["params"]
    assert message == (
        "Train on 80 % of the rows with 5 folds, and keep a random 20 % as held-out test. There is no date column, so "
        "stability over time is not tested."
    )


def test_the_same_seed_gives_the_same_split_and_another_another():
    frame, y = table()
    first, again, other = (split_rows(frame, y, spec(seed=seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.held_out, again.held_out)
    assert not np.array_equal(first.held_out, other.held_out)


def test_with_a_date_the_newest_fifth_of_months_is_kept_out_of_time():
    months = pd.date_range("2024-01-15", periods=10, freq="MS")
    frame, y = table(seen=np.random.default_rng(2).permutation(np.repeat(months, 120)))
    split = split_rows(frame, y, spec(time_column="seen"))
    assert split.held_out_kind == "out_of_time"
    assert sorted(set(split.period_of_row[split.held_out])) == ["2024-10", "2024-11"]
    assert frame["seen"].iloc[split.train].max() < frame["seen"].iloc[split.held_out].min()
    assert split.description["message"] % split.description["params"] == (
        "Train on 2024-02-01 to 2024-09-01 with 5 folds, and keep 2024-10-01 to 2024-11-01 as out-of-time test."
    )


def test_a_growing_portfolio_keeps_most_of_its_rows_for_training():
    months = pd.date_range("2024-01-01", periods=10, freq="MS")
    frame, y = table(seen=np.repeat(months, [20, 20, 20, 20, 20, 100, 200, 200, 300, 300]))
    split = split_rows(frame, y, spec(time_column="seen"))
    assert sorted(set(split.period_of_row[split.held_out])) == ["2024-10"]


def test_a_single_date_cannot_split_by_time_and_says_so():
    frame, y = table(seen=pd.Timestamp("2024-01-01"))
    split = split_rows(frame, y, spec(time_column="seen"))
    assert split.held_out_kind == "held_out"
    assert split.notes[0]["message"] % split.notes[0]["params"] == (
        "The date column seen cannot be split by time (all rows have the same date, or none), so a random share is "
        "held out instead."
    )


def test_rows_without_a_date_are_for_training_only():
    frame, y = table(seen=pd.date_range("2024-01-01", periods=1200, freq="6h"))
    frame.loc[:99, "seen"] = pd.NaT
    split = split_rows(frame, y, spec(time_column="seen"))
    assert set(range(100)) <= set(split.train)
    assert split.notes[0]["params"] == {"count": 100, "column": "seen"}


@pytest.mark.parametrize("options", [{"group_column": "customer"}, {"id_column": "customer"}])
def test_a_customer_is_never_cut_in_two(options):
    frame, y = table(customer=np.repeat(np.arange(400), 3))
    split = split_rows(frame, y, spec(**options))
    customer = frame["customer"].to_numpy()
    assert not set(customer[split.train]) & set(customer[split.held_out])
    for fit, valid in split.folds:
        assert not set(customer[fit]) & set(customer[valid])
        assert abs(y[valid].mean() - y.mean()) < 0.03
    assert split.description["params"]["group"] == "customer"


def test_unlabelled_rows_are_left_out():
    frame, y = table()
    y[:200] = np.nan
    split = split_rows(frame, y, spec())
    assert min(split.train.min(), split.held_out.min()) >= 200


def test_many_rows_are_searched_on_three_of_the_five_folds():
    frame, y = table(rows=130_000)
    split = split_rows(frame, y, spec())
    assert (len(split.folds), len(split.search_folds)) == (5, 3)
