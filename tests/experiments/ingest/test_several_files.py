"""Several files of one layout are one table, whatever they come packed in; tricks in archives are refused."""

import gzip
import io
import zipfile

import pandas as pd
import pytest

from experiments.errors import BadInput
from experiments.ingest.container import ReadingLimits
from experiments.ingest.reading import ReadingOptions, SourceFile, ingest_files
from experiments.ingest.table import read_parquet


def zipped(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def test_files_of_one_layout_in_a_zip_are_one_table_whatever_the_order_of_columns(ingest, tmp_path):
    members = {
        "2024/jan.csv": "客户号,金额\n001,1.5\n002,2\n".encode(),
        "2024/feb.csv": "金额;客户号\n3,5;003\n".encode("gb18030"),
        "2024/mar.csv.gz": gzip.compress("金额,客户号\n4,004\n".encode()),
    }
    members["2024/feb.csv"] = "金额;客户号\n3;003\n".encode("gb18030")
    report = ingest(zipped(members), "all.zip", source_column="file")
    assert read_parquet(tmp_path / "table.parquet").to_dict("list") == {
        "客户号": ["001", "002", "003", "004"],
        "金额": [1.5, 2.0, 3.0, 4.0],
        "file": ["2024/jan.csv", "2024/jan.csv", "2024/feb.csv", "2024/mar.csv.gz"],
    }
    assert report.files == (
        SourceFile("2024/jan.csv", 2), SourceFile("2024/feb.csv", 1), SourceFile("2024/mar.csv.gz", 1),
    )  # fmt: skip
    assert [note.message % note.params for note in report.notes][:2] == [
        "3 files with the same layout were read as one table: 2024/jan.csv, 2024/feb.csv, 2024/mar.csv.gz.",
        "The file is not UTF-8; it was read as GB18030.",
    ]


def test_a_list_of_files_of_several_makes_is_one_table(write, tmp_path):
    pd.DataFrame({"b": [1, 2], "a": ["x", "y"]}).to_parquet(tmp_path / "one.parquet")
    parts = [(tmp_path / "one.parquet", "one.parquet"), (write("a,b\nz,1.5\n", "two.csv"), "two.csv")]
    report = ingest_files(parts, tmp_path / "table.parquet")
    assert read_parquet(tmp_path / "table.parquet").to_dict("list") == {"b": [1.0, 2.0, 1.5], "a": ["x", "y", "z"]}
    assert [file.row_count for file in report.files] == [2, 1]


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ("a", "The file b.csv lacks b, which a.csv has."),
        ("a,b,c", "The file b.csv also has c, which a.csv does not have."),
        ("a,c", "The file b.csv lacks b, which a.csv has, and has c instead."),
    ],
)
def test_a_file_of_other_columns_is_refused_with_its_name_and_theirs(refusal, header, sentence):
    other = f"{header}\n{','.join('1' for _ in header.split(','))}\n".encode()
    rest = " Files read as one table need the same columns, in any order. Correct the file, or upload it on its own."
    assert refusal(zipped({"a.csv": b"a,b\n1,2\n", "b.csv": other}), "all.zip") == sentence + rest


def test_a_broken_line_is_named_with_its_own_file(refusal):
    whole, broken = b"a,b\n1,2\n", b"a,b\n1,2\n3\n"
    assert refusal(zipped({"a.csv": whole, "b.csv": broken}), "all.zip").startswith("Line 3 of b.csv has 1 field")


def test_the_column_for_the_file_needs_a_free_name(refusal):
    assert refusal("a,b\n1,2\n", source_column="a") == (
        "The files already have a column named a. Choose another name for the column that says which file a row came "
        "from."
    )


@pytest.mark.parametrize("member", ["../evil.csv", "/etc/evil.csv", "a/../../evil.csv", "C:\\evil.csv", "..\\evil.csv"])
def test_names_that_point_outside_the_archive_are_refused(refusal, member):
    assert refusal(zipped({"good.csv": b"a\n1\n", member: b"a\n2\n"}), "all.zip").startswith(
        "The archive all.zip holds a file named "
    )


def test_links_in_an_archive_are_refused(refusal):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        link = zipfile.ZipInfo("table.csv")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert "which points outside the archive" in refusal(stream.getvalue(), "all.zip")


def test_more_files_and_more_bytes_than_allowed_are_refused(refusal):
    content = zipped({f"{number}.csv": b"a\n" + b"1\n" * 100 for number in range(4)})
    assert refusal(content, "all.zip", limits=ReadingLimits(files=3)) == (
        "The archive all.zip holds 4 files, more than the 3 allowed. Combine them into fewer files."
    )
    assert refusal(content, "all.zip", limits=ReadingLimits(unpacked_bytes=500)).startswith(
        "The file all.zip is larger than the 4.66e-07 GB"
    )


def test_archives_in_archives_end_somewhere(refusal):
    content = b"a\n1\n"
    for _ in range(5):
        content = zipped({"inner": content})
    assert refusal(content, "deep.zip").startswith("The file deep.zip is damaged")


def test_a_refused_part_leaves_nothing(write, tmp_path):
    parts = [(write("a\n1\n", "one.csv"), "one.csv"), (write("b\n1\n", "two.csv"), "two.csv")]
    with pytest.raises(BadInput):
        ingest_files(parts, tmp_path / "table.parquet", options=ReadingOptions())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.csv", "two.csv"]
