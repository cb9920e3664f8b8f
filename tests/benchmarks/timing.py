"""Times of things done by turns, so that a busy machine slows all of them alike."""

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any


def by_turns(works: Mapping[str, Callable[[], Any]], turns: int) -> dict[str, tuple[float, float, float]]:
    """Return, for each work, the median and the least seconds, and the median seconds of processor time."""
    walls: dict[str, list[float]] = {name: [] for name in works}
    processor: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        work()
    for _ in range(turns):
        for name, work in works.items():
            wall, busy = time.perf_counter(), time.process_time()
            work()
            walls[name].append(time.perf_counter() - wall)
            processor[name].append(time.process_time() - busy)
    return {
        name: (statistics.median(walls[name]), min(walls[name]), statistics.median(processor[name])) for name in works
    }


def table(times: Mapping[str, tuple[float, float, float]], unit: str = "s", scale: float = 1.0) -> str:
    """Return the times as lines of text."""
    width = max(map(len, times))
    head = f"{'':{width}}  median {unit:>3}  least {unit:>3}  processor {unit:>3}"
    rows = [
        f"{name:{width}}  {median * scale:10.3f}  {least * scale:9.3f}  {busy * scale:13.3f}"
        for name, (median, least, busy) in times.items()
    ]
    return "\n".join([head, *rows])
