"""A table made ready for learning: target, weights, split, and the matrix every learner reads."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from experiments.data.schema import ColumnReading
from experiments.evaluation.column_facts import ColumnFacts
from experiments.evaluation.column_shift import ColumnBaseline
from experiments.features.encoding import EncodedColumn, TableEncoder
from experiments.generation import FeatureGenerator
from experiments.learners import FitRequest, Learner
from experiments.learners.base import PrintsPoints
from experiments.search.held_out import HeldOutReading
from experiments.search.pages import let_go_of_pages

Fold = tuple[np.ndarray, np.ndarray]
# Beyond about this many rows, a search learns little from more of them.
SEARCH_ROWS = 80_000
# Fewer rows say too little, however long a fit takes; validation rows are cheap by comparison.
FEWEST_SEARCH_ROWS, SEARCH_ROWS_TO_VALIDATE = 4_000, 30_000
# Where there is time for few rows only, as in seconds on a wide table, reading many to validate on would take it all.
VALIDATED_FOR_EACH = 3
SEARCH_FOLDS_OF_A_SAMPLE = 3
# Measured for a thread of gradient boosting: cells times rounds in a second, and the rounds of an ordinary fit.
CELL_ROUNDS_A_SECOND, ORDINARY_ROUNDS = 1.2e8, 250
# What one trial may take of the whole budget.
TRIAL_SHARE = 0.08
PARTS_OF_ONE_FOLD = 5


@dataclass
class TrainingData:
    """What learners, evaluation and artifacts share.

    Attributes
    ----------
    table : the feature columns as they came, and behind them the generated ones, shape (rows, columns).
    matrix : the same, encoded, under internal ids.
    y : 0/1 of shape (rows,), NaN where unlabelled; such rows are in no part of the split.
    monotone : ``{column: 1 or -1}`` under original names.
    special_values : ``{column: codes}`` under original names.
    generator : makes the generated columns of any table.
    search_rows : most rows that a fit of the search sees.
    responded : 1, 0 or NaN of shape (rows,) for a conversion that follows a response, else None.
    types : ``{column: type}`` of the columns as they came. readings : how their cells were written.
    derived_on_card : whether a scorecard may hold generated columns.
    protected : the columns of protected attributes, whether they are read or not; None where there are none.
    column_facts : what each column says alone, once somebody has asked.
    baselines : how the columns lie in the training rows, as far as it was asked; None where that says nothing.
    split : row positions of training, held-out rows and folds; see ``experiments.data.splitting``.
    """

    table: pd.DataFrame
    encoder: TableEncoder
    matrix: pd.DataFrame
    y: np.ndarray
    weight: np.ndarray | None
    groups: np.ndarray | None
    split: Any
    monotone: dict[str, int]
    event: str
    special_values: dict[str, list[float]] = field(default_factory=dict)
    responded: np.ndarray | None = None
    generator: FeatureGenerator = field(default_factory=lambda: FeatureGenerator("off"))
    search_rows: int = SEARCH_ROWS
    types: dict[str, str] = field(default_factory=dict)
    readings: dict[str, ColumnReading] = field(default_factory=dict)
    derived_on_card: bool = False
    baselines: dict[str, ColumnBaseline | None] = field(default_factory=dict)
    protected: pd.DataFrame | None = None
    column_facts: list[ColumnFacts] = field(default_factory=list)

    @property
    def folds(self) -> list[Fold]:
        """Row positions to fit and to validate on, the same for every candidate."""
        return self.split.folds

    @cached_property
    def search_folds(self) -> list[Fold]:
        """Row positions a search fits and validates on: the same folds or, of a long table, a sample of fewer."""
        folds = self.split.search_folds
        if self.search_rows < max(len(fit) for fit, _ in folds):
            folds = folds[:SEARCH_FOLDS_OF_A_SAMPLE]
        to_validate = max(self.search_rows, min(SEARCH_ROWS_TO_VALIDATE, VALIDATED_FOR_EACH * self.search_rows))
        return [(sample_rows(fit, self.search_rows), sample_rows(valid, to_validate)) for fit, valid in folds]

    @property
    def names(self) -> frozenset[str]:
        """What columns are called, by the table and within the matrix."""
        return frozenset({*self.encoder.names_, *self.encoder.names_.values()})

    @property
    def is_sampled(self) -> bool:
        """Tell whether the search sees less than the complete folds."""
        return self.full_cost > 1.0

    @property
    def full_cost(self) -> float:
        """Rows of the complete folds for each row of the search's folds: how much longer a trial takes on all."""
        return sum(len(fit) for fit, _ in self.folds) / sum(len(fit) for fit, _ in self.search_folds)

    @cached_property
    def validated_parts(self) -> list[np.ndarray]:
        """Validated rows in parts, each calibrated or weighed by the others: the folds, or fifths of a single one."""
        if len(self.folds) > 1:
            return [valid for _, valid in self.folds]
        ((_, valid),) = self.folds
        _, customer = np.unique(valid if self.groups is None else self.groups[valid], return_inverse=True)
        return [valid[customer % PARTS_OF_ONE_FOLD == part] for part in range(PARTS_OF_ONE_FOLD)]

    @cached_property
    def held_out(self) -> HeldOutReading:
        """The rows set aside, to be opened once the shortlist stands."""
        return HeldOutReading(self.split.held_out, self.y[self.split.held_out])

    @property
    def labelled(self) -> np.ndarray:
        """Positions of every row whose outcome is known."""
        return np.flatnonzero(~np.isnan(self.y))

    def features(self, learner: Learner, rows: np.ndarray) -> pd.DataFrame:
        """Return what the learner reads, for these rows."""
        if learner.reads_table:
            return self.table.iloc[rows]
        taken = self.matrix.iloc[rows]
        let_go_of_pages(self.matrix)
        return taken

    def columns_for(self, learner: Learner) -> list[EncodedColumn]:
        """Return the columns a learner may read: a card is read by people, so it keeps to what came unless asked."""
        is_card = issubclass(learner.model, PrintsPoints)
        made = set(self.generator.names_) if is_card and not self.derived_on_card else set()
        return [column for column in self.encoder.columns_ if column.name not in made]

    def weights(self, rows: np.ndarray) -> np.ndarray | None:
        """Return the weights of these rows."""
        return None if self.weight is None else self.weight[rows]

    def request(
        self,
        learner: Learner,
        params: dict[str, Any],
        rows: np.ndarray,
        valid_rows: np.ndarray | None = None,
        **more: Any,
    ) -> FitRequest:
        """Return the request to fit on ``rows``, choosing the number of rounds on ``valid_rows``.

        ``more`` sets further fields of the request, and ``monotone`` in place of the run's own directions.
        """
        validation = None
        if valid_rows is not None and learner.has_rounds:
            validation = (self.features(learner, valid_rows), self.y[valid_rows], self.weights(valid_rows))
        return FitRequest(
            table=self.features(learner, rows), y=self.y[rows], params=params, weight=self.weights(rows),
            validation=validation, categorical=() if learner.reads_table else tuple(self.encoder.categorical_ids_),
            special_values=self.special_values,
            column_types={column.name: column.type for column in self.columns_for(learner)},
            **{"monotone": self._directions(learner), **more},
        )  # fmt: skip

    def _directions(self, learner: Learner) -> dict[str, int]:
        if learner.reads_table:
            return self.monotone
        codes = set(self.encoder.categorical_ids_)
        return {
            column: self.monotone[name]
            for column, name in self.encoder.names_.items()
            if self.monotone.get(name) and column not in codes
        }


def rows_to_search(seconds: float, threads: int, columns: int, folds: int) -> int:
    """Return how many rows a fit may see so that a trial on so many folds takes its share of the budget."""
    granted = TRIAL_SHARE * seconds * threads * CELL_ROUNDS_A_SECOND
    return int(np.clip(granted / (ORDINARY_ROUNDS * columns * folds), FEWEST_SEARCH_ROWS, SEARCH_ROWS))


def sample_rows(rows: np.ndarray, count: int) -> np.ndarray:
    """Return at most ``count`` rows spread evenly, the same ones every time."""
    return rows[np.unique(np.linspace(0, len(rows) - 1, min(count, len(rows))).astype(int))]


def rows_besides(is_known: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Return the rows of a mask that are not in ``part``, in order; over millions of rows far faster than by sets."""
    is_other = is_known.copy()
    is_other[part] = False
    return np.flatnonzero(is_other)
