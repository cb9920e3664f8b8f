"""Two columns crossed: the core measures of every pair of their levels or ranges."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from experiments.evaluation.ranking import labelled
from experiments.evaluation.segments import Part as Cut
from experiments.evaluation.segments import SegmentRow, parts_of, segment_measures
from experiments.stored import Part

__all__ = ["CrossedRow", "crossed_segments"]

MOST_LEVELS, RANGES = 6, 3


@dataclass(frozen=True)
class CrossedRow(Part):
    """The customers of one level of a column who are also of one level of another.

    Attributes
    ----------
    row : which part of the first column it is, and the measures. other : which part of the second.

    Examples
    --------
    >>> frame = pd.DataFrame({"city": ["a", "b"] * 200, "job": ["x", "x", "y", "y"] * 100})
    >>> y, p = [0, 0, 1, 1] * 100, [0.1, 0.2, 0.7, 0.8] * 100
    >>> found = crossed_segments(y, p, first=frame["city"], second=frame["job"])
    >>> sorted((each.row.label, each.other.label, each.row.rows) for each in found)
    [('a', 'x', 100), ('a', 'y', 100), ('b', 'x', 100), ('b', 'y', 100)]
    """

    row: SegmentRow
    other: SegmentRow


def crossed_segments(
    y: ArrayLike,
    p: ArrayLike,
    *,
    first: pd.Series,
    second: pd.Series,
    weight: ArrayLike | None = None,
    contact_share: float = 0.1,
) -> list[CrossedRow]:
    """Return the measures of every pair of parts of two columns that holds rows, the weakest first.

    Parameters
    ----------
    y, p, weight : labels (1, 0, NaN), probabilities and weights; shape (n,).
    first, second : the two columns, of the same rows.
    contact_share : share of a segment for its lift.

    Returns
    -------
    list of CrossedRow

    Examples
    --------
    >>> frame = pd.DataFrame({"city": ["a", "b"] * 200, "job": ["x", "x", "y", "y"] * 100})
    >>> y, p = [0, 0, 1, 1] * 100, [0.1, 0.2, 0.7, 0.8] * 100
    >>> len(crossed_segments(y, p, first=frame["city"], second=frame["job"]))
    4
    """
    known = ~np.isnan(np.asarray(y, dtype=np.float64))
    labels, scores, weights = labelled(y, p, weight)
    measure = segment_measures(labels, scores, weights, contact_share)
    cuts = [
        list(parts_of(column[known].reset_index(drop=True), weights, MOST_LEVELS, RANGES)) for column in (first, second)
    ]
    pairs = [(one, other, one.chosen & other.chosen) for one in cuts[0] for other in cuts[1]]
    found = []
    for one, other, chosen in pairs:
        if chosen.any():
            row = measure(str(first.name), replace(one, chosen=chosen))
            found.append(CrossedRow(row, _named(row, str(second.name), other)))
    return sorted(found, key=lambda each: (not each.row.is_enough, not each.row.is_weak, each.row.auc))


def _named(row: SegmentRow, column: str, cut: Cut) -> SegmentRow:
    return replace(row, column=column, kind=cut.kind, label=cut.label, low=cut.low, high=cut.high)
