"""How well a score ranks and how good its probabilities are: AUC, KS, capture, lift, log loss and Brier."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from experiments.evaluation.ranking import Floats, Tally, labelled, tally

__all__ = [
    "KS",
    "area_under_gains",
    "auc",
    "average_precision",
    "brier",
    "brier_skill",
    "capture_at",
    "gains_curve",
    "gini",
    "ks",
    "lift_at",
    "log_loss",
    "roc_curve",
]


def auc_of(counts: Tally) -> float:
    """Return the AUC of a tally; NaN when a class is missing."""
    pairs = counts.event_total * counts.non_event_total
    if pairs == 0:
        return float("nan")
    above = np.cumsum(counts.events) - 0.5 * counts.events
    return float(above @ counts.non_events / pairs)


def auc(y: ArrayLike, p: ArrayLike, *, weight: ArrayLike | None = None) -> float:
    """Return the share of event and non-event pairs that the score puts in the right order, ties counting half.

    Parameters
    ----------
    y, p, weight : labels (1, 0, NaN), scores and weights, each of shape (n,).

    Returns
    -------
    float
        Between 0 and 1, never flipped; NaN when a class is missing.

    Raises
    ------
    ValueError : lengths differ, a label is neither 0 nor 1, a score is NaN, or a weight is negative or NaN.

    References
    ----------
    Hanley, J. A. and McNeil, B. J. (1982). The meaning and use of the area under a ROC curve. Radiology 143.

    Examples
    --------
    >>> auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    return auc_of(tally(y, p, weight))


def gini(y: ArrayLike, p: ArrayLike, *, weight: ArrayLike | None = None) -> float:
    """Return 2·AUC − 1, the accuracy ratio.

    Parameters
    ----------
    y, p, weight : labels (1, 0, NaN), scores or probabilities, and weights of the rows; shape (n,).

    Returns
    -------
    float
        Between −1 and 1; NaN when a class is missing.

    Raises
    ------
    ValueError : lengths differ, a label is neither 0 nor 1, a score is NaN, or a weight is negative or NaN.

    Examples
    --------
    >>> gini([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.5
    """
    return 2 * auc(y, p, weight=weight) - 1


@dataclass(frozen=True)
class KS:
    """The largest distance between the two cumulative curves and where it lies.

    Attributes
    ----------
    value : max |F1 − F0|, 0 to 1.
    threshold : the score at which it is reached; rows with ``p >= threshold`` lie above the cut.
    share : share of the population (weight) at or above the threshold.

    Examples
    --------
    >>> ks([0, 1], [0.2, 0.7]).threshold
    0.7
    """

    value: float
    threshold: float
    share: float


def _distances(counts: Tally) -> Floats:
    return np.abs(np.cumsum(counts.events) / counts.event_total - np.cumsum(counts.non_events) / counts.non_event_total)


def ks_of(counts: Tally) -> float:
    """Return the KS of a tally; NaN when a class is missing."""
    if counts.event_total == 0 or counts.non_event_total == 0:
        return float("nan")
    return float(_distances(counts).max())


def ks(y: ArrayLike, p: ArrayLike, *, weight: ArrayLike | None = None) -> KS:
    """Return the exact KS over distinct scores.

    Parameters
    ----------
    y, p, weight : labels (1, 0, NaN), scores or probabilities, and weights of the rows; shape (n,).

    Returns
    -------
    KS
        Value, threshold and share are NaN when a class is missing.

    Raises
    ------
    ValueError : lengths differ, a label is neither 0 nor 1, a score is NaN, or a weight is negative or NaN.

    References
    ----------
    Kolmogorov, A. (1933), Smirnov, N. (1939): the two-sample distance; in scoring see
    Siddiqi, N. (2006). Credit Risk Scorecards. Wiley.

    Examples
    --------
    >>> ks([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4])
    KS(value=1.0, threshold=0.3, share=0.5)
    """
    counts = tally(y, p, weight)
    if counts.event_total == 0 or counts.non_event_total == 0:
        return KS(float("nan"), float("nan"), float("nan"))
    distances = _distances(counts)
    best = int(distances.argmax())
    all_weight = counts.events + counts.non_events
    share = all_weight[: best + 1].sum() / all_weight.sum()
    return KS(float(distances[best]), float(counts.scores[best]), float(share))


def capture_of(counts: Tally, share: float) -> float:
    """Return the capture of a tally at ``share``; NaN when there is no event."""
    if counts.event_total == 0:
        return float("nan")
    reached = np.concatenate([[0.0], np.cumsum(counts.events + counts.non_events)])
    caught = np.concatenate([[0.0], np.cumsum(counts.events)])
    # Inside a block of equal scores the straight line is the expectation under a random order of its rows.
    caught_at_cut = float(np.interp(share * reached[-1], reached, caught))
    return caught_at_cut / counts.event_total


