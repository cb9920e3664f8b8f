"""What people and spreadsheets do to values is undone, or told where it cannot be."""

import io
from datetime import datetime

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from experiments.ingest import sources
from experiments.ingest.table import read_parquet


@pytest.fixture
def read(ingest, tmp_path):
    """Read one column, written one value a line; return its type, its values and the notes on it."""

    def read_column(values: list[str], name: str = "x", delimiter: str = ";"):
        lines = [f"{number}{delimiter}{value}" for number, value in enumerate(values)]
        report = ingest(f"row{delimiter}{name}\n" + "\n".join(lines) + "\n", delimiter=delimiter)
        column = read_parquet(tmp_path / "table.parquet")[name]
        values_read = [None if value != value else value for value in column.tolist()]
        return report.columns[1].type, values_read, [note.message % note.params for note in report.notes]

    return read_column


@pytest.mark.parametrize(
    ("written", "number"),
    [("1.2万", 12_000.0), ("3亿", 3e8), ("12%", 0.12), ("5‰", 0.005), ("￥1,234.50", 1234.5), ("$1,234", 1234.0),
     ("１２３．５", 123.5), ("－７", -7.0), ("(1,234.50)", -1234.5), ("（12）", -12.0), ("1,234.50-", -1234.5),
     ("100元", 100.0), ("1 234.5", 1234.5), ("1'234.50", 1234.5), ("−3", -3.0)],
)  # fmt: skip
def test_amounts_are_read_however_written(read, written, number):
    assert read([written] * 3)[:2] == ("numeric", [number] * 3)


@pytest.mark.parametrize(
    "written",
    [
        "20240131",
        "2024-1-31",
        "2024/1/31",
        "2024年1月31日",
        "31.01.2024",
        "31.1.2024",
        "２０２４-０１-３１",
        "2024.1.31",
    ],
)
def test_dates_are_read_however_written(read, written):
    assert read([written] * 3)[:2] == ("date", [datetime(2024, 1, 31)] * 3)


@pytest.mark.parametrize(
    "written",
    ["2024-1-31 08:05", "2024/1/31 8:05:00", "2024年1月31日 08:05", "2024年1月31日8时5分", "31.01.2024 08:05",
     "31/01/2024 08:05", "2024-01-31T08:05:00"],
)  # fmt: skip
def test_dates_keep_their_time_of_day(read, written):
    assert read([written] * 3)[:2] == ("date", [datetime(2024, 1, 31, 8, 5)] * 3)


def test_a_year_of_two_digits_is_not_read_as_the_first_century(read):
    assert read(["31.01.24", "01.02.24"])[0] == "categorical"


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("20240131080500", datetime(2024, 1, 31, 8, 5)),
        ("2024-01-31T08:05:00+08:00", datetime(2024, 1, 31, 8, 5)),
        ("2024-01-31 08:05:00.250 +0800", datetime(2024, 1, 31, 8, 5, 0, 250_000)),
        ("1/31/2024 1:05 PM", datetime(2024, 1, 31, 13, 5)),
    ],
)
def test_moments_of_core_systems_and_of_spreadsheets_are_dates(read, written, moment):
    assert read([written] * 3)[:2] == ("date", [moment] * 3)


def test_days_in_eight_digits_bear_what_systems_write_for_no_day_and_for_no_end(read):
    kind, values, notes = read(["20240131", "0", "99991231", "20240229", "99999999"])
    assert (kind, [value and value.year for value in values]) == ("date", [2024, None, 9999, 2024, None])
    assert notes == ["x: 2 of 5 values are not dates (0); they count as missing."]


def test_a_month_in_six_digits_is_a_date_where_the_name_says_so(read):
    kind, values, notes = read(["202312", "202401", "202402"], "账期")
    assert (kind, values) == ("date", [datetime(2023, 12, 1), datetime(2024, 1, 1), datetime(2024, 2, 1)])
    assert notes == ["账期 holds months such as 202401; each was read as the first day of the month."]
    assert read(["202312", "202401", "202402"], "amount")[0] == "numeric"


