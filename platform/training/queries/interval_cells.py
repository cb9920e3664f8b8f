"""An interval as the positions of a small drawing in a table cell."""

from dataclasses import dataclass

from experiments.evaluation.measures import Measure

CELL_WIDTH = 150
CELL_MARGIN = 6


def place_of(value: float, scale: tuple[float, float], *, of_one_value: float) -> float:
    """Return where a value stands in a cell; ``of_one_value`` is the share where the scale is but a point."""
    least, greatest = scale
    share = (value - least) / (greatest - least) if greatest > least else of_one_value
    return round(CELL_MARGIN + share * (CELL_WIDTH - 2 * CELL_MARGIN), 1)


@dataclass(frozen=True)
class IntervalCell:
    """An interval as the positions of a small drawing, on the scale shared by a column."""

    low: float
    at: float
    high: float

    @classmethod
    def of(cls, measure: Measure, scale: tuple[float, float]) -> "IntervalCell | None":
        """Draw a measure; nothing where it was not taken, a point where it has no interval."""
        middle = measure.value
        if middle is None:
            return None
        low, high = (middle if end is None else end for end in (measure.low, measure.high))
        return cls(*(place_of(each, scale, of_one_value=0.5) for each in (low, middle, high)))

    @property
    def width(self) -> float:
        return max(self.high - self.low, 1.0)
