"""Measures reading a CSV into Parquet, with its profile, beside DuckDB writing the same file; run by hand.

python -m tests.benchmarks.ingest_speed --rows 6000000 --repeats 3

Each measurement runs in a process of its own, ours and DuckDB's by turns, so that each has the same machine and its
own peak of memory.
"""

import argparse
import importlib
import json
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from experiments.data.profile import profile_table
from experiments.data.reading import ingest_file

ROWS_AT_ONCE = 250_000
THREADS = 2


def write_table(path: Path, rows: int) -> None:
    """Write customers as banks export them: 25 columns of numbers, amounts, codes, words, dates and gaps."""
    random = np.random.default_rng(7)
    with path.open("wb") as out:
        for start in range(0, rows, ROWS_AT_ONCE):
            _part(random, start, min(ROWS_AT_ONCE, rows - start)).write_csv(out, include_header=start == 0)


def _part(random: np.random.Generator, start: int, rows: int) -> pl.DataFrame:
    columns: dict[str, object] = {"customer_id": np.arange(start, start + rows) + 10_000_000}
    for number, values in enumerate((2, 12, 100, 1_000, 50_000, 900_000)):
        columns[f"count_{number}"] = random.integers(0, values, rows)
    for number in range(8):
        columns[f"amount_{number}"] = random.lognormal(8, 1.2, rows).round(2)
    for number in range(3):
        ratio = pl.Series(random.normal(size=rows).round(4))
        columns[f"ratio_{number}"] = ratio.set(pl.Series(random.random(rows) < 0.1), None)
    days = np.datetime64("2022-01-01") + random.integers(0, 700, rows)
    columns["city"] = random.choice(["北京", "上海", "广州", "深圳", "杭州", "成都"], rows)
    columns["branch"] = np.char.zfill(random.integers(0, 900, rows).astype(str), 6)
    columns["product"] = random.choice(["cash", "card", "car", "house"], rows)
    columns["flag"] = random.choice(["Y", "N"], rows)
    columns["applied"] = days.astype(str)
    columns["opened"] = np.char.replace((days - 400).astype(str), "-", "")
    columns["y"] = (random.random(rows) < 0.1).astype(int)
    return pl.DataFrame(columns)


def ingest(source: Path, target: Path) -> None:
    """Read the file without looking at its columns."""
    ingest_file(source, target)


def ingest_and_profile(source: Path, target: Path) -> None:
    """Read the file and look at every column, as the platform does after an upload."""
    ingest_file(source, target)
    profile_table(target)


def duckdb_copy(source: Path, target: Path) -> None:
    """Let DuckDB write the same file to Parquet, with as many threads."""
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"SET threads = {THREADS}")
    connection.execute(f"COPY (SELECT * FROM read_csv('{source}')) TO '{target}' (FORMAT parquet)")


WAYS: dict[str, Callable[[Path, Path], None]] = {
    "ingest": ingest,
    "duckdb": duckdb_copy,
    "ingest_and_profile": ingest_and_profile,
}


Measured = tuple[float, float, float]


def _measure(way: str, source: Path, target: Path, answers: "multiprocessing.Queue[Measured]") -> None:
    importlib.import_module("duckdb")
    # What importing takes is not what reading takes.
    before, cpu_before = time.perf_counter(), time.process_time()
    WAYS[way](source, target)
    seconds, cpu_seconds = time.perf_counter() - before, time.process_time() - cpu_before
    answers.put((seconds, cpu_seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def measure(way: str, source: Path, target: Path) -> Measured:
    """Return seconds, seconds of all cores together, and peak megabytes of one run in a process of its own."""
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    process = context.Process(target=_measure, args=(way, source, target, answers))
    process.start()
    answer = answers.get()
    process.join()
    return answer


def main() -> None:
    """Print medians, ratios and peaks as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=6_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ingest-speed-") as folder:
        source, target = Path(folder) / "customers.csv", Path(folder) / "customers.parquet"
        write_table(source, options.rows)
        runs: dict[str, list[Measured]] = {way: [] for way in WAYS}
        for _ in range(options.repeats):
            for way, found in runs.items():
                found.append(measure(way, source, target))
        seconds = {way: statistics.median(run[0] for run in found) for way, found in runs.items()}
        ratios = [ours[0] / theirs[0] for ours, theirs in zip(runs["ingest"], runs["duckdb"], strict=True)]
        report = {
            "rows": options.rows,
            "megabytes": round(source.stat().st_size / 1e6),
            "seconds": {way: round(value, 2) for way, value in seconds.items()},
            "ingest_to_duckdb": round(statistics.median(ratios), 2),
            # The same on a machine that is busy with other things, where seconds mean little.
            "cpu_seconds": {way: round(statistics.median(run[1] for run in found), 2) for way, found in runs.items()},
            "peak_megabytes": {way: round(max(run[2] for run in found)) for way, found in runs.items()},
        }
    sys.stdout.write(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
