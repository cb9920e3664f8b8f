"""What a chosen customer brings in money, with the event and without it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from experiments.errors import BadInput, gettext_noop
from experiments.evaluation.ranking import Floats

NO_NUMBER = gettext_noop("An amount of money must be a number, for example 80.")
NEGATIVE = gettext_noop("Enter costs, losses and gains as amounts of 0 or more; the sign is applied automatically.")


@dataclass(frozen=True)
class Stakes:
    """Money per chosen customer, in one currency; losses and costs are negative.

    Attributes
    ----------
    with_event, without_event : what one chosen customer brings if the event comes, and if it does not.
    cost : the part of it that is spent on every chosen customer in any case, at least 0.

    Examples
    --------
    >>> Stakes.of_contact(value=80, cost=6)
    Stakes(with_event=74.0, without_event=-6.0, cost=6.0)
    """

    with_event: float
    without_event: float
    cost: float = 0.0

    @classmethod
    def of_contact(cls, *, value: float, cost: float) -> "Stakes":
        """Return the stakes of a contact: ``value`` of one who answers, ``cost`` of each contact.

        Raises
        ------
        BadInput : an amount is no number or negative.
        """
        _require_amounts(value, cost)
        return cls(float(value - cost), float(-cost), float(cost))

    @classmethod
    def of_credit(cls, *, gain: float, loss: float) -> "Stakes":
        """Return the stakes of a loan: ``gain`` if it is paid back, ``loss`` if it is not.

        Both are sums over the life of one loan: gain = margin · exposure · tenor − operating and acquisition cost,
        loss = loss given default · exposure + collection (domain specification 1.10).

        Raises
        ------
        BadInput : an amount is no number or negative.
        """
        _require_amounts(gain, loss)
        return cls(float(-loss), float(gain))

    @property
    def break_even(self) -> float:
        """Probability of the event at which one chosen customer brings nothing; NaN where both outcomes bring alike.

        Examples
        --------
        >>> Stakes.of_contact(value=80, cost=6).break_even, Stakes.of_credit(gain=1, loss=9).break_even
        (0.075, 0.1)
        """
        apart = self.without_event - self.with_event
        return self.without_event / apart if apart else float("nan")

    def revenue(self, events: float, others: float) -> float:
        """Return what so many chosen customers with the event, and without it, bring before anything is paid.

        Examples
        --------
        >>> Stakes.of_contact(value=80, cost=6).revenue(2, 8), Stakes.of_credit(gain=1, loss=9).revenue(2, 8)
        (160.0, 8.0)
        """
        return events * max(0.0, self.with_event + self.cost) + others * max(0.0, self.without_event + self.cost)

    def spent(self, events: float, others: float) -> float:
        """Return what they cost: the contacts, or the loans that are lost.

        Examples
        --------
        >>> Stakes.of_contact(value=80, cost=6).spent(2, 8), Stakes.of_credit(gain=1, loss=9).spent(2, 8)
        (60.0, 18.0)
        """
        lost = events * max(0.0, -self.with_event - self.cost) + others * max(0.0, -self.without_event - self.cost)
        return (events + others) * self.cost + lost

    def expected(self, p: ArrayLike) -> Floats:
        """Return what a customer with probability ``p`` brings in the mean, same shape.

        Examples
        --------
        >>> Stakes.of_credit(gain=1, loss=9).expected([0.0, 0.1, 0.5]).tolist()
        [1.0, 0.0, -4.0]
        """
        probability = np.asarray(p, dtype=np.float64)
        return np.asarray(self.without_event + probability * (self.with_event - self.without_event))


def _require_amounts(*amounts: float) -> None:
    if not all(np.isfinite(amount) for amount in amounts):
        raise BadInput(NO_NUMBER)
    if min(amounts) < 0:
        raise BadInput(NEGATIVE)
