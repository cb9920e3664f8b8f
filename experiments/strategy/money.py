"""What choosing a share of the customers brings, where it brings most, and how far around that hardly matters."""

from dataclasses import dataclass

import numpy as np

from experiments.evaluation.intervals import Interval
from experiments.evaluation.ranking import Floats
from experiments.strategy.curve import StrategyCurve
from experiments.strategy.stakes import Stakes

# Shares that bring almost as much as the best are as good: the rest is for the capacity of a team to decide.
ABOUT_AS_GOOD = 0.98
REPLICATES = 500


@dataclass(frozen=True)
class Outcome:
    """What choosing a share of so many customers means.

    Attributes
    ----------
    share, customers, cutoff : who is chosen: share of all, their number, and the probability of the last.
    events : how many events to expect among them. event_rate : of the chosen. capture : share of all events that are
        among them. lift : event rate of the chosen over that of all.
    rate_around : event rate near the cut-off, to be set beside the ``break_even`` of the stakes.
    revenue, cost, profit : money; the first less the second is the third. predicted_profit : the same by the model's
        probabilities; the gap is what its calibration costs.
    missed : events among those who are not chosen.
    """

    share: float
    customers: float
    cutoff: float
    events: Interval
    event_rate: float
    capture: float
    lift: float
    rate_around: float
    break_even: float
    revenue: float
    cost: float
    profit: Interval
    predicted_profit: float
    missed: float

    @property
    def false_alarms(self) -> float:
        """Chosen customers without the event."""
        return max(0.0, self.customers - self.events.value)


@dataclass(frozen=True)
class Best:
    """Where the profit is greatest, with the shares that are about as good.

    ``share`` is 0 where choosing anybody loses money. ``low`` and ``high`` bound the run of shares around it whose
    profit is within 2 % of the greatest, as that of each between them is. ``tied_low`` and ``tied_high`` bound those
    that the rows cannot tell from the best: the interval of the difference in profit (95 %) holds 0.
    """

    share: float
    profit: float
    low: float
    high: float
    tied_low: float
    tied_high: float


def outcome(curve: StrategyCurve, share: float, stakes: Stakes, customers: float) -> Outcome:
    """Return what choosing ``share`` of ``customers`` means.

    Examples
    --------
    >>> from experiments.strategy.curve import strategy_curve
    >>> curve = strategy_curve([1, 1, 0, 0], [0.9, 0.8, 0.2, 0.1])
    >>> found = outcome(curve, 0.5, Stakes.of_contact(value=80, cost=6), customers=1_000)
    >>> found.events.value, found.profit.value, found.cost, found.capture, found.lift
    (500.0, 37000.0, 3000.0, 1.0, 2.0)
    """
    events = curve.events_among(share, customers)
    number = share * customers
    predicted = customers * float(np.interp(share, curve.shares, curve.predicted))
    rate = events.value / number if number else float("nan")
    return Outcome(
        share=share,
        customers=number,
        cutoff=curve.cutoff_at(share),
        events=events,
        event_rate=rate,
        capture=curve.events_at(share) / curve.event_rate if curve.event_rate else float("nan"),
        lift=rate / curve.event_rate if curve.event_rate else float("nan"),
        rate_around=curve.rate_around(share),
        break_even=stakes.break_even,
        revenue=stakes.revenue(events.value, number - events.value),
        cost=stakes.spent(events.value, number - events.value),
        profit=_profit(events, number, stakes),
        predicted_profit=_money(predicted, number, stakes),
        missed=max(0.0, customers * curve.event_rate - events.value),
    )


def best(
    curve: StrategyCurve, stakes: Stakes, customers: float, *, replicates: int = REPLICATES, seed: int = 1
) -> Best:
    """Return the share with the greatest profit and those about as good (domain specification 1.10).

    Notes
    -----
    Which shares cannot be told from the best is found by drawing the rows of the curve's cells anew, as many as the
    curve's effective rows, and taking the difference in profit on each draw: it is paired, since both shares are
    looked at on the same drawn rows.

    Examples
    --------
    >>> from experiments.strategy.curve import strategy_curve
    >>> curve = strategy_curve([1, 1, 0, 0] * 50, [0.9, 0.8, 0.2, 0.1] * 50)
    >>> best(curve, Stakes.of_contact(value=80, cost=6), 1_000).share
    0.5
    """
    shares, money = np.asarray(curve.shares), _curve_money(np.asarray(curve.events), np.asarray(curve.shares), stakes)
    top = int(money.argmax())
    good = _run_around(top, money < ABOUT_AS_GOOD * money[top]) if money[top] > 0 else range(top, top + 1)
    tied = _tied_to(top, _drawn_money(curve, stakes, replicates, seed))
    return Best(
        share=float(shares[top]),
        profit=float(customers * money[top]),
        low=float(shares[good.start]),
        high=float(shares[good.stop - 1]),
        tied_low=float(shares[tied.start]),
        tied_high=float(shares[tied.stop - 1]),
    )


def _tied_to(top: int, drawn: Floats) -> range:
    """Return the places around ``top`` without a gap whose difference from it, over the draws, may be 0."""
    low, high = np.quantile(drawn - drawn[:, [top]], [0.025, 0.975], axis=0)
    return _run_around(top, (low > 0) | (high < 0))


def _run_around(top: int, ends: np.ndarray) -> range:
    """Return the places around ``top`` up to the first that ``ends`` the run on either side."""
    places = np.flatnonzero(ends)
    before, after = places[places < top], places[places > top]
    return range(int(before[-1]) + 1 if len(before) else 0, int(after[0]) if len(after) else len(ends))


def _drawn_money(curve: StrategyCurve, stakes: Stakes, replicates: int, seed: int) -> Floats:
    """Return the profit per customer at every share in samples drawn anew; shape (replicates, shares)."""
    rng = np.random.default_rng(seed)
    events = np.clip(np.diff(curve.events, prepend=0.0), 0.0, None)
    others = np.clip(np.diff(curve.shares, prepend=0.0) - events, 0.0, None)
    chances = np.concatenate([events, others])
    rows = max(1, round(curve.effective_rows))
    counts = rng.multinomial(rows, chances / chances.sum(), size=replicates) / rows
    size = len(curve.shares)
    return np.cumsum(counts[:, :size] * stakes.with_event + counts[:, size:] * stakes.without_event, axis=1)


def _profit(events: Interval, number: float, stakes: Stakes) -> Interval:
    bounds = sorted(_money(bound, number, stakes) for bound in (events.low, events.high))
    return Interval(_money(events.value, number, stakes), bounds[0], bounds[1])


def _money(events: float, number: float, stakes: Stakes) -> float:
    return events * stakes.with_event + (number - events) * stakes.without_event


def _curve_money(events: Floats, shares: Floats, stakes: Stakes) -> Floats:
    return events * stakes.with_event + (shares - events) * stakes.without_event
