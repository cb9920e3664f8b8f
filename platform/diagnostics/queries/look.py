"""What every closer look shows: a sentence, a table whose cells are numbers and texts, and lines below it."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy

from common.templatetags.formatting import NOTHING, count, metric, rate

CURVES = ("calibration", "stability")
MOST_DOTS = 18

#: Beside what models were scored or fitted anew for; what only cuts the scores that were kept reads nothing.
READ_AGAIN = gettext_lazy("The held-out rows were read once more for this; the experiment counts it.")


@dataclass(frozen=True)
class Cell:
    """A cell: ``raw`` for a file, ``text`` for the page; ``tone`` is ``bad``, ``warn``, ``few`` or nothing."""

    raw: Any
    text: str
    tone: str = ""
    is_number: bool = True


@dataclass(frozen=True)
class Look:
    """A part of the result as the page, the file and the API tell it."""

    lead: str
    header: list[str]
    rows: list[list[Cell]]
    chart: str = ""
    notes: list[str] = field(default_factory=list)
    badge: str = ""

    @property
    def heads(self) -> list[tuple[str, bool]]:
        """The header, each with whether numbers stand below it."""
        first = self.rows[0] if self.rows else []
        return [(label, place >= len(first) or first[place].is_number) for place, label in enumerate(self.header)]

    @property
    def height(self) -> int:
        """Pixels of the chart: one with a row for each row of the table needs room for their names."""
        return 270 if self.chart in CURVES else min(len(self.rows), MOST_DOTS) * 28 + 80

    @property
    def plain(self) -> list[list[Any]]:
        return [[None if cell.raw != cell.raw else cell.raw for cell in row] for row in self.rows]


def words(text: Any, tone: str = "") -> Cell:
    return Cell(str(text), str(text), tone, is_number=False)


def whole(value: float | None, tone: str = "") -> Cell:
    return Cell(value, NOTHING if _is_nothing(value) else count(value), tone)


def share(value: float | None, digits: int = 2, tone: str = "") -> Cell:
    return Cell(value, NOTHING if _is_nothing(value) else rate(value, digits), tone)


def number(value: float | None, digits: int = 3, tone: str = "") -> Cell:
    return Cell(value, NOTHING if _is_nothing(value) else metric(value, digits), tone)


def bounded(value: float | None, low: float | None, high: float | None, *, digits: int = 3, tone: str = "") -> Cell:
    """Return a number with its interval behind it."""
    if _is_nothing(value):
        return Cell(None, NOTHING, tone)
    told = metric(value, digits)
    if not _is_nothing(low) and not _is_nothing(high):
        told += f" ({metric(low, digits)} – {metric(high, digits)})"
    return Cell(value, told, tone)


def _is_nothing(value: float | None) -> bool:
    return value is None or value != value
