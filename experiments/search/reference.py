"""The frozen reference of a model's scores: its own, with how rows it has not learnt from lie among those it has.

A model scores the rows it has learnt from a little more sharply than others, a forest much more. Files that it scores
later hold either kind, so the reference keeps both: the scores of development as they are, and weights under which the
same scores stand for rows never seen. How much those differ is read from the models of the folds, each of which knows
its own rows and not the others; what the folds' models scored is never itself the reference.
"""

from collections.abc import Iterator

import numpy as np

from experiments.evaluation.ranking import Floats
from experiments.evaluation.unseen_rows import Pair, UnseenRows
from experiments.learners import FittedModel
from experiments.search.candidate import Candidate
from experiments.search.training_data import TrainingData, sample_rows

# The chance in a reference this large is small beside that of any file; more rows only cost time.
REFERENCE_ROWS, REFERENCE_ROWS_IN_HASTE = 20_000, 6_000
ROWS_A_FOLD = 2_000


def reference_rows(rows: np.ndarray, count: int = REFERENCE_ROWS) -> np.ndarray:
    """Return the rows of development whose scores are the reference: all, or so many spread evenly."""
    return sample_rows(rows, count)


def rows_of_reference(*, is_hurried: bool) -> int:
    """Return how many rows of training a reference takes: fewer where somebody waits, as chance in it is known."""
    return REFERENCE_ROWS_IN_HASTE if is_hurried else REFERENCE_ROWS


def unseen_rows(candidate: Candidate, data: TrainingData) -> UnseenRows | None:
    """Return how unseen rows lie among the seen ones, or None where no fold was drawn by chance to tell."""
    if not data.split.folds_are_drawn:
        return None
    pairs = list(_pairs(candidate, data))
    return UnseenRows.among(pairs) if pairs else None


def _pairs(candidate: Candidate, data: TrainingData) -> Iterator[Pair]:
    folds = data.search_folds if candidate.is_of_sample else data.folds
    for model, (fit, valid) in zip(candidate.models_of_folds, folds, strict=False):
        seen, unseen = sample_rows(fit, ROWS_A_FOLD), sample_rows(valid, ROWS_A_FOLD)
        yield _margin(candidate, model, data, seen), data.weights(seen), *_unseen(candidate, model, data, unseen)


def _unseen(
    candidate: Candidate, model: FittedModel, data: TrainingData, rows: np.ndarray
) -> tuple[Floats, Floats | None]:
    return _margin(candidate, model, data, rows), data.weights(rows)


def _margin(candidate: Candidate, model: FittedModel, data: TrainingData, rows: np.ndarray) -> Floats:
    return np.asarray(model.margin(data.features(candidate.learner, rows)), dtype=np.float64)
