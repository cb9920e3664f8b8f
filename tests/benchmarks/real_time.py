"""Requests a second at a real-time server that runs: one row with four reasons at a steady pace, then 1,000 rows.

Run ``python -m tests.benchmarks.real_time http://127.0.0.1:8001 DEPLOYMENT KEY ROWS.csv`` in the root of the
repository; ``--process NUMBER`` of the serving process tells its processor time a request. Requests leave at fixed
moments whether or not earlier ones were answered, so that a slow answer is not hidden by a client that waits for it.
"""

import argparse
import json
import queue
import threading
import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import psutil

CLIENTS = 8


def main() -> None:
    """Print p50 and p99 in milliseconds, and the processor time of the server a request."""
    options = argparse.ArgumentParser(description=__doc__)
    for name in ("address", "deployment", "key", "rows"):
        options.add_argument(name)
    options.add_argument("--rate", type=float, default=50.0)
    options.add_argument("--seconds", type=float, default=20.0)
    options.add_argument("--process", type=int)
    options.add_argument("--path", default="", help="another address that takes the same body")
    options.add_argument("--body", default="xiaoyu", choices=("xiaoyu", "mlflow"))
    asked = options.parse_args()
    frame = pd.read_csv(asked.rows)
    rows = [{k: None if pd.isna(v) else v for k, v in row.items()} for row in frame.to_dict("records")]
    path = asked.path or f"/api/v1/deployments/{asked.deployment}/score"
    bodies = [_body(asked.body, [row]) for row in rows[:500]]
    _steady(asked, path, bodies, rate=asked.rate, seconds=3.0)
    _told("one row, four reasons", *_measured(asked, path, bodies, rate=asked.rate, seconds=asked.seconds))
    thousand = [_body(asked.body, (rows * (1_000 // len(rows) + 1))[:1_000])]
    _told("1,000 rows, four reasons", *_measured(asked, path, thousand, rate=1.0, seconds=15.0))


def _body(kind: str, rows: list[dict[str, object]]) -> bytes:
    asked = {"rows": rows} if kind == "xiaoyu" else {"dataframe_records": rows}
    return json.dumps(asked, ensure_ascii=False).encode()


def _measured(
    asked: argparse.Namespace, path: str, bodies: list[bytes], *, rate: float, seconds: float
) -> tuple[np.ndarray, int, float | None]:
    before = _processor(asked.process)
    times, failures = _steady(asked, path, bodies, rate=rate, seconds=seconds)
    after = _processor(asked.process)
    used = None if before is None or after is None else 1_000 * (after - before) / max(len(times), 1)
    return times, failures, used


def _steady(
    asked: argparse.Namespace, path: str, bodies: list[bytes], *, rate: float, seconds: float
) -> tuple[np.ndarray, int]:
    """Send at fixed moments by a few connections, and return how long after its moment each was answered."""
    due: queue.Queue[tuple[float, bytes] | None] = queue.Queue()
    times: list[float] = []
    failures: list[int] = []
    threads = [threading.Thread(target=_client, args=(asked, path, due, times, failures)) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    begun = time.perf_counter()
    for number in range(int(rate * seconds)):
        moment = begun + number / rate
        time.sleep(max(0.0, moment - time.perf_counter()))
        due.put((moment, bodies[number % len(bodies)]))
    for _ in threads:
        due.put(None)
    for thread in threads:
        thread.join()
    return np.array(times), len(failures)


def _client(
    asked: argparse.Namespace, path: str, due: "queue.Queue[tuple[float, bytes] | None]", times: list[float],
    failures: list[int],
) -> None:  # fmt: skip
    line = HTTPConnection(urlsplit(asked.address).netloc, timeout=60)
    headers = {"Authorization": f"Bearer {asked.key}", "Content-Type": "application/json"}
    while (found := due.get()) is not None:
        moment, body = found
        line.request("POST", path, body, headers)
        response = line.getresponse()
        response.read()
        times.append(time.perf_counter() - moment)
        if response.status != 200:
            failures.append(response.status)
    line.close()


def _processor(number: int | None) -> float | None:
    """Return the seconds of processor that a process and its children have used."""
    if number is None:
        return None
    process = psutil.Process(number)
    return sum(sum(each.cpu_times()[:2]) for each in (process, *process.children(recursive=True)))


def _told(what: str, times: np.ndarray, failures: int, used: float | None) -> None:
    p50, p99 = 1_000 * np.quantile(times, [0.5, 0.99])
    processor = "" if used is None else f", processor of the server {used:.2f} ms a request"
    print(f"{what}: {len(times)} requests, {failures} refused, p50 {p50:.1f} ms, p99 {p99:.1f} ms{processor}")


if __name__ == "__main__":
    main()