def test_dates_written_in_two_ways_are_all_read_however_many_there_are_of_either(read):
    kind, values, _ = read(["2024-01-31"] * 200 + ["45322"] * 5 + ["31/01/2024"] * 4, "申请日期")
    assert (kind, set(values)) == ("date", {datetime(2024, 1, 31)})


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["31/01/2024", "02/01/2024"], [None, None]),
        (["31-Jan-2024", "2024/1/2", "20240102"], [datetime(2024, 1, 31), *[datetime(2024, 1, 2)] * 2]),
    ],
)
def test_days_of_a_file_of_known_types_are_not_guessed_from_its_other_rows(ingest, tmp_path, values, expected):
    ingest("row;x\n" + "".join(f"1;{value}\n" for value in values), types={"x": "date"})
    found = read_parquet(tmp_path / "table.parquet")["x"]
    assert [None if pd.isna(value) else value for value in found] == expected


def test_a_file_of_known_types_may_write_its_fractions_with_commas(ingest, tmp_path):
    ingest("row;x\n1;1,5\n2;1.234,25\n3;7\n", types={"x": "numeric"})
    assert read_parquet(tmp_path / "table.parquet")["x"].tolist() == [1.5, 1234.25, 7.0]


@pytest.mark.parametrize(
    "written",
    ["6222 0212 3456 7890 123", "6222 0212 3456 7890", "００１２", "138 1234 5678", "13812345678,13912345678"],
)
def test_what_is_no_amount_keeps_every_digit(read, written):
    assert read([written, written, "６２２２０２１２３４５６７８９０"])[:2] == (
        "categorical",
        [written, written, "６２２２０２１２３４５６７８９０"],
    )


def test_days_counted_by_a_spreadsheet_are_dates_where_the_name_says_so(read):
    assert read(["45322", "45323.5"], "申请日期") == (
        "date",
        [datetime(2024, 1, 31), datetime(2024, 2, 1, 12)],
        ["申请日期 holds spreadsheet day numbers (such as 45322); they were read as dates (2024-01-31)."],
    )
    assert read(["45322", "45323"], "salary")[0] == "numeric"
    assert read(["45322", "99999"], "apply_date")[0] == "numeric"


def test_dates_of_which_a_spreadsheet_understood_only_some_are_all_read(read):
    kind, values, _ = read(["2024-01-31", "45323", "2024/2/2", "20240203"] * 5, "apply_date")
    assert (kind, values[3]) == ("date", datetime(2024, 2, 3))
    kind, values, _ = read(["2024-01-31", "45323"] * 5, "apply_date")
    assert (kind, values[:2]) == ("date", [datetime(2024, 1, 31), datetime(2024, 2, 1)])
    kind, values, _ = read(["2024-01-31", "20240201"] * 5, "apply_date")
    assert (kind, values[:2]) == ("date", [datetime(2024, 1, 31), datetime(2024, 2, 1)])


@pytest.mark.parametrize("pair", [("是", "否"), ("Y", "N"), ("有", "无"), ("T", "F"), ("true", "FALSE")])
def test_yes_and_no_are_boolean_beside_a_word_for_nothing(read, pair):
    kind, values, notes = read([*pair * 5, "--"])
    assert (kind, values) == ("boolean", [*pair * 5, None])
    assert notes == ["1 cells in x hold a word that means “no value” and count as missing: -- (1)."]


def test_a_third_word_late_in_the_file_makes_yes_and_no_a_category(read, monkeypatch):
    monkeypatch.setattr(sources, "BLOCK_BYTES", 1 << 12)
    kind, values, _ = read(["是", "否"] * 12_000 + ["也许"])
    assert (kind, values[-1]) == ("categorical", "也许")
    kind, values, _ = read(["是", "否"] * 12_000 + ["无数据"])
    assert (kind, values[-1]) == ("boolean", None)


def test_words_for_nothing_are_missing_everywhere_and_listed(ingest, tmp_path):
    rows = ["30,a", "--,b", "N/A,无数据", "NULL,空", "31,c", "  NULL ,d"]
    report = ingest("age,grade\n" + "\n".join(rows) + "\n")
    table = read_parquet(tmp_path / "table.parquet")
    assert table["age"].dropna().tolist() == [30.0, 31.0]
    assert table["grade"].tolist() == ["a", "b", None, None, "c", "d"]
    assert [note.message % note.params for note in report.notes] == [
        (
            "6 cells in age, grade hold a word that means “no value” and count as missing: NULL (2), -- (1), "
            "N/A (1), 无数据 (1), 空 (1)."
        )
    ]


