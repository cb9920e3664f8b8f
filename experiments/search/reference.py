"""The frozen reference of a model's scores: its own, with how rows it has not learnt from lie among those it has.

A model scores the rows it has learnt from a little more sharply than others, a forest much more. Files that it scores
later hold either kind, so the reference keeps both: the scores of development as they are, and weights under which the
same scores stand for rows never seen. How much those differ is read from the models of the folds, each of which knows
its own rows and not the others; what the folds' models scored is never itself the reference.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from experiments.evaluation.metrics import Floats
from experiments.search.training_data import TrainingData, sample_rows

if TYPE_CHECKING:
    from experiments.search.finalists import Candidate
    from experiments.search.learners import FittedModel

# The chance in a reference this large is small beside that of any file; more rows only cost time.
REFERENCE_ROWS = 20_000
ROWS_A_FOLD = 2_000
RANKS = 20
Pair = tuple[Floats, Floats | None, Floats, Floats | None]


@dataclass(frozen=True)
class UnseenRows:
    """How often a row that a model has not learnt from falls on each rank among those it has, against 1 for each.

    Attributes
    ----------
    density : for each of ``RANKS`` equal shares of the rows learnt from, in rising order of the score; mean 1.
    """

    density: Floats

    @classmethod
    def among(cls, pairs: Sequence[Pair]) -> "UnseenRows":
        """Compare the two kinds of rows, model by model.

        Parameters
        ----------
        pairs : of each model scores and weights of rows it has learnt from, then of rows it has not; what a score
            means may differ between models, as only ranks count.

        Notes
        -----
        Equal scores share their ranks evenly, so that a model of few different scores is compared as well.
        """
        shares = [_shares_by_rank(*pair) for pair in pairs]
        return cls(RANKS * np.mean(shares, axis=0))

    def weights(self, scores: ArrayLike, weight: ArrayLike | None = None) -> Floats:
        """Return weights under which these scores, of rows learnt from, stand for rows that were not."""
        values = np.asarray(scores, dtype=np.float64)
        own = np.ones(len(values)) if weight is None else np.asarray(weight, dtype=np.float64)
        low, high = _ranks(values, values, own)
        reached = np.concatenate([[0.0], np.cumsum(self.density) / RANKS])
        places = np.linspace(0.0, 1.0, RANKS + 1)
        mass = np.interp(high, places, reached) - np.interp(low, places, reached)
        return own * mass / np.maximum(high - low, np.finfo(float).tiny)


def reference_rows(rows: np.ndarray, count: int = REFERENCE_ROWS) -> np.ndarray:
    """Return the rows of development whose scores are the reference: all, or so many spread evenly."""
    return sample_rows(rows, count)


def unseen_rows(candidate: "Candidate", data: TrainingData) -> UnseenRows | None:
    """Return how unseen rows lie among the seen ones, or None where no fold was drawn by chance to tell."""
    if not data.split.folds_are_drawn:
        return None
    pairs = list(_pairs(candidate, data))
    return UnseenRows.among(pairs) if pairs else None


def _pairs(candidate: "Candidate", data: TrainingData) -> Iterator[Pair]:
    folds = data.search_folds if candidate.is_of_sample else data.folds
    for model, (fit, valid) in zip(candidate.models_of_folds, folds, strict=False):
        seen, unseen = sample_rows(fit, ROWS_A_FOLD), sample_rows(valid, ROWS_A_FOLD)
        yield _margin(candidate, model, data, seen), data.weights(seen), *_unseen(candidate, model, data, unseen)


def _unseen(
    candidate: "Candidate", model: "FittedModel", data: TrainingData, rows: np.ndarray
) -> tuple[Floats, Floats | None]:
    return _margin(candidate, model, data, rows), data.weights(rows)


def _margin(candidate: "Candidate", model: "FittedModel", data: TrainingData, rows: np.ndarray) -> Floats:
    return np.asarray(model.margin(data.features(candidate.learner, rows)), dtype=np.float64)


def _shares_by_rank(seen: Floats, seen_weight: Floats | None, unseen: Floats, unseen_weight: Floats | None) -> Floats:
    """Return the share of the unseen rows in each of the equal shares of the seen ones."""
    low, high = _ranks(unseen, seen, np.ones(len(seen)) if seen_weight is None else seen_weight)
    mass = np.ones(len(unseen)) if unseen_weight is None else unseen_weight
    width = high - low
    is_spread = width > 0
    edges = np.linspace(0.0, 1.0, RANKS + 1)
    shares = np.zeros(RANKS)
    for place in range(RANKS):
        covered = np.clip(np.minimum(high, edges[place + 1]) - np.maximum(low, edges[place]), 0.0, None)
        shares[place] = float(mass[is_spread] @ (covered[is_spread] / width[is_spread]))
    at = np.minimum((low[~is_spread] * RANKS).astype(int), RANKS - 1)
    shares += np.bincount(at, mass[~is_spread], RANKS)
    return shares / shares.sum()


def _ranks(values: Floats, among: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Return the shares of ``among`` below each value, and up to and with it."""
    order = np.argsort(among, kind="stable")
    reached = np.concatenate([[0.0], np.cumsum(weight[order])]) / weight.sum()
    inside = among[order]
    return reached[np.searchsorted(inside, values, "left")], reached[np.searchsorted(inside, values, "right")]
