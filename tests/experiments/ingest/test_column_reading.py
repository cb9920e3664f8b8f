"""A cell means the same alone and in any file: as the column was written where the model learnt."""

from datetime import datetime

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.data.column_reading import read_texts
from experiments.data.frame_reading import read_cells
from experiments.data.parsing import parse_amounts, parse_numbers
from experiments.data.schema import ColumnReading, read_schema
from experiments.data.values import amount_of
from experiments.ingest.reading import ReadingOptions, ingest_files
from experiments.ingest.table import read_parquet

CELLS = st.sampled_from(
    [
        *("2,012", "2.012", "12,5", "12.5", "1.234,56", "1,234.56", "1.234.567", "0,125", "12%", "1.2万", "￥1,200"),
        *("01/02/2024", "23/11/2015", "11/23/2015", "2024-01-31", "20240131", "202401", "45322", "0", "99999999"),
        *("", "-", "N/A", "高", "many", "1e3", "nan", "inf", "(1,200.50)", "１２", "2,012%", "6222 0212 3456 7890"),
    ]
)
READINGS = st.builds(
    ColumnReading,
    is_written=st.booleans(),
    decimal=st.sampled_from([",", "."]),
    is_grouped=st.booleans(),
    has_fractions=st.booleans(),
    has_thousands=st.booleans(),
    units=st.sampled_from([(), ("%",)]),
    always_unit=st.booleans(),
    day_order=st.sampled_from(["", "day_first", "month_first"]),
)


def read(words, kind="numeric", **reading):
    values, met = read_texts(pl.Series(words), kind, ColumnReading(**{"is_written": True, **reading}))
    return values.to_list(), met


@settings(max_examples=60, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=8), READINGS, st.sampled_from(["numeric", "date", "categorical"]))
@pytest.mark.slow
def test_a_cell_means_the_same_alone_among_others_and_in_a_frame(cells, reading, kind):
    together = read_texts(pl.Series(cells), kind, reading)[0].to_list()
    alone = [read_texts(pl.Series([cell]), kind, reading)[0][0] for cell in cells]
    in_frame = read_cells(pd.Series(cells, dtype=object), kind, reading)[0]
    assert together == alone
    assert [None if pd.isna(value) else value for value in in_frame.tolist()] == alone


@pytest.mark.parametrize(
    ("learnt", "expected"),
    [
        ({"decimal": ",", "has_fractions": True}, 2.012),
        ({"decimal": ",", "has_fractions": True, "is_grouped": True}, 2012.0),
        ({"decimal": ",", "has_fractions": True, "has_thousands": True}, 2012.0),
    ],
)
def test_a_point_among_decimal_commas_groups_only_where_thousands_were_seen(learnt, expected):
    values, met = read(["2.012", "2,012"], **learnt)
    assert values == [expected, 2.012]
    assert bool(met) == (not learnt.get("is_grouped"))


@pytest.mark.parametrize(
    ("learnt", "expected", "way"),
    [
        ({"has_fractions": True}, 2.012, "decimal_comma"),
        ({"has_fractions": True, "has_thousands": True}, 2012.0, "thousands"),
        ({"has_thousands": True}, 2012.0, None),
        ({"has_fractions": True, "has_thousands": True, "is_grouped": True}, 2012.0, None),
    ],
)
def test_a_comma_among_decimal_points_groups_only_where_thousands_were_seen(learnt, expected, way):
    values, met = read(["2,012"], **learnt)
    assert values == [expected]
    assert list(met.otherwise) == ([way] if way else [])


def test_what_can_only_be_the_other_mark_is_read_by_it_and_told_with_an_example():
    values, met = read(["12,5", "1.234,56", "7"], has_fractions=True)
    assert values == [12.5, 1234.56, 7.0]
    assert (met.otherwise["decimal_comma"], met.examples["decimal_comma"], met.cells) == (2, "12,5", 3)
    values, met = read(["12.5", "1,234.56", "1e-3"], decimal=",", has_fractions=True)
    assert values == [12.5, 1234.56, 0.001]
    assert met.otherwise["decimal_point"] == 2


@given(st.from_regex(r"[-+]?[0-9]{1,4}([.,][0-9]{1,4}){0,2}", fullmatch=True), st.booleans())
def test_whole_columns_of_amounts_are_read_as_each_amount_is(word, has_comma):
    found = parse_amounts(pl.Series([word]), decimal_comma=has_comma)[0]
    alone = amount_of(word, decimal_comma=has_comma)
    plain = parse_numbers(pl.Series([word]))[0]
    assert found == (alone if has_comma or plain is None else plain)


