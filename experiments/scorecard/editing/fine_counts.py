"""Rows counted once on a fine grid, on which any card that keeps to the grid's borders is weighed without the table.

A cell is a stretch of numbers, a level, a special value or the empty cells. Counts by cell and by month are of all
rows; the codes of the rows, a byte a cell, say which cells stand together, for what the whole card does.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.features.bins import READERS
from experiments.features.levels import factorize_levels
from experiments.features.partition import FineBins
from experiments.scorecard.editing.draft import DraftColumn
from experiments.scorecard.editing.weighing import counts_of_rows
from experiments.stored import Part, Stored

# Together with the card's own borders and special values they fit into a byte.
MOST_DISTINCT, MOST_QUANTILES, MOST_ROUND, MOST_LEVELS = 200, 120, 80, 200
#: Rows of which it is kept which cells stand together; of more, an even part.
MOST_ROWS = 1_000_000
FOUR = ("rows", "raw_events", "events", "non_events")
GRID, COUNTS, CODES, OUTCOMES, WEIGHTS = "grid.json", "counts.npy", "codes.npy", "outcomes.npy", "weights.npy"


@dataclass(frozen=True)
class FineColumn(Part):
    """The cells of a column: regular ones, then special values, then (last) empty cells.

    Attributes
    ----------
    edges : of numbers, the first values of all regular cells but the lowest. levels : of categories, those of each.
    first : place of its first cell among the cells of all columns.
    """

    name: str
    type: str
    first: int
    edges: tuple[float, ...] = ()
    levels: tuple[tuple[str, ...], ...] = ()
    specials: tuple[tuple[str, ...], ...] = ()

    @property
    def regular(self) -> int:
        """How many cells hold neither special values nor nothing."""
        return len(self.edges) + 1 if self.type in READERS else len(self.levels)

    @property
    def cells(self) -> int:
        return self.regular + len(self.specials) + 1

    def bins_of(self, column: DraftColumn) -> np.ndarray:
        """Return the bin of each cell, -1 where the column has none for it."""
        found = np.full(self.cells, -1)
        missing = next((place for place, bin_ in enumerate(column.bins) if bin_.kind == "missing"), -1)
        found[-1] = missing
        by_level = {level: place for place, bin_ in enumerate(column.bins) for level in bin_.levels}
        for number, levels in enumerate(self.specials):
            found[self.regular + number] = by_level.get(levels[0], -1)
        if column.is_ordered:
            # Nothing is below the first border, so the lowest cell is taken for just that.
            lows = np.array([-np.inf, *self.edges])
            if column.regular:
                found[: self.regular] = np.searchsorted(np.array(column.edges), lows, side="right")
            return found
        other = next((place for place, bin_ in enumerate(column.bins) if bin_.kind == "other"), -1)
        found[: self.regular] = [by_level.get(levels[0], other) for levels in self.levels]
        return found


@dataclass(frozen=True)
class Grid(Stored):
    """The cells of all columns, and of what rows they were counted."""

    columns: tuple[FineColumn, ...]
    months: tuple[str, ...] = ()
    rows: int = 0
    events: int = 0
    kept_rows: int = 0


class FineCounts:
    """What was counted, read from its folder as far as it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def grid(self) -> Grid:
        return Grid.from_dict(json.loads((self.folder / GRID).read_text(encoding="utf-8")))

    @cached_property
    def _counts(self) -> np.ndarray:
        return np.load(self.folder / COUNTS, mmap_mode="r")

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each column among the codes."""
        return {column.name: place for place, column in enumerate(self.grid.columns)}

    def column(self, name: str) -> FineColumn:
        return self.grid.columns[self.places[name]]

    def cells_of(self, name: str) -> FineBins:
        """Return the counts of a column's cells."""
        fine = self.column(name)
        rows, raw_events, events, non_events = np.array(self._counts[fine.first : fine.first + fine.cells, :4]).T
        return FineBins(rows.astype(int), raw_events, events, non_events)

    def bins_of(self, column: DraftColumn) -> FineBins:
        """Return the counts of a column's bins."""
        cells, place = self.cells_of(column.name), self.column(column.name).bins_of(column)
        known, bins = place >= 0, len(column.bins)
        sums = [np.bincount(place[known], weights=getattr(cells, name)[known], minlength=bins) for name in FOUR]
        return FineBins(sums[0].astype(int), *sums[1:])

    def by_month(self, column: DraftColumn) -> tuple[np.ndarray, np.ndarray]:
        """Return weighted rows and events, each of shape (months, bins)."""
        fine, months = self.column(column.name), len(self.grid.months)
        cells = np.array(self._counts[fine.first : fine.first + fine.cells, 4:])
        place, bins = fine.bins_of(column), len(column.bins)
        known = place >= 0
        found = np.zeros((2 * months, bins))
        for number in range(2 * months):
            found[number] = np.bincount(place[known], weights=cells[known, number], minlength=bins)
        return found[:months], found[months:]

    @cached_property
    def codes(self) -> np.ndarray:
        """The cell of each kept row, shape (columns, rows)."""
        return np.load(self.folder / CODES, mmap_mode="r")

    @cached_property
    def outcomes(self) -> np.ndarray:
        return np.load(self.folder / OUTCOMES, mmap_mode="r")

    @cached_property
    def weights(self) -> np.ndarray | None:
        path = self.folder / WEIGHTS
        return np.load(path, mmap_mode="r") if path.exists() else None