def test_codes_that_begin_with_zero_stay_text_even_when_they_come_late(read, monkeypatch):
    monkeypatch.setattr(sources, "BLOCK_BYTES", 1 << 12)
    kind, values, notes = read([str(number) for number in range(1000, 22_000)] + ["0101"])
    assert (kind, values[0], values[-1]) == ("text", "1000", "0101")
    assert notes == ["x has codes with leading zeros and is kept as text, so that none is lost."]


def test_what_keeps_a_spreadsheet_from_making_numbers_of_codes_is_taken_off(ingest, tmp_path):
    report = ingest('="编号",="金额"\n="001",="12.5"\n="002",="7"\n')
    assert [column.name for column in report.columns] == ["编号", "金额"]
    assert read_parquet(tmp_path / "table.parquet").to_dict("list") == {"编号": ["001", "002"], "金额": [12.5, 7.0]}


def test_numbers_between_nought_and_one_are_not_codes(read):
    assert read(["0.5", "0", "-0.25"])[:2] == ("numeric", [0.5, 0.0, -0.25])


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (["1.23457E+17", "6.22202E+18"], "x holds long numbers written like 6.22E+18"),
        (["1.38E+11", "1.39001E+11"], "x holds long numbers written like 6.22E+18"),
        (["110101199001011000", "310101198502023000"], "x: 2 of 2 long numbers end in zeros after the 15th digit"),
        (
            ["6222021234567890000", "6222021234567891234"] * 2,
            "x: 2 of 4 long numbers end in zeros after the 15th digit, such as 6222021234567890000.",
        ),
    ],
)
def test_long_numbers_a_spreadsheet_has_ruined_block_the_column(ingest, values, sentence):
    report = ingest("row,x\n" + "".join(f"{row},{value}\n" for row, value in enumerate(values)))
    blocks = [note for note in report.notes if note.severity == "block"]
    assert [(note.column, (note.message % note.params)[: len(sentence)]) for note in blocks] == [("x", sentence)]
    assert report.to_dict()["notes"][0]["severity"] == "block"


@pytest.mark.parametrize(
    "values",
    [
        ["6222021234567890123", "6.22E+18", "6222021234567890124"],
        ["110105199001010000", "330106198501010000", "未提供", "440305197812310000"],
        ["1.38E+10", "1.39E+10", "1.77E+10"],
    ],
)
def test_ruined_numbers_block_also_beside_whole_ones_and_words(ingest, values):
    report = ingest("row,card\n" + "".join(f"1,{value}\n" for value in values))
    assert [(note.severity, note.column) for note in report.notes] == [("block", "card")]


def test_card_numbers_that_a_program_took_for_amounts_block_their_column(ingest):
    stream = io.BytesIO()
    pq.write_table(pa.table({"card": [6222021234567890123.0, None, 6217001234567890000.0], "y": [0, 1, 0]}), stream)
    report = ingest(stream.getvalue(), "cards.parquet")
    assert [(note.severity, note.column) for note in report.notes] == [("block", "card")]


def test_how_long_something_took_is_a_number_of_seconds(ingest, tmp_path):
    stream = io.BytesIO()
    pq.write_table(pa.table({"call": pa.array([90_500, None], pa.duration("ms")), "y": [0, 1]}), stream)
    ingest(stream.getvalue(), "calls.parquet")
    assert read_parquet(tmp_path / "table.parquet")["call"].tolist()[0] == 90.5


@pytest.mark.parametrize("values", [["1", "2", "3.5", "A01"], ["1.2万", "3亿", "2w"]])
def test_a_mix_of_numbers_and_codes_is_told(read, values):
    kind, _, notes = read(values * 3)
    assert kind == "categorical"
    assert "mixes numbers and words" in notes[0]


@pytest.mark.parametrize(
    "values",
    [["6222021234567890123", "6222021234567891234"], ["6222021234567890", "6222021234567891", "6222021234567892"],
     ["12345678901", "13800001000"], ["1.5", "2e16"], ["1000", "20000"]],
)  # fmt: skip
def test_whole_long_numbers_block_nothing(ingest, values):
    report = ingest("row,x\n" + "".join(f"{row},{value}\n" for row, value in enumerate(values)))
    assert [note for note in report.notes if note.severity == "block"] == []


