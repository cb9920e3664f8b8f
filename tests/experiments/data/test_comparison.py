"""What changed between two versions of a table is found, named and graded; what chance explains is left alone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from experiments.data.comparison import counted
from experiments.data.comparison.changes import Comparison, Question
from experiments.data.comparison.compare import compare_tables
from experiments.ingest.reading import ingest_file

ROWS = 2_000
Write = Callable[[str, dict[str, Any]], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def as_parquet(name: str, columns: dict[str, Any]) -> Path:
        pl.DataFrame(columns).write_csv(tmp_path / f"{name}.csv")
        ingest_file(tmp_path / f"{name}.csv", tmp_path / f"{name}.parquet")
        return tmp_path / f"{name}.parquet"

    return as_parquet


def customers(seed: int, rows: int = ROWS, first: int = 0) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    return {
        "id": [f"C{number:06d}" for number in range(first, first + rows)],
        "income": random.normal(8_000, 2_000, rows).round(2),
        "calls": random.poisson(3, rows),
        "city": random.choice(["北京", "上海", "广州", "成都"], rows, p=[0.4, 0.3, 0.2, 0.1]),
        "bad": random.choice(["yes", "no"], rows, p=[0.1, 0.9]),
    }


def codes(found: Comparison) -> dict[str, list[str]]:
    """Return what is said of each column of which anything grave is said."""
    return {
        column.name: [change.code for change in column.changes if change.verdict != "green"]
        for column in found.columns
        if column.verdict != "green"
    }


def test_two_samples_of_the_same_customers_raise_no_alarm(write: Write) -> None:
    found = compare_tables(
        write("older", customers(1)),
        write("newer", customers(2, first=ROWS)),
        keys=["id"],
        question=Question("bad", "yes"),
    )

    assert codes(found) == {}
    assert [change.verdict for change in found.table] == ["green"] * len(found.table)
    assert {column.name: column.psi is None for column in found.columns} == {
        "id": True, "income": False, "calls": False, "city": False, "bad": False,
    }  # fmt: skip


def test_each_change_is_found_in_its_column_and_the_gravest_comes_first(write: Write) -> None:
    after = customers(2)
    after["income"] = [None if n % 4 == 0 else value for n, value in enumerate(after["income"])]
    after["calls"] = after["calls"] + 40
    after["city"] = ["深圳" if city == "广州" else city for city in after["city"]]
    after["extra"] = after["calls"] * 0
    del after["bad"]

    found = compare_tables(write("older", customers(1)), write("newer", after), keys=["id"])

    said = codes(found)
    assert said == {
        "calls": ["psi", "range", "median"],
        "city": ["psi", "new_levels", "vanished_levels"],
        "income": ["missing", "psi"],
        "bad": ["removed"],
        "extra": ["added"],
    }
    assert [column.verdict for column in found.columns] == ["red"] * 4 + ["amber"] + ["green"]
    gone = next(change for column in found.columns for change in column.changes if change.code == "vanished_levels")
    assert gone.params["levels"] == ["广州"]


def test_the_psi_is_the_house_s_own_over_the_older_table_s_bins(write: Write) -> None:
    from experiments.evaluation.psi import psi, psi_limit

    older, newer = [1] * 500 + [2] * 400 + [3] * 100, [1] * 500 + [2] * 500
    found = compare_tables(write("older", {"x": older}), write("newer", {"x": newer}))

    assert found.columns[0].psi == round(psi([500, 400, 100], [500, 500, 0]), 4) == 0.5518
    assert found.columns[0].psi_limit == round(psi_limit(1_000, 1_000, bins=3), 4)


def test_small_samples_are_not_blamed_for_their_noise(write: Write) -> None:
    def alarms(seed: int) -> int:
        small = write(f"small{seed}", customers(seed, rows=40))
        return len(codes(compare_tables(older, small, keys=["id"])))

    older = write("older", customers(1))

    assert sum(alarms(seed) for seed in range(10, 16)) <= 1


def test_special_values_are_kept_out_of_the_range_and_counted(write: Write) -> None:
    older = {"days": [*range(100)] * 10}
    newer = {"days": [*range(100)] * 10 + [-999] * 300}
    paths = write("older", older), write("newer", newer)

    told = compare_tables(*paths, special_values={"days": [-999]})
    naive = compare_tables(*paths)

    assert codes(told) == {"days": ["psi"]}
    assert codes(naive) == {"days": ["range", "psi"]} or codes(naive) == {"days": ["psi", "range"]}


def test_a_column_under_a_new_name_is_recognised_and_an_unlike_one_is_not(write: Write) -> None:
    before, after = customers(1), customers(2)
    after["monthly_income"] = after.pop("income")
    after["mood"] = ["good", "bad"] * (ROWS // 2)
    del after["calls"]

    found = {column.name: column.changes[0] for column in compare_tables(
        write("older", before), write("newer", after)).columns if column.changes}  # fmt: skip

    assert (found["income"].code, found["income"].params) == ("renamed", {"column": "monthly_income"})
    assert (found["monthly_income"].code, found["monthly_income"].params) == ("renamed", {"column": "income"})
    assert (found["calls"].code, found["mood"].code) == ("removed", "added")


def test_another_type_is_told_in_words_that_can_be_translated(write: Write) -> None:
    found = compare_tables(
        write("older", {"x": [1, 2, 3] * 20, "y": [1, 2] * 30}),
        write("newer", {"x": ["a", "b", "c"] * 20, "y": [2, 1] * 30}),
    )

    (change,) = found.columns[0].changes
    assert (found.columns[0].name, change.verdict) == ("x", "red")
    assert change.params == {"older": {"message": "numbers"}, "newer": {"message": "categories"}}


def test_customers_who_were_there_before_are_counted_and_repeats_named(write: Write) -> None:
    older = {"id": [f"C{n}" for n in range(1_000)], "x": [n % 7 for n in range(1_000)]}
    newer = {"id": [f"C{n}" for n in range(500, 1_250)] + ["C1249"] * 250, "x": [n % 5 for n in range(1_000)]}

    table = {change.code: change for change in compare_tables(
        write("older", older), write("newer", newer), keys=["id"]).table}  # fmt: skip

    assert table["keys"].params["share"] == "66.7%"
    assert (table["keys_repeat"].verdict, table["keys_repeat"].params["count"]) == ("amber", "250")


def test_rows_appended_twice_are_seen(write: Write, tmp_path: Path) -> None:
    one = customers(1, rows=500)
    both = {name: [*values, *values] for name, values in one.items()}

    found = compare_tables(write("older", one), write("newer", both), added_after=500, keys=["id"])

    table = {change.code: change for change in found.table}
    assert (found.older_rows, found.newer_rows) == (500, 500)
    assert (table["rows_repeat"].verdict, table["rows_repeat"].params) == ("red", {"share": "100.0%"})


@pytest.mark.parametrize(("share", "verdict"), [(0.10, "green"), (0.13, "amber"), (0.30, "red"), (0.0, "red")])
def test_the_rate_of_events_is_set_against_the_one_before(write: Write, share: float, verdict: str) -> None:
    older = {"y": [int(n % 10 == 0) for n in range(4_000)]}
    newer = {"y": [int(n < share * 4_000) for n in range(4_000)], "z": [0, 1] * 2_000}

    found = compare_tables(write("older", older), write("newer", newer), question=Question("y", "1"))

    assert next(change for change in found.table if change.code == "rate").verdict == verdict


def test_nothing_is_said_of_the_values_of_persons(write: Write) -> None:
    older = {"name": ["王", "李"] * 500}
    newer = {"name": ["张", "李"] * 500}

    found = compare_tables(write("older", older), write("newer", newer), quiet=["name"])

    assert codes(found) == {}
    assert "张" not in str(found.to_dict())


def test_days_that_move_on_are_no_drift_and_days_that_go_back_are_told(write: Write) -> None:
    january = {"day": [f"2024-01-{n % 28 + 1:02d}" for n in range(200)]}
    february = {"day": [f"2024-02-{n % 28 + 1:02d}" for n in range(200)]}
    paths = write("january", january), write("february", february)

    assert codes(compare_tables(*paths)) == {}
    assert codes(compare_tables(*reversed(paths))) == {"day": ["dates"]}


def test_parts_and_one_piece_give_the_same(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = write("older", customers(1)), write("newer", customers(2))
    whole = compare_tables(*paths, keys=["id"], added_after=0).to_dict()
    monkeypatch.setattr(counted, "ROWS_AT_ONCE", 1_000)
    monkeypatch.setattr(counted, "CELLS_AT_ONCE", 1_000)

    assert compare_tables(*paths, keys=["id"], added_after=0).to_dict() == whole
