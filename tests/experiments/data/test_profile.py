"""Every column is profiled over all rows, and proposals carry their reasons."""

import json

import numpy as np
import pandas as pd
import pytest

from experiments.data.profile import ColumnProfile, profile_table, propose_roles, propose_target
from experiments.ingest.reading import ingest_file


@pytest.fixture
def profiles(ingest, tmp_path):
    def profile(frame: pd.DataFrame) -> dict[str, ColumnProfile]:
        ingest(frame.to_csv(index=False))
        return {profile.name: profile for profile in profile_table(tmp_path / "table.parquet")}

    return profile


def test_numbers_dates_and_words_are_profiled(profiles):
    found = profiles(
        pd.DataFrame(
            {
                "amount": [1.5, 2.5, None, 2.5] * 25,
                "seen": ["2024-01-31", "2024-02-29"] * 50,
                "city": ["北京", "上海", "北京", None] * 25,
                "wide": np.arange(100) / 7,
            }
        )
    )
    amount, seen, city, wide = found.values()
    assert (amount.missing, amount.distinct, amount.min, amount.max) == (25, 2, 1.5, 2.5)
    assert amount.mean == pytest.approx(13 / 6)
    assert amount.top_values == [{"value": 2.5, "count": 50}, {"value": 1.5, "count": 25}]
    assert amount.histogram == {"levels": [1.5, 2.5], "counts": [25, 50]}
    assert (seen.min, seen.max, seen.distinct) == ("2024-01-31", "2024-02-29", 2)
    assert (city.missing, city.top_values[0]) == (25, {"value": "北京", "count": 50})
    assert (len(wide.histogram["edges"]), sum(wide.histogram["counts"])) == (21, 100)
    assert wide.quantiles["p50"] == pytest.approx(50 / 7, rel=0.02)
    for profile in found.values():
        assert ColumnProfile.from_dict(json.loads(json.dumps(profile.to_dict()))) == profile


def test_a_column_without_values_is_profiled_too(profiles):
    found = profiles(pd.DataFrame({"nothing": [None] * 5, "x": range(5)}))
    assert (found["nothing"].missing, found["nothing"].distinct, found["nothing"].histogram) == (5, 0, {})


def test_roles_are_proposed_by_name_and_by_value(profiles):
    rows = 200
    found = profiles(
        pd.DataFrame(
            {
                "row_no": np.arange(rows),
                "客户号": [f"C{i:05d}" for i in range(rows)],
                "申请日期": pd.date_range("2024-01-01", periods=rows).strftime("%Y%m%d"),
                "出生日期": pd.date_range("1980-01-01", periods=rows).strftime("%Y-%m-%d"),
                "weight": 1 + np.arange(rows) % 3,
                "income": np.arange(rows)[::-1] * 37.5,
                "是否违约": ["是" if i % 9 == 0 else "否" for i in range(rows)],
            }
        )
    )
    roles = propose_roles(list(found.values()), rows)
    assert {name: role for name, (role, *_) in roles.items()} == {
        "客户号": "id", "row_no": "ignore", "是否违约": "target", "申请日期": "date", "weight": "weight",
    }  # fmt: skip
    _, message, params, _ = roles["申请日期"]
    assert message % params == "Each row has a date, from 2024-01-01 to 2024-07-18."
    assert propose_target(list(found.values()), "default") == ("是否违约", "是")
    assert propose_target(list(found.values()), "response") is None


def test_a_repeated_customer_number_is_an_id_too(profiles):
    found = profiles(pd.DataFrame({"customer_id": np.repeat(np.arange(100), 3), "x": np.tile([1, 2, 3], 100)}))
    role, message, params, _ = propose_roles(list(found.values()), 300)["customer_id"]
    assert (role, message % params) == ("id", "The name looks like a customer ID; 100 customers share 300 rows.")


@pytest.mark.parametrize(
    ("file", "kind", "target", "date", "id_"),
    [
        ("bank_marketing_additional_full", "response", ("y", "yes"), None, None),
        ("german_credit", "default", ("creditability", "bad"), None, None),
        ("taiwan_credit_default", "default", ("default payment next month", "1"), None, "ID"),
        ("hillstrom_email", "conversion", ("conversion", "1"), None, None),
        ("lead_scoring_x_education", "conversion", ("Converted", "1"), None, "Prospect ID"),
        ("lendingclub_2007_2011", "default", ("target_default", "1"), "issue_d", None),
    ],
)
def test_the_shared_sets_get_the_right_proposals(shared_set, tmp_path, file, kind, target, date, id_):
    report = ingest_file(shared_set(file), tmp_path / "table.parquet")
    found = profile_table(tmp_path / "table.parquet")
    roles = {role: name for name, (role, *_) in propose_roles(found, report.row_count).items()}
    assert (propose_target(found, kind), roles.get("date"), roles.get("id")) == (target, date, id_)
