"""However wide a file is and however much its few bytes stand for, reading it takes bounded memory and time."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from experiments.errors import BadInput
from experiments.ingest.column_names import tidy_names
from experiments.ingest.container import ReadingLimits
from experiments.ingest.reading import ReadingOptions, ingest_files
from experiments.privacy.personal import find_personal_data
from tests.experiments.ingest.workbooks import rows_xml, workbook

TraceFunction = Callable[[FrameType, str, Any], Any]
ROOT = Path(__file__).parents[3]
# What each thread reads ahead is counted too, and a machine may have many.
TWO_THREADS = {"POLARS_MAX_THREADS": "2", "OMP_NUM_THREADS": "2"}
PEAK = """
import resource, sys
from pathlib import Path
from experiments.data.profile import profile_table
from experiments.ingest.reading import ingest_file
ingest_file(Path(sys.argv[1]), Path(sys.argv[2]))
profile_table(Path(sys.argv[2]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10)
"""


def wide(kind: str, columns: int) -> bytes:
    names = [f"x{number}" for number in range(columns)]
    if kind == "csv":
        return "\n".join([",".join(names), *(",".join(["1"] * columns) for _ in range(3))]).encode()
    if kind == "xlsx":
        return workbook({"S": rows_xml([names, *([1] * columns for _ in range(3))])})
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({name: [1, 2, 3] for name in names}), sink)
    return bytes(sink.getvalue())


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_a_table_of_too_many_columns_is_refused_by_their_number(tmp_path: Path, kind: str) -> None:
    source, options = tmp_path / f"wide.{kind}", ReadingOptions(limits=ReadingLimits(columns=50))
    source.write_bytes(wide(kind, 51))
    with pytest.raises(BadInput, match=rf"wide\.{kind} has 51 columns, more than the 50 allowed"):
        ingest_files([(source, source.name)], tmp_path / "table.parquet", options=options)
    source.write_bytes(wide(kind, 50))
    assert len(ingest_files([(source, source.name)], tmp_path / "table.parquet", options=options).columns) == 50


def long_texts(path: Path, rows: int, length: int) -> None:
    """Write a column in which few long texts come back all the time: a few bytes of Parquet, gigabytes in memory."""
    texts = pa.array([f"w{number} " * (length // 3) for number in range(20)])
    places = pa.array(np.arange(rows, dtype="int32") % 20)
    table = pa.table({"id": np.arange(rows), "text": pa.DictionaryArray.from_arrays(places, texts)})
    pq.write_table(table, path, row_group_size=rows)


def test_what_a_file_stands_for_is_counted_while_it_is_read(tmp_path: Path) -> None:
    source = tmp_path / "long.parquet"
    long_texts(source, 20_000, 6_000)
    assert source.stat().st_size < 1 << 20
    options = ReadingOptions(limits=ReadingLimits(unpacked_bytes=20 << 20))
    with pytest.raises(BadInput, match=r"long\.parquet is larger than the 0\.0195 GB"):
        ingest_files([(source, source.name)], tmp_path / "table.parquet", options=options)


@pytest.mark.slow
def test_a_small_file_that_stands_for_gigabytes_takes_little_memory(tmp_path: Path) -> None:
    source = tmp_path / "long.parquet"
    long_texts(source, 300_000, 9_000)
    assert source.stat().st_size < 4 << 20
    done = subprocess.run(
        [sys.executable, "-c", PEAK, str(source), str(tmp_path / "table.parquet")],
        cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, **TWO_THREADS, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    # 2.7 GB in memory at once, were it read at once; before, several times that.
    assert int(done.stdout) < 2_200


def lines_of(work: Callable[[], object]) -> int:
    """Return how many lines of Python were run: work that no busy machine makes more."""
    counted = 0

    def count(frame: FrameType, event: str, argument: object) -> TraceFunction:
        nonlocal counted
        counted += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        work()
    finally:
        sys.settrace(before)
    return counted


def test_work_grows_with_the_columns_and_not_with_their_square(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    opening = pq.ParquetFile.__init__

    def counted_opening(self: pq.ParquetFile, source: object, **how: object) -> None:
        opened.append(source)
        opening(self, source, **how)

    monkeypatch.setattr(pq.ParquetFile, "__init__", counted_opening)

    def lines(columns: int) -> int:
        path = tmp_path / f"{columns}.parquet"
        pq.write_table(pa.table({f"x{number}": [0.5, 1.5] for number in range(columns)}), path)
        opened.clear()
        found = lines_of(lambda: find_personal_data(path))
        # Whoever opens the file reads all names of its columns, so it is not opened once a column.
        assert len(opened) == 1
        return found

    lines(100)
    assert lines(3_000) < 15 * lines(300)


def test_ten_thousand_columns_of_one_name_are_told_apart_at_once() -> None:
    def lines(columns: int) -> int:
        return lines_of(lambda: len({*tidy_names(["x"] * columns)[0]}))

    assert len({*tidy_names(["x"] * 10_000)[0]}) == 10_000
    assert lines(2_000) < 12 * lines(200)
