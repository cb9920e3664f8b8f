"""Cells of a request that cannot be read, each told with its row and its column."""

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.errors import ExperimentError, gettext_noop
from experiments.sentence import Sentence

__all__ = ["RowsRefused", "WrongCell"]

SOME_WRONG = gettext_noop("Some rows cannot be scored: %(first)s")
IN_ROW = gettext_noop("Row %(row)s: %(told)s")


@dataclass(frozen=True)
class WrongCell:
    """A cell that cannot be read: its row from 0, its column, and why.

    Examples
    --------
    >>> WrongCell(2, "age", Sentence("%(column)s is missing.", {"column": "age"})).told.params["row"]
    3
    """

    row: int
    column: str
    why: Sentence

    @property
    def told(self) -> Sentence:
        """The sentence with the row, counted from 1."""
        return Sentence(IN_ROW, {"row": self.row + 1, "told": self.why.to_dict()})


class RowsRefused(ExperimentError):
    """Some rows cannot be scored, so none is.

    Examples
    --------
    >>> RowsRefused([WrongCell(0, "age", Sentence("%(column)s is missing.", {"column": "age"}))]).cells[0].column
    'age'
    """

    def __init__(self, cells: Sequence[WrongCell]) -> None:
        super().__init__(SOME_WRONG, first=cells[0].told.to_dict())
        self.cells = tuple(cells)
