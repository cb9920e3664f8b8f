"""What is known of every row: whether it is an event, its period, and its half of the cross-fit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow.parquet as pq

from experiments.data.parsing import as_texts
from experiments.data.parts import parts_of
from experiments.data.schema import ColumnSchema
from experiments.data.target import read_target

ROWS_AT_ONCE = 500_000
CELLS_AT_ONCE = 8_000_000
COLUMNS_AT_ONCE = 200
MOST_PERIODS = 36
MOST_TARGET_VALUES = 1_000
UNLABELLED, STATES = 2, 3
HALVES = 2


@dataclass(frozen=True)
class TargetRows:
    """What is known of every row: 0, 1 or unlabelled; its period (−1 for none); and its half of the cross-fit."""

    answers: np.ndarray
    periods: np.ndarray
    period_names: tuple[str, ...]
    halves: np.ndarray


def blocks_of(columns: Sequence[ColumnSchema], rows: int) -> Iterator[Sequence[ColumnSchema]]:
    """Yield columns in blocks, so narrow that a part of the rows holds a bounded number of cells."""
    size = max(1, min(COLUMNS_AT_ONCE, CELLS_AT_ONCE // max(1, min(rows, ROWS_AT_ONCE))))
    for start in range(0, len(columns), size):
        yield columns[start : start + size]


def parts_with_start(table: pq.ParquetFile, columns: Sequence[str]) -> Iterator[tuple[int, pl.DataFrame]]:
    """Yield parts of a table, each with the position of its first row."""
    start = 0
    for part in parts_of(table, list(dict.fromkeys(columns)), rows=ROWS_AT_ONCE):
        yield start, pl.DataFrame(part)
        start += part.num_rows


def read_rows(table: pq.ParquetFile, target: str, event: str, time_column: str | None) -> TargetRows:
    """Read the target and the dates of all rows; values other than ``event`` are non-events."""
    answers, days = [], []
    spelled: dict[Any, int] = {}
    for _, frame in parts_with_start(table, [target, *([time_column] if time_column else [])]):
        texts = as_texts(frame[target])
        for text in texts.drop_nulls().unique().to_list():
            spelled.setdefault(text, len(spelled))
        if len(spelled) > MOST_TARGET_VALUES:
            break
        codes = texts.replace_strict(spelled, default=None, return_dtype=pl.Int16) if spelled else None
        answers.append(np.full(frame.height, -1) if codes is None else codes.fill_null(-1).to_numpy())
        if time_column and frame[time_column].dtype == pl.Datetime:
            days.append(frame[time_column].dt.date())
    words = list(spelled)
    answers_of_words, _ = read_target(pd.Series(words, name=target, dtype=object), event)
    is_event = np.append(answers_of_words == 1, False)
    codes_of_all = np.concatenate(answers)
    states = np.where(codes_of_all < 0, UNLABELLED, is_event[codes_of_all]).astype(np.int8)
    periods, names = _periods(pl.concat(days)) if days else (np.full(len(states), -1, dtype=np.int16), ())
    return TargetRows(states, periods, names, _halves(len(states)))


def _halves(rows: int) -> np.ndarray:
    """Assign each row to one of two halves, pseudo-randomly and always in the same way."""
    mixed = np.arange(rows, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return ((mixed >> np.uint64(63)) & np.uint64(1)).astype(np.int8)


def _periods(days: pl.Series) -> tuple[np.ndarray, tuple[str, ...]]:
    for every in ("1mo", "1q", "1y"):
        starts = days.dt.truncate(every)
        different = starts.drop_nulls().unique().sort()
        if len(different) <= MOST_PERIODS:
            break
    names = tuple(_period_name(start, every) for start in different)
    numbers = starts.replace_strict(different, pl.Series(range(len(different))), default=-1, return_dtype=pl.Int16)
    return numbers.fill_null(-1).to_numpy(), names


def _period_name(start: Any, every: str) -> str:
    if every == "1q":
        return f"{start.year}-Q{(start.month + 2) // 3}"
    return f"{start.year}" if every == "1y" else f"{start.year}-{start.month:02d}"
