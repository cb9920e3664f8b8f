"""What a switch from one score to another changes where money goes by an amount of each customer."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from experiments.evaluation.clusters import mean_interval
from experiments.evaluation.intervals import Interval
from experiments.evaluation.ranking import Floats, RankedSample
from experiments.stored import Part
from experiments.strategy.curve import Chosen, chosen_at, mean_around


@dataclass(frozen=True)
class AmountChange(Part):
    """Amounts of those whom the challenger chooses less those of the champion's choice, per customer of all.

    Attributes
    ----------
    amounts, of_events : of all chosen, and of those chosen who have the event. together : the sum of both, whose
        interval tells how the two move together, and so the interval of any money made of them.
    """

    amounts: Interval
    of_events: Interval
    together: Interval

    def money(self, *, without_event: float, with_event: float) -> Interval:
        """Return the change of money where a unit of the amount brings so much without the event, so much with it.

        Examples
        --------
        >>> change = AmountChange(Interval(2.0, 0.0, 4.0), Interval(1.0, 0.0, 2.0), Interval(3.0, 0.0, 6.0))
        >>> change.money(without_event=1.0, with_event=0.0)
        Interval(value=1.0, low=0.0, high=2.0)
        """
        apart = with_event - without_event
        own, events, both = (_half(each) ** 2 for each in (self.amounts, self.of_events, self.together))
        shared = (both - own - events) / 2
        value = without_event * self.amounts.value + apart * self.of_events.value
        half = sqrt(max(0.0, without_event**2 * own + 2 * without_event * apart * shared + apart**2 * events))
        return Interval(value, value - half, value + half)


def amount_change(
    y: Floats,
    champion: Floats,
    challenger: Floats,
    weight: Floats | None = None,
    groups: np.ndarray | None = None,
    *,
    amount: Floats,
    share: float,
    chosen: Chosen,
) -> AmountChange:
    """Return how the amounts chosen change where both scores choose the same share; a missing amount counts as 0.

    As in ``swap_set`` the intervals take both cut-offs as estimated from the rows.

    Examples
    --------
    >>> y, one, two = np.array([1.0, 0.0]), np.array([0.9, 0.1]), np.array([0.2, 0.8])
    >>> found = amount_change(y, one, two, amount=np.array([10.0, 30.0]), share=0.5, chosen="highest")
    >>> found.amounts.value, found.of_events.value
    (10.0, -5.0)
    """
    weights = np.ones(len(y)) if weight is None else weight
    known = np.where(np.isfinite(amount), amount, 0.0)
    ranked = [RankedSample(y, p if chosen == "highest" else -p, weights) for p in (champion, challenger)]
    shares = [_share_of_rows(each, share) for each in ranked]

    def change(values: Floats) -> Interval:
        own, other = (
            (values - mean_around(each, values[each.order], share)) * part
            for each, part in zip(ranked, shares, strict=True)
        )
        level = share * (mean_around(ranked[1], values[ranked[1].order], share)
                         - mean_around(ranked[0], values[ranked[0].order], share))  # fmt: skip
        moved = mean_interval(other - own, weights, groups=groups)
        return Interval(moved.value + level, moved.low + level, moved.high + level)

    return AmountChange(change(known), change(known * y), change(known * (1 + y)))


def _share_of_rows(ranked: RankedSample, share: float) -> Floats:
    part = np.empty(len(ranked.y))
    part[ranked.order] = chosen_at(ranked, share)
    return part


def _half(interval: Interval) -> float:
    return (interval.high - interval.low) / 2
