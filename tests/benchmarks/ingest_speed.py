"""Measures reading a CSV into Parquet, with its profile, beside DuckDB writing the same file; run by hand.

python -m tests.benchmarks.ingest_speed --rows 6000000 --repeats 3 --kinds utf8 gb18030 gzip quoted

Each measurement runs in a process of its own, ours and DuckDB's by turns, so that each has the same machine and its
own peak of memory.
"""

import argparse
import gzip
import importlib
import json
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import numpy as np
import polars as pl

from experiments.data.profile import profile_table
from experiments.ingest.reading import ingest_file

ROWS_AT_ONCE = 250_000
THREADS = 2
# Multiplying by the one modulo the other gives every number once, in an order that looks like chance.
MULTIPLIER, PRIME = 48_271, 2_147_483_647
FIRST_DAY, DAYS = np.datetime64("2022-01-01"), 700
CITIES = ["北京市", "上海市", "广州市", "深圳市", "杭州市", "成都市", "武汉市", "西安市", "苏州市", "乌鲁木齐市"]
INDUSTRIES = [
    "批发和零售业",
    "制造业",
    "建筑业",
    "住宿和餐饮业",
    "信息技术服务业",
    "教育",
    "金融业",
    "农、林、牧、渔业",
]
TRADES = ["科技", "贸易", "餐饮", "建筑", "物流", "服装"]
MARKS = list("恒丰盛达瑞祥和泰永安信诚金华东南鼎新")


def customers(start: int, rows: int) -> pl.DataFrame:
    """Return rows as banks export them: 25 columns of ids, dates, codes, amounts, counts, words in Chinese and gaps."""
    random = np.random.default_rng([7, start])
    numbers = (np.arange(start, start + rows, dtype=np.int64) + 1) * MULTIPLIER % PRIME
    days = FIRST_DAY + random.integers(0, DAYS, rows)
    seconds = days.astype("datetime64[s]") + random.integers(0, 86_400, rows)
    table = {
        "customer_id": "C" + _digits(numbers, 11),
        "loan_no": np.arange(start, start + rows) + 202_200_000_000,
        "applied": days.astype(str),
        "submitted_at": np.char.replace(seconds.astype(str), "T", " "),
        "opened": np.char.replace((days - random.integers(30, 4_000, rows)).astype(str), "-", ""),
        "branch": _digits(random.integers(0, 900, rows), 6),
        "city": random.choice(CITIES, rows),
        "industry": _with_gaps(random, random.choice(INDUSTRIES, rows), 0.08),
        "employer": _employers(random, rows),
        "product": random.choice(["消费贷", "信用卡", "车贷", "经营贷"], rows, p=[0.5, 0.3, 0.15, 0.05]),
        "gender": random.choice(["男", "女", "未知"], rows, p=[0.55, 0.43, 0.02]),
        "married": random.choice(["是", "否"], rows),
        "channel": random.choice(["APP", "H5", "WECHAT", "BRANCH"], rows),
        "income": _with_gaps(random, random.lognormal(9, 0.8, rows).round(2), 0.12),
        "amount": random.integers(5, 2_000, rows) * 100,
        "balance": random.lognormal(8, 1.4, rows).round(2),
        "limit_used": random.beta(2, 3, rows).round(4),
        "rate": random.choice([0.0435, 0.0525, 0.0715, 0.108, 0.145, 0.18], rows),
        "turnover_3m": _with_gaps(random, random.lognormal(10, 1.5, rows).round(2), 0.3),
        "score": np.where(random.random(rows) < 0.05, -999, random.normal(620, 70, rows).astype(int)),
        "age": random.integers(18, 66, rows),
        "inquiries_6m": random.poisson(2.2, rows),
        "longest_overdue": random.choice([0, 0, 0, 0, 0, 0, 0, 3, 12, 31, 65, 92], rows),
        "ratio": random.normal(size=rows).round(6),
        "y": (random.random(rows) < 0.06).astype(int),
    }
    return pl.DataFrame(table)


def _digits(numbers: np.ndarray, length: int) -> pl.Series:
    return pl.Series(numbers).cast(pl.String).str.zfill(length)


def _with_gaps(random: np.random.Generator, values: np.ndarray, share: float) -> pl.Series:
    return pl.Series(values).set(pl.Series(random.random(len(values)) < share), None)


