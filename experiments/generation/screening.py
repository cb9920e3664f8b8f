"""A first sieve: does a candidate tell anything that a model of the original columns has not already said?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

_COARSE, _FINE = 4, 16


@dataclass(frozen=True)
class Residuals:
    """What a model of the original columns leaves unexplained on rows it was not fitted on; shape (rows,) each.

    Attributes
    ----------
    gap : weight·(outcome − probability).
    variance : weight·probability·(1 − probability), the variance of the gap if the model were right.
    """

    gap: np.ndarray
    variance: np.ndarray

    @classmethod
    def of(cls, y: np.ndarray, p: np.ndarray, weight: np.ndarray) -> "Residuals":
        """Return the residuals of out-of-fold probabilities, their scale set so that the average gap fits."""
        gap, variance = weight * (y - p), weight**2 * p * (1 - p)
        # Weights and a model a little off its level would make everything look significant.
        gap = gap - variance * gap.sum() / variance.sum()
        return cls(gap, variance * float((gap**2).sum() / variance.sum()))

    def strength(self, values: np.ndarray) -> float:
        """Return how far the gaps of groups of similar values exceed chance, in standard deviations of χ².

        Groups are 4 or 16 quantiles, whichever shows more, and the empty cells.
        """
        return max(self._excess(groups_of(values, count)) for count in (_COARSE, _FINE))

    def _excess(self, groups: np.ndarray) -> float:
        gap, variance = np.bincount(groups, self.gap), np.bincount(groups, self.variance)
        filled = variance > 0
        degrees = filled.sum() - 1
        if degrees < 1:
            return 0.0
        return float(((gap[filled] ** 2 / variance[filled]).sum() - degrees) / np.sqrt(2.0 * degrees))


def groups_of(values: np.ndarray, count: int) -> np.ndarray:
    """Return a group number for each value: quantiles from 1 on, 0 for empty cells."""
    filled = values[~np.isnan(values)]
    if not filled.size:
        return np.zeros(len(values), dtype=np.int64)
    edges = np.unique(np.quantile(filled, np.linspace(0, 1, count + 1)[1:-1]))
    return np.where(np.isnan(values), 0, np.searchsorted(edges, values, side="right") + 1)


@dataclass(frozen=True)
class Screened:
    """Strength of each candidate and of each original column."""

    candidates: dict[str, float]
    originals: dict[str, float]

    def of_sources(self, sources: list[str]) -> float:
        """Return the strength of the strongest source."""
        return max(self.originals.get(source, 0.0) for source in sources)

    def beats_sources(self, name: str, sources: list[str]) -> bool:
        """Return whether a candidate is stronger than each column it is made of."""
        return self.candidates[name] > self.of_sources(sources)


def screen(
    residuals: Residuals,
    candidates: Mapping[str, np.ndarray],
    originals: Mapping[str, np.ndarray],
    *,
    pulse: Callable[[], None],
) -> Screened:
    """Measure every candidate and every original column against the residuals."""
    strengths = {}
    for name, values in candidates.items():
        pulse()
        strengths[name] = residuals.strength(values)
    return Screened(strengths, {name: residuals.strength(values) for name, values in originals.items()})
