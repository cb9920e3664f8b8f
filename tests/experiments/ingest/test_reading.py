"""Files of every make become one typed table."""

import gzip
import io
import struct
import zipfile
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from experiments.data.schema import ColumnSchema, read_schema, schema_hash
from experiments.errors import BadInput
from experiments.ingest import sources
from experiments.ingest.reading import ingest_file
from experiments.ingest.table import read_parquet, read_table

TABLE = "客户号,城市,金额,y\n001,北京,1.5,是\n002,㼆,2.5,否\n"


def old_workbook(rows: list[list[str | float]]) -> bytes:
    """Write a workbook as spreadsheets did until 2003: BIFF8 records in a compound file."""
    cells = b""
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            place = struct.pack("<HHH", y, x, 0)
            if isinstance(cell, str):
                text = struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le")
                cells += _record(0x0204, place + text)
            else:
                cells += _record(0x0203, place + struct.pack("<d", cell))
    start = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0x0600))
    end = _record(0x000A, b"")
    name = struct.pack("<BB", 2, 0) + b"S1"
    position = len(start) + 4 + 6 + len(name) + len(end)
    globals_ = start + _record(0x0085, struct.pack("<IH", position, 0) + name) + end
    sheet = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0x0600)) + cells + end
    return _compound_file((globals_ + sheet).ljust(4096, b"\0"))


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def _compound_file(stream: bytes) -> bytes:
    last, free = 0xFFFFFFFE, 0xFFFFFFFF
    sectors = len(stream) // 512
    table = [0xFFFFFFFD, last, *range(3, 2 + sectors), last]
    allocation = struct.pack("<128I", *table, *[free] * (128 - len(table)))
    header = struct.pack("<8s16sHHHHHHIIIIIIIIII", bytes.fromhex("d0cf11e0a1b11ae1"), bytes(16), 0x3E, 3, 0xFFFE, 9, 6,
                         0, 0, 0, 1, 1, 0, 4096, last, 0, last, 0)  # fmt: skip
    header += struct.pack("<109I", 0, *[free] * 108)
    entries = _entry("Root Entry", 5, 1, last, 0) + _entry("Workbook", 2, free, 2, len(stream)) + bytes(256)
    return header + allocation + entries + stream


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    written = name.encode("utf-16-le").ljust(64, b"\0")
    head = struct.pack("<64sHBBIII", written, 2 * len(name) + 2, kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
    return head + bytes(36) + struct.pack("<IQ", start, size)


def notes(report) -> list[str]:
    return [str(BadInput(note.message, **note.params)) for note in report.notes]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16-le"),
     ("utf-16-be", "utf-16-be"), ("gb18030", "gb18030")],
)  # fmt: skip
def test_every_encoding_gives_the_same_table(ingest, tmp_path, encoding, found):
    text = TABLE if not encoding.startswith("utf-16-") else "id,city,amount,y\n" + "1,x,1.5,a\n" * 20
    report = ingest(text.encode(encoding))
    assert report.encoding == found
    if text == TABLE:
        assert read_parquet(tmp_path / "table.parquet").to_dict("list") == {
            "客户号": ["001", "002"], "城市": ["北京", "㼆"], "金额": [1.5, 2.5], "y": ["是", "否"],
        }  # fmt: skip


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "\x01"])
def test_every_delimiter_is_found(ingest, delimiter):
    report = ingest(TABLE.replace(",", delimiter))
    assert (report.delimiter, [column.label for column in report.columns]) == (
        delimiter, ["客户号", "城市", "金额", "y"],
    )  # fmt: skip


def test_quotes_keep_delimiters_and_line_ends(ingest, tmp_path):
    ingest('id,note\n1,"a, b\nc ""d"""\n2,plain\n')
    assert read_parquet(tmp_path / "table.parquet")["note"].tolist() == ['a, b\nc "d"', "plain"]


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_every_line_end_is_read(ingest, end):
    assert ingest(TABLE.replace("\n", end)).row_count == 2


def test_a_delimiter_at_the_end_of_every_line_makes_no_column(ingest):
    assert [column.name for column in ingest("a,b,\n1,2,\n3,4,\n").columns] == ["a", "b"]
    assert [column.name for column in ingest("a,b\n1,2,\n3,4,\n").columns] == ["a", "b"]


def test_one_column_without_any_delimiter_is_read(ingest):
    assert ingest("age\n30\n40\n").row_count == 2


