"""How tables are linked is guessed."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from experiments.joins import guess_joins
from experiments.joins.times import find_format, to_datetime
from tests.experiments.joins.tables import save


def bank(folder: Path) -> dict[str, Path]:
    random = np.random.default_rng(3)
    start = datetime(2024, 1, 1)
    loan = pd.DataFrame(
        {
            "loan_id": np.arange(5_000, 5_060),
            "account_id": random.permutation(200)[:60] + 1,
            "loan_date": pd.date_range(start, periods=60),
            "amount": random.integers(100, 900, 60) * 10,
        }
    )
    account = pd.DataFrame(
        {
            "account_id": np.arange(1, 201),
            "district_id": random.integers(1, 21, 200),
            "opened": 230101 + np.arange(200) % 28,
        }
    )
    district = pd.DataFrame(
        {"A1": np.arange(1, 21), "A3": random.choice(["north", "south"], 20), "A11": random.normal(9_000, 500, 20)}
    )
    trans = pd.DataFrame(
        {
            "trans_id": np.arange(1_000),
            "account_id": random.choice(loan["account_id"], 1_000),
            "date": 240101 + random.integers(0, 28, 1_000),
            "amount": random.normal(0, 100, 1_000),
            "type": random.choice(["credit", "debit"], 1_000),
        }
    )
    shops = pd.DataFrame({"shop": [f"S{rank}" for rank in range(30)], "rent": random.normal(0, 1, 30)})
    return save(folder, loan=loan, account=account, district=district, trans=trans, shops=shops)


def test_a_bank_s_tables_are_put_together_by_themselves(tmp_path: Path) -> None:
    guess = guess_joins("loan", bank(tmp_path))

    found = {table.name: (table.parent, table.keys, table.relation) for table in guess.spec.tables}
    assert found == {
        "trans": ("loan", (("account_id", "account_id"),), "many"),
        "account": ("loan", (("account_id", "account_id"),), "one"),
        "district": ("account", (("district_id", "A1"),), "one"),
    }
    assert guess.unlinked == ("shops",)
    assert all(guessed.confidence >= 0.8 for guessed in guess.tables.values())


def test_times_and_columns_are_told_from_names_and_values(tmp_path: Path) -> None:
    guess = guess_joins("loan", bank(tmp_path))

    assert guess.spec.time_column == "loan_date"
    trans, account = guess.spec.table("trans"), guess.spec.table("account")
    assert (trans.time_column, trans.time_format) == ("date", "yymmdd")
    assert (trans.numbers, trans.categories) == (("amount",), ("type",))
    assert (account.time_column, account.columns) == ("opened", ("opened",))


def test_each_guess_says_why(tmp_path: Path) -> None:
    guess = guess_joins("loan", bank(tmp_path))

    reasons = [message % params for message, params in guess.tables["district"].reasons]
    assert reasons == [
        "district_id names the table district, and 100% of the values in account.district_id are found in district.A1.",
        "A1 is unique in district, so each row matches at most one.",
    ]


def test_small_whole_numbers_that_stand_everywhere_are_no_key(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    customers = pd.DataFrame({"customer": np.arange(500), "children": random.integers(0, 8, 500)})
    others = pd.DataFrame({"ticket": np.arange(500) + 9_000, "rooms": random.integers(0, 8, 500)})

    assert guess_joins("customers", save(tmp_path, customers=customers, others=others)).unlinked == ("others",)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (pl.Series([datetime(2024, 1, 1)]), "native"),
        (pl.Series([20240131, 19991231]), "yyyymmdd"),
        (pl.Series([930705, 951231]), "yymmdd"),
        (pl.Series([10101.0, None]), "yymmdd"),
        (pl.Series(["2024-01-31"]), "text"),
        (pl.Series(["931107 00:00:00"]), "yymmdd hh:mm:ss"),
        (pl.Series([706213, 450204]), None),
        (pl.Series([1.5]), None),
        (pl.Series([20241301]), None),
        (pl.Series([], dtype=pl.Int64), None),
        (pl.Series(["credit"]), None),
    ],
)
def test_the_way_times_are_written_is_told_from_their_values(values: pl.Series, found: str | None) -> None:
    assert find_format(values) == found


def test_two_digits_of_a_year_from_70_on_belong_to_the_last_century() -> None:
    years = to_datetime(pl.Series([700101, 691231, 101]), "yymmdd").dt.year().to_list()

    assert years == [1970, 2069, 2000]
