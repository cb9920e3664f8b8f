"""Five times the rows take hardly more memory: reading, profiling and setting against the target all stream."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

ROOT = Path(__file__).parents[3]
# What each thread reads ahead is counted too, and a machine may have many.
TWO_THREADS = {"POLARS_MAX_THREADS": "2", "OMP_NUM_THREADS": "2"}
COLUMNS = 20
STREAMED = """
import resource, sys
from pathlib import Path
from experiments.data import profile
from experiments.data.by_target import rows
from experiments.data.by_target.profile import profile_by_target
from experiments.ingest import ingestion, sources
from experiments.ingest.reading import ingest_file
# Smaller parts, so that a test can afford many of them.
sources.BLOCK_BYTES, ingestion.ROWS_IN_GROUP = 1 << 20, 20_000
profile.ROWS_AT_ONCE = rows.ROWS_AT_ONCE = 20_000
profile.CELLS_AT_ONCE = rows.CELLS_AT_ONCE = 80_000
source, target = Path(sys.argv[1]), Path(sys.argv[2])
ingest_file(source, target)
profile.profile_table(target)
profile_by_target(target, "y", event="1")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10)
"""


def peak_megabytes(folder: Path, rows: int) -> tuple[int, int]:
    """Return the file's size and the peak of a process that reads it."""
    random = np.random.default_rng(8)
    values = random.normal(size=(rows, COLUMNS)).round(5)
    frame = pl.DataFrame({f"x{number}": values[:, number] for number in range(COLUMNS)})
    source = folder / f"{rows}.csv"
    frame.with_columns(y=pl.Series(random.integers(0, 2, rows))).write_csv(source)
    done = subprocess.run(
        [sys.executable, "-c", STREAMED, str(source), str(folder / f"{rows}.parquet")],
        cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, **TWO_THREADS, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    return source.stat().st_size >> 20, int(done.stdout)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows(tmp_path):
    # The first million cells fill pools that then stay as they are.
    small_file, small_peak = peak_megabytes(tmp_path, 300_000)
    large_file, large_peak = peak_megabytes(tmp_path, 1_200_000)
    told = f"{small_peak} MB for {small_file} MB, {large_peak} for {large_file}"
    # Four times the rows; what grows on a busy machine is what is read ahead, and the pools it came through.
    assert large_peak < 2 * small_peak, told
