"""What a switch from one score to another changes where money goes by an amount of each customer."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np

from experiments.evaluation.intervals import Interval
from experiments.evaluation.ranking import Floats
from experiments.stored import Part
from experiments.strategy.drawn_change import DrawnChange


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


def amount_values(y: Floats, amount: Floats) -> dict[str, Floats]:
    """Return what ``AmountChange`` is made of, row by row; a missing amount counts as 0.

    Examples
    --------
    >>> amount_values(np.array([1.0, 0.0]), np.array([10.0, np.nan]))["amounts"].tolist()
    [10.0, 0.0]
    """
    known = np.where(np.isfinite(amount), amount, 0.0)
    return {"amounts": known, "of_events": known * y, "together": known * (1 + y)}


def amount_change(changes: Mapping[str, DrawnChange]) -> AmountChange:
    """Return the change in amounts from what was found of ``amount_values`` on customers drawn anew.

    Its intervals are by the standard deviation of the draws: those of two sums tell that of any money made of them.

    Examples
    --------
    >>> from experiments.strategy.drawn_change import drawn_changes
    >>> y, one, two = np.array([1.0, 0.0]), np.array([0.9, 0.1]), np.array([0.2, 0.8])
    >>> found = drawn_changes(
    ...     y, one, two, values=amount_values(y, np.array([10.0, 30.0])), shares=[(0.5, 0.5)], chosen="highest"
    ... )
    >>> amount_change(found[0]).amounts.value, amount_change(found[0]).of_events.value
    (10.0, -5.0)
    """
    return AmountChange(**{name: changes[name].by_deviation for name in ("amounts", "of_events", "together")})


def _half(interval: Interval) -> float:
    return (interval.high - interval.low) / 2