@pytest.mark.parametrize(
    "written",
    ["20240131", "2024-01-31", "2024/1/31", "2024年1月31日", "2024.01.31", "31/01/2024", "01/31/2024",
     "2024-01-31 00:00:00", "2024-01-31T00:00:00", "31-Jan-2024"],
)  # fmt: skip
def test_dates_are_known_however_written(ingest, tmp_path, written):
    report = ingest(f"seen\n{written}\n{written}\n")
    assert report.columns[0].type == "date"
    assert read_parquet(tmp_path / "table.parquet")["seen"].tolist() == [datetime(2024, 1, 31)] * 2


@pytest.mark.parametrize("name", ["obs_date", "观察日期", "申请时间", "vintage", "snapshot", "stat_mon", "月份"])
def test_months_in_six_digits_are_dates_where_the_name_speaks_of_a_date(ingest, name):
    column = ingest(f"{name}\n202401\n202402\n202412\n").columns[0]
    assert column.type == "date"
    assert ingest(f"{name}\n202401\n202499\n202412\n").columns[0].type != "date"


def test_six_digits_under_another_name_stay_a_number(ingest):
    assert ingest("limit\n202401\n202402\n202412\n").columns[0].type == "numeric"


@pytest.mark.parametrize("written", ["2024-01", "2024/01", "2024年1月", "Jan-2024"])
def test_a_month_is_its_first_day(ingest, tmp_path, written):
    assert ingest(f"month\n{written}\n").columns[0].type == "date"
    assert read_parquet(tmp_path / "table.parquet")["month"].tolist() == [datetime(2024, 1, 1)]


def test_eight_digits_are_numbers_unless_all_are_dates(ingest):
    assert ingest("a\n20240131\n20241331\n").columns[0].type == "numeric"
    assert ingest("a\n20240131\n18991231\n").columns[0].type == "numeric"


def test_dates_of_two_makes_and_a_few_gaps_are_read_and_told(ingest, tmp_path):
    report = ingest("seen\n" + "2024-01-31\n2024/2/1\n" * 50 + "never\n")
    assert (report.columns[0].type, notes(report)) == (
        "date", ["seen: 1 of 101 values is no date (never); it counts as missing."],
    )  # fmt: skip


def test_types_rest_on_all_rows_not_on_the_first(ingest, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "BLOCK_BYTES", 1 << 16)
    ahead = 30_000
    rows = [f"{i},{i},7,20240131,2024-01-31,yes,," for i in range(ahead)]
    rows.append("1.5,0012,retired,20249999,soon,maybe,2,无")
    report = ingest("number,code,age,digits,date,flag,late,empty\n" + "\n".join(rows) + "\n")
    assert {column.name: column.type for column in report.columns} == {
        "number": "numeric", "code": "text", "age": "numeric", "digits": "numeric", "date": "date",
        "flag": "categorical", "late": "numeric", "empty": "categorical",
    }  # fmt: skip
    table = read_parquet(tmp_path / "table.parquet")
    assert table.iloc[-1, :4].tolist()[:2] == [1.5, "0012"]
    assert (len(table), table["digits"].iloc[-1], table["date"].isna().sum()) == (ahead + 1, 20249999, 1)
    assert notes(report)[1:] == [
        "age: 1 of 30,001 values is a word (retired) among numbers; it counts as missing.",
        "date: 1 of 30,001 values is no date (soon); it counts as missing.",
    ]


def test_amounts_written_with_signs_become_numbers_and_are_told(ingest, tmp_path):
    report = ingest('a\n1.2万\n12%\n"￥1,234.50"\n１２\n-3\n')
    assert read_parquet(tmp_path / "table.parquet")["a"].tolist() == [12000.0, 0.12, 1234.5, 12.0, -3.0]
    assert notes(report) == [
        "a: 4 numbers were written with symbols such as %, 万, ￥ or thousands commas and were converted.",
        (
            "a: 1 of 5 numbers carries %, the others do not. 12% was read as 0.12 and 12 as 12: check whether "
            "that is what is meant."
        ),
    ]


def test_long_numbers_stay_text_and_numbers_ruined_by_excel_are_told(ingest, tmp_path):
    report = ingest("card,account\n6222021234567890123,6.22202E+18\n6222021234567890124,6.22202E+18\n")
    assert [column.type for column in report.columns] == ["categorical", "numeric"]
    assert "6222021234567890123" in set(read_parquet(tmp_path / "table.parquet")["card"])
    assert notes(report)[1].startswith("account holds long numbers written like 6.22E+18: their last digits were lost")


def test_yes_and_no_are_boolean_and_stay_words(ingest, tmp_path):
    report = ingest("a,b,c\n是,Y,true\n否,N,false\n")
    assert [column.type for column in report.columns] == ["boolean"] * 3
    assert read_parquet(tmp_path / "table.parquet").iloc[0].tolist() == ["是", "Y", "true"]