def _employers(random: np.random.Generator, rows: int) -> pl.Series:
    parts = [pl.Series(random.choice(words, rows)) for words in (CITIES, MARKS, MARKS, MARKS, TRADES)]
    return parts[0].str.strip_suffix("市") + parts[1] + parts[2] + parts[3] + parts[4] + "有限公司"


def remarks(start: int, rows: int) -> pl.DataFrame:
    """Return the same rows with line breaks and quote marks within the names of employers."""
    table = customers(start, rows)
    return table.with_columns(pl.col("employer").str.replace("有限", '\n“有限”"\n', literal=True))


def pieces(make: Callable[[int, int], pl.DataFrame], rows: int) -> Iterator[bytes]:
    """Yield a table as CSV in UTF-8, part by part."""
    for start in range(0, rows, ROWS_AT_ONCE):
        part = make(start, min(ROWS_AT_ONCE, rows - start))
        yield part.write_csv(include_header=start == 0).encode()


def write_table(path: Path, rows: int, kind: str) -> None:
    """Write a file of one of ``KINDS``."""
    make, encoding, opened = KINDS[kind]
    with opened(path) as out:
        for piece in pieces(make, rows):
            out.write(piece if encoding == "utf-8" else piece.decode().encode(encoding))


def _plain(path: Path) -> IO[bytes]:
    return path.open("wb")


def _packed(path: Path) -> IO[bytes]:
    return gzip.open(path, "wb", compresslevel=3)  # type: ignore[return-value]


# How a file of each kind is written: its rows, its encoding, and whether it is packed.
KINDS: dict[str, tuple[Callable[[int, int], pl.DataFrame], str, Callable[[Path], IO[bytes]]]] = {
    "utf8": (customers, "utf-8", _plain),
    "gb18030": (customers, "gb18030", _plain),
    "gzip": (customers, "utf-8", _packed),
    "quoted": (remarks, "utf-8", _plain),
}


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


@dataclass(frozen=True)
class Measured:
    """What one run took: by the clock, of all cores together, and the peak of its memory."""

    seconds: float
    cpu_seconds: float
    peak_megabytes: float


def _measure(way: str, source: Path, target: Path, answers: "multiprocessing.Queue[Measured]") -> None:
    importlib.import_module("duckdb")
    # What importing takes is not what reading takes.
    before, cpu_before = time.perf_counter(), time.process_time()
    WAYS[way](source, target)
    seconds, cpu_seconds = time.perf_counter() - before, time.process_time() - cpu_before
    used = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    answers.put(Measured(seconds, cpu_seconds, sum(used)))


def measure(way: str, source: Path, target: Path) -> Measured:
    """Return what one run in a process of its own takes."""
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    process = context.Process(target=_measure, args=(way, source, target, answers))
    process.start()
    answer = answers.get()
    process.join()
    return answer


def compare(source: Path, target: Path, ways: list[str], repeats: int) -> dict[str, object]:
    """Return medians and the largest peak of each way, taken by turns, and the median of ours to DuckDB's time."""
    runs: dict[str, list[Measured]] = {way: [] for way in ways}
    for _ in range(repeats):
        for way, found in runs.items():
            found.append(measure(way, source, target))
    report: dict[str, object] = {"megabytes": round(source.stat().st_size / 1e6)}
    for way, found in runs.items():
        medians = {name: round(statistics.median(asdict(run)[name] for run in found), 1) for name in asdict(found[0])}
        report[way] = medians | {"peak_megabytes": round(max(run.peak_megabytes for run in found))}
    if "duckdb" in runs:
        ratios = [ours.seconds / theirs.seconds for ours, theirs in zip(runs["ingest"], runs["duckdb"], strict=True)]
        report["ingest_to_duckdb"] = round(statistics.median(ratios), 2)
    return report


def main() -> None:
    """Print one JSON object a kind of file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=6_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--folder", type=Path, help="where the files are written, and removed again")
    options = parser.parse_args()
    for kind in options.kinds:
        with tempfile.TemporaryDirectory(prefix="ingest-speed-", dir=options.folder) as folder:
            source, target = Path(folder) / f"customers-{kind}.csv", Path(folder) / "customers.parquet"
            write_table(source, options.rows, kind)
            # DuckDB reads neither GB18030 without an extension nor a gzip that is not called so.
            ways = [way for way in WAYS if way != "duckdb" or kind in ("utf8", "quoted")]
            report = {"kind": kind, "rows": options.rows, **compare(source, target, ways, options.repeats)}
            sys.stdout.write(json.dumps(report) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
