"""The population stability index: how far counts by bin have moved, and how far chance alone moves them."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from experiments.evaluation.ranking import Floats
from experiments.house_rules import PSI_AMBER, PSI_RED

__all__ = ["points_shift", "psi", "psi_limit", "psi_verdict"]

Verdict = Literal["green", "amber", "red"]


def smoothed_shares(counts: ArrayLike) -> Floats:
    """Return shares (count + ½)/(total + ½k), which no empty bin can make 0."""
    numbers = np.asarray(counts, dtype=np.float64)
    return (numbers + 0.5) / (numbers.sum() + 0.5 * len(numbers))


def psi_parts(expected: ArrayLike, actual: ArrayLike) -> Floats:
    """Return each bin's part of the PSI; bins empty on both sides take no part and count as 0."""
    base, now = np.asarray(expected, dtype=np.float64), np.asarray(actual, dtype=np.float64)
    if base.shape != now.shape:
        raise ValueError("expected and actual must have the same bins")
    used = (base > 0) | (now > 0)
    parts = np.zeros(len(base))
    e, a = smoothed_shares(base[used]), smoothed_shares(now[used])
    parts[used] = (a - e) * np.log(a / e)
    return parts


def psi(expected: ArrayLike, actual: ArrayLike) -> float:
    """Return the population stability index of two rows of counts over the same bins.

    Parameters
    ----------
    expected, actual : counts per bin of the baseline and of the new sample; shape (k,).

    Returns
    -------
    float
        Σ(a−e)·ln(a/e) with ½ added to every bin, always finite.

    References
    ----------
    Yurdakul, B. and Naranjo, J. (2020). Statistical properties of the population stability index. Journal of Risk Model
    Validation 14.

    Examples
    --------
    >>> round(psi([500, 400, 100], [500, 500, 0]), 4)
    0.5518
    """
    return float(psi_parts(expected, actual).sum())


def psi_limit(baseline_rows: float, rows: float, *, bins: int, level: float = 0.95) -> float:
    """Return the PSI that samples of these sizes exceed by chance alone with probability 1 − ``level``.

    χ²(level, bins − 1)·(1/N + 1/M).

    Parameters
    ----------
    baseline_rows, rows : size of the two samples; of weighted ones, (Σw)²/Σw².
    bins : that both were counted in. level : probability that chance stays below.

    Returns
    -------
    float
        In the unit of PSI.

    References
    ----------
    Yurdakul, B. and Naranjo, J. (2020). Statistical properties of the population stability index. Journal of Risk Model
    Validation 14.

    Examples
    --------
    >>> round(psi_limit(10_000, 200, bins=10), 4)
    0.0863
    """
    from scipy.special import chdtri

    if bins < 2 or baseline_rows <= 0 or rows <= 0:
        return float("nan")
    return float(chdtri(bins - 1, 1 - level) * (1 / baseline_rows + 1 / rows))


def psi_verdict(value: float) -> Verdict:
    """Return the traffic light of a PSI by its size alone.

    Parameters
    ----------
    value : a PSI.

    Returns
    -------
    str
        ``green`` below 0.10, ``amber`` below 0.25, else ``red``.

    Examples
    --------
    >>> [psi_verdict(value) for value in (0.05, 0.15, 0.3)]
    ['green', 'amber', 'red']
    """
    if value >= PSI_RED:
        return "red"
    return "amber" if value >= PSI_AMBER else "green"


def points_shift(expected: ArrayLike, actual: ArrayLike, *, points: ArrayLike) -> float:
    """Return Σ(a−e)·points: how far one variable's bins moved the mean score, in points.

    Shares are raw, so that the sum over a scorecard's variables is exactly the change of its mean score.

    Parameters
    ----------
    expected, actual : counts per bin of the baseline and of the new sample; shape (k,).
    points : of each bin; shape (k,).

    Returns
    -------
    float
        In points.

    References
    ----------
    Siddiqi, N. (2006). Credit Risk Scorecards. Wiley.

    Examples
    --------
    >>> round(points_shift([50, 50], [40, 60], points=[10, 30]), 6)
    2.0
    """
    base, now = np.asarray(expected, dtype=np.float64), np.asarray(actual, dtype=np.float64)
    return float((now / now.sum() - base / base.sum()) @ np.asarray(points, dtype=np.float64))
