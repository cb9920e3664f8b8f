"""Values that stand for no value are proposed with evidence, and ordinary ones are left alone."""

import numpy as np
import pandas as pd
import pytest

from experiments.data.profile import profile_table
from experiments.ingest.reading import ingest_file

ROWS = 2_000


@pytest.fixture
def propose(ingest, tmp_path):
    def propose_values(frame: pd.DataFrame):
        ingest(frame.to_csv(index=False))
        return proposed(tmp_path / "table.parquet")

    return propose_values


def proposed(parquet) -> list[dict]:
    return [{**value, "column": profile.name} for profile in profile_table(parquet) for value in profile.special_values]


def found(proposals) -> dict[str, list]:
    values: dict[str, list] = {}
    for proposal in proposals:
        values.setdefault(proposal["column"], []).append(proposal["value"])
    return {column: sorted(codes) for column, codes in values.items()}


def with_codes(values: np.ndarray, *codes, share: float = 0.02) -> np.ndarray:
    values = values.astype(object)
    for place, code in enumerate(codes):
        values[place :: round(1 / share)] = code
    return values


def test_codes_among_numbers_and_dates_are_proposed(propose):
    random = np.random.default_rng(3)
    days = np.datetime64("1990-01-01") + random.integers(0, 3_000, ROWS)
    frame = pd.DataFrame(
        {
            "heloc": with_codes(random.integers(0, 100, ROWS), -9, -8, -7),
            "income": with_codes(random.lognormal(8, 1, ROWS).round(2), -999, share=0.01),
            "months": with_codes(random.integers(0, 60, ROWS), 999),
            "amount": with_codes(random.lognormal(6, 1, ROWS).round(2), 99999999),
            "count": with_codes(random.integers(0, 30, ROWS), -1),
            "bureau": with_codes(random.integers(0, 5_000, ROWS), -9999999, -9999998, -9999997, -9999996),
            "filled": with_codes(random.random(ROWS).round(4), 999999.99),
            "odd": with_codes(random.integers(0, 30, ROWS), 12345),
            "birth": with_codes(days.astype(str), "1900-01-01"),
            "end": with_codes(days.astype(str), "2099-12-31"),
            "epoch": with_codes((days - 8_000).astype(str), "1970-01-01"),
            "job": with_codes(random.choice(["clerk", "nurse"], ROWS), "未知", "unknown"),
        }
    )
    assert found(propose(frame)) == {
        "heloc": [-9, -8, -7], "income": [-999], "months": [999], "amount": [99999999], "count": [-1], "odd": [12345],
        "bureau": [-9999999, -9999998, -9999997, -9999996], "filled": [999999.99],
        "birth": ["1900-01-01"], "end": ["2099-12-31"], "epoch": ["1970-01-01"], "job": ["unknown", "未知"],
    }  # fmt: skip


def test_ordinary_values_are_left_alone(propose):
    random = np.random.default_rng(4)
    days = np.datetime64("1950-01-01") + random.integers(0, 15_000, ROWS)
    frame = pd.DataFrame(
        {
            "age": np.clip(random.normal(50, 20, ROWS).round(), 0, 99),
            "balance": random.normal(0, 1_000, ROWS).round(),
            "change": random.choice([-1, 0, 1], ROWS),
            "amount": random.lognormal(8, 2, ROWS).round(2),
            "flag": random.choice([0, 99], ROWS),
            "zero_mostly": np.where(random.random(ROWS) < 0.9, 0, random.integers(1, 2_000, ROWS)),
            "birth": days.astype(str),
            "city": random.choice(["北京", "上海"], ROWS),
            "capped": np.clip(random.lognormal(3, 1, ROWS).round(), 0, 99),
            "employees": random.choice([1, 10, 20, 100, 500, 1_000, 5_000, 10_000], ROWS),
            "full_marks": np.where(random.random(ROWS) < 0.05, 100, random.integers(0, 30, ROWS)),
            "price": random.choice([9.99, 199.99, 499.99, 999.99], ROWS),
        }
    )
    assert found(propose(frame)) == {}