def count_finely(
    frame: pd.DataFrame,
    y: np.ndarray,
    columns: Sequence[DraftColumn],
    folder: Path,
    *,
    weight: np.ndarray | None = None,
    months: np.ndarray | None = None,
) -> FineCounts:
    """Count rows on a grid that has every border of ``columns`` and many more, and keep it in a folder.

    Parameters
    ----------
    y : 0/1 of shape (rows,). months : of each row as text, None where it has none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names, month_of = _months(months, len(y))
    mass = np.ones(len(y)) if weight is None else weight
    kept = np.unique(np.linspace(0, len(y) - 1, min(len(y), MOST_ROWS)).astype(int))
    codes = np.lib.format.open_memmap(folder / CODES, mode="w+", dtype=np.uint16, shape=(len(columns), len(kept)))
    fine, counts, first = [], [], 0
    for place, column in enumerate(columns):
        cells, index = _cells(frame[column.name], column, first)
        codes[place] = index[kept]
        counts.append(_counted(index, y, mass, month_of, cells=cells.cells, months=len(names)))
        fine.append(cells)
        first += cells.cells
    codes.flush()
    np.save(folder / COUNTS, np.concatenate(counts))
    np.save(folder / OUTCOMES, y[kept].astype(np.float32))
    if weight is not None:
        np.save(folder / WEIGHTS, weight[kept].astype(np.float32))
    grid = Grid(tuple(fine), tuple(names), rows=len(y), events=int(y.sum()), kept_rows=len(kept))
    # Last, so that what has a grid has all of it.
    (folder / GRID).write_text(json.dumps(grid.to_dict(), ensure_ascii=False), encoding="utf-8")
    return FineCounts(folder)


def _months(months: np.ndarray | None, rows: int) -> tuple[list[str], np.ndarray]:
    if months is None:
        return [], np.full(rows, -1)
    names = sorted({str(month) for month in months if month is not None})
    place: Mapping[Any, int] = {name: number for number, name in enumerate(names)}
    return names, np.array([place.get(month, -1) for month in months])


def _counted(
    index: np.ndarray, y: np.ndarray, mass: np.ndarray, month_of: np.ndarray, *, cells: int, months: int
) -> np.ndarray:
    counts = counts_of_rows(index, y, mass, cells)
    dated = month_of >= 0
    both = month_of[dated] * cells + index[dated]
    by_month = [
        np.bincount(both, weights=each[dated], minlength=months * cells).reshape(months, cells).T
        for each in (mass, mass * y)
    ]
    return np.column_stack([*(getattr(counts, name) for name in FOUR), *by_month])


def _cells(series: pd.Series, column: DraftColumn, first: int) -> tuple[FineColumn, np.ndarray]:
    specials = tuple(bin_.levels for bin_ in column.side if bin_.kind == "special")
    if column.is_ordered:
        return _cells_of_numbers(series, column, specials, first)
    return _cells_of_levels(series, column, specials, first)


def _cells_of_numbers(
    series: pd.Series, column: DraftColumn, specials: tuple[tuple[str, ...], ...], first: int
) -> tuple[FineColumn, np.ndarray]:
    values, _unreadable = READERS[column.type](series)
    special = np.full(len(values), -1)
    for number, levels in enumerate(specials):
        special[np.isin(values, [float(level) for level in levels])] = number
    is_regular = ~np.isnan(values) & (special < 0)
    edges = _edges(values[is_regular], column)
    fine = FineColumn(column.name, column.type, first, edges=tuple(edges.tolist()), specials=specials)
    index = np.searchsorted(edges, values, side="right")
    index = np.where(special >= 0, fine.regular + special, index)
    return fine, np.where(np.isnan(values), fine.cells - 1, index)


def _edges(values: np.ndarray, column: DraftColumn) -> np.ndarray:
    """Return the borders of a grid: the card's own, every value of few, else quantiles and round numbers of many."""
    own = np.array(column.edges)
    distinct = np.unique(values)
    if not len(distinct):
        return own
    if len(distinct) <= MOST_DISTINCT:
        return np.union1d(own, distinct[1:])
    quantiles = np.quantile(values, np.linspace(0, 1, MOST_QUANTILES + 1)[1:-1], method="higher")
    found = np.union1d(own, quantiles)
    if column.type == "numeric":
        low, high = np.quantile(values, [0.005, 0.995])
        middle = float(np.median(values))
        found = np.union1d(found, _round_numbers(low, high, MOST_ROUND // 2))
        # Amounts crowd at the low end, where coarse steps would leave a reader without a round border.
        found = np.union1d(found, _round_numbers(low, middle, MOST_ROUND // 2))
    return found[(found > distinct[0]) & (found <= distinct[-1]) | np.isin(found, own)]


def _round_numbers(low: float, high: float, most: int) -> np.ndarray:
    if not high > low:
        return np.zeros(0)
    step = next(
        base * 10.0**power
        for power in range(int(np.floor(np.log10((high - low) / most))), 400)
        for base in (1.0, 2.0, 5.0)
        if (high - low) / (base * 10.0**power) <= most
    )
    return np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step


def _cells_of_levels(
    series: pd.Series, column: DraftColumn, specials: tuple[tuple[str, ...], ...], first: int
) -> tuple[FineColumn, np.ndarray]:
    codes, levels = factorize_levels(series)
    taken = {level: number for number, group in enumerate(specials) for level in group}
    size = np.bincount(codes[codes >= 0], minlength=len(levels))
    known = {level for bin_ in column.regular if bin_.kind == "levels" for level in bin_.levels}
    usual = [n for n, level in enumerate(levels) if level not in taken]
    # The levels that the card names one by one come first, then the most frequent.
    usual.sort(key=lambda n: (levels[n] not in known, -size[n], levels[n]))
    alone = usual[:MOST_LEVELS]
    pooled = usual[MOST_LEVELS:]
    groups = [(levels[n],) for n in alone] + ([tuple(levels[n] for n in pooled)] if pooled else [])
    fine = FineColumn(column.name, column.type, first, levels=tuple(groups), specials=specials)
    place = {level: number for number, group in enumerate(groups) for level in group}
    place |= {level: fine.regular + number for level, number in taken.items()}
    table = np.array([*(place[level] for level in levels), fine.cells - 1])
    return fine, table[codes]
