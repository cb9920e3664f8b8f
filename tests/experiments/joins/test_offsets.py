"""Days and months before the application serve as time, as a bureau counts them; and a recipe runs on other files."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from experiments.errors import BadInput
from experiments.joins import JoinedTable, JoinSpec, guess_joins
from experiments.joins.times import find_offset
from tests.experiments.joins.tables import run, save

APPLICATIONS = pd.DataFrame({"SK_ID_CURR": range(1, 9), "AMT": range(100, 900, 100), "TARGET": [0, 1] * 4})
BUREAU = pd.DataFrame(
    {
        "SK_ID_CURR": [1, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8],
        "SK_ID_BUREAU": range(101, 112),
        "DAYS_CREDIT": [-400, -20, 5, -10, 365243, -90, -30, -7, -1, 0, None],
        "AMT_DEBT": [10.0, 20.0, 40.0, 5.0, 7.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
    }
)
BUREAU_TABLE = JoinedTable(
    "bureau",
    "app",
    (("SK_ID_CURR", "SK_ID_CURR"),),
    "many",
    time_column="DAYS_CREDIT",
    time_format="days before",
    numbers=("AMT_DEBT",),
    windows=(30, 0),
    aggregates=("count", "sum", "recency"),
)


def test_days_before_the_application_open_windows_and_refuse_what_came_after_it(tmp_path: Path) -> None:
    spec = JoinSpec("app", (BUREAU_TABLE,))

    table, report = run(spec, save(tmp_path, app=APPLICATIONS, bureau=BUREAU), tmp_path)

    assert table["bureau_count_all"].to_list()[:3] == [2.0, 1.0, 1.0]
    assert table["bureau_count_30d"].to_list() == [1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0]
    assert table["bureau_AMT_DEBT_sum_all"].to_list()[:2] == [30.0, 5.0]
    assert table["bureau_recency"].to_list()[:3] == [20.0, 10.0, 90.0]
    rows = report.tables["bureau"]
    # 365243 days are no time, and neither is a gap; five days after the application are the future.
    assert (rows.future, rows.without_time, rows.is_timed) == (1, 2, True)
    assert report.untimed == []


def test_dates_of_one_table_and_days_before_of_another_are_kept_apart(tmp_path: Path) -> None:
    app = APPLICATIONS.assign(date=pd.Timestamp("2024-03-31"))
    calls = pd.DataFrame(
        {"SK_ID_CURR": [1, 1], "date": pd.to_datetime(["2024-03-01", "2024-04-01"]), "minutes": [3.0, 9.0]}
    )
    by_date = JoinedTable(
        "calls", "app", (("SK_ID_CURR", "SK_ID_CURR"),), "many", time_column="date", numbers=("minutes",),
        windows=(0,), aggregates=("count",),
    )  # fmt: skip
    spec = JoinSpec("app", (BUREAU_TABLE, by_date), time_column="date")

    table, report = run(spec, save(tmp_path, app=app, bureau=BUREAU, calls=calls), tmp_path)

    assert table["calls_count_all"].to_list()[0] == 1.0
    assert table["bureau_count_all"].to_list()[0] == 2.0
    assert report.refused_future_rows == 2


def test_a_row_that_is_looked_up_by_days_before_is_known_or_not(tmp_path: Path) -> None:
    last = pd.DataFrame({"SK_ID_CURR": [1, 2], "DAYS_DECISION": [-3, 4], "STATUS": ["ok", "late"]})
    lookup = JoinedTable(
        "last", "app", (("SK_ID_CURR", "SK_ID_CURR"),), "one", time_column="DAYS_DECISION",
        time_format="days before", columns=("DAYS_DECISION", "STATUS"),
    )  # fmt: skip

    table, report = run(JoinSpec("app", (lookup,)), save(tmp_path, app=APPLICATIONS, last=last), tmp_path)

    assert table["last_STATUS"].to_list()[:2] == ["ok", None]
    assert table["last_DAYS_DECISION"].to_list()[:2] == [-3, None]
    assert report.refused_future_rows == 1


def test_months_of_a_table_below_count_from_the_same_application(tmp_path: Path) -> None:
    balance = pd.DataFrame({"SK_ID_BUREAU": [101, 101, 102], "MONTHS_BALANCE": [-1, 2, -3], "OWED": [1.0, 2.0, 4.0]})
    below = JoinedTable(
        "balance", "bureau", (("SK_ID_BUREAU", "SK_ID_BUREAU"),), "many", time_column="MONTHS_BALANCE",
        time_format="months before", numbers=("OWED",), windows=(60, 0), aggregates=("sum",),
    )  # fmt: skip
    paths = save(tmp_path, app=APPLICATIONS, bureau=BUREAU, balance=balance)

    table, _ = run(JoinSpec("app", (BUREAU_TABLE, below)), paths, tmp_path)

    # What lies before its loan is known with the loan, 20 days before; what lies after the application is not.
    assert table["balance_OWED_sum_all"].to_list()[0] == 5.0
    assert table["balance_OWED_sum_60d"].to_list()[0] == 5.0
    dated = balance.assign(MONTHS_BALANCE=pd.Timestamp("2024-01-31"))
    paths = save(tmp_path, app=APPLICATIONS.assign(date=pd.Timestamp("2024-03-31")), bureau=BUREAU, balance=dated)
    with pytest.raises(BadInput, match="The two cannot be compared"):
        run(JoinSpec("app", (BUREAU_TABLE, replace(below, time_format="")), "date"), paths, tmp_path)


def test_days_before_say_nothing_where_a_customer_applied_twice(tmp_path: Path) -> None:
    twice = pd.concat([APPLICATIONS, APPLICATIONS.head(1)])

    with pytest.raises(BadInput, match="has several rows in app"):
        run(JoinSpec("app", (BUREAU_TABLE,)), save(tmp_path, app=twice, bureau=BUREAU), tmp_path)


def test_a_guess_takes_days_before_for_the_time_and_a_bank_without_dates_still_has_windows(tmp_path: Path) -> None:
    paths = save(tmp_path, app=APPLICATIONS, bureau=BUREAU[BUREAU["DAYS_CREDIT"] != 5])

    spec = guess_joins("app", paths).spec

    assert [(table.time_column, table.time_format) for table in spec.tables] == [("DAYS_CREDIT", "days before")]
    assert spec.time_column is None
    table, _ = run(spec, paths, tmp_path)
    assert "bureau_count_30d" in table.columns


@pytest.mark.parametrize(
    ("name", "values", "found"),
    [
        ("DAYS_CREDIT", [-497, -3], "days before"),
        ("days_decision", [-2, 365243, 0], "days before"),
        ("MONTHS_BALANCE", [-1.0, -95.0, 0.0], "months before"),
        ("距今天数", [-3, -8], "days before"),
        ("days_late", [0, 3], None),
        ("DAYS_X", [-1.5, -2.0], None),
        ("DAYS_X", ["-3", "-4"], None),
        ("amount", [-5, -6], None),
    ],
)
def test_counts_before_are_told_from_name_and_values(name: str, values: list[object], found: str | None) -> None:
    assert find_offset(name, pl.Series(values)) == found


def test_a_join_without_a_time_says_that_nothing_could_be_checked(tmp_path: Path) -> None:
    untimed = replace(BUREAU_TABLE, time_column=None, time_format="")

    _, report = run(JoinSpec("app", (untimed,)), save(tmp_path, app=APPLICATIONS, bureau=BUREAU), tmp_path)

    assert report.untimed == ["bureau"]
    assert report.to_dict()["tables"]["bureau"]["is_timed"] is False


def test_run_again_on_other_files_a_join_makes_the_columns_it_made_before(tmp_path: Path) -> None:
    kinds = JoinedTable(
        "bureau", "app", (("SK_ID_CURR", "SK_ID_CURR"),), "many", categories=("KIND",), levels=1,
        aggregates=("count", "share"),
    )  # fmt: skip
    first = BUREAU.assign(KIND=["card"] * 8 + ["loan"] * 3)
    later = BUREAU.assign(KIND=["loan"] * 8 + ["lease"] * 3)
    made, report = run(JoinSpec("app", (kinds,)), save(tmp_path, app=APPLICATIONS, bureau=first), tmp_path)

    again, _ = run(
        JoinSpec.from_dict(report.spec.to_dict()),
        save(tmp_path, app=APPLICATIONS.drop(columns="TARGET"), bureau=later),
        tmp_path,
    )

    assert "bureau_KIND_card_count_all" in made.columns
    assert again.columns == [name for name in made.columns if name != "TARGET"]
    assert again["bureau_KIND_card_count_all"].to_list() == [0.0] * 8


def test_codes_for_no_value_are_left_out_of_every_figure(tmp_path: Path) -> None:
    due = JoinedTable(
        "bureau", "app", (("SK_ID_CURR", "SK_ID_CURR"),), "many", numbers=("DUE",), aggregates=("mean", "max", "count"),
        no_values=(("DUE", (365243.0,)),),
    )  # fmt: skip
    bureau = BUREAU.assign(DUE=[-10, 365243, -30, 365243, *[-1] * 7])

    table, report = run(JoinSpec("app", (due,)), save(tmp_path, app=APPLICATIONS, bureau=bureau), tmp_path)

    assert table["bureau_DUE_mean_all"].to_list()[:2] == [-20.0, -1.0]
    assert table["bureau_DUE_max_all"].to_list()[0] == -10.0
    assert table["bureau_count_all"].to_list()[0] == 3.0
    assert JoinSpec.from_dict(report.spec.to_dict()) == report.spec


def test_rows_that_count_from_their_customer_s_application_look_back_from_their_own_day(tmp_path: Path) -> None:
    earlier = pd.DataFrame({"SK_ID_CURR": [1, 1, 2], "DAYS_DECISION": [-30, -300, -5], "AMT": [1, 2, 3]})
    bureau = replace(BUREAU_TABLE, parent="earlier")
    spec = JoinSpec("earlier", (bureau,), time_column="DAYS_DECISION", time_format="days before")
    paths = save(tmp_path, earlier=earlier, bureau=BUREAU)

    table, report = run(spec, paths, tmp_path)

    assert table["DAYS_DECISION"].to_list() == [-30, -300, -5]
    assert table["bureau_count_all"].to_list() == [1.0, 1.0, 1.0]
    assert table["bureau_recency"].to_list() == [370.0, 100.0, 5.0]
    assert report.columns[1].type == "numeric"
    assert "bureau.DAYS_CREDIT days <= earlier.DAYS_DECISION" in report.columns[-1].formula
    dated = save(tmp_path, calls=pd.DataFrame({"SK_ID_CURR": [1], "date": [pd.Timestamp("2024-01-01")]})) | paths
    calls = JoinedTable("calls", "earlier", (("SK_ID_CURR", "SK_ID_CURR"),), "many", time_column="date")
    with pytest.raises(BadInput, match="The two cannot be compared"):
        run(replace(spec, tables=(bureau, calls)), dated, tmp_path)
