"""One fit as plain data that can be sent to another process, and what comes back."""

import resource
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from experiments.learners import FittedModel, Learner
from experiments.search.pages import BYTES_TO_KEEP, let_go_of_pages
from experiments.search.training_data import TrainingData

# Highest number of an unwanted task, the pulses so far, and the most kilobytes the fit has held until the last of them.
FLAGS = struct.Struct("=qqq")


@dataclass(frozen=True)
class FitTask:
    """One fit of one learner on some rows of the table.

    Attributes
    ----------
    valid_rows : rows that choose the number of rounds, if any.
    predict_rows : rows whose margins are wanted, if any.
    more : further fields of the ``FitRequest``, such as ``iterations``.
    """

    learner: Learner
    params: dict[str, Any]
    rows: np.ndarray
    valid_rows: np.ndarray | None = None
    predict_rows: np.ndarray | None = None
    seed: int = 1
    more: dict[str, Any] = field(default_factory=dict)

    def perform(self, data: TrainingData, pulse: Callable[[], None]) -> "FitResult":
        """Fit and predict here and now."""
        began, worked = time.monotonic(), time.process_time()
        _forget_peak()
        pulse()

        def lighten() -> None:
            # A learner that reads all rows gets the file's own pages, not a copy; they can be dropped once read.
            let_go_of_pages(data.matrix)
            pulse()

        request = data.request(
            self.learner, self.params, self.rows, self.valid_rows, seed=self.seed, pulse=lighten, **self.more
        )
        model = self.learner.fit(request)
        del request
        pulse()
        rows = self.predict_rows
        margins = None if rows is None else np.asarray(model.margin(data.features(self.learner, rows)))
        seconds, cpu_seconds = time.monotonic() - began, time.process_time() - worked
        return FitResult(model, margins, seconds, cpu_seconds, peak_megabytes())


@dataclass(frozen=True)
class FitResult:
    """A fitted model, margins of ``predict_rows``, and what they cost: wall and processor seconds, peak memory."""

    model: FittedModel
    margins: np.ndarray | None
    seconds: float
    cpu_seconds: float
    peak_mb: float


@dataclass(frozen=True)
class FitFailure:
    """The exception of a learner, as data; see ``failure`` for what is told of it."""

    message: str
    is_memory: bool = False
    frames: str = ""
    peak_mb: float = 0.0


@dataclass(frozen=True)
class Welcome:
    """What a worker needs to know first: the file of its flags, and its memory limit in bytes."""

    flags: Path
    most_bytes: int | None


@dataclass(frozen=True)
class SharedData:
    """Where a worker finds the table: matrix and original columns as files, the small remainder inline."""

    matrix: Path
    matrix_columns: list[Any]
    table: Path
    odd_columns: pd.DataFrame
    dtypes: dict[Any, Any]
    rest: TrainingData


def share(data: TrainingData, folder: Path, stem: str) -> SharedData:
    """Write the table where workers can map it into their memory; a large matrix is mapped by its owner too."""
    matrix_path, table_path = folder / f"{stem}.npy", folder / f"{stem}.arrow"
    np.save(matrix_path, data.matrix.to_numpy())
    if 8 * data.matrix.size > BYTES_TO_KEEP:
        data.matrix = _mapped(matrix_path, list(data.matrix.columns))
    odd = _write_arrow(data.table, table_path)
    rest = replace(data, table=None, matrix=None, split=None, groups=None, protected=None)  # type: ignore[arg-type]
    return SharedData(
        matrix_path, list(data.matrix.columns), table_path, data.table[odd], dict(data.table.dtypes), rest
    )


def open_shared(shared: SharedData) -> TrainingData:
    """Return the table as a worker sees it; nothing is read before it is asked for."""
    table: Any = _TableInFile(shared)
    return replace(shared.rest, matrix=_mapped(shared.matrix, shared.matrix_columns), table=table)


def _mapped(path: Path, columns: list[Any]) -> pd.DataFrame:
    return pd.DataFrame(np.load(path, mmap_mode="r"), columns=columns, copy=False)


def _write_arrow(table: pd.DataFrame, path: Path) -> list[Any]:
    """Write the columns that come back from Arrow as they were, under their position, and return the others."""
    arrays = {"": pa.nulls(len(table))}
    odd = []
    for position, name in enumerate(table.columns):
        array = _as_arrow(table[name])
        if array is None:
            odd.append(name)
        else:
            arrays[str(position)] = array
    written = pa.table(arrays)
    with pa.OSFile(str(path), "wb") as stream, pa.ipc.new_file(stream, written.schema) as writer:
        writer.write_table(written)
    return odd


def _as_arrow(column: pd.Series) -> pa.Array | None:
    try:
        array = pa.Array.from_pandas(column)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        return None
    # Python objects other than texts would come back as numbers of some kind.
    is_safe = column.dtype != object or pa.types.is_string(array.type) or pa.types.is_large_string(array.type)
    return array if is_safe else None


class _TableInFile:
    """The part of a data frame that a fit needs, indexed with ``iloc`` and read from the file on demand."""

    def __init__(self, shared: SharedData) -> None:
        self._shared = shared

    @property
    def iloc(self) -> "_TableInFile":
        return self

    def __getitem__(self, rows: np.ndarray) -> pd.DataFrame:
        if self._is_small:
            return self._whole.iloc[rows]
        # Mapped only for this read: the rows are spread over the whole file.
        return self._frame_of(self._read().take(pa.array(rows)), rows)

    def _read(self) -> pa.Table:
        with pa.memory_map(str(self._shared.table)) as stream, pa.ipc.open_file(stream) as reader:
            return reader.read_all()

    @cached_property
    def _is_small(self) -> bool:
        return bool(self._read().nbytes <= BYTES_TO_KEEP)

    @cached_property
    def _whole(self) -> pd.DataFrame:
        arrow = self._read()
        return self._frame_of(arrow, np.arange(arrow.num_rows))

    def _frame_of(self, arrow: pa.Table, rows: np.ndarray) -> pd.DataFrame:
        columns = []
        for position, (name, dtype) in enumerate(self._shared.dtypes.items()):
            if name in self._shared.odd_columns:
                columns.append(self._shared.odd_columns[name].iloc[rows].set_axis(rows))
            else:
                columns.append(_as_it_was(arrow.column(str(position)).to_pandas(), dtype).set_axis(rows))
        return pd.concat(columns, axis=1, keys=list(self._shared.dtypes))


def _as_it_was(values: pd.Series, dtype: Any) -> pd.Series:
    if values.dtype == dtype:
        return values
    values = values.astype(dtype)
    return values.where(values.notna(), None) if pd.api.types.is_object_dtype(dtype) else values


def peak_megabytes() -> float:
    """Return the most memory this process has held since ``_forget_peak``, or ever where that is not possible."""
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes / (1024 * 1024 if sys.platform == "darwin" else 1024)


def _forget_peak() -> None:
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return
