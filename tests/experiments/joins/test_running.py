"""What a join makes of tables, and what it refuses."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from experiments.data.schema import read_schema
from experiments.errors import BadInput, Cancelled
from experiments.joins import AGGREGATES, JoinedTable, JoinSpec, children, run_join, slices
from tests.experiments.joins.tables import DAY, by_account, naively, run, save, some_rows

ALL = by_account(categories=("kind",), aggregates=AGGREGATES)


def spec_of(*tables: JoinedTable) -> JoinSpec:
    return JoinSpec("loan", tables, time_column="date")


@pytest.mark.parametrize("lag", [0, 3])
def test_every_figure_is_what_a_naive_loop_finds(tmp_path: Path, lag: int) -> None:
    loan, trans = some_rows()
    spec = spec_of(by_account(categories=("kind",), aggregates=AGGREGATES, lag_days=lag))

    table, _ = run(spec, save(tmp_path, loan=loan, trans=trans), tmp_path)

    for place, row in loan.iterrows():
        mine = trans[trans["account"] == row["account"]]
        found = {window: naively(mine, row["date"], window, lag) for window in (7, 30, 0)}
        for window, end in ((7, "7d"), (30, "30d"), (0, "all")):
            expected = found[window]
            got = table.row(place, named=True)
            for figure in ("sum", "mean", "max", "min", "std", "distinct", "trend"):
                assert_same(got[f"trans_amount_{figure}_{end}"], expected[figure], f"{figure} {end}")
            assert_same(got[f"trans_count_{end}"], expected["count"], f"count {end}")
            assert_same(got[f"trans_kind_in_count_{end}"], expected["in"], f"in {end}")
            share = expected["in"] / expected["count"] if expected["count"] else np.nan
            assert_same(got[f"trans_kind_in_share_{end}"], share, f"share {end}")
            assert_same(got[f"trans_kind_distinct_{end}"], expected["kinds"], f"kinds {end}")
        assert_same(got["trans_amount_last"], found[0]["last"], "last")
        assert_same(got["trans_recency"], found[0]["recency"], "recency")
        whole = found[0]["sum"]
        assert_same(got["trans_amount_ratio_7d"], found[7]["sum"] / whole if whole else np.nan, "ratio")


def assert_same(got: float | None, expected: float, what: str) -> None:
    assert (np.nan if got is None else got) == pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True), what
    assert got is None or not np.isnan(got), f"{what} is NaN instead of empty"


def one_loan(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"account": [1], "date": [datetime(2024, 3, 31)], **{k: [v] for k, v in columns.items()}})


def rows_at(*times: datetime) -> pd.DataFrame:
    return pd.DataFrame({"account": [1] * len(times), "date": list(times), "amount": np.arange(1.0, len(times) + 1)})


def test_a_row_exactly_at_the_observation_is_known_and_one_at_the_far_edge_of_the_window_is_out(tmp_path: Path) -> None:
    at = datetime(2024, 3, 31)
    microsecond = timedelta(microseconds=1)
    trans = rows_at(at - 7 * DAY, at - 7 * DAY + microsecond, at, at + microsecond)

    table, report = run(
        spec_of(by_account(windows=(7,), aggregates=("count", "sum"))),
        save(tmp_path, loan=one_loan(), trans=trans),
        tmp_path,
    )

    assert table["trans_count_7d"].to_list() == [2.0]
    assert table["trans_amount_sum_7d"].to_list() == [5.0]
    assert report.refused_future_rows == 1


def test_a_row_is_known_only_after_its_lag(tmp_path: Path) -> None:
    at = datetime(2024, 3, 31)
    table, _ = run(
        spec_of(by_account(windows=(30,), aggregates=("count",), lag_days=5)),
        save(tmp_path, loan=one_loan(), trans=rows_at(at - 5 * DAY, at - 4 * DAY)),
        tmp_path,
    )

    assert table["trans_count_30d"].to_list() == [1.0]


def test_further_rows_of_the_future_change_nothing_bit_for_bit(tmp_path: Path) -> None:
    loan, trans = some_rows()
    random = np.random.default_rng(5)
    last = loan.groupby("account")["date"].max()
    chosen = random.choice(last.index.to_numpy(), 3_000)
    days = random.integers(1, 9, 3_000)
    future = pd.DataFrame(
        {
            "account": chosen,
            "date": [last[account] + int(day) * DAY for account, day in zip(chosen, days, strict=True)],
            "amount": random.normal(0, 1e9, 3_000),
            "kind": random.choice(["fraud", "collection"], 3_000),
        }
    )
    mixed = pd.concat(
        [future[:1_000], trans[:700], future[1_000:2_000], trans[700:], future[2_000:]], ignore_index=True
    )

    _, before = run(spec_of(ALL), save(tmp_path, loan=loan, trans=trans), tmp_path)
    bytes_before = (tmp_path / "joined.parquet").read_bytes()
    _, after = run(spec_of(ALL), save(tmp_path, loan=loan, trans=mixed), tmp_path)

    assert (tmp_path / "joined.parquet").read_bytes() == bytes_before
    assert after.sha256 == before.sha256
    assert after.tables["trans"].future == before.tables["trans"].future + 3_000


def test_many_rows_in_several_ranges_of_keys_make_the_same_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loan, trans = some_rows()
    paths = save(tmp_path, loan=loan, trans=trans)

    _, whole = run(spec_of(ALL), paths, tmp_path)
    monkeypatch.setattr(children, "CELLS_AT_ONCE", 1_000)
    monkeypatch.setattr(children, "ROWS_IN_BATCH", 100)
    monkeypatch.setattr(slices, "ROWS_AT_ONCE", 50)
    _, in_parts = run(spec_of(ALL), paths, tmp_path)

    assert in_parts.sha256 == whole.sha256
    assert not list(tmp_path.glob(".ingest-*"))


def test_the_base_keeps_its_rows_columns_and_order(tmp_path: Path) -> None:
    loan, trans = some_rows()
    table, report = run(spec_of(by_account()), save(tmp_path, loan=loan, trans=trans), tmp_path)

    assert table.select(loan.columns).to_pandas()["account"].tolist() == loan["account"].tolist()
    assert report.row_count == table.height == len(loan)
    assert [column.name for column in read_schema(tmp_path / "joined.parquet")] == table.columns


def account_and_district() -> tuple[JoinedTable, JoinedTable]:
    account = JoinedTable("account", "loan", (("account", "account"),), "one", columns=("kind",))
    district = JoinedTable("district", "account", (("district", "code"),), "one", columns=("income",))
    return account, district


def test_columns_are_taken_over_through_two_tables(tmp_path: Path) -> None:
    loan = pd.DataFrame({"account": [2, 1, 9], "date": [datetime(2024, 1, 1)] * 3})
    account = pd.DataFrame({"account": [1, 2, 3], "district": ["A", "B", "A"], "kind": ["x", "y", "z"]})
    district = pd.DataFrame({"code": ["B", "A"], "income": [5.0, 7.0]})

    table, report = run(
        spec_of(*account_and_district()), save(tmp_path, loan=loan, account=account, district=district), tmp_path
    )

    assert table["account_kind"].to_list() == ["y", "x", None]
    assert table["district_income"].to_list() == [5.0, 7.0, None]
    assert report.tables["account"].known == 2
    assert report.tables["account"].of_others == 1


def test_a_parent_with_repeated_keys_is_refused_by_name_and_number(tmp_path: Path) -> None:
    loan = pd.DataFrame({"account": [1, 2], "date": [datetime(2024, 1, 1)] * 2})
    account = pd.DataFrame({"account": [1, 1, 2, 2, 2, 3], "kind": list("abcdef")})

    with pytest.raises(BadInput) as refused:
        run(spec_of(account_and_district()[0]), save(tmp_path, loan=loan, account=account), tmp_path)

    assert refused.value.params == {"table": "account", "columns": "account", "keys": 2, "rows": 5}
    assert not (tmp_path / "joined.parquet").exists()


def test_only_some_rows_may_count_so_that_a_key_becomes_unique(tmp_path: Path) -> None:
    loan = pd.DataFrame({"account": [1], "date": [datetime(2024, 1, 1)]})
    disp = pd.DataFrame({"account": [1, 1], "role": ["OWNER", "USER"], "client": [7, 8]})
    owner = JoinedTable(
        "disp", "loan", (("account", "account"),), "one", columns=("client",), only=(("role", ("OWNER",)),)
    )

    table, _ = run(spec_of(owner), save(tmp_path, loan=loan, disp=disp), tmp_path)

    assert table["disp_client"].to_list() == [7]


def test_a_row_that_is_looked_up_must_be_known_at_the_observation(tmp_path: Path) -> None:
    loan = pd.DataFrame(
        {"account": [1, 2, 1], "date": [datetime(2024, 1, 10), datetime(2024, 1, 10), datetime(2024, 2, 1)]}
    )
    card = pd.DataFrame(
        {"account": [1, 2], "issued": [datetime(2024, 1, 20), datetime(2024, 1, 10)], "kind": ["gold", "blue"]}
    )
    looked_up = JoinedTable(
        "card", "loan", (("account", "account"),), "one", time_column="issued", columns=("issued", "kind")
    )

    table, _ = run(spec_of(looked_up), save(tmp_path, loan=loan, card=card), tmp_path)

    assert table["card_kind"].to_list() == [None, "blue", "gold"]
    assert table["card_issued_days_since"].to_list() == [None, 0.0, 12.0]


def test_a_table_finds_its_way_through_another_that_has_many_rows(tmp_path: Path) -> None:
    loan = pd.DataFrame({"account": [1, 2], "date": [datetime(2024, 1, 10)] * 2})
    disp = pd.DataFrame({"disp": [10, 11, 20], "account": [1, 1, 2]})
    card = pd.DataFrame(
        {"disp": [10, 11, 20, 20], "date": [datetime(2024, 1, day) for day in (9, 10, 11, 2)], "amount": 1.0}
    )
    tables = (
        JoinedTable("disp", "loan", (("account", "account"),), "many", aggregates=("count",)),
        JoinedTable("card", "disp", (("disp", "disp"),), "many", "date", windows=(0,), aggregates=("count",)),
    )

    table, report = run(spec_of(*tables), save(tmp_path, loan=loan, disp=disp, card=card), tmp_path)

    assert table["disp_count_all"].to_list() == [2.0, 1.0]
    assert table["card_count_all"].to_list() == [2.0, 1.0]
    assert report.tables["card"].future == 1


def test_a_lookup_below_many_rows_is_summed_up_with_them(tmp_path: Path) -> None:
    loan = pd.DataFrame({"account": [1, 2], "date": [datetime(2024, 1, 10)] * 2})
    disp = pd.DataFrame({"client": [10, 11, 20], "account": [1, 1, 2]})
    client = pd.DataFrame({"client": [10, 11, 20], "age": [30.0, 50.0, 70.0]})
    tables = (
        JoinedTable("disp", "loan", (("account", "account"),), "many", aggregates=("mean",)),
        JoinedTable("client", "disp", (("client", "client"),), "one", columns=("age",)),
    )

    table, report = run(spec_of(*tables), save(tmp_path, loan=loan, disp=disp, client=client), tmp_path)

    assert table["disp_client_age_mean_all"].to_list() == [40.0, 70.0]
    assert "disp client age: mean so far" in [column.label for column in report.columns]


def test_an_empty_table_counts_nothing_and_leaves_the_rest_empty(tmp_path: Path) -> None:
    loan, trans = some_rows()
    table, _ = run(spec_of(ALL), save(tmp_path, loan=loan, trans=trans.head(0).astype(trans.dtypes)), tmp_path)

    assert table["trans_count_30d"].to_list() == [0.0] * len(loan)
    assert table["trans_amount_sum_30d"].to_list() == [0.0] * len(loan)
    assert table["trans_amount_mean_30d"].null_count() == table["trans_recency"].null_count() == len(loan)


def test_an_empty_base_stays_empty(tmp_path: Path) -> None:
    loan, trans = some_rows()
    table, report = run(spec_of(by_account()), save(tmp_path, loan=loan.head(0), trans=trans), tmp_path)

    assert table.height == report.row_count == 0
    assert "trans_amount_sum_30d" in table.columns


def test_rows_without_key_or_time_are_told_and_nothing_is_known_where_the_base_has_none(tmp_path: Path) -> None:
    at = datetime(2024, 3, 31)
    loan = pl.DataFrame({"account": [1, None, 1], "date": [at, at, None]})
    trans = pl.DataFrame({"account": [1, None, 1, 5], "date": [at, at, None, at], "amount": [1.0, 2.0, 3.0, 4.0]})

    table, report = run(spec_of(by_account(windows=(30,))), save(tmp_path, loan=loan, trans=trans), tmp_path)

    assert table["trans_count_30d"].to_list() == [1.0, None, None]
    told = report.tables["trans"]
    assert (told.rows, told.known, told.without_key, told.without_time, told.of_others) == (4, 1, 1, 1, 1)
    assert report.without_observation_time == 1


MIDNIGHT = datetime(2024, 3, 31)
UTC = pl.Series([MIDNIGHT, MIDNIGHT + timedelta(minutes=1)]).dt.replace_time_zone("UTC")


@pytest.mark.parametrize(
    ("base", "child"),
    [
        (pl.Series([20240331]), pl.Series([20240331, 20240401])),
        (pl.Series([240331]), pl.Series([240331, 240401])),
        (pl.Series(["2024-03-31"]), pl.Series(["2024/03/31", "2024/04/01"])),
        (pl.Series(["2024年3月31日"]), pl.Series(["240331 00:00:00", "240331 00:00:01"])),
        (pl.Series([MIDNIGHT.date()]), pl.Series([MIDNIGHT, MIDNIGHT + DAY])),
        # 08:00 in Shanghai is midnight in UTC.
        (pl.Series([MIDNIGHT]), UTC.dt.convert_time_zone("Asia/Shanghai")),
    ],
)
def test_times_are_read_however_they_are_written(tmp_path: Path, base: pl.Series, child: pl.Series) -> None:
    loan = pl.DataFrame({"account": [1], "date": base})
    trans = pl.DataFrame({"account": [1, 1], "date": child, "amount": [1.0, 2.0]})

    table, _ = run(
        spec_of(by_account(windows=(7,), aggregates=("sum",))), save(tmp_path, loan=loan, trans=trans), tmp_path
    )

    assert table["trans_amount_sum_7d"].to_list() == [1.0]


def test_a_key_written_as_text_finds_one_written_as_a_number(tmp_path: Path) -> None:
    loan = pl.DataFrame({"account": [1, 2], "date": [datetime(2024, 3, 31)] * 2})
    trans = pl.DataFrame({"account": ["1", " 2 "], "date": [datetime(2024, 3, 1)] * 2, "amount": [1.0, 2.0]})

    table, _ = run(
        spec_of(by_account(windows=(90,), aggregates=("sum",))), save(tmp_path, loan=loan, trans=trans), tmp_path
    )

    assert table["trans_amount_sum_90d"].to_list() == [1.0, 2.0]


def test_two_columns_together_may_be_the_key(tmp_path: Path) -> None:
    loan = pd.DataFrame({"bank": ["a", "b"], "account": [1, 1], "date": [datetime(2024, 3, 31)] * 2})
    trans = pd.DataFrame(
        {"house": ["b", "a", "a"], "number": [1, 1, 2], "date": datetime(2024, 3, 1), "amount": [1.0, 2.0, 4.0]}
    )
    keys = (("bank", "house"), ("account", "number"))
    both = JoinedTable("trans", "loan", keys, "many", "date", numbers=("amount",), windows=(90,), aggregates=("sum",))

    table, _ = run(spec_of(both), save(tmp_path, loan=loan, trans=trans), tmp_path)

    assert table["trans_amount_sum_90d"].to_list() == [2.0, 1.0]


def test_a_timed_table_needs_an_observation_time(tmp_path: Path) -> None:
    loan, trans = some_rows()
    with pytest.raises(BadInput, match="observation time of loan"):
        run(JoinSpec("loan", (by_account(),)), save(tmp_path, loan=loan, trans=trans), tmp_path)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (by_account(numbers=("nothing",)), "trans has no column nothing"),
        (by_account(time_column="amount"), "are not dates"),
        (by_account(aggregates=("median",)), "not a known aggregate"),
        (by_account(windows=(-3,)), "whole number of days"),
        (JoinedTable("trans", "nowhere", (("account", "account"),), "many"), "not among the tables"),
        (JoinedTable("trans", "loan", (), "many"), "the column by which"),
        (JoinedTable("loan", "loan", (("account", "account"),), "many"), "Two tables are called loan"),
    ],
)
def test_what_cannot_be_joined_is_refused_in_words(tmp_path: Path, table: JoinedTable, sentence: str) -> None:
    loan, trans = some_rows()
    with pytest.raises(BadInput, match=sentence):
        run(spec_of(table), save(tmp_path, loan=loan, trans=trans), tmp_path)


def test_a_preview_takes_a_few_rows_and_says_the_same_of_them(tmp_path: Path) -> None:
    loan, trans = some_rows()
    paths = save(tmp_path, loan=loan, trans=trans)

    whole, _ = run(spec_of(by_account()), paths, tmp_path)
    few, report = run(spec_of(by_account()), paths, tmp_path, sample_rows=7)

    assert report.row_count == few.height == 7
    places = np.unique(np.linspace(0, len(loan) - 1, 7).astype(int)).tolist()
    assert few.equals(whole[places])


def test_a_cancelled_join_leaves_nothing(tmp_path: Path) -> None:
    loan, trans = some_rows()

    def stop(fraction: float, table: str) -> None:
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        run_join(
            spec_of(ALL),
            save(tmp_path, loan=loan, trans=trans),
            destination=tmp_path / "joined.parquet",
            on_progress=stop,
        )

    assert sorted(path.name for path in tmp_path.iterdir()) == ["loan.parquet", "trans.parquet"]


def test_columns_carry_words_and_formulas(tmp_path: Path) -> None:
    loan, trans = some_rows()
    _, report = run(spec_of(by_account(aggregates=("sum",))), save(tmp_path, loan=loan, trans=trans), tmp_path)
    column = next(column for column in report.columns if column.name == "trans_amount_sum_30d")

    assert column.label == "trans amount: sum of last 30 days"
    assert column.formula == (
        "sum(trans.amount) where trans.account = loan.account "
        "and trans.date <= loan.date and trans.date > loan.date - 30 days"
    )
    assert (column.table, column.column, column.aggregate, column.window) == ("trans", "amount", "sum", 30)
    assert report.base_sha256 != report.tables["trans"].sha256
    assert JoinSpec.from_dict(report.to_dict()["spec"]) == report.spec