def test_decimal_commas_are_recognised_by_evidence(read):
    kind, values, notes = read(["1.234,56", "12,5", "7", "1.000", "-0,25", "3 €"])
    assert (kind, values) == ("numeric", [1234.56, 12.5, 7.0, 1000.0, -0.25, 3.0])
    assert notes == [
        (
            "x: numbers were read with a decimal comma, because 3 of 6 values, such as 1.234,56, can be read "
            "in no other way."
        )
    ]


def test_decimal_commas_and_points_in_one_column_are_kept_as_text_and_told(read):
    kind, values, notes = read(["1.234,56", "1,234.56", "12,5", "12.5"])
    assert (kind, values[0]) == ("categorical", "1.234,56")
    assert notes == [
        (
            "x has some numbers with a decimal comma (2 values, such as 1.234,56) and some with a decimal "
            "point (2 values, such as 12.5). They cannot be told apart, so it is kept as text. Export it in "
            "one form."
        )
    ]


def test_each_column_has_its_own_comma_and_a_late_one_counts(ingest, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "BLOCK_BYTES", 1 << 12)
    rows = ["1.500;1.5"] * 21_000 + ["2,5;2.5"]
    report = ingest("european;usual\n" + "\n".join(rows) + "\n")
    table = read_parquet(tmp_path / "table.parquet")
    assert [column.type for column in report.columns] == ["numeric", "numeric"]
    assert (table["european"].iloc[[0, -1]].tolist(), table["usual"].iloc[[0, -1]].tolist()) == (
        [1500.0, 2.5], [1.5, 2.5],
    )  # fmt: skip


def test_percent_signs_on_some_numbers_only_are_told(read):
    assert "x: 1 of 2 numbers carry %" in read(["12%", "12"])[2][1]


def test_a_workbook_shows_what_it_has_lost(ingest):
    book = Workbook()
    book.active.append(["card", "age"])
    book.active.append([6222021234567890123, 30])
    book.active.append([6222021234567891234, 31])
    stream = io.BytesIO()
    book.save(stream)
    report = ingest(stream.getvalue(), "cards.xlsx")
    assert [(note.column, note.severity) for note in report.notes] == [("card", "block")]


def test_a_sentence_quotes_no_half_number(read):
    remarks = ["客户本人多次要求回电手机号码为13800138000转", "some-body.with-a-name@bank.example"]
    _, _, notes = read(["1", "2", "3"] * 10 + remarks)
    assert "such as 客户本人多次要求回电手机号码为…, …);" in notes[0]


@pytest.mark.parametrize(
    "codes",
    [
        ["70E2", "82E4", "12E1", "10E0"],
        ["10e3", "11e4", "0e12", "99e9"],
        ["1E10", "2E11", "7E05", "9E1"],
        ["1234", "5678", "12E4", "9012"],
        ["12E5", "未知", "13E6", "-"],
        ["00E1", "12E5", "7", "07"],
        ["1001-05", "1002-12", "3105-07", "1001-06"],
        ["1-2", "3-4", "10-11", "12-1"],
        ["1/2", "3/4", "10/11", "12/1"],
        ["0012", "0113", "4567", "1200"],
        ["0x1F", "0x2E", "1E5", "0x11"],
    ],
)
def test_codes_that_look_like_numbers_or_days_stay_as_they_are_written(read, codes):
    kind, values, _ = read(codes * 30)
    assert kind == "categorical"
    assert values[: len(codes)] == codes


def test_codes_like_powers_are_told_with_an_example(read):
    notes = read(["70E2", "82E4", "12E1"] * 10)[2]
    assert notes == [
        "x: 30 values such as 70E2 look like codes rather than numbers with an exponent; the column is kept as text."
    ]


def test_codes_like_powers_are_kept_even_when_they_come_late(read):
    kind, values, _ = read(["1234"] * 30_000 + ["12E5"])
    assert (kind, values[-1]) == ("categorical", "12E5")


@pytest.mark.parametrize(
    "numbers",
    [
        ["1.2E5", "3E+05", "1.0E10", "200"],
        ["1e20", "2.5e3", "7", "1e-7"],
        ["1E+05", "2E-3", "3E+12", "4E+00"],
        ["0.5", "1.25", "12E5", "-3.5"],
        ["-12", "1e5", "1e6", "-4"],
    ],
)
def test_numbers_with_an_exponent_stay_numbers(read, numbers):
    kind, values, _ = read(numbers * 30)
    assert kind == "numeric"
    assert values[: len(numbers)] == [float(number) for number in numbers]
