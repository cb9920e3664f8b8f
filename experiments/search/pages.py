"""Returns memory that a process no longer needs: pages of a large table, and the heap."""

import ctypes
import mmap
from contextlib import suppress
from typing import Any

import pandas as pd
import pyarrow as pa

# Tables up to this size are kept whole by each process that reads them; of larger ones only the rows it works on.
BYTES_TO_KEEP = 100_000_000


def let_go_of_pages(matrix: pd.DataFrame) -> None:
    """Take what was read of a large mapped matrix out of this process's memory; it comes back when it is read again.

    The rows of a fit lie spread over the whole file, so that each process would soon hold all of it.
    """
    cells: Any = matrix.to_numpy()
    while cells is not None and not isinstance(cells, mmap.mmap):
        cells = cells.base
    if cells is not None and len(cells) > BYTES_TO_KEEP and hasattr(mmap, "MADV_DONTNEED"):
        cells.madvise(mmap.MADV_DONTNEED)


def let_go_of_heap() -> None:
    """Return freed memory to the system, which Arrow and the C library would otherwise keep."""
    pa.default_memory_pool().release_unused()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