def capture_at(y: ArrayLike, p: ArrayLike, *, share: float, weight: ArrayLike | None = None) -> float:
    """Return the share of all events found in the ``share`` of the population with the highest scores.

    A cut inside a block of tied scores takes the block's events in proportion, which is the mean over all
    random orders of the block.

    Parameters
    ----------
    y, p, weight : labels (1, 0, NaN), scores and weights of the rows; shape (n,).
    share : of the population, by weight; above 0 and at most 1.

    Returns
    -------
    float
        Between 0 and 1; NaN without an event.

    Raises
    ------
    ValueError : ``share`` is out of its range, or as for ``auc``.

    Examples
    --------
    >>> capture_at([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1], share=0.5)
    0.5
    """
    check_share(share)
    return capture_of(tally(y, p, weight), share)


def lift_of(counts: Tally, share: float) -> float:
    """Return the lift of a tally at ``share``."""
    return capture_of(counts, share) / share


def lift_at(y: ArrayLike, p: ArrayLike, *, share: float, weight: ArrayLike | None = None) -> float:
    """Return how many times the overall event rate the top ``share`` of the population has.

    Parameters
    ----------
    y, p, weight : labels (1, 0, NaN), scores and weights of the rows; shape (n,).
    share : of the population, by weight; above 0 and at most 1.

    Returns
    -------
    float
        At least 0 and at most 1/``share``; 1 is chance, NaN without an event.

    Raises
    ------
    ValueError : ``share`` is out of its range, or as for ``auc``.

    Examples
    --------
    >>> lift_at([1, 1, 0, 0], [0.9, 0.8, 0.7, 0.1], share=0.25)
    2.0
    """
    check_share(share)
    return lift_of(tally(y, p, weight), share)


def check_share(share: float) -> None:
    """Refuse a share of the population that is not above 0 and at most 1."""
    if not 0 < share <= 1:
        raise ValueError("share must be above 0 and at most 1")


def gains_curve(y: ArrayLike, p: ArrayLike, *, weight: ArrayLike | None = None) -> tuple[Floats, Floats]:
    """Return population shares and cumulative captures at distinct scores, from (0, 0) to (1, 1).

    Parameters
    ----------
    y, p, weight : labels (1, 0, NaN), scores or probabilities, and weights of the rows; shape (n,).

    Returns
    -------
    tuple
        Two rising arrays of shape (distinct scores + 1,), 0 to 1.

    Raises
    ------
    ValueError : lengths differ, a label is neither 0 nor 1, a score is NaN, or a weight is negative or NaN.

    Examples
    --------
    >>> shares, captures = gains_curve([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1])
    >>> shares.tolist()
    [0.0, 0.25, 0.5, 0.75, 1.0]
    >>> captures.tolist()
    [0.0, 0.5, 0.5, 1.0, 1.0]
    """
    counts = tally(y, p, weight)
    reached = np.concatenate([[0.0], np.cumsum(counts.events + counts.non_events)])
    caught = np.concatenate([[0.0], np.cumsum(counts.events)])
    return _shares(reached), _shares(caught)


def roc_curve(y: ArrayLike, p: ArrayLike, *, weight: ArrayLike | None = None) -> tuple[Floats, Floats]:
    """Return false and true positive rates at distinct scores, from (0, 0) to (1, 1).

    Parameters
    ----------
    y, p, weight : labels (1, 0, NaN), scores or probabilities, and weights of the rows; shape (n,).

    Returns
    -------
    tuple
        Two rising arrays of shape (distinct scores + 1,), 0 to 1.

    Raises
    ------
    ValueError : lengths differ, a label is neither 0 nor 1, a score is NaN, or a weight is negative or NaN.

    Examples
    --------
    >>> false, true = roc_curve([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1])
    >>> false.tolist()
    [0.0, 0.0, 0.5, 0.5, 1.0]
    >>> true.tolist()
    [0.0, 0.5, 0.5, 1.0, 1.0]
    """
    counts = tally(y, p, weight)
    false_positive = np.concatenate([[0.0], np.cumsum(counts.non_events)])
    true_positive = np.concatenate([[0.0], np.cumsum(counts.events)])
    return _shares(false_positive), _shares(true_positive)


def _shares(cumulative: Floats) -> Floats:
    total = cumulative[-1]
    return cumulative / total if total > 0 else np.full_like(cumulative, np.nan)


