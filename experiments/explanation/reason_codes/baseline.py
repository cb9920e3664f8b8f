"""With whom customers are compared for their reasons: the typical customer, or those just approved."""

from dataclasses import dataclass

import numpy as np

from experiments.errors import gettext_noop
from experiments.evaluation.odds import logit
from experiments.explanation.reason_codes.sentences import NOTHING, NOTHING_NEAR
from experiments.sentence import Sentence
from experiments.stored import Part

__all__ = ["EVERYBODY", "Baseline", "approved_near"]

ALL, APPROVED = "all", "approved"
FEWEST, MOST = 30, 1_000
MOST_DIGITS = 7
OF_ALL = gettext_noop("Reasons compare with the typical customer.")
OF_APPROVED = gettext_noop(
    "Reasons compare with %(rows)s customers just approved, whose probability is between %(low)s and %(high)s: they "
    "answer why this customer is not among them."
)


@dataclass(frozen=True)
class Baseline(Part):
    """With whom customers are compared for their reasons.

    Attributes
    ----------
    kind : ``all``, the typical customer of development, or ``approved``, those just on the good side of the cut-off.
    cut_off : probability from which customers are declined. low, high : of those compared with. rows : how many.

    Examples
    --------
    >>> Baseline("approved", 0.2, 0.11, 0.199, 300).is_near
    True
    """

    kind: str = ALL
    cut_off: float | None = None
    low: float | None = None
    high: float | None = None
    rows: int = 0

    @property
    def is_near(self) -> bool:
        """Whether customers are compared with those just approved."""
        return self.kind == APPROVED

    @property
    def nothing(self) -> str:
        """The closing of a customer who is no worse in anything."""
        return NOTHING_NEAR if self.is_near else NOTHING

    @property
    def told(self) -> Sentence:
        """Who that is, in words."""
        if not self.is_near:
            return Sentence(OF_ALL)
        low, high = _told_apart(self.low or 0.0, self.high or 0.0)
        return Sentence(OF_APPROVED, {"rows": f"{self.rows:,}", "low": low, "high": high})


def _told_apart(low: float, high: float) -> tuple[str, str]:
    """Return two probabilities in percent: of rare events with as many decimals as tell them from 0 and apart."""
    for digits in range(1, MOST_DIGITS):
        told = f"{100 * low:.{digits}f}", f"{100 * high:.{digits}f}"
        is_told = low == high or told[0] != told[1]
        if is_told and all(float(text) > 0 or not bound for text, bound in zip(told, (low, high), strict=True)):
            break
    return f"{told[0]}%", f"{told[1]}%"


EVERYBODY = Baseline()


def approved_near(probability: np.ndarray, cut_off: float, *, most: int = MOST) -> np.ndarray:
    """Return who stands just on the approved side of a cut-off: at most twice the odds better.

    Parameters
    ----------
    probability : of the event, shape (rows,). cut_off : from which customers are declined.
    most : so many are taken, spread evenly over the table.

    Returns
    -------
    ndarray
        Positions, rising. Where fewer than 30 stand that near, the 30 nearest; none where nobody is approved.

    Examples
    --------
    >>> approved_near(np.array([0.01] * 40 + [0.15] * 40 + [0.3] * 20), 0.2).tolist() == list(range(40, 80))
    True
    """
    p = np.asarray(probability, dtype=float)
    approved = np.flatnonzero(p < cut_off)
    odds = logit(p[approved])
    near = approved[odds >= float(logit(cut_off)) - np.log(2)]
    if len(near) < FEWEST:
        near = np.sort(approved[np.argsort(-p[approved], kind="stable")[:FEWEST]])
    if len(near) <= most:
        return near
    return near[np.unique(np.linspace(0, len(near) - 1, most).astype(int))]
