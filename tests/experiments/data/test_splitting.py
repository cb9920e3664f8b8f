"""Rows are set aside in time where there is time, by chance elsewhere, and customers are never cut in two."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.data.splitting.scheme import split_rows
from experiments.data.splitting.split import Split
from experiments.errors import BadInput
from experiments.spec import ExperimentSpec, ValidationScheme


def table(rows: int = 1200, **columns: object) -> tuple[pd.DataFrame, np.ndarray]:
    y = (np.random.default_rng(1).random(rows) < 0.2).astype(float)
    return pd.DataFrame({"x": np.arange(rows), **columns}), y


def spec(**options: object) -> ExperimentSpec:
    return ExperimentSpec(target="y", event="1", **options)  # type: ignore[arg-type]


def test_without_a_date_a_stratified_fifth_is_held_out_and_five_folds_cover_the_rest():
    frame, y = table()
    split = split_rows(frame, y, spec=spec())
    assert (split.held_out_kind, len(split.train), len(split.held_out), len(split.folds)) == ("held_out", 960, 240, 5)
    assert abs(y[split.held_out].mean() - y.mean()) < 0.01
    np.testing.assert_array_equal(np.sort(np.concatenate([valid for _, valid in split.folds])), split.train)
    for fit, valid in split.folds:
        assert not set(fit) & set(valid)
        assert abs(y[valid].mean() - y.mean()) < 0.01
    message = split.description["message"] % split.description["params"]
    assert message == (
        "Train on 80% of the rows with 5 folds drawn at random, and keep a random 20% as the held-out "
        "test. No observation date is given, so stability over time is not tested."
    )


def test_dates_of_a_single_month_are_not_said_to_be_lacking():
    frame, y = table(seen=np.repeat(np.datetime64("2024-01-15"), 1_200))
    split = split_rows(frame, y, spec=spec(time_column="seen"))
    assert split.held_out_kind == "held_out"
    assert "The rows cannot be split by their dates" in split.description["message"]


def test_the_same_seed_gives_the_same_split_and_another_another():
    frame, y = table()
    first, again, other = (split_rows(frame, y, spec=spec(seed=seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.held_out, again.held_out)
    assert not np.array_equal(first.held_out, other.held_out)


def test_with_a_date_the_newest_fifth_of_months_is_kept_out_of_time():
    months = pd.date_range("2024-01-15", periods=10, freq="MS")
    frame, y = table(seen=np.random.default_rng(2).permutation(np.repeat(months, 120)))
    split = split_rows(frame, y, spec=spec(time_column="seen"))
    assert split.held_out_kind == "out_of_time"
    assert sorted(set(split.period_of_row[split.held_out])) == ["2024-10", "2024-11"]
    assert frame["seen"].iloc[split.train].max() < frame["seen"].iloc[split.held_out].min()
    assert split.description["message"] % split.description["params"] == (
        "Train on 2024-02 to 2024-09 with 5 folds, and keep 2024-10 to 2024-11 as the out-of-time test."
    )


def test_days_that_systems_write_for_none_are_not_the_newest():
    months = pd.date_range("2024-01-15", periods=10, freq="MS")
    seen = np.random.default_rng(2).permutation(np.repeat(months, 120)).astype("datetime64[us]")
    seen[:4] = np.array(["9999-12-31", "9999-12-31", "2044-05-01", "1900-01-01"], dtype="datetime64[us]")
    frame, y = table(seen=seen)
    split = split_rows(frame, y, spec=spec(time_column="seen"))
    assert sorted(set(split.period_of_row[split.held_out])) == ["2024-10", "2024-11"]
    assert {0, 1, 2, 3} <= set(split.train)
    assert [note["message"] % note["params"] for note in split.notes] == [
        "4 rows have no date in seen, or one far from all others; they are used for training only."
    ]


def test_a_growing_portfolio_keeps_most_of_its_rows_for_training():
    months = pd.date_range("2024-01-01", periods=10, freq="MS")
    frame, y = table(seen=np.repeat(months, [20, 20, 20, 20, 20, 100, 200, 200, 300, 300]))
    split = split_rows(frame, y, spec=spec(time_column="seen"))
    assert sorted(set(split.period_of_row[split.held_out])) == ["2024-10"]


def test_a_single_date_cannot_split_by_time_and_says_so():
    frame, y = table(seen=pd.Timestamp("2024-01-01"))
    split = split_rows(frame, y, spec=spec(time_column="seen"))
    assert split.held_out_kind == "held_out"
    assert split.notes[0]["message"] % split.notes[0]["params"] == (
        "The date column seen cannot be split by time (all rows have the same date, or none), so a random share is "
        "held out instead."
    )


def test_rows_without_a_date_are_for_training_only():
    frame, y = table(seen=pd.date_range("2024-01-01", periods=1200, freq="6h"))
    frame.loc[:99, "seen"] = pd.NaT
    split = split_rows(frame, y, spec=spec(time_column="seen"))
    assert set(range(100)) <= set(split.train)
    assert split.notes[0]["params"] == {"count": 100, "column": "seen"}


@pytest.mark.parametrize("options", [{"group_column": "customer"}, {"id_column": "customer"}])
def test_a_customer_is_never_cut_in_two(options):
    frame, y = table(customer=np.repeat(np.arange(400), 3))
    split = split_rows(frame, y, spec=spec(**options))
    customer = frame["customer"].to_numpy()
    assert not set(customer[split.train]) & set(customer[split.held_out])
    for fit, valid in split.folds:
        assert not set(customer[fit]) & set(customer[valid])
        assert abs(y[valid].mean() - y.mean()) < 0.03
    assert split.description["params"]["group"] == "customer"


def test_unlabelled_rows_are_left_out():
    frame, y = table()
    y[:200] = np.nan
    split = split_rows(frame, y, spec=spec())
    assert min(split.train.min(), split.held_out.min()) >= 200


def test_many_rows_are_searched_on_three_of_the_five_folds():
    frame, y = table(rows=130_000)
    split = split_rows(frame, y, spec=spec())
    assert (len(split.folds), len(split.search_folds)) == (5, 3)


def scheme(name: str, **options: object) -> ExperimentSpec:
    validation = {key: options.pop(key) for key in ("embargo_days", "split_column", "folds") if key in options}
    return spec(validation=ValidationScheme(scheme=name, **validation), **options)  # type: ignore[arg-type]


def require_each_labelled_row_in_one_part(split: Split, y: np.ndarray) -> None:
    parts = np.concatenate([split.train, split.validation, split.held_out, split.left_out])
    np.testing.assert_array_equal(np.sort(parts), np.flatnonzero(~np.isnan(y)))
    learnt_from = set(split.train) | set(split.validation)
    for fit, valid in split.folds:
        assert not set(fit) & set(valid)
        assert set(fit) | set(valid) <= learnt_from
    validated = np.concatenate([valid for _, valid in split.folds])
    assert len(validated) == len(set(validated))


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    rows=st.integers(150, 500),
    customers=st.integers(20, 400),
    name=st.sampled_from(["auto", "stratified", "grouped", "time"]),
    embargo=st.sampled_from([0, 1, 10, 45]),
    has_dates=st.booleans(),
    has_groups=st.booleans(),
)
def test_no_scheme_uses_a_row_twice_cuts_a_customer_or_breaks_an_embargo(
    seed, rows, customers, name, embargo, has_dates, has_groups
):
    random = np.random.default_rng(seed)
    y = (random.random(rows) < 0.35).astype(float)
    y[random.random(rows) < 0.1] = np.nan
    seen = pd.Series(pd.Timestamp("2023-01-01") + pd.to_timedelta(random.integers(0, 700, rows), unit="D"))
    seen[random.random(rows) < 0.05] = pd.NaT
    frame = pd.DataFrame({"customer": random.integers(0, customers, rows), "seen": seen})
    is_possible = has_dates or name != "time"
    asked = scheme(
        name,
        embargo_days=embargo if name in ("auto", "time") and has_dates else 0,
        seed=seed,
        time_column="seen" if has_dates and name != "grouped" else None,
        group_column="customer" if has_groups or name == "grouped" else None,
    )
    if not is_possible:
        with pytest.raises(BadInput, match="needs a date column"):
            split_rows(frame, y, spec=asked)
        return
    split = split_rows(frame, y, spec=asked)
    require_each_labelled_row_in_one_part(split, y)
    if asked.group_column is not None:
        customer = frame["customer"].to_numpy()
        for fit, valid in split.folds:
            assert not set(customer[fit]) & set(customer[valid])
        if split.held_out_kind == "held_out":
            assert not set(customer[split.train]) & set(customer[split.held_out])
    if split.scheme == "time":
        for fit, valid in [*split.folds, (split.train, split.held_out)]:
            assert (seen[valid].min() - seen[fit].max()).days > asked.validation.embargo_days
    else:
        validated = np.concatenate([valid for _, valid in split.folds])
        np.testing.assert_array_equal(np.sort(validated), split.train)
        assert len(split.left_out) == 0


def test_folds_in_the_order_of_time_grow_and_the_sentence_says_so():
    months = pd.date_range("2024-01-15", periods=12, freq="MS")
    frame, y = table(seen=np.random.default_rng(2).permutation(np.repeat(months, 100)))
    split = split_rows(frame, y, spec=scheme("time", time_column="seen", folds=3))
    assert split.scheme == "time"
    assert [len(valid) for _, valid in split.folds] == [300, 200, 300]
    assert [len(fit) for fit, _ in split.folds] == [200, 500, 700]
    assert split.description["message"] % split.description["params"] == (
        "Train on 2024-02 to 2024-11 with 3 folds by time, each validated on later rows, and keep "
        "2024-12 to 2025-01 as the out-of-time test."
    )


def test_an_embargo_leaves_the_days_before_the_test_out_and_says_how_many_rows():
    frame, y = table(seen=pd.date_range("2024-01-01", periods=1200, freq="6h"))
    split = split_rows(frame, y, spec=scheme("auto", time_column="seen", embargo_days=10))
    first_day = frame["seen"].iloc[split.held_out].min().normalize()
    assert frame["seen"].iloc[split.train].max() == first_day - pd.Timedelta(days=10, hours=6)
    note = split.notes[0]["message"] % split.notes[0]["params"]
    assert note == (
        f"40 rows dated in the 10 days before {first_day.date()} are left out; each fold has the same embargo."
    )


def test_an_embargo_shorter_than_a_month_of_monthly_dates_says_that_it_leaves_nothing_out():
    frame, y = table(seen=np.repeat(pd.date_range("2023-01-01", periods=12, freq="MS"), 100))
    split = split_rows(frame, y, spec=scheme("auto", time_column="seen", embargo_days=30, folds=3))
    assert str(frame["seen"].iloc[split.train].max().date()) == "2023-10-01"
    assert split.notes[0]["message"] % split.notes[0]["params"] == (
        "No row is dated in the 30 days before 2023-11-01, so none is left out there; each fold keeps the same "
        "distance. Where dates stand for whole months, 31 days leave one month out."
    )


def test_a_customer_seen_every_month_is_fitted_on_or_validated_on_but_never_both():
    frame = pd.DataFrame(
        {"customer": np.tile(np.arange(100), 12),
         "seen": np.repeat(pd.date_range("2024-01-01", periods=12, freq="MS"), 100)}
    )  # fmt: skip
    y = (np.random.default_rng(1).random(1200) < 0.3).astype(float)
    split = split_rows(frame, y, spec=scheme("time", time_column="seen", group_column="customer", folds=3))
    customer = frame["customer"].to_numpy()
    for fit, valid in split.folds:
        assert len(set(customer[fit])) == len(set(customer[valid])) == 50
        assert not set(customer[fit]) & set(customer[valid])


def test_repeated_ids_are_cut_only_when_a_split_by_rows_is_asked_for_and_it_is_told():
    frame, y = table(customer=np.repeat(np.arange(400), 3))
    split = split_rows(frame, y, spec=scheme("stratified", id_column="customer"))
    assert split.scheme == "stratified"
    assert "also in training, so the test may look better" in split.notes[0]["message"] % split.notes[0]["params"]


def test_asked_for_chance_beside_a_date_the_sentence_does_not_say_there_is_none():
    frame, y = table(seen=pd.date_range("2024-01-01", periods=1200, freq="6h"))
    split = split_rows(frame, y, spec=scheme("stratified", time_column="seen"))
    assert split.held_out_kind == "held_out"
    assert split.description["message"] % split.description["params"] == (
        "Train on 80% of the rows with 5 folds, and keep a random 20% as the held-out test, as asked. "
        "Stability over time is not tested."
    )


def test_weights_are_spread_over_the_folds_more_evenly_than_chance_would():
    frame, y = table()
    frame["weight"] = np.random.default_rng(3).lognormal(0, 1, len(frame))

    def unevenness(asked: ExperimentSpec) -> float:
        folds = split_rows(frame, y, spec=asked).folds
        return float(np.std([(frame["weight"] * y).iloc[valid].sum() for _, valid in folds]))

    weighted = np.mean([unevenness(scheme("auto", weight_column="weight", seed=seed)) for seed in range(5)])
    blind = np.mean([unevenness(scheme("auto", seed=seed)) for seed in range(5)])
    assert weighted < 0.6 * blind


def test_folds_hold_every_month_in_like_shares_of_events():
    months = np.repeat(pd.date_range("2024-01-01", periods=6, freq="MS"), 200)
    frame, y = table(seen=np.random.default_rng(3).permutation(months))
    split = split_rows(frame, y, spec=scheme("stratified", time_column="seen"))
    counts = np.array([pd.crosstab(frame["seen"].iloc[valid], y[valid]).to_numpy() for _, valid in split.folds])
    assert np.ptp(counts, axis=0).max() <= 3


def test_a_given_split_in_three_is_taken_as_it_is():
    frame, y = table(part=np.repeat(["train", "valid", "test"], [700, 200, 300]))
    split = split_rows(frame, y, spec=scheme("given", split_column="part"))
    require_each_labelled_row_in_one_part(split, y)
    np.testing.assert_array_equal(split.train, np.arange(700))
    np.testing.assert_array_equal(split.held_out, np.arange(900, 1200))
    assert len(split.folds) == 1
    np.testing.assert_array_equal(split.folds[0][0], split.train)
    np.testing.assert_array_equal(split.folds[0][1], np.arange(700, 900))
    assert split.ships_what_was_measured
    assert split.description["message"] % split.description["params"] == (
        "Train on the 700 rows that part marks for training, validate on the 200 rows it marks for "
        "validation, and keep the 300 rows it holds out as the test."
    )


def test_a_given_split_in_two_deals_folds_from_the_rows_for_training():
    frame, y = table(part=np.repeat([0, 1, np.nan], [800, 300, 100]), customer=np.repeat(np.arange(300), 4))
    split = split_rows(frame, y, spec=scheme("given", split_column="part", group_column="customer"))
    require_each_labelled_row_in_one_part(split, y)
    assert (len(split.train), len(split.held_out), len(split.left_out), len(split.folds)) == (800, 300, 100, 5)
    customer = frame["customer"].to_numpy()
    for fit, valid in split.folds:
        assert not set(customer[fit]) & set(customer[valid])
    assert [note["message"] % note["params"] for note in split.notes] == [
        "100 labelled rows have no value in part; they are left out."
    ]


def test_a_given_test_that_is_later_than_all_else_is_out_of_time():
    frame, y = table(part=np.repeat(["train", "oot"], [900, 300]), seen=pd.date_range("2024-01-01", periods=1200))
    split = split_rows(frame, y, spec=scheme("given", split_column="part", time_column="seen"))
    assert (split.held_out_kind, split.boundaries["held_to"]) == ("out_of_time", "2027-04-14")


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (scheme("time"), "needs a date column"),
        (scheme("auto", embargo_days=5), "An embargo of 5 days needs a date column"),
        (
            scheme("stratified", embargo_days=5, time_column="seen"),
            "needs a split by time",
        ),
        (scheme("auto", embargo_days=-1), "0 or more"),
        (scheme("auto", embargo_days=4000, time_column="seen"), "leaves too few rows to train on"),
        (scheme("time", embargo_days=0, time_column="flat"), "cannot be split by time: all rows have the same date"),
        (scheme("time", embargo_days=150, time_column="seen"), "No fold can be split by time"),
        (scheme("grouped"), "needs a group or customer ID column"),
        (scheme("given"), "needs that column"),
        (scheme("given", split_column="lopsided"), "Of the rows that lopsided marks as test, 0 have the event"),
    ],
)
def test_a_scheme_the_table_cannot_serve_is_refused_in_words(asked, sentence):
    frame, y = table(seen=pd.date_range("2024-01-01", periods=1200, freq="6h"), flat=pd.Timestamp("2024-01-01"))
    frame["lopsided"] = np.where((y == 0) & (frame["x"] > 900), "test", "train")
    with pytest.raises(BadInput, match=sentence):
        split_rows(frame, y, spec=asked)


def dated(rows: int = 400) -> tuple[pd.DataFrame, np.ndarray]:
    y = (np.arange(rows) % 4 == 0).astype(float)
    return pd.DataFrame({"seen": pd.date_range("2025-01-01", periods=rows), "bad": y}), y


@pytest.mark.parametrize("name", ["auto", "time"])
def test_a_chosen_day_cuts_the_rows_out_of_time_exactly_there(name: str) -> None:
    frame, y = dated()
    asked = ExperimentSpec(
        "bad", "1", time_column="seen", validation=ValidationScheme(scheme=name, held_out_from="2025-11-15")
    )

    split = split_rows(frame, y, spec=asked)

    assert split.held_out_kind == "out_of_time"
    assert str(frame["seen"].iloc[split.held_out].min().date()) == "2025-11-15"
    assert str(frame["seen"].iloc[split.train].max().date()) == "2025-11-14"


@pytest.mark.parametrize(
    ("validation", "time", "said"),
    [
        (ValidationScheme(held_out_from="2025-01-02"), "seen", "leaves too few events or non-events"),
        (ValidationScheme(held_out_from="2031-01-01"), "seen", "The dates run from"),
        (ValidationScheme(held_out_from="2025-11-15"), None, "needs a date column"),
        (ValidationScheme(held_out_from="2025-11-15", scheme="stratified"), "seen", "needs a split by time"),
    ],
)
def test_a_day_that_cannot_cut_the_table_is_refused(validation: ValidationScheme, time: str | None, said: str) -> None:
    frame, y = dated()

    with pytest.raises(BadInput) as refused:
        split_rows(frame, y, spec=ExperimentSpec("bad", "1", time_column=time, validation=validation))

    assert said in str(refused.value)
