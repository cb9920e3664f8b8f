"""Tables joined to one training table, with nothing in a row that was not known at its observation time."""

from experiments.joins.guessing import GuessedTable, JoinGuess, guess_joins
from experiments.joins.report import JoinedColumn, JoinReport, TableReport
from experiments.joins.running import run_join
from experiments.joins.spec import AGGREGATES, ALL_HISTORY, WINDOWS, JoinedTable, JoinSpec

__all__ = [
    "AGGREGATES",
    "ALL_HISTORY",
    "WINDOWS",
    "GuessedTable",
    "JoinGuess",
    "JoinReport",
    "JoinSpec",
    "JoinedColumn",
    "JoinedTable",
    "TableReport",
    "guess_joins",
    "run_join",
]
