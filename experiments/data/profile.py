"""Profiles every column over all of its rows, a few columns in memory at a time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from experiments.data.roles import propose_roles, propose_target
from experiments.data.schema import ColumnSchema, read_schema

__all__ = ["ColumnProfile", "profile_table", "propose_roles", "propose_target"]

CELLS_AT_ONCE = 20_000_000
COLUMNS_AT_ONCE = 200
TOP_VALUES = 10
BINS = 20
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
LONGEST_VALUE = 80


@dataclass(frozen=True)
class ColumnProfile:
    """What one column looks like over all rows.

    Attributes
    ----------
    missing, distinct : rows without a value, and different values among the others.
    min, max, mean, std, quantiles : of numbers; of dates ``min``, ``max`` and quantiles as ISO text.
    top_values : up to ten ``{"value", "count"}``, most frequent first.
    histogram : ``{"edges", "counts"}`` with up to twenty bins from the 1st to the 99th percentile (the outer bins hold
        the rest), or ``{"levels", "counts"}`` for columns of few values.
    is_whole : every number is whole. is_ordered : values rise or fall with the rows.
    """

    name: str
    type: str
    rows: int
    missing: int
    distinct: int
    min: Any = None
    max: Any = None
    mean: float | None = None
    std: float | None = None
    quantiles: dict[str, Any] = field(default_factory=dict)
    top_values: list[dict[str, Any]] = field(default_factory=list)
    histogram: dict[str, list[Any]] = field(default_factory=dict)
    is_whole: bool = False
    is_ordered: bool = False

    @property
    def present(self) -> int:
        """Rows with a value."""
        return self.rows - self.missing

    def to_dict(self) -> dict[str, Any]:
        """Return the profile as JSON-ready plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "ColumnProfile":
        """Build a profile from what ``to_dict`` gave; other keys are left aside."""
        return cls(**{key: value for key, value in plain.items() if key in cls.__dataclass_fields__})


def profile_table(parquet: Path, on_progress: Callable[[float], None] = lambda fraction: None) -> list[ColumnProfile]:
    """Profile the columns of a Parquet file that ``ingest_file`` wrote, in the file's order.

    Parameters
    ----------
    on_progress : called with the share of columns done; may raise to stop.
    """
    schema = read_schema(parquet)
    profiles: list[ColumnProfile] = []
    for block in _blocks(schema, pq.read_metadata(parquet).num_rows):
        frame = pl.read_parquet(parquet, columns=[column.name for column in block])
        for column in block:
            profiles.append(_profile_column(frame[column.name], column))
            on_progress(len(profiles) / len(schema))
    return profiles


def _blocks(schema: Sequence[ColumnSchema], rows: int) -> Iterator[Sequence[ColumnSchema]]:
    size = max(1, min(COLUMNS_AT_ONCE, CELLS_AT_ONCE // max(1, rows)))
    for start in range(0, len(schema), size):
        yield schema[start : start + size]


def _profile_column(values: pl.Series, column: ColumnSchema) -> ColumnProfile:
    if values.dtype == pl.String:
        return _profile_words(values, column)
    return _profile_ordered(values, column)


def _profile_words(values: pl.Series, column: ColumnSchema) -> ColumnProfile:
    present = values.drop_nulls()
    tally = present.value_counts(sort=True, name="n")
    words, counts = tally.to_series(0), tally["n"]
    top = [
        {"value": word[:LONGEST_VALUE], "count": count}
        for word, count in zip(words.head(TOP_VALUES), counts.head(TOP_VALUES), strict=True)
    ]
    histogram = {}
    if len(words):
        levels = [word[:LONGEST_VALUE] for word in words.head(BINS)]
        histogram = {"levels": levels, "counts": counts.head(BINS).to_list()}
    return ColumnProfile(
        name=column.name,
        type=column.type,
        rows=len(values),
        missing=values.null_count(),
        distinct=len(words),
        min=present.min() if column.type == "text" else None,
        max=present.max() if column.type == "text" else None,
        top_values=top,
        histogram=histogram,
    )


def _profile_ordered(values: pl.Series, column: ColumnSchema) -> ColumnProfile:
    """Profile numbers or dates; one sort answers nearly everything."""
    is_date = column.type == "date"
    present = values.drop_nulls()
    numbers = present.cast(pl.Int64) if is_date else present
    ordered = numbers.sort().to_numpy()
    if not len(ordered):
        return ColumnProfile(column.name, column.type, len(values), values.null_count(), 0)
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    lengths = np.diff(np.append(starts, len(ordered)))
    shown = _shown_date if is_date else _shown_number
    ranks = {f"p{round(100 * share)}": ordered[round(share * (len(ordered) - 1))] for share in QUANTILES}
    most = np.argsort(-lengths, kind="stable")[:TOP_VALUES]
    return ColumnProfile(
        name=column.name,
        type=column.type,
        rows=len(values),
        missing=values.null_count(),
        distinct=len(starts),
        min=shown(ordered[0]),
        max=shown(ordered[-1]),
        mean=None if is_date else float(ordered.mean()),
        std=None if is_date else float(ordered.std()),
        quantiles={name: shown(value) for name, value in ranks.items()},
        top_values=[{"value": shown(ordered[starts[rank]]), "count": int(lengths[rank])} for rank in most],
        histogram=_histogram(ordered, starts, lengths, shown),
        is_whole=bool(ordered.dtype.kind == "i" or np.all(np.mod(ordered, 1) == 0)),
        is_ordered=len(starts) > 1 and bool(numbers.is_sorted() or numbers.is_sorted(descending=True)),
    )


def _histogram(
    ordered: np.ndarray, starts: np.ndarray, lengths: np.ndarray, shown: Callable[[Any], Any]
) -> dict[str, list[Any]]:
    if len(starts) <= BINS:
        return {"levels": [shown(value) for value in ordered[starts]], "counts": lengths.tolist()}
    low, high = (ordered[round(share * (len(ordered) - 1))] for share in (0.01, 0.99))
    if low == high:
        low, high = ordered[0], ordered[-1]
    edges = np.linspace(float(low), float(high), BINS + 1)
    inner = np.searchsorted(ordered, edges[1:-1])
    counts = np.diff(np.concatenate(([0], inner, [len(ordered)])))
    return {"edges": [shown(edge) for edge in edges], "counts": counts.tolist()}


def _shown_number(value: Any) -> float | int:
    number = float(value)
    return int(value) if number.is_integer() and abs(number) < 1e15 else float(f"{number:.10g}")


def _shown_date(value: Any) -> str:
    return np.datetime64(int(value), "us").astype("datetime64[s]").item().isoformat(sep=" ").removesuffix(" 00:00:00")
