"""Several differences judged together by Holm's method: p-values and intervals that never disagree."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.evaluation.intervals import Difference

__all__ = ["Judged", "holm", "holm_levels", "judged_together"]

CHANCE = 0.05


@dataclass(frozen=True)
class Judged:
    """A difference with its interval at the ``level`` at which Holm's step judged it, and its adjusted p-value.

    Examples
    --------
    >>> Judged(Difference(0.02, 0.01, 0.03, 0.001), p_holm=0.002, level=0.975).level
    0.975
    """

    difference: Difference
    p_holm: float
    level: float


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted by Holm for having compared several challengers.

    Parameters
    ----------
    p_values : one for each comparison, in any order.

    Returns
    -------
    list of float
        In the same order, at most 1 each.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    count = len(p_values)
    order = np.argsort(p_values, kind="stable")
    adjusted = np.maximum.accumulate((count - np.arange(count)) * np.asarray(p_values, dtype=float)[order])
    result = np.empty(count)
    result[order] = np.minimum(adjusted, 1)
    return [float(value) for value in result]


def holm_levels(p_values: Sequence[float]) -> list[float]:
    """Return for each comparison the level at which Holm judged it: its interval excludes 0 where it is rejected.

    Sorted by p, the k-th of m is judged at α/(m − k + 1); all from the first that is not rejected on are judged at
    the level of that one.

    Parameters
    ----------
    p_values : one for each comparison, in any order.

    Returns
    -------
    list of float
        Coverage, 0 to 1, in the same order.

    Examples
    --------
    >>> [round(level, 4) for level in holm_levels([0.01, 0.04, 0.03])]
    [0.9833, 0.975, 0.975]
    """
    count, rejected = len(p_values), np.asarray(holm(p_values)) <= CHANCE
    steps = np.empty(count, dtype=int)
    steps[np.argsort(p_values, kind="stable")] = np.arange(count)
    steps = np.minimum(steps, rejected.sum())
    return [float(1 - CHANCE / (count - step)) for step in steps]


def judged_together(differences: Sequence[Difference]) -> list[Judged]:
    """Return each difference with its adjusted p-value, and its interval at the level at which it was judged.

    Parameters
    ----------
    differences : of challengers to one champion.

    Returns
    -------
    list of Judged
        In the same order.

    Examples
    --------
    >>> two = [Difference.by_error(0.02, 0.005), Difference.by_error(0.01, 0.01)]
    >>> [round(judged.p_holm, 4) for judged in judged_together(two)]
    [0.0001, 0.3173]
    """
    p_values = [each.p_value for each in differences]
    judged = zip(differences, holm(p_values), holm_levels(p_values), strict=True)
    return [Judged(each.at(level), p_holm, level) for each, p_holm, level in judged]
