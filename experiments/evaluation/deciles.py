"""The score table: groups of nearly equal weight with their rates, shares, KS and lift."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from experiments.evaluation.ranking import Floats, labelled
from experiments.stored import plain_fields

__all__ = ["DecileRow", "DecileTable", "decile_table", "quantile_edges"]


def quantile_edges(values: ArrayLike, groups: int = 10, *, weight: ArrayLike | None = None) -> Floats:
    """Return the inner edges that cut ``values`` into ``groups`` of nearly equal weight.

    Groups are ``[a, b)``. An edge is always a value that occurs, so equal values are never split; where
    many values are equal there are fewer groups. Shape (at most ``groups`` − 1,), rising.

    Parameters
    ----------
    values, weight : of the rows; shape (n,). groups : how many are wanted.

    Returns
    -------
    numpy.ndarray
        Inner edges, rising, of shape (at most ``groups`` − 1,), in the unit of ``values``.

    Examples
    --------
    >>> quantile_edges([1, 2, 3, 4], groups=2).tolist()
    [3.0]
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

    Examples
    --------
    >>> row = decile_table([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4], groups=2).rows[0]
    >>> row.group, row.rows, row.event_rate
    (1, 2, 1.0)
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
    """The score table with its foot: KS over the groups and how often the event rate is out of order.

    Examples
    --------
    >>> decile_table([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4], groups=2).ks_bin
    1.0
    """

    rows: tuple[DecileRow, ...]
    edges: tuple[float, ...]
    ks_bin: float
    inversions: int
    event_rate: float
    row_count: int
    event_count: int

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready plain data; what is undefined becomes ``None``."""
        return plain_fields(self)


def decile_table(
    y: ArrayLike, p: ArrayLike, *, weight: ArrayLike | None = None, edges: ArrayLike | None = None, groups: int = 10
) -> DecileTable:
    """Return the score table over groups ``[a, b)`` of the score.

    Parameters
    ----------
    y, p, weight : labels, probabilities and weights, each of shape (n,).
    edges : inner edges frozen on the training score (``quantile_edges``); this sample's own when left out.
    groups : number of groups when ``edges`` are left out.

    Returns
    -------
    DecileTable
        The group with the highest scores comes first.

    Raises
    ------
    ValueError : lengths differ, a label is neither 0 nor 1, a score is NaN, or a weight is negative or NaN.

    References
    ----------
    Siddiqi, N. (2006). Credit Risk Scorecards. Wiley.

    Examples
    --------
    >>> table = decile_table([0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], groups=3)
    >>> [(row.group, row.rows, row.row_events) for row in table.rows]
    [(1, 2, 2), (2, 2, 1), (3, 2, 0)]
    """
    labels, scores, weights = labelled(y, p, weight)
    inner = (
        quantile_edges(scores, groups, weight=weights) if edges is None else np.unique(np.asarray(edges, dtype=float))
    )
    count = len(inner) + 1
    code = count - 1 - np.searchsorted(inner, scores, side="right")
    columns = _columns_by_group(code, count, labels, scores, weights)
    total, events = np.bincount(code, weights, count), columns["events"]
    with np.errstate(divide="ignore", invalid="ignore"):
        base = events.sum() / total.sum()
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
    filled = columns["event_rate"][total > 0]
    return DecileTable(
        rows=rows,
        edges=tuple(inner.tolist()),
        ks_bin=float(np.max(columns["ks"], initial=0.0)) if 0 < base < 1 else float("nan"),
        inversions=int(np.sum(np.diff(filled) > 0)),
        event_rate=float(base),
        row_count=len(labels),
        event_count=int(labels.sum()),
    )


def _columns_by_group(
    code: np.ndarray, count: int, labels: Floats, scores: Floats, weights: Floats
) -> dict[str, np.ndarray]:
    """Return what ``DecileRow`` says of each group, the first being that of the highest scores."""
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
        return {
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
