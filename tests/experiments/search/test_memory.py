"""How many fits go side by side, and which do not fit at all."""

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from experiments.learners import LEARNERS
from experiments.search import memory, pages
from experiments.search.memory import Memory

LONG = Memory(table_bytes=400_000_000, row_bytes=400.0)
SHORT = Memory(table_bytes=100_000, row_bytes=100.0)


def _task(name: str, rows: int):
    return SimpleNamespace(learner=LEARNERS[name], rows=np.arange(rows), valid_rows=None)


def test_a_fit_is_estimated_by_its_rows_and_its_family():
    assert LONG.estimate(_task("lightgbm", 1_000_000)) == 630_000_000
    assert LONG.estimate(_task("linear", 1_000_000)) == 5_630_000_000
    assert SHORT.estimate(_task("scorecard", 1000)) == 30_400_000


def test_few_large_fits_go_side_by_side_and_many_small_ones():
    assert LONG.width([_task("lightgbm", 1_000_000)] * 5, threads=2) == 1
    assert LONG.width([_task("lightgbm", 80_000)] * 5, threads=2) == 2
    assert SHORT.width([_task("lightgbm", 1000)] * 5, threads=4) == 4


def test_a_process_may_take_three_times_the_table_and_a_fixed_part_where_the_machine_has_it(monkeypatch):
    monkeypatch.setattr(memory, "available_bytes", lambda: 8_000_000_000)
    assert LONG.most_bytes_a_fit(threads=2) == 1_700_000_000
    monkeypatch.setattr(memory, "available_bytes", lambda: 2_000_000_000)
    assert LONG.most_bytes_a_fit(threads=2) == 800_000_000


def test_a_table_is_measured_with_its_texts():
    table = pd.DataFrame({"number": np.zeros(5000), "text": ["x" * 1000] * 5000})
    found = Memory.of(SimpleNamespace(table=table, matrix=table))  # type: ignore[arg-type]
    assert 1000 < found.row_bytes < 1200
    assert found.table_bytes == int(5000 * found.row_bytes)


def test_some_memory_is_free_here():
    assert memory.available_bytes() > 10_000_000


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the system does not tell what is resident")
def test_a_mapped_matrix_leaves_memory_and_is_read_again_as_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "BYTES_TO_KEEP", 1_000_000)
    cells = np.random.default_rng(1).random((100_000, 4))
    np.save(tmp_path / "cells.npy", cells)
    mapped = pd.DataFrame(np.load(tmp_path / "cells.npy", mmap_mode="r"), columns=list("abcd"), copy=False)
    before = mapped.iloc[::7].copy()
    held = _resident_kilobytes(tmp_path / "cells.npy")
    pages.let_go_of_pages(mapped)
    assert held > 3_000
    assert _resident_kilobytes(tmp_path / "cells.npy") == 0
    pd.testing.assert_frame_equal(mapped.iloc[::7], before)


def _resident_kilobytes(path):
    """Return how much of a mapped file stands in this process's memory."""
    text = Path("/proc/self/smaps").read_text()
    return int(text.split(str(path))[1].split("Rss:")[1].split()[0])


def test_a_matrix_that_is_no_file_is_left_alone():
    matrix = pd.DataFrame(np.ones((10, 2)))
    pages.let_go_of_pages(matrix)
    assert matrix.to_numpy().sum() == 20