def test_words_for_nothing_are_missing(ingest, tmp_path):
    report = ingest("age,city\n30,NULL\nNA,x\n无,无\n-,N/A\n")
    table = read_parquet(tmp_path / "table.parquet")
    assert (report.columns[0].type, table["age"].isna().sum()) == ("numeric", 3)
    assert table["city"].tolist() == [None, "x", "无", None]


def test_free_text_is_told_from_categories(ingest):
    rows = "".join(f"{i % 5},customer number {i} wrote a letter\n" for i in range(300))
    assert [column.type for column in ingest("a,b\n" + rows).columns] == ["numeric", "text"]


def test_a_workbook_is_read_with_its_dates_and_codes(ingest, tmp_path):
    book = Workbook()
    book.create_sheet("empty", 0)
    book["Sheet"].append(["编号", "日期", "金额", "是否"])
    book["Sheet"].append(["007", datetime(2024, 1, 31), 1.5, True])
    book["Sheet"].append(["008", datetime(2024, 2, 1), None, False])
    stream = io.BytesIO()
    book.save(stream)
    report = ingest(stream.getvalue(), "book.xlsx")
    assert [column.type for column in report.columns] == ["categorical", "date", "numeric", "boolean"]
    assert (report.sheet, report.sheets) == ("Sheet", ("empty", "Sheet"))
    assert read_parquet(tmp_path / "table.parquet")["编号"].tolist() == ["007", "008"]


def test_an_old_workbook_is_read(ingest, tmp_path):
    report = ingest(old_workbook([["编号", "金额"], ["007", 1.5], ["008", 2.0]]), "book.xls")
    assert (report.file_format, notes(report)) == (
        "xls", ["编号 has codes with leading zeros and is kept as text, so that none is lost."],
    )  # fmt: skip
    assert read_parquet(tmp_path / "table.parquet").to_dict("list") == {"编号": ["007", "008"], "金额": [1.5, 2.0]}


def test_a_parquet_keeps_its_types_and_its_texts_are_understood(ingest, tmp_path):
    frame = pd.DataFrame(
        {
            "whole": [1, 2, 3],
            "part": [1.5, np.nan, np.inf],
            "day": pd.to_datetime(["2024-01-31"] * 3),
            "digits": [20240131, 20240201, 20240301],
            "flag": [True, False, None],
            "text": ["1", "2", "NULL"],
            "card": [6222021234567890123, 1, 2],
        }
    )
    stream = io.BytesIO()
    frame.to_parquet(stream)
    report = ingest(stream.getvalue(), "table_in.parquet")
    assert {column.name: column.type for column in report.columns} == {
        "whole": "numeric", "part": "numeric", "day": "date", "digits": "date", "flag": "boolean", "text": "numeric",
        "card": "categorical",
    }  # fmt: skip
    table = read_parquet(tmp_path / "table.parquet")
    assert table["flag"].tolist() == ["true", "false", None]
    assert table["part"].isna().tolist() == [False, True, True]


def test_zip_and_gzip_of_one_file_are_read_even_nested(ingest):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("__MACOSX/._a.csv", b"x")
        archive.writestr("a.csv.gz", gzip.compress(TABLE.encode()))
    assert ingest(stream.getvalue(), "a.zip").row_count == 2
    assert ingest(gzip.compress(TABLE.encode("gb18030")), "a.csv.gz").encoding == "gb18030"


def test_types_known_already_are_kept_and_what_does_not_fit_is_told(ingest, tmp_path):
    types = {"code": "text", "age": "numeric", "seen": "date"}
    report = ingest("code,age,seen\n7,x,2024-01-31\n8,30,never\n", types=types)
    assert [column.type for column in report.columns] == ["text", "numeric", "date"]
    assert notes(report) == [
        "age: 1 of 2 values is not of the expected type (x); it counts as missing.",
        "seen: 1 of 2 values is not of the expected type (never); it counts as missing.",
    ]
    assert read_parquet(tmp_path / "table.parquet")["code"].tolist() == ["7", "8"]


def test_progress_runs_from_nought_to_one_and_counts_rows(write, tmp_path):
    heard = []
    ingest_file(write(TABLE), tmp_path / "table.parquet", on_progress=lambda share, rows: heard.append((share, rows)))
    assert (heard[0], heard[-1]) == ((0.0, 0), (1.0, 2))
    assert heard == sorted(heard)


def test_the_schema_travels_inside_the_parquet(ingest, tmp_path):
    report = ingest(TABLE)
    schema = read_schema(tmp_path / "table.parquet")
    assert schema == report.columns
    assert schema_hash(schema) == schema_hash([ColumnSchema.from_dict(column.to_dict()) for column in schema])


def test_the_command_line_reads_as_the_platform_does(write):
    assert read_table(write(TABLE))["金额"].tolist() == [1.5, 2.5]


