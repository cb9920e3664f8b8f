"""How scores of rows that a model has not learnt from lie among those of rows it has."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from experiments.evaluation.ranking import Floats

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