def area_under_gains(y: ArrayLike, p: ArrayLike, *, weight: ArrayLike | None = None) -> float:
    """Return ALIFT, the area under the cumulative gains curve.

    Parameters
    ----------
    y, p, weight : labels (1, 0, NaN), scores or probabilities, and weights of the rows; shape (n,).

    Returns
    -------
    float
        0.5 is chance; the most is 1 less half the event rate.

    Raises
    ------
    ValueError : lengths differ, a label is neither 0 nor 1, a score is NaN, or a weight is negative or NaN.

    Examples
    --------
    >>> area_under_gains([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1])
    0.625
    """
    share, caught = gains_curve(y, p, weight=weight)
    return float(np.trapezoid(caught, share))


def average_precision(y: ArrayLike, p: ArrayLike, *, weight: ArrayLike | None = None) -> float:
    """Return the mean precision over the events, taken at distinct scores; NaN without an event.

    Parameters
    ----------
    y, p, weight : labels (1, 0, NaN), scores or probabilities, and weights of the rows; shape (n,).

    Returns
    -------
    float
        Between 0 and 1; NaN without an event.

    Raises
    ------
    ValueError : lengths differ, a label is neither 0 nor 1, a score is NaN, or a weight is negative or NaN.

    Examples
    --------
    >>> round(average_precision([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1]), 4)
    0.8333
    """
    counts = tally(y, p, weight)
    if counts.event_total == 0:
        return float("nan")
    found = np.cumsum(counts.events)
    chosen = np.cumsum(counts.events + counts.non_events)
    precision = np.divide(found, chosen, out=np.zeros_like(found), where=chosen > 0)
    return float(counts.events @ precision / counts.event_total)


def losses(y: Floats, p: Floats) -> Floats:
    """Return the log loss of each row; probabilities are kept one machine step away from 0 and 1."""
    step = np.finfo(np.float64).eps
    kept = np.clip(p, step, 1 - step)
    return -np.where(y == 1, np.log(kept), np.log1p(-kept))


def log_loss(y: ArrayLike, p: ArrayLike, *, weight: ArrayLike | None = None) -> float:
    """Return the weighted mean of −log of the probability given to what happened.

    Parameters
    ----------
    y, p, weight : labels (1, 0, NaN), scores or probabilities, and weights of the rows; shape (n,).

    Returns
    -------
    float
        At least 0, in nats; ln 2 is a coin.

    Raises
    ------
    ValueError : lengths differ, a label is neither 0 nor 1, a score is NaN, or a weight is negative or NaN.

    Examples
    --------
    >>> round(log_loss([1, 0], [0.8, 0.4]), 4)
    0.367
    """
    labels, scores, weights = labelled(y, p, weight)
    return _mean(losses(labels, _probabilities(scores)), weights)


def brier(y: ArrayLike, p: ArrayLike, *, weight: ArrayLike | None = None) -> float:
    """Return the Brier score Σw(p−y)²/Σw.

    Parameters
    ----------
    y, p, weight : labels (1, 0, NaN), scores or probabilities, and weights of the rows; shape (n,).

    Returns
    -------
    float
        Between 0, perfect, and 1.

    Raises
    ------
    ValueError : lengths differ, a label is neither 0 nor 1, a score is NaN, or a weight is negative or NaN.

    References
    ----------
    Brier, G. W. (1950). Verification of forecasts expressed in terms of probability. Monthly Weather Review 78.

    Examples
    --------
    >>> round(brier([1, 0], [0.8, 0.4]), 4)
    0.1
    """
    labels, scores, weights = labelled(y, p, weight)
    return _mean((_probabilities(scores) - labels) ** 2, weights)


def brier_skill(y: ArrayLike, p: ArrayLike, *, weight: ArrayLike | None = None) -> float:
    """Return 1 − Brier/(ȳ(1−ȳ)): 0 is as good as always saying the event rate, 1 is perfect.

    Parameters
    ----------
    y, p, weight : labels (1, 0, NaN), scores or probabilities, and weights of the rows; shape (n,).

    Returns
    -------
    float
        At most 1; below 0 it is worse than the event rate. NaN when a class is missing.

    Raises
    ------
    ValueError : lengths differ, a label is neither 0 nor 1, a score is NaN, or a weight is negative or NaN.

    Examples
    --------
    >>> round(brier_skill([1, 0], [0.8, 0.4]), 4)
    0.6
    """
    labels, _, weights = labelled(y, p, weight)
    rate = _mean(labels, weights)
    return 1 - brier(y, p, weight=weight) / (rate * (1 - rate)) if 0 < rate < 1 else float("nan")


def _probabilities(scores: Floats) -> Floats:
    if len(scores) and (scores.min() < 0 or scores.max() > 1):
        raise ValueError("probabilities must lie between 0 and 1")
    return scores


def _mean(values: Floats, weights: Floats) -> float:
    total = weights.sum()
    return float(values @ weights / total) if total > 0 else float("nan")
