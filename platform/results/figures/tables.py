"""A table of numbers behind a chart, for a download and for the page."""

from dataclasses import dataclass
from typing import Any

from common.templatetags.formatting import NOTHING
from experiments.stored import plain
from experiments.telling import minus

ROWS_SHOWN = 60


@dataclass(frozen=True)
class Table:
    """The numbers behind a chart: ``rows`` as they are, for a download, ``shown`` as they read on a page.

    A cell whose number nobody could take is empty.
    """

    header: list[str]
    rows: list[list[Any]]

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", plain(self.rows))

    @property
    def shown(self) -> list[list[str]]:
        step = max(1, -(-len(self.rows) // ROWS_SHOWN))
        return [[cell_text(cell) for cell in row] for row in self.rows[::step]]


def cell_text(value: Any) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, float):
        return minus(f"{value:.3f}" if abs(value) < 1000 else f"{value:,.0f}")
    return minus(f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value))
