"""Whom a score would choose at every share of the customers, and how many events are among them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.evaluation.clusters import cluster_codes, clustered_error
from experiments.evaluation.intervals import Z_95, Interval
from experiments.evaluation.ranking import Floats, RankedSample, labelled

Chosen = Literal["highest", "lowest"]

# Every half per cent, and finer at the top, where a team that calls a thousand of a million works.
SHARES = np.unique(np.concatenate([[0.001, 0.002, 0.003], np.arange(201) / 200]))
# Half the width of the window in which the event rate around a cut-off is taken.
AROUND = 0.025
COARSER = 4


@dataclass(frozen=True)
class StrategyCurve:
    """What a score chooses at a grid of shares, estimated from labelled rows that the model did not learn from.

    Everything that follows from it (customers, events, cost, profit) is arithmetic, so that a page may slide along it.

    Attributes
    ----------
    chosen : ``"highest"`` where customers with a high probability of the event are wanted (response), ``"lowest"``
        where they are not (default).
    shares : share of the customers that is chosen, rising from 0 to 1.
    cutoffs : probability of the last customer chosen; the first is that of the very first.
    events : customers who are chosen **and** have the event, as a share of all customers.
    errors : standard error of ``events`` at a given share.
    predicted : the same as ``events`` by the model's probabilities.
    rows, event_count : what it was estimated from. effective_rows : rows of equal weight, each a customer of his own,
        that would tell as much.
    """

    chosen: Chosen
    shares: tuple[float, ...]
    cutoffs: tuple[float, ...]
    events: tuple[float, ...]
    errors: tuple[float, ...]
    predicted: tuple[float, ...]
    rows: int
    event_count: int
    effective_rows: float

    @property
    def event_rate(self) -> float:
        """Event rate of all customers."""
        return self.events[-1]

    def events_at(self, share: float) -> float:
        """Return the share of all customers who are chosen and have the event, at any share."""
        return float(np.interp(share, self.shares, self.events))

    def cutoff_at(self, share: float) -> float:
        """Return the probability of the last customer chosen at any share."""
        return float(np.interp(share, self.shares, self.cutoffs))

    def rate_around(self, share: float) -> float:
        """Return the event rate of those who stand near the cut-off at ``share``."""
        return _slope(np.asarray(self.shares), np.asarray(self.events), share)

    def share_at(self, cutoff: float) -> float:
        """Return the share that is chosen at a cut-off: from it upwards, or downwards where the lowest are chosen."""
        rising = np.asarray(self.cutoffs) if self.chosen == "lowest" else -np.asarray(self.cutoffs)
        reached = np.searchsorted(rising, cutoff if self.chosen == "lowest" else -cutoff, side="right")
        return self.shares[reached - 1] if reached else 0.0

    def events_among(self, share: float, customers: float) -> Interval:
        """Return how many events to expect among the chosen of a list of so many ``customers``.

        The interval holds what is not known of the model's ranking, and what varies from one list to another.
        """
        found = self.events_at(share)
        error = float(np.interp(share, self.shares, self.errors))
        spread = np.sqrt((customers * error) ** 2 + customers * found * (1 - found))
        expected = customers * found
        most = customers * share
        return Interval(expected, max(0.0, expected - Z_95 * spread), min(most, expected + Z_95 * spread))

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> "StrategyCurve":
        """Return the curve that ``to_dict`` gave."""
        own: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}
        return cls(**own)


def strategy_curve(
    y: ArrayLike,
    p: ArrayLike,
    weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    *,
    chosen: Chosen = "highest",
    shares: Sequence[float] | None = None,
) -> StrategyCurve:
    """Return what a score chooses at every share of the customers.

    Parameters
    ----------
    y, p, weight, groups : labels (1, 0, NaN), calibrated probabilities, weights and customer of each row; shape (n,).
    chosen : which end of the score is wanted.
    shares : grid of shares, rising from 0 to 1; every half per cent when left out.

    Notes
    -----
    Inside a block of equal scores customers are taken at random, so the counts are the mean over all orders of the
    block. The error at share q is that of the estimate E[y·1(chosen)] with the cut-off estimated from the same rows:
    its influence is 1(chosen)·(y − r) + q·r − E, where r is the event rate around the cut-off (van der Vaart 1998,
    21.2, on quantiles), summed within customers first.

    Examples
    --------
    >>> curve = strategy_curve([1, 1, 0, 0], [0.9, 0.8, 0.2, 0.1])
    >>> curve.events_at(0.25), curve.events_at(0.5), curve.events_at(1.0), curve.cutoff_at(0.5)
    (0.25, 0.5, 0.5, 0.8)
    """
    labels, scores, weights, customers = labelled(y, p, weight, groups)
    grid = SHARES if shares is None else np.asarray(shares, dtype=np.float64)
    ranked = RankedSample(labels, scores if chosen == "highest" else -scores, weights)
    codes = cluster_codes(customers)
    codes = None if codes is None else codes[ranked.order]
    share = ranked.weight / ranked.weight.sum()
    p_ranked = np.abs(ranked.p)
    events = _at_shares(ranked, share * ranked.y, grid)
    rates = np.array([_slope(grid, events, each) for each in grid])
    errors = (
        _errors(ranked, share, grid, events, rates)
        if codes is None
        else _clustered_errors(ranked, share, codes, grid, events, rates)
    )
    return StrategyCurve(
        chosen=chosen,
        shares=_plain(grid),
        cutoffs=_plain(_cutoffs(p_ranked, share, grid)),
        events=_plain(events),
        errors=_plain(errors),
        predicted=_plain(_at_shares(ranked, share * p_ranked, grid)),
        rows=len(labels),
        event_count=int(labels.sum()),
        effective_rows=_effective_rows(share, codes),
    )


def _at_shares(ranked: RankedSample, values: Floats, shares: Floats) -> Floats:
    """Return what the rows at the top sum up to at each share; inside equal scores in proportion."""
    weights = np.add.reduceat(ranked.weight, ranked.starts)
    reached = np.concatenate([[0.0], np.cumsum(weights)])
    summed = np.concatenate([[0.0], np.cumsum(np.add.reduceat(values, ranked.starts))])
    return np.interp(shares * reached[-1], reached, summed)


def chosen_at(ranked: RankedSample, share: float) -> Floats:
    """Return how far each row, in the ranked order, is chosen at a share: 1, 0, or a part inside equal scores."""
    weights = np.add.reduceat(ranked.weight, ranked.starts)
    before = np.concatenate([[0.0], np.cumsum(weights)[:-1]])
    wanted = share * weights.sum() - before
    part = np.clip(np.divide(wanted, weights, out=np.zeros_like(wanted), where=weights > 0), 0.0, 1.0)
    return np.repeat(part, np.diff(np.append(ranked.starts, len(ranked.y))))


def _errors(ranked: RankedSample, share: Floats, grid: Floats, events: Floats, rates: Floats) -> Floats:
    """Return the error at each share of rows that each stand for a customer, from running sums of squares."""
    squares = [np.add.reduceat(share**2 * own, ranked.starts) for own in (ranked.y, 1 - ranked.y)]
    weights = np.add.reduceat(share, ranked.starts)
    reached = np.cumsum(weights)
    place = np.minimum(np.searchsorted(reached, grid - 1e-12), len(weights) - 1)
    part = np.clip((grid - (reached[place] - weights[place])) / weights[place], 0.0, 1.0)
    rest = grid * rates - events
    total = np.zeros_like(grid)
    for square, label in zip(squares, (1.0, 0.0), strict=True):
        before = np.cumsum(square)[place] - square[place]
        total += before * (label - rates + rest) ** 2 + square[place] * (part * (label - rates) + rest) ** 2
        total += (square.sum() - before - square[place]) * rest**2
    rows = len(share)
    found = np.sqrt(total * rows / (rows - 1)) if rows > 1 else np.full_like(grid, np.nan)
    return np.where(grid == 0, 0.0, found)


def _clustered_errors(
    ranked: RankedSample, share: Floats, codes: NDArray[np.intp], grid: Floats, events: Floats, rates: Floats
) -> Floats:
    """Return the errors where customers stand in several rows: at a coarser grid, between which they hardly bend."""
    places = np.unique(np.append(np.arange(0, len(grid), COARSER), [len(grid) - 1]))
    found = [
        clustered_error(
            share * (chosen_at(ranked, grid[at]) * (ranked.y - rates[at]) + grid[at] * rates[at] - events[at]), codes
        )
        for at in places
    ]
    return np.where(grid == 0, 0.0, np.interp(grid, grid[places], found))


def _slope(shares: Floats, events: Floats, share: float) -> float:
    """Return the event rate in a window around a share, cut off at 0 and 1."""
    low, high = max(0.0, share - AROUND), min(1.0, share + AROUND)
    caught = np.interp([low, high], shares, events)
    return float((caught[1] - caught[0]) / (high - low))


def _cutoffs(p: Floats, share: Floats, grid: Floats) -> Floats:
    """Return the probability of the last row that is chosen, wholly or in part, at each share."""
    reached = np.cumsum(share)
    places = np.searchsorted(reached, grid - 1e-12, side="left")
    return p[np.minimum(places, len(p) - 1)]


def _effective_rows(share: Floats, codes: NDArray[np.intp] | None) -> float:
    units = share if codes is None else np.bincount(codes, share)
    return float(1 / (units @ units))


def _plain(values: ArrayLike) -> tuple[float, ...]:
    return tuple(float(value) for value in np.asarray(values))
