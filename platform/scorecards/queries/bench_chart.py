"""The chart of a column's bins: how high each rate lies, its scale, the borders, the cells that were counted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.features.bins import BinnedColumn
from experiments.scorecard.editing.draft import DraftColumn
from experiments.scorecard.editing.fine_counts import FineCounts
from results.queries.rates import Rate

WIDTH, HEIGHT = 1000, 200
# Above the highest bar the dots of single cells and the grips of the borders have their place.
HEADROOM, MOST_TICKS = 30, 4
ROUND_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25)
FEW_ROWS_A_CELL = 30


@dataclass(frozen=True)
class Handle:
    """A border that can be dragged: of which bin, where, and its value."""

    place: int
    x: float
    value: float
    shown: str


@dataclass(frozen=True)
class Tick:
    """An event rate, and how high on the chart it lies."""

    rate: float
    y: float


def highest_of(rates: Iterable[Rate]) -> float:
    """Return the event rate of the highest bar."""
    return max((rate.value or 0.0 for rate in rates), default=1.0) or 1.0


def height_of(rate: float, highest: float) -> float:
    return HEIGHT - (HEIGHT - HEADROOM) * rate / highest


def ticks(highest: float) -> list[Tick]:
    """Return a few round rates from nothing to the highest bar."""
    step = next((each for each in ROUND_STEPS if highest / each <= MOST_TICKS), ROUND_STEPS[-1])
    return [Tick(step * place, height_of(step * place, highest)) for place in range(int(highest / step + 1e-9) + 1)]


def border_shown(binned: BinnedColumn, place: int) -> str:
    return binned.label(place).strip("[)").partition(", ")[2]


def handles(column: DraftColumn, binned: BinnedColumn, ends: Sequence[float]) -> list[Handle]:
    return [Handle(place, ends[place], edge, border_shown(binned, place)) for place, edge in enumerate(column.edges)]


def _cells(column: DraftColumn, counts: FineCounts) -> tuple[np.ndarray, np.ndarray, Any]:
    fine, cells = counts.column(column.name), counts.cells_of(column.name)
    total = max(1, int(cells.rows.sum()))
    ends = WIDTH * np.cumsum(cells.rows[: fine.regular]) / total
    return ends, np.array(fine.edges), cells


def grid(column: DraftColumn, counts: FineCounts) -> list[list[float]]:
    """Return where each border that was counted lies on the chart, and its value."""
    if not column.is_ordered:
        return []
    ends, edges, _counted = _cells(column, counts)
    return [[round(float(x), 2), float(edge)] for x, edge in zip(ends[:-1], edges, strict=True)]


def dots(column: DraftColumn, counts: FineCounts, highest: float) -> list[tuple[float, float]]:
    """Return the event rates of the counted cells that have enough rows to say something, as places on the chart."""
    if not column.is_ordered:
        return []
    ends, _edges, cells = _cells(column, counts)
    starts = np.concatenate([[0.0], ends[:-1]])
    found = []
    for place in np.flatnonzero(cells.rows[: len(ends)] >= FEW_ROWS_A_CELL):
        rate = cells.events[place] / max(1e-12, cells.events[place] + cells.non_events[place])
        y = max(4.0, height_of(rate, highest))
        found.append((round(float(starts[place] + ends[place]) / 2, 1), round(float(y), 1)))
    return found
