"""Rows are put behind those of a table with the same columns, and nothing else is."""

from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from experiments.data.schema import file_hash, read_schema
from experiments.errors import BadInput
from experiments.ingest.appending import Base, append_table, read_as_in_base
from experiments.ingest.reading import ingest_file
from experiments.privacy.protection import ProtectedColumn, SecretKey, protect_parquet


def read(folder: Path, name: str, text: str) -> Path:
    source = folder / f"{name}.csv"
    source.write_text(text, encoding="utf-8")
    ingest_file(source, folder / f"{name}.parquet")
    return folder / f"{name}.parquet"


@pytest.fixture
def base(tmp_path: Path) -> Base:
    rows = "".join(f"C{n:03d},{n},2024-01-{n % 28 + 1:02d},{'东' if n % 2 else '西'}\n" for n in range(60))
    return Base(read(tmp_path, "january", "id,amount,day,city\n" + rows), "version 1")


def test_columns_may_stand_in_another_order_and_whole_numbers_meet_fractions(base: Base, tmp_path: Path) -> None:
    february = read(tmp_path, "february", "city,day,id,amount\n北,2024-02-01,C900,1.5\n东,2024-02-02,C901,2\n")

    columns = append_table(base, february, tmp_path / "both.parquet", file_name="february.csv")

    both = pl.read_parquet(tmp_path / "both.parquet")
    assert [column.name for column in columns] == both.columns == ["id", "amount", "day", "city"]
    assert both.height == 62
    assert both["amount"].to_list() == [*map(float, range(60)), 1.5, 2.0]
    assert both.tail(2)["id"].to_list() == ["C900", "C901"]
    assert read_schema(tmp_path / "both.parquet") == columns


def test_the_same_files_give_the_same_bytes(base: Base, tmp_path: Path) -> None:
    february = read(tmp_path, "february", "id,amount,day,city\nC900,1,2024-02-01,北\n")
    for name in ("one", "two"):
        append_table(base, february, tmp_path / f"{name}.parquet", file_name="february.csv")

    assert file_hash(tmp_path / "one.parquet") == file_hash(tmp_path / "two.parquet")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("id,amount,day\nC1,1,2024-02-01\n", "lacks city"),
        ("id,amount,day,city,more\nC1,1,2024-02-01,东,1\n", "also has more"),
        ("id,amount,day,town\nC1,1,2024-02-01,东\n", "lacks city, which version 1 has, and has town instead"),
    ],
)
def test_other_columns_are_refused_by_name(base: Base, tmp_path: Path, text: str, named: str) -> None:
    february = read(tmp_path, "february", text)

    with pytest.raises(BadInput, match=named):
        append_table(base, february, tmp_path / "both.parquet", file_name="february.csv")


def test_other_types_are_refused_column_by_column(base: Base, tmp_path: Path) -> None:
    february = read(tmp_path, "february", "id,amount,day,city\nC1,many,7,5\nC2,few,8,6\nC3,few,9,7\n")

    with pytest.raises(BadInput) as refused:
        append_table(base, february, tmp_path / "both.parquet", file_name="february.csv")

    assert refused.value.params["differences"] == [
        {"message": "%(column)s had numbers and now has text", "params": {"column": "amount"}},
        {"message": "%(column)s had dates and now has numbers", "params": {"column": "day"}},
        {"message": "%(column)s had text and now has numbers", "params": {"column": "city"}},
    ]


def test_a_column_without_values_fits_any_type_on_either_side(base: Base, tmp_path: Path) -> None:
    empty = read(tmp_path, "empty", "id,amount,day,city\nC1,,,\nC2,,,\n")
    append_table(base, empty, tmp_path / "both.parquet", file_name="empty.csv")
    columns = append_table(Base(empty, "version 1"), base.parquet, tmp_path / "turned.parquet", file_name="x.csv")

    assert pl.read_parquet(tmp_path / "both.parquet")["day"].null_count() == 2
    assert {column.name: column.type for column in columns}["day"] == "date"


def test_codes_that_look_like_numbers_this_month_are_to_be_read_as_codes(base: Base, tmp_path: Path) -> None:
    codes = Base(read(tmp_path, "codes", "branch,city\n" + "001,东\n012,西\nA7,东\n" * 9), "version 1")
    this_month = read(tmp_path, "this_month", "branch,city\n" + "112,1\n120,2\n" * 9)

    found = read_as_in_base(codes, this_month)
    assert {name: column.type for name, column in found.items()} == {"branch": "categorical"}


@pytest.mark.parametrize(
    ("before", "now", "is_read_again"),
    [
        ("12,5", "2,012", True),
        ("12,5", "2,5", False),
        ("12,5", "2.012", True),
        ("12.5", "2,012", True),
        ("12.5", "2.5", False),
        ("1,200.5", "2,012", False),
        ("11/23/2015", "01/02/2024", True),
        ("11/23/2015", "11/24/2015", False),
        ("2015-11-23", "01/02/2024", False),
    ],
)
def test_what_may_mean_two_things_is_read_as_in_the_rows_before(
    tmp_path: Path, before: str, now: str, is_read_again: bool
) -> None:
    base = Base(read(tmp_path, "before", f"id;x\n1;{before}\n2;{before}\n"), "version 1")
    addition = read(tmp_path, "now", f"id;x\n3;{now}\n4;{now}\n")

    assert list(read_as_in_base(base, addition)) == (["x"] if is_read_again else [])


def test_protected_values_of_the_base_are_put_back_so_that_all_rows_are_protected_alike(
    tmp_path: Path,
) -> None:
    older = read(tmp_path, "older", "phone,amount\n13800138000,1\n13900139000,2\n")
    vault = tmp_path / "vault.parquet"
    protect_parquet(older, vault, choices={"phone": ProtectedColumn("mobile", "hash")}, key=SecretKey(b"k" * 32))
    newer = read(tmp_path, "newer", "phone,amount\n13700137000,3\n")

    append_table(Base(older, "version 1", vault), newer, tmp_path / "both.parquet", file_name="newer.csv")

    both = pq.read_table(tmp_path / "both.parquet")
    assert [str(value) for value in both["phone"].to_pylist()] == ["13800138000", "13900139000", "13700137000"]
