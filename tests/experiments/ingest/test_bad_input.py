"""Every file that cannot be used is refused with a sentence that says what, where, and what to do."""

import errno
import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from experiments.data.splitting.scheme import split_rows
from experiments.data.target import read_target
from experiments.errors import BadInput
from experiments.ingest import container, ingestion
from experiments.ingest.container import ReadingLimits
from experiments.ingest.reading import ingest_file
from experiments.ingest.table import read_parquet
from experiments.spec import ExperimentSpec


def workbook(*rows: tuple) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return stream.getvalue()


def parquet(frame: pd.DataFrame) -> bytes:
    stream = io.BytesIO()
    frame.to_parquet(stream)
    return stream.getvalue()


def test_an_empty_file_is_refused(refusal):
    assert refusal(b"") == "The file customers.csv is empty. Export it again and upload the new file."


def test_a_file_of_blank_lines_is_refused(refusal):
    assert refusal("\n\n \n") == (
        "The file customers.csv has no column names in its first line. Add a header line and upload the file again."
    )


def test_a_header_without_rows_is_refused(refusal):
    expected = (
        "The file customers.csv has a header but no rows of data. Check the export: it may have matched no customer."
    )
    assert refusal("id,age,y\n") == expected
    assert refusal("id,age,y") == expected


def test_a_workbook_with_only_a_header_is_refused(refusal):
    assert refusal(workbook(("id", "y")), "customers.xlsx") == (
        "The file customers.xlsx has a header but no rows of data. Check the export: it may have matched no customer."
    )


def test_a_parquet_without_rows_is_refused(refusal):
    assert refusal(parquet(pd.DataFrame({"a": pd.Series([], dtype=float)})), "customers.parquet") == (
        "The file customers.parquet has a header but no rows of data. Check the export: it may have "
        "matched no customer."
    )


def test_one_row_is_read_but_makes_no_target(ingest, tmp_path):
    assert ingest("id,age,y\n1,30,1\n").row_count == 1
    with pytest.raises(BadInput) as caught:
        read_target(read_parquet(tmp_path / "table.parquet")["y"])
    assert str(caught.value) == (
        "The target column y has only one value, 1. A model needs rows with the event and rows without: "
        "choose another column, or a file that holds both."
    )


def test_a_target_without_any_value_is_refused():
    with pytest.raises(BadInput) as caught:
        read_target(pd.Series([None, None, ""], name="y"))
    assert str(caught.value) == (
        "The target column y is empty. Choose a column that says for each customer whether the event happened."
    )


def test_a_target_with_three_values_is_refused_and_they_are_named():
    with pytest.raises(BadInput) as caught:
        read_target(pd.Series(["yes", "no", "maybe", "no"], name="answer"))
    assert str(caught.value) == (
        "The target column answer has 3 different values (maybe, no, yes). It must have exactly two, such "
        "as yes and no: choose another column, or leave out or merge values before uploading."
    )


def test_an_event_that_is_no_value_of_the_target_is_refused():
    with pytest.raises(BadInput) as caught:
        read_target(pd.Series(["yes", "no"], name="answer"), "bad")
    assert str(caught.value) == (
        "The target column answer has no value bad. Its values are no, yes: choose one of them as the event."
    )


def test_too_few_events_to_split_are_refused():
    y = np.array([1.0] * 3 + [0.0] * 97)
    with pytest.raises(BadInput) as caught:
        split_rows(pd.DataFrame({"y": y}), y, spec=ExperimentSpec(target="y", event="1"))
    assert str(caught.value) == (
        "Only 3 rows are with the event in y; at least 10 are needed. Add more rows, or choose another target."
    )


def test_duplicate_empty_and_chinese_names_are_kept_apart_and_told(ingest, tmp_path):
    report = ingest("年龄,年龄,,客户号,\n30,31,a,001,b\n40,41,c,002,d\n")
    assert [column.name for column in report.columns] == ["年龄", "年龄_2", "column_3", "客户号", "column_5"]
    assert [note.message % note.params for note in report.notes] == [
        "Several columns are called 年龄; the later ones were renamed 年龄_2.",
        "2 columns have no name and are called column_3, column_5.",
        "客户号 has codes with leading zeros and is kept as text, so that none is lost.",
    ]
    assert read_parquet(tmp_path / "table.parquet")["客户号"].tolist() == ["001", "002"]


def test_broken_bytes_are_named_by_byte_and_line(refusal):
    assert refusal(b"name,y\nanna,1\nb\xff\xfeb,0\n") == (
        "Line 3 of customers.csv contains bytes that are not text: byte 16 of the file (value FF) fits "
        "neither UTF-8 nor GB18030. Correct that line in the source system and export the file as UTF-8."
    )


