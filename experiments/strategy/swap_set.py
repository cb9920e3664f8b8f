"""Who changes sides when one score takes another's place, and what that is worth."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from experiments.errors import BadInput, gettext_noop
from experiments.evaluation.clusters import mean_interval
from experiments.evaluation.intervals import Interval
from experiments.evaluation.ranking import Floats, RankedSample, labelled
from experiments.house_rules import is_enough
from experiments.stored import plain_fields
from experiments.strategy.curve import Chosen, chosen_at, strategy_curve
from experiments.strategy.drawn_change import drawn_changes
from experiments.strategy.stakes import Stakes

BAD_SHARE = gettext_noop("The share of customers to choose must lie above 0 and below 1, for example 0.2.")


CELLS = ("both", "swap_in", "swap_out", "neither")


@dataclass(frozen=True)
class Cell:
    """One of the four groups of customers: chosen or not by the one score, chosen or not by the other.

    ``customers`` is their number in the sample, ``share`` their share of all, ``event_rate`` with its interval (NaN
    bounds where they are too few to judge), ``mean_amount`` of the amounts given, ``profit`` per customer of all.
    """

    customers: float
    share: float
    event_rate: Interval
    is_enough: bool
    mean_amount: float | None
    profit: float | None


@dataclass(frozen=True)
class SwapSet:
    """Champion against challenger on the same rows (domain specification 1.11).

    Attributes
    ----------
    share, challenger_share : how much of the sample each chooses; equal, unless the event rates were set equal.
    both, swap_in, swap_out, neither : chosen by both, only by the challenger, only by the champion, by none.
    event_rate_change : event rate of the challenger's choice less that of the champion's.
    profit_change : profit of the challenger's choice less the champion's, per customer of the sample.
    """

    share: float
    challenger_share: float
    both: Cell
    swap_in: Cell
    swap_out: Cell
    neither: Cell
    event_rate_change: float
    profit_change: Interval | None

    def without_amounts(self) -> Self:
        """Return it without mean amounts: their column may not be told of."""
        cells = {name: replace(getattr(self, name), mean_amount=None) for name in CELLS}
        return replace(self, **cells)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain, JSON-ready data; what nobody can tell is None."""
        return plain_fields(self)


def swap_set(
    y: ArrayLike,
    champion: ArrayLike,
    challenger: ArrayLike,
    weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    *,
    share: float,
    chosen: Chosen = "highest",
    at_equal_event_rate: bool = False,
    amount: ArrayLike | None = None,
    stakes: Stakes | None = None,
) -> SwapSet:
    """Return who would be chosen by one score and not by the other.

    Parameters
    ----------
    y, champion, challenger, weight, groups : labels, probabilities by both, weights and customer of the same n rows.
    share : of the customers that the champion chooses, above 0 and below 1.
    chosen : which end of the scores is wanted: the highest (response) or the lowest (default).
    at_equal_event_rate : let the challenger choose as many as keep the champion's event rate, instead of as many as
        the champion.
    amount : limit, balance or the like of each row, told as a mean. stakes : money per chosen customer.

    Raises
    ------
    BadInput : the share is none.

    Notes
    -----
    Inside equal scores each row is chosen in part, as if by lot; both scores draw the same lot, so that a score set
    against itself swaps nobody. The interval of the change of profit is by the paired bootstrap (``drawn_changes``):
    both scores choose anew among the same customers drawn, each its share.

    Examples
    --------
    >>> found = swap_set([1, 0, 1, 0], [0.9, 0.8, 0.2, 0.1], [0.9, 0.2, 0.8, 0.1], share=0.5)
    >>> found.swap_in.customers, found.swap_in.event_rate.value, found.swap_out.event_rate.value
    (1.0, 1.0, 0.0)
    >>> found.event_rate_change
    0.5
    """
    if not 0 < share < 1:
        raise BadInput(BAD_SHARE)
    labels, first, weights, second, customers, amounts = labelled(y, champion, weight, challenger, groups, amount)
    second = np.asarray(second, dtype=np.float64)
    own = _Choice.of(labels, first, weights, share, chosen)
    others = share
    if at_equal_event_rate:
        others = _share_at_rate(labels, second, weights, customers, chosen=chosen, rate=own.event_rate)
    other = _Choice.of(labels, second, weights, others, chosen)
    parts = _parts(own.part, other.part)
    rows = _Rows(labels, weights, customers, amounts, stakes)
    change = None
    if stakes is not None:
        (drawn,) = drawn_changes(
            labels, first, second, weights, customers, values={"money": stakes.expected(labels)},
            shares=[(share, others)], chosen=chosen,
        )  # fmt: skip
        change = drawn["money"].interval
    return SwapSet(
        share=share,
        challenger_share=others,
        **{name: rows.cell(part) for name, part in parts.items()},
        event_rate_change=other.event_rate - own.event_rate,
        profit_change=change,
    )


