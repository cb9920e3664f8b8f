"""An interval as the positions of a small drawing in a table cell."""

from dataclasses import dataclass

CELL_WIDTH = 150
CELL_MARGIN = 6


@dataclass(frozen=True)
class IntervalCell:
    """An interval as the positions of a small drawing, on the scale shared by a column."""

    low: float
    at: float
    high: float

    @property
    def width(self) -> float:
        return max(self.high - self.low, 1.0)
