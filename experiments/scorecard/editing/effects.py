"""What a change does, by counts: information value, KS and AUC of a column and of the whole card."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from experiments.evaluation.metrics import auc_of, ks_of
from experiments.evaluation.ranking import Floats, Tally
from experiments.features.bins import BinnedColumn
from experiments.scorecard.editing.draft import CardDraft, DraftColumn
from experiments.scorecard.editing.fine_counts import FineCounts
from experiments.scorecard.editing.weighing import weighed
from experiments.stored import Part

#: Steps that the scores of all rows are counted in; KS and AUC then hold to the fourth decimal.
STEPS = 20_000
ROWS_A_PIECE = 65_536


@dataclass(frozen=True)
class Ranking(Part):
    """How well something ranks the training rows."""

    auc: float
    ks: float


@dataclass(frozen=True)
class ColumnEffect(Part):
    """What a column says alone; ``iv_floor`` is what noise would reach on average in as many bins."""

    iv: float
    iv_floor: float
    auc: float
    ks: float
    bins: int


def column_effect(column: BinnedColumn) -> ColumnEffect:
    """Return what the bins of a column say, each ranked by its weight of evidence."""
    woe = np.array([bin_.woe for bin_ in column.bins])
    events = np.array([bin_.events for bin_ in column.bins])
    ranking = _ranking(tally_of(woe, events, np.array([bin_.non_events for bin_ in column.bins])))
    return ColumnEffect(column.iv, column.iv_floor, ranking.auc, ranking.ks, len(column.bins))


def card_ranking(draft: CardDraft, counts: FineCounts, coefficients: Mapping[str, float]) -> Ranking:
    """Return how the card ranks the rows; columns that have no coefficient yet add nothing.

    Parameters
    ----------
    coefficients : of the last fit, by column.
    """
    weights = {
        counts.places[column.name]: coefficients[column.name] * _woe_by_cell(column, counts, draft.direction)
        for column in draft.on_card
        if column.name in coefficients
    }
    margin = _summed(weights, counts)
    low, high = (float(margin.min()), float(margin.max())) if len(margin) else (0.0, 0.0)
    if high <= low:
        return Ranking(0.5, 0.0)
    step = ((margin - low) * ((STEPS - 1) / (high - low)) + 0.5).astype(np.int32)
    mass, events = _sums(step, counts, STEPS)
    filled = np.flatnonzero(mass > 0)[::-1]
    return _ranking(Tally(filled.astype(float), events[filled], (mass - events)[filled]))


def _summed(weights: Mapping[int, np.ndarray], counts: FineCounts) -> np.ndarray:
    """Return each row's sum of weights; piece by piece, since a piece stays near the processor."""
    margin, codes = np.zeros(counts.grid.kept_rows, dtype=np.float32), counts.codes
    for start in range(0, len(margin), ROWS_A_PIECE):
        piece = slice(start, start + ROWS_A_PIECE)
        for place, by_cell in weights.items():
            margin[piece] += np.take(by_cell, codes[place, piece], mode="clip")
    return margin


def _sums(step: np.ndarray, counts: FineCounts, size: int) -> tuple[Floats, Floats]:
    """Return the weight of all rows, and of events, at each step."""
    outcome, weight = counts.outcomes, counts.weights
    mass = np.bincount(step, weights=weight, minlength=size)
    events = np.bincount(step, weights=outcome if weight is None else outcome * weight, minlength=size)
    return mass.astype(float), events.astype(float)


def _woe_by_cell(column: DraftColumn, counts: FineCounts, direction: int) -> np.ndarray:
    binned = weighed(column, counts.bins_of(column), direction=direction)
    return binned.woe_table()[counts.column(column.name).bins_of(column)].astype(np.float32)


def _ranking(counts: Tally) -> Ranking:
    return Ranking(float(auc_of(counts)), float(ks_of(counts)))


def tally_of(scores: np.ndarray, events: np.ndarray, non_events: np.ndarray) -> Tally:
    """Return counts by score as the measures of ranking read them, likeliest first."""
    order = np.argsort(-scores, kind="stable")
    distinct, place = np.unique(-scores[order], return_inverse=True)
    sums = (
        np.bincount(place, weights=each[order], minlength=len(distinct)).astype(float) for each in (events, non_events)
    )
    return Tally(-distinct, *sums)
