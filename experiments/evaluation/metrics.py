"""How well a score ranks and predicts: weighted metrics with exact handling of ties."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
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


def auc_of(counts: Tally) -> float:
    """Return the AUC of a tally; NaN when a class is missing."""
    pairs = counts.event_total * counts.non_event_total
    if pairs == 0:
        return float("nan")
    above = np.cumsum(counts.events) - 0.5 * counts.events
    return float(above @ counts.non_events / pairs)


def auc(y: ArrayLike, p: ArrayLike, weight: ArrayLike | None = None) -> float:
    """Return the share of event and non-event pairs that the score puts in the right order, ties counting half.

    Parameters
    ----------
    y, p, weight : labels (1, 0, NaN), scores and weights, each of shape (n,).

    Returns
    -------
    float
        Between 0 and 1, never flipped; NaN when a class is missing. Domain specification 1.1.

    Examples
    --------
    >>> auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    return auc_of(tally(y, p, weight))


def gini(y: ArrayLike, p: ArrayLike, weight: ArrayLike | None = None) -> float:
    """Return 2·AUC − 1, the accuracy ratio."""
    return 2 * auc(y, p, weight) - 1


@dataclass(frozen=True)
class KS:
    """The largest distance between the two cumulative curves and where it lies.

    Attributes
    ----------
    value : max |F1 − F0|, 0 to 1.
    threshold : the score at which it is reached; rows with ``p >= threshold`` lie above the cut.
    share : share of the population (weight) at or above the threshold.
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


def ks(y: ArrayLike, p: ArrayLike, weight: ArrayLike | None = None) -> KS:
    """Return the exact KS over distinct scores (domain specification 1.1).

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


def capture_at(y: ArrayLike, p: ArrayLike, share: float, weight: ArrayLike | None = None) -> float:
    """Return the share of all events found in the ``share`` of the population with the highest scores.

    A cut inside a block of tied scores takes the block's events in proportion, which is the mean over all
    random orders of the block. Domain specification 1.2.

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


def lift_at(y: ArrayLike, p: ArrayLike, share: float, weight: ArrayLike | None = None) -> float:
    """Return how many times the overall event rate the top ``share`` of the population has.

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


def gains_curve(y: ArrayLike, p: ArrayLike, weight: ArrayLike | None = None) -> tuple[Floats, Floats]:
    """Return population shares and cumulative captures at distinct scores, from (0, 0) to (1, 1)."""
    counts = tally(y, p, weight)
    reached = np.concatenate([[0.0], np.cumsum(counts.events + counts.non_events)])
    caught = np.concatenate([[0.0], np.cumsum(counts.events)])
    return _shares(reached), _shares(caught)


def roc_curve(y: ArrayLike, p: ArrayLike, weight: ArrayLike | None = None) -> tuple[Floats, Floats]:
    """Return false and true positive rates at distinct scores, from (0, 0) to (1, 1)."""
    counts = tally(y, p, weight)
    false_positive = np.concatenate([[0.0], np.cumsum(counts.non_events)])
    true_positive = np.concatenate([[0.0], np.cumsum(counts.events)])
    return _shares(false_positive), _shares(true_positive)


def _shares(cumulative: Floats) -> Floats:
    total = cumulative[-1]
    return cumulative / total if total > 0 else np.full_like(cumulative, np.nan)


def area_under_gains(y: ArrayLike, p: ArrayLike, weight: ArrayLike | None = None) -> float:
    """Return ALIFT, the area under the cumulative gains curve."""
    share, caught = gains_curve(y, p, weight)
    return float(np.trapezoid(caught, share))


def average_precision(y: ArrayLike, p: ArrayLike, weight: ArrayLike | None = None) -> float:
    """Return the mean precision over the events, taken at distinct scores; NaN without an event."""
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


def log_loss(y: ArrayLike, p: ArrayLike, weight: ArrayLike | None = None) -> float:
    """Return the weighted mean of −log of the probability given to what happened."""
    labels, scores, weights = labelled(y, p, weight)
    return _mean(losses(labels, _probabilities(scores)), weights)


def brier(y: ArrayLike, p: ArrayLike, weight: ArrayLike | None = None) -> float:
    """Return Σw(p−y)²/Σw (domain specification 1.7)."""
    labels, scores, weights = labelled(y, p, weight)
    return _mean((_probabilities(scores) - labels) ** 2, weights)


def brier_skill(y: ArrayLike, p: ArrayLike, weight: ArrayLike | None = None) -> float:
    """Return 1 − Brier/(ȳ(1−ȳ)): 0 is as good as always saying the event rate, 1 is perfect."""
    labels, _, weights = labelled(y, p, weight)
    rate = _mean(labels, weights)
    return 1 - brier(y, p, weight) / (rate * (1 - rate)) if 0 < rate < 1 else float("nan")


def _probabilities(scores: Floats) -> Floats:
    if len(scores) and (scores.min() < 0 or scores.max() > 1):
        raise ValueError("probabilities must lie between 0 and 1")
    return scores


def _mean(values: Floats, weights: Floats) -> float:
    total = weights.sum()
    return float(values @ weights / total) if total > 0 else float("nan")


