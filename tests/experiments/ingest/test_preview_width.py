"""The first lines of a very wide file show its first columns and say how many it has."""

from pathlib import Path

import polars as pl
import pytest

from experiments.ingest.preview import WIDEST, preview_file

COLUMNS = WIDEST + 171


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_what_is_shown_of_a_wide_table_is_not_taken_for_all_of_it(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"wide{suffix}"
    table = pl.DataFrame({f"column_{place}": [1, 2] for place in range(COLUMNS)})
    if suffix == ".csv":
        table.write_csv(path)
    else:
        table.write_parquet(path)

    preview = preview_file(path, name=path.name)

    assert preview is not None
    assert (len(preview.names), preview.width) == (WIDEST, COLUMNS)


def test_a_delimiter_at_the_end_of_each_line_is_no_column(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a;b;\n1;2;\n3;4;\n", encoding="utf-8")

    preview = preview_file(path, name=path.name)

    assert preview is not None
    assert (preview.names, preview.width) == (("a", "b"), 2)
