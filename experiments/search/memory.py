"""How much memory the fits of a run may take: what the machine has left, and a small multiple of the table."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from experiments.search.fit_task import FitTask
from experiments.search.training_data import TrainingData

MEGABYTE = 1_000_000
# A whole run keeps to three times the table and a fixed part, of which the table and the libraries take their share.
TIMES_THE_TABLE, FIXED = 3, 500 * MEGABYTE
TIMES_FOR_FITS, FIXED_FOR_FITS = 2, 300 * MEGABYTE
SHARE_OF_AVAILABLE = 0.8
LEAST_OF_A_FIT = 30 * MEGABYTE


@dataclass(frozen=True)
class Memory:
    """The sizes that decide how many fits go side by side and which do not fit at all.

    Attributes
    ----------
    table_bytes : the original columns in memory.
    row_bytes : one row of the matrix or of the original columns, whichever is larger.
    """

    table_bytes: int
    row_bytes: float

    @classmethod
    def of(cls, data: TrainingData) -> "Memory":
        """Measure a table, texts by a sample."""
        rows = max(1, len(data.table))
        row_bytes = _bytes_of_a_row(data.table)
        return cls(int(rows * row_bytes), max(row_bytes, 8.0 * data.matrix.shape[1]))

    def most_bytes_a_fit(self, threads: int) -> int:
        """Return how much one process may allocate, besides the pages it shares."""
        rule = TIMES_THE_TABLE * self.table_bytes + FIXED
        return int(min(rule, SHARE_OF_AVAILABLE * available_bytes() / threads))

    def estimate(self, task: FitTask) -> int:
        """Return the bytes that a fit will need."""
        rows = len(task.rows) + (0 if task.valid_rows is None else len(task.valid_rows))
        return int(LEAST_OF_A_FIT + task.learner.about.memory_factor * rows * self.row_bytes)

    def width(self, tasks: Sequence[FitTask], threads: int) -> int:
        """Return how many of these fits may go side by side."""
        largest = max((self.estimate(task) for task in tasks), default=LEAST_OF_A_FIT)
        room = TIMES_FOR_FITS * self.table_bytes + FIXED_FOR_FITS
        return int(max(1, min(threads, room // largest)))


def available_bytes() -> int:
    """Return the memory this process and its children may still take."""
    return min(_free_on_the_machine(), _free_in_the_container())


def _bytes_of_a_row(table: pd.DataFrame) -> float:
    sample = table.iloc[:: max(1, len(table) // 1000)]
    return float(sample.memory_usage(index=False, deep=True).sum()) / max(1, len(sample))


def _free_on_the_machine() -> int:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii")
        return int(lines.split("MemAvailable:")[1].split()[0]) * 1024
    except (OSError, IndexError):
        return sys.maxsize


def _free_in_the_container() -> int:
    folder = Path("/sys/fs/cgroup")
    try:
        if (folder / "memory.max").exists():
            limit, used = (folder / "memory.max").read_text(), (folder / "memory.current").read_text()
            # Pages of files that can be dropped are counted as used.
            inactive = (folder / "memory.stat").read_text().split("inactive_file ")[1].split()[0]
        else:
            folder = folder / "memory"
            limit = (folder / "memory.limit_in_bytes").read_text()
            used = (folder / "memory.usage_in_bytes").read_text()
            inactive = (folder / "memory.stat").read_text().split("total_inactive_file ")[1].split()[0]
        return max(0, int(limit) - int(used) + int(inactive))
    except (OSError, ValueError, IndexError):
        return sys.maxsize