def swapped_parts(
    y: Floats,
    champion: Floats,
    challenger: Floats,
    weight: Floats | None = None,
    *,
    share: float,
    challenger_share: float | None = None,
    chosen: Chosen = "highest",
) -> dict[str, Floats]:
    """Return how far each row belongs to each of the four groups of a swap set, 0 to 1; the four sum to 1.

    Examples
    --------
    >>> y, one, two = np.array([1.0, 0.0]), np.array([0.9, 0.1]), np.array([0.2, 0.8])
    >>> swapped_parts(y, one, two, share=0.5)["swap_in"].tolist()
    [0.0, 1.0]
    """
    weights = np.ones(len(y)) if weight is None else weight
    own = _Choice.of(y, champion, weights, share, chosen)
    other = _Choice.of(y, challenger, weights, share if challenger_share is None else challenger_share, chosen)
    return _parts(own.part, other.part)


def _parts(own: Floats, other: Floats) -> dict[str, Floats]:
    return {
        "both": np.minimum(own, other),
        "swap_in": np.maximum(other - own, 0.0),
        "swap_out": np.maximum(own - other, 0.0),
        "neither": 1 - np.maximum(own, other),
    }


@dataclass(frozen=True)
class _Choice:
    """How far each row is chosen by one score, and the event rate of the chosen."""

    part: Floats
    event_rate: float

    @classmethod
    def of(cls, y: Floats, p: Floats, weight: Floats, share: float, chosen: Chosen) -> "_Choice":
        ranked = RankedSample(y, p if chosen == "highest" else -p, weight)
        part = np.empty(len(y))
        part[ranked.order] = chosen_at(ranked, share)
        taken = weight * part
        rate = float(taken @ y / taken.sum()) if taken.sum() else float("nan")
        return cls(part, rate)


@dataclass(frozen=True)
class _Rows:
    y: Floats
    weight: Floats
    groups: np.ndarray | None
    amount: np.ndarray | None
    stakes: Stakes | None

    def cell(self, part: Floats) -> Cell:
        taken = self.weight * part
        total = float(taken.sum())
        inside = part > 0
        groups = None if self.groups is None else self.groups[inside]
        enough = is_enough(round(float(part.sum())), round(float(part @ self.y)))
        rate = mean_interval(self.y[inside], taken[inside], groups=groups)
        money = None if self.stakes is None else self.stakes.expected(self.y)
        return Cell(
            customers=float(part.sum()),
            share=total / float(self.weight.sum()),
            event_rate=rate if enough else Interval(rate.value, float("nan"), float("nan")),
            is_enough=enough,
            mean_amount=None if self.amount is None else _mean(self.amount[inside], taken[inside]),
            profit=None if money is None else float(taken @ money / self.weight.sum()),
        )


def _share_at_rate(
    y: Floats, p: Floats, weight: Floats, groups: np.ndarray | None, *, chosen: Chosen, rate: float
) -> float:
    """Return the largest share whose chosen have at least the event rate wanted, or at most where it is not wanted."""
    curve = strategy_curve(y, p, weight, groups, chosen=chosen)
    shares, events = np.asarray(curve.shares)[1:], np.asarray(curve.events)[1:]
    rates = events / shares
    fits = rates >= rate - 1e-12 if chosen == "highest" else rates <= rate + 1e-12
    return float(shares[fits].max()) if fits.any() else float(shares[0])


def _mean(values: np.ndarray, weight: Floats) -> float | None:
    numbers = np.asarray(values, dtype=np.float64)
    known = np.isfinite(numbers)
    total = float(weight[known].sum())
    return float(numbers[known] @ weight[known] / total) if total else None
