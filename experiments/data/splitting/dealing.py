"""Deals rows, or whole customers, like cards into folds with equal shares of events."""

import numpy as np

from experiments.data.splitting.labelled_table import LabelledTable
from experiments.data.splitting.time_folds import Fold
from experiments.spec import ExperimentSpec


def fold_count(y: np.ndarray, spec: ExperimentSpec) -> int:
    """Return the number of folds asked for, or fewer where a class has not enough rows."""
    return int(max(2, min(spec.validation.folds, (y == 1).sum(), (y == 0).sum())))


def deal_folds(table: LabelledTable, train: np.ndarray) -> list[Fold]:
    """Deal the training rows into folds; return the rows to fit on and to validate on, a pair a fold."""
    number = fold_count(table.y[train], table.spec)
    fold_of = deal(table, train, number)
    return [(train[fold_of != fold], train[fold_of == fold]) for fold in range(number)]


def deal(table: LabelledTable, rows: np.ndarray, parts: int) -> np.ndarray:
    """Deal rows (or whole groups) like cards into parts with equal shares of events; return the part of each row."""
    y = table.y[rows]
    if table.groups is None:
        return _deal_cards(y.astype(int), np.ones(len(y)), table.strata[rows], parts, table.random)
    _, member = np.unique(table.groups[rows], return_inverse=True)
    events = np.bincount(member, weights=y).astype(int)
    sizes = np.bincount(member)
    return _deal_cards(events, sizes, np.zeros(len(sizes)), parts, table.random)[member]


def _deal_cards(
    events: np.ndarray, sizes: np.ndarray, strata: np.ndarray, parts: int, random: np.random.Generator
) -> np.ndarray:
    order = np.lexsort((random.random(len(events)), strata, sizes, events))[::-1]
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    lap, place = np.divmod(rank, parts)
    # Back and forth, so that the largest groups do not all end up in the first part.
    return np.where(lap % 2 == 0, place, parts - 1 - place)
