"""Each kind of generated feature: what it proposes, and the numbers it gives."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from experiments.generation.feature import ColumnReader, GeneratedFeature, Inputs
from experiments.generation.kinds import KINDS, KINDS_OF_EFFORT
from experiments.generation.kinds.row_families import families_of
from experiments.generation.units import Units

NAN = float("nan")
TYPES = {
    "limit": "numeric", "due": "numeric", "paid_1": "numeric", "paid_2": "numeric", "paid_3": "numeric",
    "opened": "date", "asked": "date", "branch": "categorical", "phone": "text",
}  # fmt: skip


@pytest.fixture
def frame() -> pd.DataFrame:
    rows = 30
    return pd.DataFrame(
        {
            "limit": np.arange(1.0, rows + 1),
            "due": [0.0, 2.0, 999.0] * 9 + [3.0, 4.0, 5.0],
            "paid_1": [1.0, NAN, NAN] * 10,
            "paid_2": [2.0, 4.0, NAN] * 10,
            "paid_3": [6.0, 5.0, NAN] * 9 + [7.0, 8.0, 9.0],
            "opened": ["2024-01-01", "2024-02-29", None] * 10,
            "asked": ["2024-01-31", "2024-03-01", "2024-12-31"] * 10,
            "branch": [f"b{number % 25}" for number in range(rows)],
            "phone": ["x", None, ""] * 10,
        }
    )


@pytest.fixture
def inputs(frame) -> Inputs:
    return Inputs(ColumnReader(frame, {"due": [999]}), TYPES, ["limit", "due", "paid_3"], "deep")


def proposed(kind: str, inputs: Inputs) -> dict[str, list[float]]:
    """Return the first three values of each candidate of a kind."""
    features = KINDS[kind].propose(inputs)
    return {feature.name: KINDS[kind].compute(feature, inputs.columns)[:3].tolist() for feature in features}


def test_a_date_gives_its_month_its_weekday_and_its_age_at_the_newest_date_of_training(inputs):
    found = proposed("date_part", inputs)

    assert found["month(asked)"] == [1.0, 3.0, 12.0]
    assert found["weekday(asked)"] == [3.0, 5.0, 2.0]  # Wednesday, Friday, Tuesday
    assert found["2024-12-31 − asked"] == [335.0, 305.0, 0.0]
    assert found["month(opened)"] == pytest.approx([1.0, 2.0, NAN], nan_ok=True)


def test_two_dates_give_the_days_between_them_and_the_later_one_comes_first(inputs):
    assert proposed("date_gap", inputs) == {"asked − opened": pytest.approx([30.0, 1.0, NAN], nan_ok=True)}


def test_a_ratio_is_empty_where_its_divisor_is_zero_and_special_codes_are_no_quantities(inputs):
    found = proposed("ratio", inputs)

    assert found["due ÷ limit"] == pytest.approx([0.0, 1.0, NAN], nan_ok=True)
    feature = GeneratedFeature("limit ÷ due", "ratio", ["limit", "due"], {})
    assert KINDS["ratio"].compute(feature, inputs.columns)[:2].tolist() == pytest.approx([NAN, 1.0], nan_ok=True)


def test_differences_and_products_are_made_of_the_strongest_numeric_columns(frame):
    frame["due"] = np.arange(30.0) * 2
    inputs = Inputs(ColumnReader(frame, {}), TYPES, ["limit", "due"], "deep")

    assert proposed("difference", inputs) == {"limit − due": [1.0, 0.0, -1.0]}
    assert proposed("product", inputs) == {"limit × due": [0.0, 4.0, 12.0]}


def test_columns_of_very_different_size_are_not_subtracted(frame):
    frame["due"] = np.arange(30.0) * 1000

    assert proposed("difference", Inputs(ColumnReader(frame, {}), TYPES, ["limit", "due"], "deep")) == {}


@pytest.mark.parametrize(
    ("first", "second", "is_made"),
    [
        ("installment", "mths_since_last_delinq", False),
        ("bc_open_to_buy", "mort_acc", False),
        ("int_rate", "loan_amnt", False),
        ("余额", "产品数", False),
        ("逾期天数", "近6个月查询次数", False),
        ("f17", "credit_score", False),
        ("f17", "g4", False),
        ("BILL_AMT1", "LIMIT_BAL", True),
        ("mo_sin_old_rev_tl_op", "mths_since_recent_bc", True),
        ("open_acc", "total_acc", True),
        ("近3个月平均余额", "授信额度", True),
        ("月供", "MonthlyIncome", True),
    ],
)
def test_only_what_is_counted_in_the_same_is_set_against_each_other(first, second, is_made):
    random = np.random.default_rng(1)
    frame = pd.DataFrame({first: random.integers(1, 90, 300), second: random.integers(1, 90, 300)})
    standard = Inputs(ColumnReader(frame, {}), dict.fromkeys(frame, "numeric"), list(frame), "standard")

    made = [feature for kind in KINDS_OF_EFFORT["standard"] for feature in KINDS[kind].propose(standard)]

    assert {feature.kind for feature in made} == ({"ratio", "difference"} if is_made else set())
    assert {feature.kind for kind in KINDS.values() for feature in kind.propose(replace(standard, effort="deep"))} == {
        "ratio", "difference", "product",
    }  # fmt: skip


@pytest.mark.parametrize("stem", ["V", "x", "var_", "特征", "feature"])
def test_numbered_columns_without_a_name_have_nothing_in_common_unless_in_depth(stem):
    random = np.random.default_rng(1)
    frame = pd.DataFrame({f"{stem}{number}": random.normal(5, 1, 60) for number in (1, 2, 3)})
    types = dict.fromkeys(frame, "numeric")
    standard = Inputs(ColumnReader(frame, {}), types, list(frame), "standard")

    assert not [feature for kind in KINDS_OF_EFFORT["standard"] for feature in KINDS[kind].propose(standard)]
    assert KINDS["row_family"].propose(replace(standard, effort="deep"))

    named = frame.rename(columns=lambda name: name.replace(stem, "账单"))
    types = dict.fromkeys(named, "numeric")
    assert KINDS["row_family"].propose(Inputs(ColumnReader(named, {}), types, list(named), "standard"))


def test_the_dictionary_tells_a_unit_where_the_columns_own_name_does_not():
    frame = pd.DataFrame({"x1a": np.arange(1.0, 90), "x7b": np.arange(1.0, 90)[::-1]})
    types, strongest = dict.fromkeys(frame, "numeric"), list(frame)
    labels = {"x1a": {"en": "Limit", "zh": "额度"}, "x7b": {"en": "Balance", "zh": "余额"}}

    unknown = Inputs(ColumnReader(frame, {}), types, strongest, "standard")

    assert KINDS["ratio"].propose(unknown) == []
    assert len(KINDS["ratio"].propose(replace(unknown, units=Units(labels)))) == 1


def test_numbered_columns_of_different_size_are_no_family(frame):
    frame["paid_3"] = frame["paid_3"] * 1_000
    inputs = Inputs(ColumnReader(frame, {}), TYPES, [], "standard")

    assert KINDS["row_family"].propose(inputs) == []


def test_numbered_columns_give_row_aggregates_over_their_filled_cells(inputs):
    found = proposed("row_family", inputs)

    assert found["mean(paid_1 … paid_3)"] == pytest.approx([3.0, 4.5, NAN], nan_ok=True)
    assert found["max(paid_1 … paid_3)"] == pytest.approx([6.0, 5.0, NAN], nan_ok=True)
    assert found["min(paid_1 … paid_3)"] == pytest.approx([1.0, 4.0, NAN], nan_ok=True)
    assert found["std(paid_1 … paid_3)"] == pytest.approx([np.std([1, 2, 6]), 0.5, NAN], nan_ok=True)
    assert found["paid_3 − paid_1"] == pytest.approx([5.0, NAN, NAN], nan_ok=True)
    assert found["slope(paid_1 … paid_3)"] == pytest.approx([2.5, 1.0, NAN], nan_ok=True)


def test_families_share_all_but_a_running_number_and_have_three_members():
    names = ["PAY_0", "PAY_3", "AGE", "PAY_2", "BILL_AMT10", "BILL_AMT9", "BILL_AMT1", "x1", "x2", "1", "q1_a", "q2_b"]

    assert families_of(names) == [["PAY_0", "PAY_2", "PAY_3"], ["BILL_AMT1", "BILL_AMT9", "BILL_AMT10"]]


def test_a_level_gives_its_share_of_training_rows_and_one_unknown_then_gives_none(inputs):
    (feature,) = KINDS["level_share"].propose(inputs)
    new = ColumnReader(pd.DataFrame({"branch": ["b0", "b7", "new", None]}), {})

    assert feature.name == "share(branch)"
    assert KINDS["level_share"].compute(feature, new).tolist() == pytest.approx([2 / 30, 0.0, 0.0, NAN], nan_ok=True)


def test_empty_cells_are_marked_and_counted_whatever_the_type(inputs):
    found = proposed("missing", inputs)

    assert found["empty(phone)"] == [0.0, 1.0, 1.0]
    assert found["empty(opened)"] == [0.0, 0.0, 1.0]
    assert found["empty cells"] == [0.0, 2.0, 5.0]


def test_a_row_alone_gives_the_same_numbers_as_within_its_table(frame, inputs):
    for kind in KINDS.values():
        for feature in kind.propose(inputs):
            together = kind.compute(feature, ColumnReader(frame, {"due": [999]}))
            alone = [kind.compute(feature, ColumnReader(frame.iloc[[row]], {"due": [999]}))[0] for row in range(30)]

            assert np.array_equal(together, alone, equal_nan=True), feature.name


def test_every_candidate_has_words_in_both_languages_and_survives_json(inputs):
    for kind in KINDS.values():
        features = kind.propose(inputs)
        assert features, kind.name
        for feature in features:
            assert feature.phrase.keys() == {"en", "zh"}
            assert "%" not in feature.label({}, "en") + feature.label({}, "zh")
            assert GeneratedFeature.from_dict(json.loads(json.dumps(feature.to_dict()))) == feature


def test_an_absent_column_is_an_empty_one(inputs):
    nothing = ColumnReader(pd.DataFrame(index=range(2)), {})

    for kind in KINDS.values():
        for feature in kind.propose(inputs):
            values = kind.compute(feature, nothing)
            expected = len(feature.sources) if kind.name == "missing" else NAN
            assert values.tolist() == pytest.approx([expected, expected], nan_ok=True), feature.name
