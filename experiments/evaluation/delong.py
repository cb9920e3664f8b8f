"""DeLong's variance of the AUC: intervals, and the paired difference of two scores."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from experiments.evaluation.clusters import cluster_codes, clustered_error
from experiments.evaluation.intervals import Difference, Interval
from experiments.evaluation.ranking import Floats, RankedSample, labelled
from experiments.house_rules import LARGE_SAMPLE

__all__ = ["delong_difference", "delong_error", "delong_interval"]


def placements(ranked: RankedSample) -> tuple[float, Floats]:
    """Return the AUC and each row's influence on it, in the ranked order.

    The influence of an event is w/W1 · (its share of non-events beaten − AUC), of a non-event likewise; the
    mid-rank form of DeLong, generalised to weights.
    """
    counts = ranked.tally()
    event_total, non_event_total = counts.event_total, counts.non_event_total
    events_above = np.cumsum(counts.events) - 0.5 * counts.events
    non_events_below = non_event_total - (np.cumsum(counts.non_events) - 0.5 * counts.non_events)
    block = np.repeat(np.arange(len(ranked.starts)), np.diff(np.append(ranked.starts, len(ranked.y))))
    value = float(events_above @ counts.non_events / (event_total * non_event_total))
    of_event = ranked.weight / event_total * (non_events_below[block] / non_event_total - value)
    of_non_event = ranked.weight / non_event_total * (events_above[block] / event_total - value)
    return value, np.where(ranked.y == 1, of_event, of_non_event)


def class_variances(influence: Floats, y: Floats) -> list[float]:
    """Add up the squared influences of non-events and of events, each with its small-sample factor n/(n−1)."""
    found = []
    for label in (0, 1):
        own = influence[y == label]
        found.append(float(own @ own) * len(own) / (len(own) - 1) if len(own) > 1 else float("nan"))
    return found


def degrees_of_freedom(variances: Sequence[float], counts: Sequence[float]) -> float:
    """Return Satterthwaite's degrees of freedom of a sum of variances, each of so many rows."""
    parts = sum(own**2 / max(count - 1, 1.0) for own, count in zip(variances, counts, strict=True))
    return sum(variances) ** 2 / parts if parts > 0 else float("inf")


def _variance(influence: Floats, y: Floats) -> float:
    return sum(class_variances(influence, y))


def delong_interval(y: ArrayLike, p: ArrayLike, *, weight: ArrayLike | None = None, level: float = 0.95) -> Interval:
    """Return the AUC with its DeLong interval on the logit scale, so that it stays within 0 and 1.

    Parameters
    ----------
    y, p, weight : labels (1, 0, NaN), scores, importance weights; each of shape (n,).
    level : coverage of the interval.

    Returns
    -------
    Interval
        Bounds are NaN with fewer than two rows of a class. A perfect order, which has no spread to measure,
        gets the exact bound of the smaller class.

    References
    ----------
    DeLong, E. R., DeLong, D. M. and Clarke-Pearson, D. L. (1988). Comparing the areas under two or more correlated
    ROC curves. Biometrics 44; in mid-ranks by Sun, X. and Xu, W. (2014), IEEE Signal Processing Letters 21.

    Examples
    --------
    >>> found = delong_interval([0, 1] * 200, [0.2, 0.7, 0.6, 0.5] * 100)
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (0.75, 0.698, 0.796)
    """
    from scipy.special import ndtri

    ranked = RankedSample(y, p, weight)
    events = int(ranked.y.sum())
    fewer = min(events, len(ranked.y) - events)
    if fewer == 0 or auc_is_undefined(ranked):
        return Interval(float("nan"), float("nan"), float("nan"))
    value, influence = placements(ranked)
    if value <= 0 or value >= 1:
        bound = ((1 - level) / 2) ** (1 / fewer)
        return Interval(value, bound, 1.0) if value >= 1 else Interval(value, 0.0, 1 - bound)
    half = ndtri(0.5 + level / 2) * np.sqrt(_variance(influence, ranked.y)) / (value * (1 - value))
    centre = np.log(value / (1 - value))
    low, high = 1 / (1 + np.exp(-(centre + np.array([-half, half]))))
    return Interval(value, float(low), float(high))


def auc_is_undefined(ranked: RankedSample) -> bool:
    """Return whether a class has no weight at all."""
    counts = ranked.tally()
    return counts.event_total == 0 or counts.non_event_total == 0


def delong_error(y: ArrayLike, p: ArrayLike, *, weight: ArrayLike | None = None) -> float:
    """Return the DeLong standard error of the AUC.

    Parameters
    ----------
    y, p, weight : labels (1, 0, NaN), scores or probabilities, and weights of the rows; shape (n,).

    Returns
    -------
    float
        In units of the AUC; NaN when a class is missing.

    Examples
    --------
    >>> round(delong_error([0, 1] * 200, [0.2, 0.7, 0.6, 0.5] * 100), 4)
    0.0251
    """
    ranked = RankedSample(y, p, weight)
    return float("nan") if auc_is_undefined(ranked) else float(np.sqrt(_variance(placements(ranked)[1], ranked.y)))


def delong_difference(
    y: ArrayLike,
    first: ArrayLike,
    *,
    second: ArrayLike,
    weight: ArrayLike | None = None,
    level: float = 0.95,
    groups: ArrayLike | None = None,
) -> Difference:
    """Return AUC(first) − AUC(second) on the same rows, with DeLong's paired interval and p-value.

    Below a hundred rows of the rarer outcome they are by Student's t, as few rows estimate their variance poorly.

    Parameters
    ----------
    y, first, second, weight : labels, the two scores and weights of the same n rows.
    level : coverage of the interval.
    groups : customer of each row; where one repeats, the influences of a customer's rows are added up first.

    Returns
    -------
    Difference
        NaN bounds when a class has fewer than two rows.

    References
    ----------
    DeLong, E. R., DeLong, D. M. and Clarke-Pearson, D. L. (1988). Biometrics 44; of clusters by Obuchowski, N. A.
    (1997), Biometrics 53.

    Examples
    --------
    >>> found = delong_difference([0, 1] * 200, [0.2, 0.7, 0.3, 0.9] * 100, second=[0.2, 0.7, 0.6, 0.5] * 100)
    >>> round(found.value, 3), found.p_value < 0.001
    (0.25, True)
    """
    labels, one, weights, two, clusters = labelled(y, first, weight, second, groups)
    if auc_is_undefined(RankedSample(labels, one, weights)):
        return Difference(float("nan"), float("nan"), float("nan"), float("nan"))
    values, influences = [], []
    for scores in (one, np.asarray(two, dtype=np.float64)):
        ranked = RankedSample(labels, scores, weights)
        value, in_order = placements(ranked)
        influence = np.empty_like(in_order)
        influence[ranked.order] = in_order
        values.append(value)
        influences.append(influence)
    value = values[0] - values[1]
    codes = cluster_codes(clusters)
    variances = class_variances(influences[0] - influences[1], labels)
    error = float(np.sqrt(sum(variances))) if codes is None else clustered_error(influences[0] - influences[1], codes)
    rows = [int((labels == label).sum()) for label in (0, 1)]
    is_few = min(rows) < LARGE_SAMPLE and np.isfinite(error) and error > 0
    freedom = degrees_of_freedom(variances, rows) if is_few else float("inf")
    return Difference.by_error(value, error, freedom=freedom, level=level)
