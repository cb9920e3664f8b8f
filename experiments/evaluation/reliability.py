"""Whether 30 % means 30 %: the reliability diagram and its summaries, ECE and MCE."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from experiments.evaluation.clusters import cluster_codes
from experiments.evaluation.deciles import quantile_edges
from experiments.evaluation.intervals import Interval, percentile_interval
from experiments.evaluation.ranking import Floats, labelled
from experiments.stored import plain_fields

__all__ = ["Reliability", "ReliabilityBin", "ece", "ece_interval", "jeffreys_interval", "mce", "reliability"]

# House rule 1.7: 15 groups of equal frequency; the count is part of what ECE means.
ECE_BINS = 15


@dataclass(frozen=True)
class ReliabilityBin:
    """One group of like probabilities: what was said, what happened, and the Jeffreys interval of the latter.

    Examples
    --------
    >>> bin_ = reliability([0, 1] * 50, [0.2, 0.7] * 50, bins=2).bins[0]
    >>> round(bin_.mean_probability, 3), bin_.event_rate
    (0.2, 0.0)
    """

    rows: int
    events: int
    share: float
    mean_probability: float
    event_rate: float
    low: float
    high: float


@dataclass(frozen=True)
class Reliability:
    """Groups of equal frequency with their two summaries, expected and maximum calibration error.

    Examples
    --------
    >>> round(reliability([0, 1] * 50, [0.2, 0.7] * 50, bins=2).mce, 3)
    0.3
    """

    bins: tuple[ReliabilityBin, ...]
    ece: float
    mce: float

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready plain data."""
        return plain_fields(self)


def equal_frequency_bins(y: Floats, p: Floats, weight: Floats, bins: int) -> tuple[np.ndarray, int]:
    edges = quantile_edges(p, bins, weight=weight)
    return np.searchsorted(edges, p, side="right"), len(edges) + 1


def reliability(y: ArrayLike, p: ArrayLike, *, weight: ArrayLike | None = None, bins: int = ECE_BINS) -> Reliability:
    """Return the reliability diagram over ``bins`` groups of equal frequency, equal probabilities kept together.

    Parameters
    ----------
    y, p, weight : labels, probabilities and weights; shape (n,).

    Returns
    -------
    Reliability

    Raises
    ------
    ValueError : lengths differ, a label is neither 0 nor 1, a score is NaN, or a weight is negative or NaN.

    Examples
    --------
    >>> found = reliability([0, 0, 1, 1], [0.1, 0.1, 0.8, 0.8], bins=2)
    >>> round(found.ece, 3), [group.rows for group in found.bins]
    (0.15, [2, 2])
    """
    labels, scores, weights = labelled(y, p, weight)
    if weights.sum() == 0:
        return Reliability((), float("nan"), float("nan"))
    code, count = equal_frequency_bins(labels, scores, weights, bins)
    total = np.bincount(code, weights, count)
    rows, events = np.bincount(code, minlength=count), np.bincount(code, labels, count)
    filled = np.flatnonzero(total > 0)
    said, happened = np.bincount(code, weights * scores, count), np.bincount(code, weights * labels, count)
    effective = total**2 / np.maximum(np.bincount(code, weights**2, count), np.finfo(float).tiny)
    made: list[ReliabilityBin] = []
    for index in filled:
        rate = happened[index] / total[index]
        low, high = jeffreys_interval(rate * effective[index], effective[index])
        made.append(
            ReliabilityBin(
                rows=int(rows[index]),
                events=int(events[index]),
                share=float(total[index] / total.sum()),
                mean_probability=float(said[index] / total[index]),
                event_rate=float(rate),
                low=low,
                high=high,
            )
        )
    gaps = np.abs(happened - said)
    return Reliability(
        tuple(made), float(gaps.sum() / total.sum()), float((gaps[filled] / total[filled]).max(initial=0.0))
    )


def jeffreys_interval(events: float, rows: float, *, level: float = 0.95) -> tuple[float, float]:
    """Return the Jeffreys interval of a rate: quantiles of Beta(events + ½, rows − events + ½).

    Parameters
    ----------
    events, rows : that happened, among so many. level : coverage of the interval.

    Returns
    -------
    tuple
        Lower and upper bound, 0 to 1.

    References
    ----------
    Brown, L. D., Cai, T. T. and DasGupta, A. (2001). Interval estimation for a binomial proportion. Statistical
    Science 16.

    Examples
    --------
    >>> low, high = jeffreys_interval(5, 100)
    >>> round(low, 4), round(high, 4)
    (0.0193, 0.1061)
    """
    from scipy.special import betaincinv

    a, b, tail = events + 0.5, rows - events + 0.5, (1 - level) / 2
    low, high = (float(betaincinv(a, b, share)) for share in (tail, 1 - tail))
    return (0.0 if events <= 0 else low), (1.0 if events >= rows else high)


