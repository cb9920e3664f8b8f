"""Estimates and differences with their confidence bounds, and what counts as better."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["Difference", "Interval"]

# How large a difference must be, besides being significant, to be worth a change of model (house rule 1.14).
MATERIALITY = {"auc": 0.005, "ks": 0.01}
# What a standard normal quantity stays within in 95 of a hundred cases.
Z_95 = 1.959963984540054


@dataclass(frozen=True)
class Interval:
    """An estimate with the bounds of its confidence interval; bounds are NaN when there is too little data.

    Examples
    --------
    >>> Interval(0.71, 0.65, 0.77).high
    0.77
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Difference:
    """The difference of two measures on the same rows: ``value`` with bounds and a two-sided p-value.

    ``error`` and ``freedom`` are its standard error and degrees of freedom, where it was judged by them; ``draws`` its
    replicates, where it was judged by those.

    Examples
    --------
    >>> Difference(0.02, 0.01, 0.03, 0.001).is_better(), Difference(0.02, -0.01, 0.05, 0.2).is_better()
    (True, False)
    """

    value: float
    low: float
    high: float
    p_value: float
    error: float = field(default=float("nan"), compare=False)
    freedom: float = field(default=float("inf"), compare=False)
    draws: np.ndarray | None = field(default=None, compare=False, repr=False)

    @classmethod
    def by_error(
        cls, value: float, error: float, *, freedom: float = float("inf"), level: float = 0.95
    ) -> "Difference":
        """Return a difference by its standard error: by Student's t with finite degrees of freedom, else normal."""
        from scipy.special import ndtr, ndtri, stdtr, stdtrit

        if error == 0:
            return cls(value, value, value, 1.0 if value == 0 else 0.0, error, freedom)
        if np.isfinite(freedom):
            half = float(stdtrit(freedom, 0.5 + level / 2)) * error
            p_value = 2 * float(stdtr(freedom, -abs(value) / error))
        else:
            half, p_value = float(ndtri(0.5 + level / 2)) * error, 2 * float(ndtr(-abs(value) / error))
        return cls(value, value - half, value + half, p_value, error, freedom)

    def at(self, level: float) -> "Difference":
        """Return the same difference with its interval at another level; as it is where nothing tells of it."""
        if self.draws is not None:
            interval = percentile_interval(self.value, self.draws, level)
            return replace(self, low=interval.low, high=interval.high)
        return (
            self if np.isnan(self.error) else self.by_error(self.value, self.error, freedom=self.freedom, level=level)
        )

    def is_better(self, materiality: float = MATERIALITY["auc"]) -> bool:
        """Return whether the first is significantly better (lower bound above 0), and by enough to matter."""
        return self.low > 0 and self.value >= materiality


def percentile_interval(value: float, replicates: ArrayLike, level: float = 0.95) -> Interval:
    """Return ``value`` with the percentiles of its replicates, widened where needed to hold the value itself."""
    found = np.asarray(replicates, dtype=np.float64)
    found = found[np.isfinite(found)]
    if not np.isfinite(value) or len(found) < 2:
        return Interval(value, float("nan"), float("nan"))
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return Interval(value, float(min(low, value)), float(max(high, value)))