def test_words_are_counted_and_those_known_from_training_are_not():
    values, met = read(["高", "低", "高", "-", "未评", "5"], nothing=("未评",))
    assert values == [None] * 5 + [5.0]
    assert (met.unreadable, dict(met.words)) == (3, {"高": 2, "低": 1})


def test_a_unit_never_seen_and_one_always_seen_are_told():
    values, met = read(["12%", "0.12", "1.2万"])
    assert values == [0.12, 0.12, 12000.0]
    assert met.otherwise == {"new_unit": 2}
    values, met = read(["12%", "0.12", "0"], units=("%",), always_unit=True, has_fractions=True)
    assert (values, met.otherwise) == ([0.12, 0.12, 0.0], {"no_unit": 1})


def test_dates_keep_the_order_of_day_and_month_that_was_learnt():
    first, second = datetime(2024, 2, 1), datetime(2024, 1, 2)
    assert read(["01/02/2024"], "date", day_order="day_first")[0] == [first]
    assert read(["01/02/2024"], "date", day_order="month_first")[0] == [second]
    values, met = read(["23/11/2015", "11/23/2015", "十年前"], "date", day_order="month_first")
    assert values == [None, datetime(2015, 11, 23), None]
    assert (met.otherwise, met.unreadable) == ({"other_day_order": 1}, 1)
    values, met = read(["01/02/2024", "2024-02-01"], "date")
    assert (values, met.otherwise) == ([None, first], {"unknown_day_order": 1})


@pytest.fixture
def schema_of(tmp_path):
    def taught(text):
        (tmp_path / "rows.csv").write_text(text, encoding="utf-8")
        ingest_files([(tmp_path / "rows.csv", "rows.csv")], tmp_path / "table.parquet")
        return {column.name: column.reading for column in read_schema(tmp_path / "table.parquet")}

    return taught


def test_reading_a_file_teaches_how_its_columns_are_written(schema_of):
    taught = schema_of(
        "rate;day;share;amount;income;age;city\n"
        + "3,108;11/23/2015;12%;1.234,50;￥1,200;31;A\n" * 30
        + "12,5;05/28/2016;7%;99,5;￥1,250;未评;B\n"
    )
    assert taught["rate"] == ColumnReading(True, ",", has_fractions=True)
    assert taught["amount"] == ColumnReading(True, ",", is_grouped=True, has_fractions=True, has_thousands=True)
    assert taught["day"] == ColumnReading(True, day_order="month_first")
    assert taught["share"] == ColumnReading(True, units=("%",), always_unit=True)
    assert taught["income"] == ColumnReading(True, is_grouped=True, has_thousands=True)
    assert taught["age"] == ColumnReading(True, nothing=("未评",))
    assert taught["city"] == ColumnReading()


def test_a_file_is_read_by_what_another_taught_and_a_person_goes_before_that(tmp_path):
    (tmp_path / "rows.csv").write_text("rate;day\n2.012;01/02/2024\n", encoding="utf-8")
    taught = {"rate": ColumnReading(True, ",", has_fractions=True), "day": ColumnReading(True, day_order="month_first")}
    options = {"types": {"rate": "numeric", "day": "date"}, "readings": taught}
    for more, expected in (({}, 2.012), ({"decimal": ","}, 2012.0), ({"decimal": "."}, 2.012)):
        report = ingest_files(
            [(tmp_path / "rows.csv", "rows.csv")], tmp_path / "table.parquet", options=ReadingOptions(**options, **more)
        )
        table = read_parquet(tmp_path / "table.parquet")
        assert table["rate"].tolist() == [expected]
        assert table["day"].tolist() == [datetime(2024, 1, 2)]
        assert bool(report.contradictions) == (not more)


def test_numbers_and_days_of_a_parquet_need_no_reading(tmp_path):
    frame = pd.DataFrame({"rate": [2.012, 1234.5], "day": pd.to_datetime(["2024-01-02", "2024-02-01"])})
    frame.to_parquet(tmp_path / "rows.parquet")
    taught = {"rate": ColumnReading(True, ",", is_grouped=True, has_fractions=True)}
    ingest_files(
        [(tmp_path / "rows.parquet", "rows.parquet")],
        tmp_path / "table.parquet",
        options=ReadingOptions(types={"rate": "numeric", "day": "date"}, readings=taught),
    )
    pd.testing.assert_frame_equal(read_parquet(tmp_path / "table.parquet"), frame, check_dtype=False)