def ece(y: ArrayLike, p: ArrayLike, *, weight: ArrayLike | None = None, bins: int = ECE_BINS) -> float:
    """Return the expected calibration error Σ(n_b/n)|ȳ_b − p̄_b| over groups of equal frequency.

    Parameters
    ----------
    y, p, weight : labels (1, 0, NaN), probabilities and weights; shape (n,). bins : groups of equal frequency.

    Returns
    -------
    float
        Between 0 and 1.

    Raises
    ------
    ValueError : lengths differ, a label is neither 0 nor 1, a score is NaN, or a weight is negative or NaN.

    References
    ----------
    Naeini, M. P., Cooper, G. and Hauskrecht, M. (2015). Obtaining well calibrated probabilities using Bayesian
    binning. AAAI.

    Examples
    --------
    >>> round(ece([0, 0, 1, 1], [0.1, 0.1, 0.8, 0.8], bins=2), 3)
    0.15
    """
    return reliability(y, p, weight=weight, bins=bins).ece


def mce(y: ArrayLike, p: ArrayLike, *, weight: ArrayLike | None = None, bins: int = ECE_BINS) -> float:
    """Return the largest gap between a group's event rate and its mean probability.

    Parameters
    ----------
    y, p, weight : labels (1, 0, NaN), probabilities and weights; shape (n,). bins : groups of equal frequency.

    Returns
    -------
    float
        Between 0 and 1.

    Examples
    --------
    >>> round(mce([0, 0, 1, 1], [0.1, 0.1, 0.8, 0.8], bins=2), 3)
    0.2
    """
    return reliability(y, p, weight=weight, bins=bins).mce


def ece_interval(
    y: ArrayLike,
    p: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    bins: int = ECE_BINS,
    replicates: int = 500,
    level: float = 0.95,
    seed: int = 1,
) -> Interval:
    """Return ECE with a bootstrap interval over the sample's own groups.

    Parameters
    ----------
    y, p, weight, groups : labels (1, 0, NaN), probabilities, weights and customer of each row; shape (n,).
    bins : groups of equal frequency. replicates, level, seed : of the bootstrap.

    Returns
    -------
    Interval

    Notes
    -----
    The gaps of the groups are redrawn from the normal law that the bootstrap of their sums tends to. Redrawing
    adds noise to every gap and so pushes ECE upwards; the replicates are moved down by that bias.

    Examples
    --------
    >>> found = ece_interval([0, 1] * 100, [0.2, 0.7] * 100, bins=2, replicates=50)
    >>> round(found.value, 3)
    0.25
    """
    labels, scores, weights, clusters = labelled(y, p, weight, groups)
    if weights.sum() == 0:
        return Interval(float("nan"), float("nan"), float("nan"))
    code, count = equal_frequency_bins(labels, scores, weights, bins)
    gaps = weights * (labels - scores) / weights.sum()
    sums = np.bincount(code, gaps, count)
    value = float(np.abs(sums).sum())
    law = _covariance(code, count, gaps, cluster_codes(clusters))
    noise = np.random.default_rng(seed).multivariate_normal(np.zeros(count), law, replicates, method="eigh")
    found = np.abs(sums + noise).sum(axis=1)
    return percentile_interval(value, np.maximum(found - (found.mean() - value), 0), level)


def _covariance(code: np.ndarray, count: int, values: Floats, clusters: np.ndarray | None) -> Floats:
    """Return the covariance of the groups' sums when rows, or whole clusters, are drawn again."""
    from scipy import sparse

    units = np.arange(len(code)) if clusters is None else clusters
    by_unit = sparse.csr_matrix((values, (units, code)), shape=(int(units.max()) + 1, count))
    sums = np.asarray(by_unit.sum(axis=0)).ravel()
    return np.asarray((by_unit.T @ by_unit).todense()) - np.outer(sums, sums) / by_unit.shape[0]