def test_a_broken_character_in_a_chinese_utf8_file_is_not_taken_for_gb18030(refusal):
    content = "城市,y\n".encode() + "北京市,1\n上海市,0\n".encode() * 20 + "广州".encode()[:-1] + b",1\n"
    assert refusal(content) == (
        "Line 42 of customers.csv contains a broken character: byte 493 of the file (value E5) does not "
        "fit the rest, which is UTF-8. Correct that line, or export the file again as UTF-8."
    )


def test_zero_bytes_are_named(refusal):
    assert refusal(b"a,y\n1,0\n2,1\n\0\0\0\0\0\0") == (
        "Line 4 of customers.csv contains zero bytes from byte 13 on: the file is damaged or not a text "
        "table. Export it again and upload the new file."
    )


def test_a_csv_that_is_really_xlsx_is_read_as_that_and_told(ingest):
    report = ingest(workbook(("id", "age"), ("007", 30), ("008", 41)), "customers.csv")
    assert (report.file_format, report.row_count) == ("xlsx", 2)
    assert [note.message % note.params for note in report.notes] == [
        "The file is called customers.csv but is really Excel (.xlsx); it was read as Excel (.xlsx).",
        "id has codes with leading zeros and is kept as text, so that none is lost.",
    ]


def test_what_is_no_table_is_refused_by_name(refusal):
    sentence = "The file {} is {}, not a table. Upload CSV, Excel (.xlsx) or Parquet, or a zip or gzip of one of them."
    assert refusal(b"%PDF-1.7 ...", "list.csv") == sentence.format("list.csv", "a PDF document")
    assert refusal(zipped(mimetype=b"x", content__xml=b"y"), "list.ods") == sentence.format(
        "list.ods", "a document from another program"
    )


def test_a_document_of_an_old_make_that_is_no_workbook_is_refused(refusal):
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "list.xls") == (
        "The file list.xls is a document from another program, not a table. Upload CSV, Excel (.xlsx) or "
        "Parquet, or a zip or gzip of one of them."
    )


def test_a_workbook_under_a_password_is_refused_with_the_way_out(refusal):
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100) + "EncryptedPackage".encode("utf-16-le")
    assert refusal(locked, "list.xlsx") == (
        "The file list.xlsx is protected by a password. Save it without one and upload it again."
    )


def test_huge_infinite_and_nan_values_count_as_missing_and_are_told(ingest, tmp_path):
    report = ingest("amount,y\n1e308,0\ninf,1\n-inf,1\nNaN,0\n1e309,0\n12.5,1\n")
    assert report.columns[0].type == "numeric"
    assert [note.message % note.params for note in report.notes] == [
        "amount: 4 values are infinite or impossibly large (beyond 10 to the power of 30); they count as missing.",
        "1 cells in amount hold a word that means “no value” and count as missing: NaN (1).",
    ]
    amounts = read_parquet(tmp_path / "table.parquet")["amount"]
    assert amounts.dropna().to_dict() == {5: 12.5}


def test_a_few_words_among_numbers_count_as_missing_and_are_told(ingest, tmp_path):
    report = ingest("age\n" + "30\n" * 97 + "无\nunclear\nunclear\n")
    assert report.columns[0].type == "numeric"
    assert [note.message % note.params for note in report.notes] == [
        "age: 3 of 100 values are words (unclear, 无) among numbers; they count as missing."
    ]
    assert read_parquet(tmp_path / "table.parquet")["age"].isna().sum() == 3


def test_many_words_among_numbers_make_a_category_and_are_told(ingest):
    report = ingest("income\n" + "1000\n" * 80 + "retired\n" * 20)
    assert report.columns[0].type == "categorical"
    assert [note.message % note.params for note in report.notes] == [
        "income mixes numbers and words (20 of 100 values are words, such as retired); it is read as a category."
    ]


def test_a_zip_bomb_is_refused_before_it_fills_the_disk(refusal, monkeypatch):
    monkeypatch.setattr(container, "RATIO_COUNTS_FROM", 1 << 20)
    sentence = (
        "The file bomb.{} unpacks to more than 200 times its size, which no table does. It was refused for "
        "safety: upload the table itself, uncompressed."
    )
    bomb = bytes(8 << 20)
    assert refusal(zipped(bomb__csv=bomb), "bomb.zip") == sentence.format("zip")
    assert refusal(gzip.compress(bomb), "bomb.gz") == sentence.format("gz")
    assert refusal(zipped(**{"xl/workbook__xml": bomb}), "bomb.xlsx") == sentence.format("xlsx")


def test_a_bomb_inside_a_bomb_is_refused(refusal, monkeypatch):
    monkeypatch.setattr(container, "RATIO_COUNTS_FROM", 1 << 20)
    inner = gzip.compress(bytes(8 << 20))
    assert refusal(zipped(inner__gz=inner), "bomb.zip").startswith(
        "The file bomb.zip unpacks to more than 200 times its size"
    )


