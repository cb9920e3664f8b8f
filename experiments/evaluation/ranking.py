"""Rows in the order of their score: what is labelled, counted at each distinct score, sorted once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def labelled(y: ArrayLike, p: ArrayLike, weight: ArrayLike | None = None, *others: ArrayLike | None) -> tuple[Any, ...]:
    """Return ``y``, ``p``, ``weight`` (and any other columns) as arrays, without the unlabelled rows.

    Parameters
    ----------
    y : 1 = event, 0 = non-event, NaN = unlabelled; shape (n,).
    p : probability of the event or any score that rises with it; shape (n,).
    weight : non-negative weights, 1 when left out; shape (n,).

    Raises
    ------
    ValueError
        If lengths differ, a label is neither 0 nor 1, a score is NaN or a weight is negative or NaN.
    """
    labels = np.asarray(y, dtype=np.float64).ravel()
    scores = np.asarray(p, dtype=np.float64).ravel()
    weights = np.ones_like(labels) if weight is None else np.asarray(weight, dtype=np.float64).ravel()
    columns = [None if other is None else np.asarray(other).ravel() for other in others]
    if any(column is not None and len(column) != len(labels) for column in (scores, weights, *columns)):
        raise ValueError("labels, scores, weights and groups must have the same length")
    known = ~np.isnan(labels)
    if not known.all():
        labels, scores, weights = labels[known], scores[known], weights[known]
        columns = [None if column is None else column[known] for column in columns]
    if np.any((labels != 0) & (labels != 1)):
        raise ValueError("labels must be 0, 1 or NaN")
    if np.isnan(scores).any():
        raise ValueError("scores must not be NaN")
    if not np.all(weights >= 0):
        raise ValueError("weights must be numbers of at least 0")
    return labels, scores, weights, *columns


@dataclass(frozen=True)
class Tally:
    """Weight of events and non-events at each distinct score, highest score first."""

    scores: Floats
    events: Floats
    non_events: Floats

    @property
    def event_total(self) -> float:
        """Weight of all events."""
        return float(self.events.sum())

    @property
    def non_event_total(self) -> float:
        """Weight of all non-events."""
        return float(self.non_events.sum())


class RankedSample:
    """Rows sorted once by score, so that the same sample can be re-weighted many times at little cost."""

    def __init__(self, y: ArrayLike, p: ArrayLike, weight: ArrayLike | None = None) -> None:
        labels, scores, weights = labelled(y, p, weight)
        self.order = np.argsort(-scores, kind="stable")
        self.y, self.p, self.weight = labels[self.order], scores[self.order], weights[self.order]
        is_new = np.ones(len(scores), dtype=bool)
        is_new[1:] = self.p[1:] != self.p[:-1]
        self.starts = np.flatnonzero(is_new)
        self.has_ties = len(self.starts) < len(scores)

    def tally(self, weight: Floats | None = None) -> Tally:
        """Return the tally under ``weight`` (in the sorted order), or under the sample's own weights."""
        weights = self.weight if weight is None else weight
        events = weights * self.y
        non_events = weights - events
        if self.has_ties:
            events = np.add.reduceat(events, self.starts)
            non_events = np.add.reduceat(non_events, self.starts)
        return Tally(self.p[self.starts], events, non_events)


TallyMetric = Callable[[Tally], float]


def tally(y: ArrayLike, p: ArrayLike, weight: ArrayLike | None = None) -> Tally:
    """Count events and non-events at each distinct score, highest first."""
    return RankedSample(y, p, weight).tally()


TENTHS = 10


def tenth_of(p: Floats) -> NDArray[np.intp]:
    """Return the tenth each row stands in, 1 holding the highest scores; equal ones stand together, in the middle.

    Examples
    --------
    >>> tenth_of(np.array([0.9, 0.1, 0.5, 0.5])).tolist()
    [2, 9, 6, 6]
    """
    from scipy.stats import rankdata

    above = (rankdata(-p) - 0.5) / max(1, len(p))
    return np.minimum((above * TENTHS).astype(np.intp), TENTHS - 1) + 1
