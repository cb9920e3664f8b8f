"""Between probabilities and points: ``Score = A + B·ln(odds)`` with odds of good to bad."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from experiments.evaluation.odds import expit

__all__ = ["PointsScale"]

_SMALLEST = 1e-15
# As many digits as points are printed and exported with: their sum is the score to within a few hundredths.
POINTS_DIGITS = 2


@dataclass(frozen=True)
class PointsScale:
    """Points that mean odds: ``base`` points at ``odds`` good to one bad, ``pdo`` more points double the odds.

    ``B = pdo/ln 2`` and ``A = base − B·ln(odds)`` (domain convention of credit scoring; 600 at 50:1, 20 to double).
    With ``direction`` +1 more points are safer; with −1 more points mean the event is more likely.

    Examples
    --------
    >>> round(float(PointsScale().score_from_probability(1 / 51)), 6)
    600.0
    """

    base: float = 600.0
    odds: float = 50.0
    pdo: float = 20.0
    direction: int = 1

    @property
    def factor(self) -> float:
        """Points per unit of log-odds (B)."""
        return self.pdo / float(np.log(2))

    @property
    def offset(self) -> float:
        """Points at even odds (A)."""
        return self.base - self.factor * float(np.log(self.odds))

    def score_from_margin(self, margin: np.ndarray) -> np.ndarray:
        """Return points for log-odds of the event."""
        return self.offset - self.direction * self.factor * np.asarray(margin, dtype=float)

    def score_from_probability(self, probability: np.ndarray) -> np.ndarray:
        """Return points for probabilities of the event (calibrated ones, between 0 and 1)."""
        p = np.clip(np.asarray(probability, dtype=float), _SMALLEST, 1 - _SMALLEST)
        return self.score_from_margin(np.log(p) - np.log1p(-p))

    def to_dict(self) -> dict[str, Any]:
        """Return the scale as JSON-ready plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "PointsScale":
        """Build a scale from what ``to_dict`` gave."""
        return cls(**plain)


def correct_prior(probability: np.ndarray, *, population_rate: float, sample_rate: float) -> np.ndarray:
    """Return probabilities as they would be at ``population_rate`` when the model saw ``sample_rate``.

    ``logit(p′) = logit(p) + ln(r/(1−r)) − ln(w/(1−w))``.
    """
    p = np.clip(np.asarray(probability, dtype=float), _SMALLEST, 1 - _SMALLEST)
    shift = np.log(population_rate / (1 - population_rate)) - np.log(sample_rate / (1 - sample_rate))
    return expit(np.log(p) - np.log1p(-p) + shift)