def test_a_file_beyond_the_size_limit_is_refused(refusal):
    assert refusal("a,b\n" + "1,2\n" * 1000, limits=ReadingLimits(unpacked_bytes=1 << 10)) == (
        "The file customers.csv is larger than the 9.54e-07 GB allowed. Split it, or upload it as Parquet."
    )


@pytest.mark.slow
def test_two_thousand_columns_of_two_hundred_rows_are_read(ingest, tmp_path):
    random = np.random.default_rng(1)
    frame = pd.DataFrame(random.normal(size=(200, 2000)).round(3), columns=[f"指标{i}" for i in range(2000)])
    report = ingest(frame.to_csv(index=False))
    assert (report.row_count, len(report.columns), {column.type for column in report.columns}) == (
        200, 2000, {"numeric"},
    )  # fmt: skip
    assert read_parquet(tmp_path / "table.parquet").equals(frame)


@pytest.mark.parametrize("name", ["cut.csv.gz", "cut.xlsx", "cut.zip", "cut.parquet"])
def test_a_packed_file_cut_off_in_mid_upload_is_refused(refusal, name):
    frame = pd.DataFrame({"a": np.random.default_rng(1).normal(size=5000)})
    text = frame.to_csv(index=False).encode()
    whole = {
        "cut.csv.gz": gzip.compress(text),
        "cut.xlsx": workbook(("a",), *((value,) for value in frame["a"][:500])),
        "cut.zip": zipped(a__csv=text),
        "cut.parquet": parquet(frame),
    }[name]
    assert refusal(whole[: len(whole) * 2 // 3], name) == (
        f"The file {name} is incomplete: it breaks off before its end, as after an interrupted upload. Upload it again."
    )


def test_a_parquet_damaged_in_the_middle_is_refused(refusal):
    whole = bytearray(parquet(pd.DataFrame({"a": np.random.default_rng(1).normal(size=5000)})))
    whole[4:2000] = bytes(1996)
    assert refusal(bytes(whole), "hurt.parquet").startswith("The file hurt.parquet is incomplete")


def test_a_csv_cut_off_in_its_last_row_names_the_line(refusal):
    assert refusal("id,age,y\n1,30,0\n2,40,1\n3,5") == (
        "Line 4 of customers.csv has 2 fields where the header has 3. The file may be cut off there, or a "
        "value contains the delimiter without quotes. Correct the line, or upload the whole file again."
    )


def test_a_row_with_too_many_fields_names_the_line_not_the_row(refusal):
    assert refusal('id,note,y\n1,"two\nlines",0\n2,a,b,1\n3,c,0\n').startswith(
        "Line 4 of customers.csv has 4 fields where the header has 3."
    )


def test_a_quote_that_is_never_closed_names_the_line(refusal):
    sentence = (
        "A quote opened in line 3 of customers.csv is never closed. The file may be cut off, or a value "
        "contains a lone quote mark. Correct the line, or upload the whole file again."
    )
    assert refusal('id,note\n1,fine\n2,"broken\n3,more\n') == sentence
    assert refusal('id,note,y\n1,fine,0\n2,"broken,1\n3,more,0\n') == sentence


def test_a_parquet_of_lists_is_refused(refusal):
    stream = io.BytesIO()
    pq.write_table(pa.table({"tags": [["a"], ["b"]]}), stream)
    assert refusal(stream.getvalue(), "tags.parquet") == (
        "The column tags of tags.parquet holds lists or records, not single values. Write one value per "
        "cell and upload the file again."
    )


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(BadInput) as caught:
        ingest_file(tmp_path / "gone.csv", tmp_path / "table.parquet")
    assert str(caught.value) == "The file gone.csv cannot be opened. Check its path and your permission to read it."


def test_a_full_disk_leaves_nothing_and_says_so(refusal, monkeypatch):
    class FullDisk(pq.ParquetWriter):
        def write_table(self, *arguments: object, **options: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(ingestion.pq, "ParquetWriter", FullDisk)
    assert refusal("a,y\n1,0\n2,1\n") == (
        "The server's disk is full, so customers.csv could not be read to the end. The file itself is "
        "intact: free some space, or ask the administrator to, then read it again."
    )


def test_a_listener_that_stops_the_reading_leaves_nothing(write, tmp_path):
    class StoppedError(Exception):
        pass

    def stop(fraction: float, rows: int) -> None:
        if rows:
            raise StoppedError

    source = write("a,y\n1,0\n2,1\n")
    with pytest.raises(StoppedError):
        ingest_file(source, tmp_path / "table.parquet", on_progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["customers.csv"]


def test_an_old_parquet_survives_a_refused_file(ingest, write, tmp_path):
    ingest("a,y\n1,0\n2,1\n")
    before = (tmp_path / "table.parquet").read_bytes()
    with pytest.raises(BadInput):
        ingest_file(write("a,y\n1\n"), tmp_path / "table.parquet")
    assert Path(tmp_path / "table.parquet").read_bytes() == before
