"""Tests of calibration: observed over expected, intercept and slope, Hosmer and Lemeshow, Jeffreys."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from experiments.evaluation.clusters import cluster_codes, clustered_error
from experiments.evaluation.intervals import Interval
from experiments.evaluation.newton import fit_logistic
from experiments.evaluation.odds import logit
from experiments.evaluation.ranking import labelled
from experiments.evaluation.reliability import equal_frequency_bins

__all__ = ["HosmerLemeshow", "Recalibration", "hosmer_lemeshow", "jeffreys_test", "observed_expected", "recalibration"]

# Hosmer and Lemeshow rejects trivial gaps in large samples, so it is not computed there.
HOSMER_LEMESHOW_MAX_ROWS = 25_000


def observed_expected(
    y: ArrayLike,
    p: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    level: float = 0.95,
) -> Interval:
    """Return events observed over events expected (O/E), with an interval on the log scale, robust to clusters.

    Above 1 the model underestimates, below 1 it overestimates.

    Parameters
    ----------
    y, p, weight, groups : labels (1, 0, NaN), probabilities, weights and customer of each row; shape (n,).
    level : coverage of the interval.

    Returns
    -------
    Interval
        A ratio above 0; NaN where nothing is expected.

    Examples
    --------
    >>> round(observed_expected([1, 0, 0, 0], [0.4, 0.2, 0.1, 0.1]).value, 4)
    1.25
    """
    from scipy.special import ndtri

    labels, scores, weights, clusters = labelled(y, p, weight, groups)
    observed, expected = float(weights @ labels), float(weights @ scores)
    if expected == 0:
        return Interval(float("nan"), float("nan"), float("nan"))
    value = observed / expected
    if observed == 0:
        return Interval(0.0, 0.0, float(-np.log((1 - level) / 2) / expected))
    error = clustered_error(weights * (labels - value * scores) / observed, cluster_codes(clusters))
    half = float(ndtri(0.5 + level / 2)) * error
    return Interval(value, float(value * np.exp(-half)), float(value * np.exp(half)))


@dataclass(frozen=True)
class Recalibration:
    """The regression logit P(y) = a + b·logit p: ``intercept`` with b fixed at 1, and the ``slope`` b.

    Examples
    --------
    >>> Recalibration(Interval(0.0, -0.1, 0.1), Interval(1.0, 0.9, 1.1)).slope.value
    1.0
    """

    intercept: Interval
    slope: Interval


def recalibration(
    y: ArrayLike,
    p: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    level: float = 0.95,
) -> Recalibration:
    """Return calibration intercept (target |a| < 0.1) and slope (target 0.9 to 1.1), intervals robust to clusters.

    A slope below 1 means that the model is overconfident.

    Parameters
    ----------
    y, p, weight, groups : labels (1, 0, NaN), probabilities, weights and customer of each row; shape (n,).
    level : coverage of the intervals.

    Returns
    -------
    Recalibration
        In log-odds; NaN when a class is missing.

    References
    ----------
    Cox, D. R. (1958). Two further applications of a model for binary regression. Biometrika 45.

    Examples
    --------
    >>> p = [0.1, 0.2, 0.3, 0.6] * 100
    >>> y = [0, 0, 0, 1] * 50 + [0, 1, 1, 0] * 50
    >>> round(recalibration(y, p).slope.value, 2)
    0.74
    """
    labels, scores, weights, clusters = labelled(y, p, weight, groups)
    nothing = Interval(float("nan"), float("nan"), float("nan"))
    if len(np.unique(labels[weights > 0])) < 2:
        return Recalibration(nothing, nothing)
    margin, codes = logit(scores), cluster_codes(clusters)
    ones = np.ones((len(margin), 1))
    intercept, intercept_error = fit_logistic(ones, labels, weights, offset=margin, codes=codes)
    if np.ptp(margin) == 0:
        slope = nothing
    else:
        both, errors = fit_logistic(np.column_stack([ones, margin]), labels, weights, codes=codes)
        slope = _wald(both[1], errors[1], level)
    return Recalibration(_wald(intercept[0], intercept_error[0], level), slope)


def _wald(value: float, error: float, level: float) -> Interval:
    from scipy.special import ndtri

    half = float(ndtri(0.5 + level / 2)) * float(error)
    return Interval(float(value), float(value) - half, float(value) + half)


@dataclass(frozen=True)
class HosmerLemeshow:
    """The Hosmer and Lemeshow test; ``p_value`` is NaN where the test is suppressed.

    Examples
    --------
    >>> HosmerLemeshow(8.2, 8, 0.41).p_value
    0.41
    """

    statistic: float
    degrees: int
    p_value: float


def hosmer_lemeshow(y: ArrayLike, p: ArrayLike, *, is_development: bool, groups: int = 10) -> HosmerLemeshow:
    """Return Σ(O−E)²/(n p̄(1−p̄)) over deciles, with g−2 degrees on development data and g elsewhere.

    Suppressed above 25,000 rows, where it rejects trivial gaps.

    Parameters
    ----------
    y, p : labels (1, 0, NaN) and probabilities; shape (n,).
    is_development : whether the model was fitted on these rows.
    groups : number of groups of equal frequency.

    Returns
    -------
    HosmerLemeshow

    References
    ----------
    Hosmer, D. W. and Lemeshow, S. (1980). Goodness of fit tests for the multiple logistic regression model.
    Communications in Statistics A9.

    Examples
    --------
    >>> y, p = [0, 0, 1, 0] * 50, [0.1, 0.2, 0.7, 0.3] * 50
    >>> hosmer_lemeshow(y, p, is_development=False, groups=4).degrees
    4
    """
    from scipy.special import chdtrc

    labels, scores, weights = labelled(y, p)
    if len(labels) > HOSMER_LEMESHOW_MAX_ROWS or not len(labels):
        return HosmerLemeshow(float("nan"), 0, float("nan"))
    code, count = equal_frequency_bins(labels, scores, weights, groups)
    rows = np.bincount(code, minlength=count)
    expected = np.bincount(code, scores, count)
    observed = np.bincount(code, labels, count)
    spread = expected * (1 - expected / rows)
    statistic = float(np.sum((observed - expected) ** 2 / np.maximum(spread, np.finfo(float).tiny)))
    degrees = count - 2 if is_development else count
    return HosmerLemeshow(statistic, degrees, float(chdtrc(degrees, statistic)) if degrees > 0 else float("nan"))


def jeffreys_test(events: int, rows: int, *, stated: float) -> float:
    """Return P(PD ≤ stated) under Beta(D+½, N−D+½): below .05 amber, below .01 red.

    Parameters
    ----------
    events, rows : that happened, among so many customers of one grade.
    stated : the probability that the grade is said to have, 0 to 1.

    Returns
    -------
    float
        A one-sided p-value.

    References
    ----------
    European Central Bank (2019). Instructions for reporting the validation results of internal models, section 2.5.3.1.

    Examples
    --------
    >>> round(jeffreys_test(12, 200, stated=0.04), 4)
    0.0809
    """
    from scipy.special import betainc

    return float(betainc(events + 0.5, rows - events + 0.5, stated))
