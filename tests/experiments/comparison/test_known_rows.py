"""Rows known again in another table: by exactly the same id, however it is written."""

from pathlib import Path

import polars as pl
import pytest

from experiments.comparison.known_rows import rows_learnt

BIG = 2**53


def known(folder: Path, own: pl.Series, theirs: pl.Series) -> list[bool]:
    for name, values in (("own", own), ("theirs", theirs)):
        pl.DataFrame({"id": values}).write_parquet(folder / name)
    found = rows_learnt(folder / "own", folder / "theirs", set_aside=None, id_column="id", time_column=None)
    return found.tolist()


@pytest.mark.parametrize(
    "theirs",
    [
        pl.Series([BIG + 1, 5]), pl.Series([BIG + 1, 5], dtype=pl.UInt64), pl.Series([f" {BIG + 1}", "5.0"]),
        pl.Series([f"+{BIG + 1}", "05"]),
    ],
)  # fmt: skip
def test_long_numbers_that_differ_by_one_are_two_customers_in_every_type(theirs: pl.Series, tmp_path: Path) -> None:
    assert known(tmp_path, pl.Series([BIG, BIG + 1, BIG + 2, 5]), theirs) == [False, True, False, True]
    assert known(tmp_path, theirs, pl.Series([BIG, BIG + 2])) == [False, False]


def test_numbers_with_a_fraction_are_known_again_as_texts(tmp_path: Path) -> None:
    own = pl.Series(["0.50", "1e3", "A7", None])
    assert known(tmp_path, own, pl.Series([0.5, 1000.0, 7.0])) == [True, True, False, False]