def quantile_edges(values: ArrayLike, groups: int = 10, weight: ArrayLike | None = None) -> Floats:
    """Return the inner edges that cut ``values`` into ``groups`` of nearly equal weight.

    Groups are ``[a, b)``. An edge is always a value that occurs, so equal values are never split; where
    many values are equal there are fewer groups. Shape (at most ``groups`` − 1,), rising.
    """
    numbers = np.asarray(values, dtype=np.float64).ravel()
    weights = np.ones_like(numbers) if weight is None else np.asarray(weight, dtype=np.float64).ravel()
    distinct, codes = np.unique(numbers, return_inverse=True)
    if len(distinct) < 2:
        return np.empty(0)
    below = np.cumsum(np.bincount(codes, weights=weights, minlength=len(distinct)))
    boundaries, total = below[:-1], below[-1]
    wanted = total * np.arange(1, groups) / groups
    right = np.clip(np.searchsorted(boundaries, wanted), 0, len(boundaries) - 1)
    left = np.maximum(right - 1, 0)
    nearest = np.where(wanted - boundaries[left] <= boundaries[right] - wanted, left, right)
    return distinct[1:][np.unique(nearest)]


@dataclass(frozen=True)
class DecileRow:
    """One group of the score table, the riskiest or likeliest group being number 1.

    Shares, rates and KS are 0 to 1; ``rows``, ``row_events`` are raw counts, the rest is weighted.
    ``low`` is the lowest score of the group (its edge), ``None`` for the last group.
    """

    group: int
    low: float | None
    high: float | None
    rows: int
    row_events: int
    share: float
    events: float
    non_events: float
    event_share: float
    non_event_share: float
    event_rate: float
    cumulative_event_share: float
    cumulative_non_event_share: float
    cumulative_event_rate: float
    ks: float
    lift: float
    cumulative_lift: float
    odds: float
    log_odds: float
    mean_probability: float
    observed_minus_expected: float


@dataclass(frozen=True)
class DecileTable:
    """The score table with its foot: KS over the groups and how often the event rate is out of order."""

    rows: tuple[DecileRow, ...]
    edges: tuple[float, ...]
    ks_bin: float
    inversions: int
    event_rate: float
    row_count: int
    event_count: int

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready plain data; what is undefined becomes ``None``."""
        return plain(asdict(self))


def decile_table(
    y: ArrayLike, p: ArrayLike, weight: ArrayLike | None = None, edges: ArrayLike | None = None, groups: int = 10
) -> DecileTable:
    """Return the score table over groups ``[a, b)`` of the score.

    Parameters
    ----------
    y, p, weight : labels, probabilities and weights, each of shape (n,).
    edges : inner edges frozen on the training score (``quantile_edges``); this sample's own when left out.
    groups : number of groups when ``edges`` are left out.
    """
    labels, scores, weights = labelled(y, p, weight)
    inner = quantile_edges(scores, groups, weights) if edges is None else np.unique(np.asarray(edges, dtype=float))
    count = len(inner) + 1
    code = count - 1 - np.searchsorted(inner, scores, side="right")
    events = np.bincount(code, weights * labels, count)
    total = np.bincount(code, weights, count)
    non_events = total - events
    non_events[np.abs(non_events) < 1e-12 * np.maximum(total, 1)] = 0
    expected = np.bincount(code, weights * scores, count)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate, base = events / total, events.sum() / total.sum()
        event_share, non_event_share = events / events.sum(), non_events / non_events.sum()
        cumulative_events, cumulative_non_events = np.cumsum(event_share), np.cumsum(non_event_share)
        cumulative_rate = np.cumsum(events) / np.cumsum(total)
        columns = {
            "rows": np.bincount(code, minlength=count),
            "row_events": np.bincount(code, labels, count).astype(int),
            "share": total / total.sum(),
            "events": events,
            "non_events": non_events,
            "event_share": event_share,
            "non_event_share": non_event_share,
            "event_rate": rate,
            "cumulative_event_share": cumulative_events,
            "cumulative_non_event_share": cumulative_non_events,
            "cumulative_event_rate": cumulative_rate,
            "ks": np.abs(cumulative_events - cumulative_non_events),
            "lift": rate / base,
            "cumulative_lift": cumulative_rate / base,
            "odds": non_events / events,
            "log_odds": np.log(non_events / events),
            "mean_probability": expected / total,
            "observed_minus_expected": (events - expected) / total,
        }
    outer: list[float | None] = [None, *inner.tolist(), None]
    rows = tuple(
        DecileRow(
            group=index + 1,
            low=outer[count - 1 - index],
            high=outer[count - index],
            **{name: column[index].item() for name, column in columns.items()},
        )
        for index in range(count)
    )
    filled = rate[total > 0]
    return DecileTable(
        rows=rows,
        edges=tuple(inner.tolist()),
        ks_bin=float(np.max(columns["ks"], initial=0.0)) if 0 < base < 1 else float("nan"),
        inversions=int(np.sum(np.diff(filled) > 0)),
        event_rate=float(base),
        row_count=len(labels),
        event_count=int(labels.sum()),
    )


def plain(value: Any) -> Any:
    """Turn numpy values into Python's own, tuples into lists and anything undefined (NaN, inf) into ``None``."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value