NAMES = ("王芳", "李静怡", "赵伟")
PEOPLE = "".join(f"{name},1380013800{n},110105194912310{n:02d}X,{n}@bank.cn\n" for n, name in enumerate(NAMES))


def test_a_file_of_persons_without_a_header_makes_no_names_of_the_first(ingest):
    report = ingest(PEOPLE)
    assert report.row_count == 3
    assert [column.name for column in report.columns] == ["column_1", "column_2", "column_3", "column_4"]
    assert report.notes[0].severity == "warning"
    assert "王芳" not in str(report.to_dict())


def test_a_file_of_names_alone_without_a_header_makes_no_name_of_the_first_either(ingest):
    report = ingest("".join(f"{NAMES[n % 3]},{n},杭州,是\n" for n in range(9)))
    assert (report.columns[0].name, report.row_count) == ("column_1", 9)
    kept = ingest("成员,余额\n" + "".join(f"{NAMES[n % 3]},{n}\n" for n in range(9)))
    assert [column.name for column in kept.columns] == ["成员", "余额"]


def test_names_that_stand_below_as_values_are_called_data(ingest):
    report = ingest("".join(f"C{n:03d},杭州,{n},是\n" for n in range(40)))
    assert (report.notes[0].severity, report.notes[0].message[:34]) == ("warning", "The first line of the file looks l")
    assert notes(ingest("客户号,城市,余额\nC1,杭州,3\nC2,杭州,4\n")) == []


def test_titles_above_the_names_are_left_aside(ingest, tmp_path):
    report = ingest("某银行贷款明细\n导出日期：2024-01-31\n\n客户号;余额;y\nC1;2,5;0\nC2;3,5;1\n")
    assert [column.name for column in report.columns] == ["客户号", "余额", "y"]
    assert notes(report)[0].startswith("The column names were taken from line 4;")
    assert read_parquet(tmp_path / "table.parquet")["余额"].tolist() == [2.5, 3.5]


def test_words_with_commas_are_no_titles(ingest):
    assert ingest("id;a\n1;x,y\n2;z,w\n3;u,v\n").delimiter == ";"


def test_a_workbook_with_merged_names_and_a_page_of_remarks_is_understood(ingest, tmp_path):
    workbook = Workbook()
    remarks = workbook.active
    remarks.append(["说明"])
    remarks.append(["本表由系统导出"])
    sheet = workbook.create_sheet("明细")
    sheet.append(["客户信息", None, "本月", None, "上月", None])
    sheet.append(["客户号", "城市", "余额", "笔数", "余额", "笔数"])
    for row in range(4):
        sheet.append([f"00{row}", "杭州", 1.5, row, 2.5, row])
    for cells in ("A1:B1", "C1:D1", "E1:F1"):
        sheet.merge_cells(cells)
    stream = io.BytesIO()
    workbook.save(stream)

    report = ingest(stream.getvalue(), "报表.xlsx")

    names = ["客户号", "城市", "本月 余额", "本月 笔数", "上月 余额", "上月 笔数"]
    assert [column.name for column in report.columns] == names
    assert notes(report)[:2] == [
        (
            "The workbook has 2 sheets; only 明细 was read. Not read: Sheet (2 rows). If the table is on one of "
            "them, choose that sheet and read the file again."
        ),
        (
            "The column names were taken from line 2; what is above it was not read. If the names are in "
            "another line, say which and read the file again."
        ),
    ]
    assert read_parquet(tmp_path / "table.parquet")["上月 余额"].tolist() == [2.5] * 4


def test_a_first_line_that_declares_the_delimiter_is_obeyed(ingest):
    report = ingest("sep=;\nid;a\n1;x\n2;y\n")
    assert (report.delimiter, [column.name for column in report.columns]) == (";", ["id", "a"])


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_wide_characters_without_a_mark_are_known_also_where_all_are_chinese(ingest, encoding):
    text = "客户姓名,所在城市,职业\n" + "欧阳晓明,浙江省杭州市,教师\n" * 30
    assert (ingest(text.encode(encoding)).encoding, ingest(text.encode(encoding)).row_count) == (encoding, 30)


def test_whole_numbers_without_a_sign_keep_every_digit(ingest, tmp_path):
    stream = io.BytesIO()
    pq.write_table(pa.table({"card": pa.array([2**63 + 5, 2**63 + 7], pa.uint64()), "y": [0, 1]}), stream)
    assert notes(ingest(stream.getvalue(), "cards.parquet"))[0].startswith("card has numbers of more than 15 digits")
    assert read_parquet(tmp_path / "table.parquet")["card"].tolist() == [str(2**63 + 5), str(2**63 + 7)]
