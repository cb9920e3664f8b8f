"""A scorecard adds up, keeps its signs, and says why columns are left out."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from experiments.scorecard.scorecard import Scorecard

RANDOM = np.random.default_rng(8)
N = 3_000


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    income = RANDOM.normal(size=N)
    return pd.DataFrame(
        {
            "income": np.where(RANDOM.random(N) < 0.1, np.nan, income),
            "debt": RANDOM.normal(size=N),
            "城市": RANDOM.choice(["a", "b", "c"], N),
            "twin": income + 0.001 * RANDOM.normal(size=N),
            "noise": RANDOM.normal(size=N),
            "constant": 1,
            "nothing": np.nan,
        }
    )


@pytest.fixture(scope="module")
def y(table) -> np.ndarray:
    margin = -1 - table["twin"] + 0.8 * table["debt"] + 0.7 * (table["城市"] == "c")
    return (RANDOM.random(N) < 1 / (1 + np.exp(-margin))).astype(float)


@pytest.fixture(scope="module")
def card(table, y) -> Scorecard:
    return Scorecard().fit(table, y)


def test_contributions_and_their_base_are_the_margin_exactly(card, table):
    phi, base = card.contributions(table)

    assert np.abs(phi.sum(axis=1) + base - card.margin(table)).max() < 1e-12
    assert phi.columns.tolist() == card.columns_
    assert phi.mean().abs().max() < 1e-10  # measured from the average customer of training


def test_probabilities_margin_and_points_are_one_and_the_same(card, table, y):
    p = card.predict(table)

    assert card.predict_proba(table)[:, 1] == pytest.approx(p)
    assert np.log(p / (1 - p)) == pytest.approx(card.margin(table))
    assert card.points(table) == pytest.approx(card.scale.score_from_probability(p))
    assert p.mean() == pytest.approx(y.mean(), abs=1e-6)
    assert roc_auc_score(y, p) > 0.78


def test_the_points_of_a_customers_bins_add_up_to_the_score(card, table):
    rows = card.card()
    total = np.zeros(N)
    for name, column in card.binning_.bins_.items():
        points = np.array([row["points"] for row in rows if row["column"] == name])
        total += points[column.assign(table[name])]

    assert total == pytest.approx(card.points(table), abs=1e-9)


def test_every_coefficient_is_above_zero_and_every_column_has_its_reason(card, table):
    assert (card.coefficients_ > 0).all()
    codes = {entry.column: entry.code for entry in card.selection_log_ if entry.code != "concentrated"}
    assert set(codes) == set(table.columns)
    assert {name for name, code in codes.items() if code == "kept"} == set(card.columns_)
    assert {"debt", "城市"} <= set(card.columns_)
    assert codes["constant"] == codes["nothing"] == "one_bin"
    assert sorted([codes["income"], codes["twin"]]) == ["correlated", "kept"]
    assert all(entry.message % entry.params for entry in card.selection_log_)


def test_the_record_holds_the_number_that_decided_beside_its_limit(card):
    by_code = {entry.code: entry for entry in card.selection_log_}

    assert by_code["correlated"].value > by_code["correlated"].threshold == 0.7
    assert by_code["one_bin"].value < by_code["one_bin"].threshold == 2
    assert by_code["kept"].value > by_code["kept"].threshold > 0


def test_a_column_on_which_much_of_the_card_hangs_is_flagged(card):
    shares = card.shares_of_range()
    flagged = {entry.column: entry.value for entry in card.selection_log_ if entry.code == "concentrated"}

    assert sum(shares.values()) == pytest.approx(1)
    assert flagged == {name: share for name, share in shares.items() if share > 0.3}
    assert set(flagged) <= set(card.columns_)
    assert flagged


def test_special_values_have_their_own_points_and_label(table, y):
    coded = table.assign(debt=np.where(np.arange(N) % 7 == 0, -999.0, table["debt"]))
    card = Scorecard().fit(coded, y, special_values={"debt": [-999.0]})

    (row,) = [row for row in card.card() if row["kind"] == "special"]
    assert (row["column"], row["label"], row["rows"]) == ("debt", "= −999", 429)
    others = [row["woe"] for row in card.card() if row["column"] == "debt" and row["kind"] == "range"]
    assert min(others) < row["woe"] < max(others)


def test_a_wanted_direction_shows_in_the_points(table, y):
    card = Scorecard().fit(table, y, monotone={"debt": 1})
    points = [row["points"] for row in card.card() if row["column"] == "debt" and row["kind"] == "range"]

    assert len(points) > 2
    assert points == sorted(points, reverse=True)  # more debt, more risk, fewer points


def test_a_card_binned_for_information_is_as_good_and_loads_as_it_was(table, y):
    quick, thorough = Scorecard().fit(table, y), Scorecard(objective="information").fit(table, y)

    assert thorough.columns_ == quick.columns_
    for name, column in thorough.binning_.bins_.items():
        assert column.iv >= quick.binning_.bins_[name].iv - 1e-9
    assert Scorecard.from_dict(thorough.to_dict()).to_dict() == thorough.to_dict()


def test_the_round_trip_through_json_is_exact(card, table):
    again = Scorecard.from_dict(json.loads(json.dumps(card.to_dict(), allow_nan=False)))

    assert again.to_dict() == card.to_dict()
    assert np.array_equal(again.margin(table), card.margin(table))


def test_fitting_twice_gives_the_same_card(card, table, y):
    assert Scorecard().fit(table, y).to_dict() == card.to_dict()


def test_missing_extra_and_unseen_are_scored_and_counted(card, table):
    margin, cover = card.margin_and_cover(pd.DataFrame({"城市": ["zzz", "a"], "other": 1}))

    assert np.isfinite(margin).all()
    assert cover.unseen_levels == {"城市": {"zzz": 1}}
    assert "debt" in cover.missing_columns
    assert cover.extra_columns == ["other"]


def test_a_target_without_signal_gives_an_honest_empty_card(table):
    y = np.r_[np.ones(3), np.zeros(N - 3)]
    card = Scorecard().fit(table[["constant", "nothing"]], y)

    assert card.columns_ == []
    assert card.predict(table) == pytest.approx(np.full(N, 3 / N))
    phi, base = card.contributions(table)
    assert phi.shape == (N, 0)
    assert base == card.intercept_
    assert card.card() == []


@pytest.mark.parametrize("rows", [2, 8, 30])
def test_tiny_samples_give_a_finite_card(rows):
    frame = pd.DataFrame({"x": np.arange(rows), "c": ["a", "b"] * (rows // 2)})
    card = Scorecard().fit(frame, np.arange(rows) % 2)
    assert np.isfinite(card.margin(frame)).all()


def test_extreme_numbers_and_unlabelled_rows_are_borne(table, y):
    frame = table.assign(debt=table["debt"].where(table["debt"] < 1.5, np.inf), huge=1e308 * (table["debt"] > 0))
    unlabelled = y.copy()
    unlabelled[:100] = np.nan
    card = Scorecard().fit(frame, unlabelled, weight=RANDOM.uniform(0.5, 2, N))
    assert np.isfinite(card.margin(frame)).all()


@pytest.mark.slow
def test_two_thousand_columns_of_two_hundred_rows_give_a_small_card():
    random = np.random.default_rng(1)
    wide = pd.DataFrame(random.normal(size=(200, 2_000)), columns=[f"c{number}" for number in range(2_000)])
    y = (random.random(200) < 1 / (1 + np.exp(-2 * wide["c7"]))).astype(float)

    card = Scorecard().fit(wide, y)

    assert "c7" in card.columns_
    assert len(card.columns_) <= 10


def test_a_fit_can_be_stopped_between_columns(table, y):
    def stop() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        Scorecard().fit(table, y, pulse=stop)