def test_a_proposal_says_why_and_how_often(propose):
    random = np.random.default_rng(5)
    (proposal,) = propose(pd.DataFrame({"x": with_codes(random.normal(size=ROWS).round(3), -999)}))
    sentences = [piece["message"] % piece["params"] for piece in proposal["evidence"]]
    assert (proposal["rows"], proposal["share"], proposal["meaning"]) == (40, 0.02, "missing")
    assert sentences[0].startswith("-999 occurs in 40 rows (2%), far from all other values (-3.")
    assert sentences[1:] == ["It is a whole number, while 99.8% of the others have decimals."]


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (
            "bank_marketing_additional_full",
            {"pdays": [999], "poutcome": ["nonexistent"]}
            | {name: ["unknown"] for name in ("job", "marital", "education", "default", "housing", "loan")},
        ),
        ("taiwan_credit_default", {f"PAY_{month}": [-2, -1] for month in (0, 2, 3, 4, 5, 6)}),
        ("hillstrom_email", {}),
        ("german_credit", {}),
    ],
)
def test_the_shared_sets_have_few_and_right_proposals(shared_set, tmp_path, file, expected):
    ingest_file(shared_set(file), tmp_path / "table.parquet")
    assert found(proposed(tmp_path / "table.parquet")) == expected


def test_a_thousand_years_in_days_and_codes_that_stand_apart_are_proposed(propose):
    random = np.random.default_rng(8)
    before = -random.integers(1, 17_912, ROWS)
    frame = pd.DataFrame(
        {
            "DAYS_EMPLOYED": with_codes(before, 365243, share=0.2),
            "DAYS_FIRST_DUE": with_codes(np.full(ROWS, 365243), -1, -2, -3, -9, share=0.02),
            "DAYS_SELDOM": with_codes(before, 365243, share=0.005),
            "DAYS_LEFT": with_codes(random.integers(-1_000, 120_000, ROWS), 365243),
            "score": with_codes(random.integers(300, 850, ROWS), 999),
            "share": with_codes(random.random(ROWS).round(4), -1),
            "inside": with_codes(random.lognormal(9, 1, ROWS).round(2), 9999, share=0.05),
        }
    )

    assert found(propose(frame)) == {
        "DAYS_EMPLOYED": [365243],
        "DAYS_FIRST_DUE": [365243],
        "DAYS_SELDOM": [365243],
        "DAYS_LEFT": [365243],
        "score": [999],
        "share": [-1],
        "inside": [9999],
    }


def test_days_decades_away_are_proposed_whatever_day_the_system_writes(propose):
    random = np.random.default_rng(9)
    days = (np.datetime64("2015-01-01") + random.integers(0, 3_000, ROWS)).astype(str)
    codes = ("1900-01-01", "9999-12-31", "1900-12-31", "9999-01-01", "1911-01-01")
    frame = pd.DataFrame({code: with_codes(days, code) for code in codes})

    assert found(propose(frame)) == {code: [code] for code in codes}


def test_numbers_that_go_on_below_zero_and_ends_of_a_scale_are_left_alone(propose):
    random = np.random.default_rng(10)
    days = (np.datetime64("1960-01-01") + random.integers(0, 20_000, ROWS)).astype(str)
    frame = pd.DataFrame(
        {
            "temperature": random.integers(-5, 30, ROWS),
            "percent": random.integers(0, 100, ROWS),
            "points": random.integers(900, 1_000, ROWS),
            "price": random.choice([99, 199, 299, 499, 999], ROWS),
            "income": random.lognormal(11, 0.8, ROWS).round(0),
            "DAYS_BIRTH": -random.integers(7_000, 25_000, ROWS),
            "born": days,
        }
    )

    assert found(propose(frame)) == {}
