"""Bins keep their limits, and every cell of any table finds a place."""

import json

import numpy as np
import pandas as pd
import pytest

from experiments.features.binning import BinningProcess
from experiments.features.woe import woe_of_bins

RANDOM = np.random.default_rng(11)
N = 4_000
X = RANDOM.normal(size=N)
Y = (RANDOM.random(N) < 1 / (1 + np.exp(1.5 - X))).astype(float)


def column(values: object, y: np.ndarray = Y, **options: object):
    return BinningProcess().fit(pd.DataFrame({"x": values}), y, **options).bins_["x"]


def test_ranges_are_closed_on_the_left_and_hold_the_limits():
    binned = column(X)
    index = binned.assign(pd.Series(X))

    assert 2 <= len(binned.bins) <= 8
    assert binned.trend == "ascending"
    assert [bin_.low for bin_ in binned.bins[1:]] == [bin_.high for bin_ in binned.bins[:-1]]
    assert binned.assign(pd.Series(binned.edges)).tolist() == list(range(1, len(binned.bins)))
    assert min(bin_.rows for bin_ in binned.bins) >= 0.05 * N
    assert [bin_.rows for bin_ in binned.bins] == np.bincount(index).tolist()
    assert sum(bin_.events for bin_ in binned.bins) == Y.sum()
    events = np.array([bin_.events for bin_ in binned.bins])
    others = np.array([bin_.non_events for bin_ in binned.bins])
    assert [bin_.woe for bin_ in binned.bins] == woe_of_bins(events, others).tolist()


def test_a_wanted_direction_is_kept_even_against_the_data():
    binned = column(X, monotone={"x": -1})
    rates = [bin_.event_rate for bin_ in binned.bins]
    assert rates == sorted(rates, reverse=True)


def test_a_u_shape_is_found():
    y = (RANDOM.random(N) < np.where(np.abs(X) > 1, 0.6, 0.1)).astype(float)
    assert column(X, y).trend == "valley"


def test_noise_gets_few_bins_and_an_information_value_within_chance():
    assert column(RANDOM.normal(size=N)).p_value > 0.001


def test_empty_cells_and_special_values_have_bins_of_their_own():
    x = X.copy()
    x[:400], x[400:900], x[900:905] = np.nan, -999, -1
    y = Y.copy()
    y[:400] = np.arange(400) % 2
    binned = column(x, y, special_values={"x": {"no record": [-999], "refused": [-1]}})

    kinds = {(bin_.kind, bin_.name): bin_ for bin_ in binned.bins if bin_.kind != "range"}
    assert {key: bin_.rows for key, bin_ in kinds.items()} == {
        ("special", "no record"): 500, ("special", "refused"): 5, ("missing", ""): 400,
    }  # fmt: skip
    assert kinds["missing", ""].flag == ""
    assert kinds["special", "refused"].flag == "joined"  # five rows are too few for a WOE of their own
    assert kinds["special", "refused"].woe == binned.bins[kinds["special", "refused"].joined_to].woe
    assert binned.bins[binned.assign(pd.Series([-999.0]))[0]].name == "no record"


def test_a_small_pure_bin_that_differs_from_all_others_keeps_its_own_woe():
    x = X.copy()
    x[:40] = np.nan
    y = Y.copy()
    y[:40] = 1.0
    missing = column(x, y).bins[-1]

    assert (missing.kind, missing.flag) == ("missing", "")
    assert np.isfinite(missing.woe)
    assert missing.woe > 2


def test_what_training_never_saw_is_neutral_and_counted():
    frame = pd.DataFrame({"x": X, "city": np.where(X > 0, "a", "b")})
    process = BinningProcess().fit(frame, Y)

    woe, cover = process.transform_and_count(pd.DataFrame({"city": ["zzz", None, "a"], "extra": 1}))

    assert woe["x"].tolist() == [0.0, 0.0, 0.0]
    assert woe["city"].tolist()[:2] == [0.0, 0.0]
    assert cover.missing_columns == ["x"]
    assert cover.extra_columns == ["extra"]
    assert cover.unseen_levels == {"city": {"zzz": 1}}
    assert cover.neutral_cells == {"x": 3, "city": 2}
    assert cover.empty_cells == {"x": 3, "city": 1}


