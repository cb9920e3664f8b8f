"""Rows that belong together: a number for each customer, and errors that count customers, not rows."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from experiments.evaluation.intervals import Interval
from experiments.evaluation.ranking import Floats

__all__ = ["mean_interval"]


def cluster_codes(groups: ArrayLike | None) -> NDArray[np.intp] | None:
    """Return a number per row for its cluster, or ``None`` when no group has a second row."""
    if groups is None:
        return None
    codes, names = pd.factorize(np.asarray(groups))
    # Rows without an id are not one big customer: each stands alone.
    nameless = codes < 0
    codes[nameless] = len(names) + np.arange(nameless.sum())
    clusters = len(names) + int(nameless.sum())
    return codes if clusters < len(codes) else None


def mean_interval(
    values: ArrayLike, weight: ArrayLike | None = None, *, groups: ArrayLike | None = None, level: float = 0.95
) -> Interval:
    """Return a weighted mean with its large-sample interval, robust to clusters.

    Parameters
    ----------
    values, weight, groups : value, weight and cluster of each row; shape (n,).

    Returns
    -------
    Interval
        In the unit of ``values``.

    Examples
    --------
    >>> found = mean_interval([1.0, 2.0, 3.0, 4.0])
    >>> found.value, round(found.low, 2), round(found.high, 2)
    (2.5, 1.23, 3.77)
    """
    from scipy.special import ndtri

    numbers = np.asarray(values, dtype=np.float64)
    weights = np.ones_like(numbers) if weight is None else np.asarray(weight, dtype=np.float64)
    if weights.sum() == 0:
        return Interval(float("nan"), float("nan"), float("nan"))
    value = float(numbers @ weights / weights.sum())
    error = clustered_error(weights / weights.sum() * (numbers - value), cluster_codes(groups))
    half = float(ndtri(0.5 + level / 2)) * error
    return Interval(value, value - half, value + half)


def clustered_error(influence: Floats, codes: NDArray[np.intp] | None) -> float:
    """Return the standard error of a sum of influences, added up within clusters first."""
    sums = influence if codes is None else np.bincount(codes, influence)
    return float(np.sqrt(sums @ sums * len(sums) / (len(sums) - 1))) if len(sums) > 1 else float("nan")
