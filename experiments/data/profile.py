"""Profiles every column over all of its rows, a few columns and a part of the rows in memory at a time."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from experiments.data.parts import parts_of
from experiments.data.roles import propose_roles, propose_target
from experiments.data.schema import ColumnSchema, read_schema
from experiments.data.special_values.dates import find_special_dates
from experiments.data.special_values.numbers import find_special_numbers
from experiments.data.special_values.words import find_special_words
from experiments.data.tally import Counted, NumberTally, WordTally, counts_between, quantile
from experiments.paths import AnyPath

__all__ = ["ColumnProfile", "profile_table", "propose_roles", "propose_target"]

CELLS_AT_ONCE = 8_000_000
ROWS_AT_ONCE = 1_000_000
COLUMNS_AT_ONCE = 200
WORKERS = 2
TOP_VALUES = 10
BINS = 20
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
EXTREMES = 5
FREQUENT_WORDS = 1_000
LONGEST_VALUE = 80


@dataclass(frozen=True)
class ColumnProfile:
    r"""What one column looks like over all rows.

    Attributes
    ----------
    missing, distinct : rows without a value, and different values among the others.
    min, max, mean, std, quantiles : of numbers; of dates ``min``, ``max`` and quantiles as ISO text.
    top_values : up to ten ``{"value", "count"}``, most frequent first.
    histogram : ``{"edges", "counts"}`` with up to twenty bins from the 1st to the 99th percentile (the outer bins hold
        the rest), or ``{"levels", "counts"}`` for columns of few values.
    is_whole : every number is whole. is_ordered : values rise or fall with the rows.
    is_approximate : there are too many different values to count each: ``distinct`` is within 0.6 %, quantiles and
        histogram within 0.01 % of the rows, and counts of values are what was seen of them at least.
    extremes : ``{"low", "high"}``, the five lowest and highest values known with their counts, outermost first.
    special_values : values that probably stand for no value; see ``SpecialValue``.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from experiments.ingest.reading import ingest_file
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_text("age,city,bad\n23,A,1\n45,B,0\n31,A,0\n")
    >>> _ = ingest_file(folder / "a.csv", folder / "a.parquet")
    >>> profile_table(folder / "a.parquet")[0].mean
    33.0
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
    is_approximate: bool = False
    extremes: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    special_values: list[dict[str, Any]] = field(default_factory=list)

    @property
    def present(self) -> int:
        """Rows with a value."""
        return self.rows - self.missing

    def to_dict(self) -> dict[str, Any]:
        """Return the profile as JSON-ready plain data."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "ColumnProfile":
        """Build a profile from what ``to_dict`` gave; other keys are left aside."""
        return cls(**{key: value for key, value in plain.items() if key in cls.__dataclass_fields__})


def profile_table(
    parquet: AnyPath, on_progress: Callable[[float], None] = lambda fraction: None
) -> list[ColumnProfile]:
    r"""Profile the columns of a Parquet file that ``ingest_file`` wrote, in the file's order.

    Parameters
    ----------
    on_progress : called with the share of columns done; may raise to stop.

    Returns
    -------
    list of ColumnProfile
        In the file's order.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from experiments.ingest.reading import ingest_file
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_text("age,city,bad\n23,A,1\n45,B,0\n31,A,0\n")
    >>> _ = ingest_file(folder / "a.csv", folder / "a.parquet")
    >>> [(column.name, column.type, column.distinct) for column in profile_table(folder / "a.parquet")]
    [('age', 'numeric', 3), ('city', 'categorical', 2), ('bad', 'numeric', 2)]
    """
    parquet = Path(parquet)
    schema = read_schema(parquet)
    profiles: list[ColumnProfile] = []
    with pq.ParquetFile(parquet) as table, ThreadPoolExecutor(WORKERS) as pool:
        rows = table.metadata.num_rows
        for block in _blocks(schema, rows):
            profilers = [_profiler(column) for column in block]
            seen = 0
            for part in parts_of(table, [column.name for column in block], rows=ROWS_AT_ONCE):
                frame = pl.DataFrame(part)
                list(pool.map(lambda profiler, frame=frame: profiler.add(frame[profiler.column.name]), profilers))
                seen += frame.height
                on_progress((len(profiles) + len(block) * seen / max(1, rows)) / len(schema))
            profiles += pool.map(lambda profiler: profiler.finish(), profilers)
    return profiles


def _blocks(schema: Sequence[ColumnSchema], rows: int) -> Iterator[Sequence[ColumnSchema]]:
    size = max(1, min(COLUMNS_AT_ONCE, CELLS_AT_ONCE // max(1, min(rows, ROWS_AT_ONCE))))
    for start in range(0, len(schema), size):
        yield schema[start : start + size]


def _profiler(column: ColumnSchema) -> "_WordProfiler | _NumberProfiler":
    return _NumberProfiler(column) if column.type in ("numeric", "date") else _WordProfiler(column)


class _WordProfiler:
    """Looks at a column of words, part by part."""

    def __init__(self, column: ColumnSchema) -> None:
        self.column = column
        self.rows = self.missing = 0
        self.tally = WordTally()
        self.lowest: str | None = None
        self.highest: str | None = None

    def add(self, values: pl.Series) -> None:
        """Look at a part of the rows."""
        self.rows += len(values)
        self.missing += values.null_count()
        present = values.drop_nulls()
        self.tally.add(present)
        if self.column.type == "text" and len(present):
            bounds = [str(present.min()), str(present.max())]
            self.lowest = min(bounds if self.lowest is None else [self.lowest, *bounds])
            self.highest = max(bounds if self.highest is None else [self.highest, *bounds])

    def finish(self) -> ColumnProfile:
        """Return what was seen."""
        frequent = self.tally.most_frequent(FREQUENT_WORDS) if self.tally.rows else []
        shown = [(word[:LONGEST_VALUE], count) for word, count in frequent[:BINS]]
        histogram: dict[str, list[Any]] = {}
        if shown:
            histogram = {"levels": [word for word, _ in shown], "counts": [count for _, count in shown]}
        specials = find_special_words(frequent, self.tally.rows) if self.column.type == "categorical" else []
        return ColumnProfile(
            name=self.column.name,
            type=self.column.type,
            rows=self.rows,
            missing=self.missing,
            distinct=self.tally.distinct,
            min=self.lowest,
            max=self.highest,
            top_values=[{"value": word, "count": count} for word, count in shown[:TOP_VALUES]],
            histogram=histogram,
            is_approximate=not self.tally.is_exact,
            special_values=[special.to_dict() for special in specials],
        )


class _NumberProfiler:
    """Looks at a column of numbers or dates, part by part; one sort of each answers nearly everything."""

    def __init__(self, column: ColumnSchema) -> None:
        self.column = column
        self.is_date = column.type == "date"
        self.rows = self.missing = 0
        self.tally = NumberTally()
        self.mean = self.squares = 0.0
        self.is_whole = True
        self.rises = self.falls = True
        self.last: Any = None

    def add(self, values: pl.Series) -> None:
        """Look at a part of the rows."""
        self.rows += len(values)
        self.missing += values.null_count()
        present = values.drop_nulls()
        if not len(present):
            return
        numbers = present.cast(pl.Int64) if self.is_date else present
        self._see_order(numbers)
        ordered = numbers.sort().to_numpy()
        if not self.is_date:
            self._see_mean(ordered)
            self.is_whole = self.is_whole and bool(ordered.dtype.kind == "i" or np.all(np.mod(ordered, 1) == 0))
        self.tally.add(ordered)

    def _see_order(self, numbers: pl.Series) -> None:
        first, last = numbers[0], numbers[-1]
        self.rises = self.rises and (self.last is None or self.last <= first) and numbers.is_sorted()
        self.falls = self.falls and (self.last is None or self.last >= first) and numbers.is_sorted(descending=True)
        self.last = last

    def _see_mean(self, ordered: np.ndarray) -> None:
        """Add to mean and squared distances; Chan, Golub, LeVeque 1979."""
        before, count = self.tally.rows, len(ordered)
        mean = float(ordered.mean())
        shift = mean - self.mean
        self.mean += shift * count / (before + count)
        self.squares += float(ordered.var()) * count + shift**2 * before * count / (before + count)

    def finish(self) -> ColumnProfile:
        """Return what was seen."""
        name, type_, tally = self.column.name, self.column.type, self.tally
        if not tally.rows:
            return ColumnProfile(name, type_, self.rows, self.missing, 0)
        shown = _shown_date if self.is_date else _shown_number
        points, (values, counts) = tally.points, tally.counted
        find_specials = find_special_dates if self.is_date else find_special_numbers
        most = np.argsort(-counts, kind="stable")[:TOP_VALUES]
        return ColumnProfile(
            name=name,
            type=type_,
            rows=self.rows,
            missing=self.missing,
            distinct=tally.distinct,
            min=shown(tally.lowest),
            max=shown(tally.highest),
            mean=None if self.is_date else self.mean,
            std=None if self.is_date else float(np.sqrt(self.squares / tally.rows)),
            quantiles={f"p{round(100 * share)}": shown(quantile(points, share)) for share in QUANTILES},
            top_values=[{"value": shown(values[rank]), "count": int(counts[rank])} for rank in most],
            histogram=_histogram(points, tally, shown),
            is_whole=self.is_whole,
            is_ordered=tally.distinct > 1 and (self.rises or self.falls),
            is_approximate=not tally.is_exact,
            extremes=_extremes(tally.counted, shown),
            special_values=[special.to_dict() for special in find_specials(tally.counted, tally.rows)],
        )


def _histogram(points: Counted, tally: NumberTally, shown: Callable[[Any], Any]) -> dict[str, list[Any]]:
    values, counts = tally.counted
    if tally.is_exact and len(values) <= BINS:
        return {"levels": [shown(value) for value in values], "counts": counts.tolist()}
    low, high = quantile(points, 0.01), quantile(points, 0.99)
    if low == high:
        low, high = tally.lowest, tally.highest
    edges = np.linspace(float(low), float(high), BINS + 1)
    return {"edges": [shown(edge) for edge in edges], "counts": counts_between(points, edges[1:-1])}


def _extremes(counted: Counted, shown: Callable[[Any], Any]) -> dict[str, list[dict[str, Any]]]:
    values, counts = counted
    sides = {"low": range(len(values))[:EXTREMES], "high": range(len(values))[: -EXTREMES - 1 : -1]}
    return {
        side: [{"value": shown(values[place]), "count": int(counts[place])} for place in places]
        for side, places in sides.items()
    }


def _shown_number(value: Any) -> float | int:
    number = float(value)
    return int(value) if number.is_integer() and abs(number) < 1e15 else float(f"{number:.10g}")


def _shown_date(value: Any) -> str:
    return np.datetime64(int(value), "us").astype("datetime64[s]").item().isoformat(sep=" ").removesuffix(" 00:00:00")