def test_rare_levels_are_pooled_and_new_ones_join_them():
    city = np.array(["big", "mid"] * (N // 2), dtype=object)
    city[:40] = [f"tiny{number}" for number in range(40)]
    binned = column(city)

    pooled = [index for index, bin_ in enumerate(binned.bins) if "tiny7" in bin_.levels]
    assert binned.bins[pooled[0]].kind == "other"
    assert binned.assign(pd.Series(["never seen"])).tolist() == pooled


def test_weights_count_like_repeated_rows():
    weight = RANDOM.integers(1, 4, N)
    frame = pd.DataFrame({"x": X})
    weighted = BinningProcess().fit(frame, Y, weight=weight).bins_["x"]
    repeated = BinningProcess().fit(frame.loc[np.repeat(np.arange(N), weight)], np.repeat(Y, weight)).bins_["x"]
    weighted_there = np.bincount(repeated.assign(frame["x"]), weights=weight * Y)

    assert sum(bin_.events for bin_ in weighted.bins) == (weight * Y).sum()
    assert [bin_.events for bin_ in repeated.bins] == weighted_there.tolist()


@pytest.mark.parametrize(
    "values",
    [
        np.full(N, np.nan),
        np.full(N, 7.0),
        np.where(X > 1, np.inf, np.where(X < -1, -np.inf, X)),
        np.where(X > 1, 1e308, X),
        np.array([None] * N, dtype=object),
        pd.Series(X > 0).map({True: "是", False: "否"}),
        pd.Series(X > 0),
        pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(N), unit="D"),
        [f"id{number}" for number in range(N)],
    ],
    ids=["all empty", "constant", "infinite", "1e308", "all None", "yes/no text", "boolean", "dates", "ids"],
)
def test_any_column_gets_finite_woe_and_survives_json(values):
    frame = pd.DataFrame({"x": values})
    process = BinningProcess().fit(frame, Y)
    woe = process.transform(frame)
    again = BinningProcess.from_dict(json.loads(json.dumps(process.to_dict(), allow_nan=False)))

    assert np.isfinite(woe.to_numpy()).all()
    assert again.to_dict() == process.to_dict()
    pd.testing.assert_frame_equal(again.transform(frame), woe)


@pytest.mark.parametrize("rows", [1, 2, 5, 12])
def test_tiny_samples_and_single_classes_do_not_fail(rows):
    frame = pd.DataFrame({"x": np.arange(rows), "c": ["a"] * rows})
    for y in (np.zeros(rows), np.ones(rows), np.arange(rows) % 2):
        assert np.isfinite(BinningProcess().fit(frame, y).transform(frame).to_numpy()).all()


def test_the_information_kept_is_within_a_twentieth_of_a_solver_that_maximises_it():
    optbinning = pytest.importorskip("optbinning")
    known = optbinning.OptimalBinning(max_n_bins=8, min_bin_size=0.05, monotonic_trend="ascending").fit(X, Y)
    bins = pd.Series(np.searchsorted(known.splits, X, side="right"))
    events = np.bincount(bins, weights=Y)
    rows = np.bincount(bins)
    reference = (events / Y.sum() - (rows - events) / (N - Y.sum())) @ woe_of_bins(events, rows - events)

    assert column(X).iv >= 0.95 * reference


def test_noise_on_a_rising_column_seldom_passes_for_a_u_shape():
    random = np.random.default_rng(2)
    trends = []
    for _ in range(30):
        x = random.normal(size=800)
        y = (random.random(800) < 1 / (1 + np.exp(1 - 0.7 * x))).astype(float)
        trends.append(column(x, y).trend)

    assert trends.count("ascending") >= 28


@pytest.mark.parametrize(("trend", "steps"), [("ascending", (1,)), ("descending", (-1,)), ("peak", (1, -1))])
def test_a_trend_that_is_asked_for_is_kept(trend, steps):
    y = (RANDOM.random(N) < 0.2 + 0.3 * (np.abs(X) < 0.5)).astype(float)
    rates = [bin_.event_rate for bin_ in column(X, y, trends={"x": trend}).bins]
    signs = np.sign(np.diff(rates))
    assert tuple(signs[np.r_[True, np.diff(signs) != 0][: len(signs)]]) in (steps, ())


def test_codes_given_as_numbers_are_bins_labelled_by_their_code():
    x = X.copy()
    x[:300], x[300:700] = -999, 9999
    binned = column(x, special_values={"x": [-999.0, 9999.0, -1.0]})

    labels = [binned.label(index) for index in range(len(binned.bins))]
    assert labels[-2:] == ["= −999", "= 9999"]
    assert labels[0].startswith("[−∞, ")
    assert labels[-3].endswith(", +∞)")


def test_labels_of_named_codes_dates_levels_and_empty_cells():
    x = X.copy()
    x[:300], x[300:600] = -999, np.nan
    named = column(x, special_values={"x": {"no record": [-999]}})
    dated = column(pd.Timestamp("2024-01-01") + pd.to_timedelta(np.argsort(np.argsort(X)) // 20, unit="D"))
    city = column(np.where(X > 0, "b", "a"))

    assert [named.label(i) for i in range(len(named.bins))][-2:] == ["no record (= −999)", "missing"]
    assert dated.label(0).startswith("[−∞, 2024-")
    assert {city.label(0), city.label(1)} == {"a", "b"}
