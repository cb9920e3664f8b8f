"""How each column was distributed in training, and which have shifted since, for example by a change of unit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from experiments.evaluation.psi import psi, psi_limit
from experiments.evaluation.psi_bins import PsiBins
from experiments.evaluation.ranking import Floats
from experiments.features.levels import factorize_levels
from experiments.house_rules import is_shift

# Of all columns of a file together, chance alone may name one in twenty files.
CHANCE = 0.05
# A category of more levels than this is no category whose shares could be compared.
MOST_LEVELS = 2_000
# From this factor on, typical values are so much larger or smaller that their unit may have changed.
FACTOR_TOLD = 5.0
FEWEST_TO_COMPARE = 20


@dataclass(frozen=True)
class ColumnBaseline:
    """How a column was distributed in training.

    Attributes
    ----------
    type : the column's type. bins : frozen bins with their counts; of a date, only whether there is one.
    magnitude : mean of the decimal logarithm of the values' size, zeros and special values aside.
    """

    type: str
    bins: PsiBins
    magnitude: float | None = None

    @classmethod
    def of_numbers(
        cls, values: Floats, weight: Floats | None = None, *, kind: str = "numeric", codes: Sequence[float] = ()
    ) -> "ColumnBaseline":
        """Fix the bins of a column of numbers, dates (as days) or flags, NaN where empty.

        Examples
        --------
        >>> round(10 ** ColumnBaseline.of_numbers(np.array([10.0, 1000.0])).magnitude)
        100
        """
        # Dates move on from month to month by themselves.
        edges = () if kind == "date" else None
        bins = PsiBins.fit(values, weight, special_values=codes, edges=edges)
        sizes = _sizes(values, bins.special_values) if kind == "numeric" else np.zeros(0)
        return cls(kind, bins, float(sizes.mean()) if len(sizes) else None)

    @classmethod
    def of_levels(cls, values: pd.Series, weight: Floats | None, known: Sequence[str]) -> "ColumnBaseline":
        """Fix the bins of a category; ``known`` are all levels that training had."""
        codes, levels = factorize_levels(values)
        texts = np.array([*levels, None], dtype=object)[codes]
        return cls("categorical", replace(PsiBins.fit(pd.Series(texts), weight), known_levels=tuple(sorted(known))))

    def to_dict(self) -> dict[str, Any]:
        """Return the baseline as JSON-ready plain data."""
        return {"type": self.type, "bins": self.bins.to_dict(), "magnitude": self.magnitude}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "ColumnBaseline":
        """Build a baseline from what ``to_dict`` gave."""
        return cls(plain["type"], PsiBins.from_dict(plain["bins"]), plain["magnitude"])


class ColumnTally:
    """Adds up a column's values, chunk by chunk, in the bins of training."""

    def __init__(self, baseline: ColumnBaseline) -> None:
        self.baseline = baseline
        self.counts = np.zeros(len(baseline.bins.labels))
        self.size_sum, self.sized = 0.0, 0

    def add_numbers(self, values: Floats) -> None:
        """Count numbers, dates as days or flags, NaN where empty."""
        self.counts += self.baseline.bins.count(values)
        if self.baseline.magnitude is not None:
            sizes = _sizes(values, self.baseline.bins.special_values)
            self.size_sum, self.sized = self.size_sum + float(sizes.sum()), self.sized + len(sizes)

    def add_levels(self, values: pd.Series) -> None:
        """Count the levels of a category."""
        codes, levels = factorize_levels(values)
        rows = np.bincount(np.where(codes < 0, len(levels), codes), minlength=len(levels) + 1)
        self.counts += self.baseline.bins.tally(pd.Series([*levels, None], dtype=object), rows)

    def shift(self, columns: int) -> dict[str, Any] | None:
        """Return how far the column moved if that is more than chance gives among so many columns, else ``None``."""
        expected, rows = np.asarray(self.baseline.bins.counts), float(self.counts.sum())
        if not rows:
            return None
        used = int(((expected > 0) | (self.counts > 0)).sum())
        value = psi(expected, self.counts)
        limit = psi_limit(self.baseline.bins.effective_rows, rows, bins=used, level=1 - CHANCE / max(columns, 1))
        if not is_shift(value, limit):
            return None
        place = self.baseline.bins.labels.index("missing")
        empty = {"empty": float(self.counts[place] / rows), "was_empty": float(expected[place] / expected.sum())}
        return {"psi": value, "limit": limit, "times": self._times(), **empty}

    def _times(self) -> float | None:
        """Return how many times as large typical values are as in training, where that is much."""
        if self.baseline.magnitude is None or self.sized < FEWEST_TO_COMPARE:
            return None
        times = float(10.0 ** (self.size_sum / self.sized - self.baseline.magnitude))
        return times if max(times, 1 / times) >= FACTOR_TOLD else None


def _sizes(values: Floats, codes: Sequence[float]) -> Floats:
    counted = values[np.isfinite(values) & (values != 0) & ~np.isin(values, codes)]
    return np.log10(np.abs(counted))
