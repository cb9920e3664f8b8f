"""One numeric column as a share or multiple of another."""

import numpy as np

from experiments.generation.feature import ColumnReader, GeneratedFeature, Inputs
from experiments.generation.kinds.numeric_pairs import like_pairs
from experiments.generation.portable_sql import clipped

_PHRASE = {"en": "%(a)s ÷ %(b)s", "zh": "%(a)s ÷ %(b)s"}


class Ratios:
    """a ÷ b, empty where b is 0; b is the column with fewer zeros, so that few rows are lost."""

    name = "ratio"

    def propose(self, inputs: Inputs) -> list[GeneratedFeature]:
        """Return one candidate for each pair of strong columns; of like ones unless in depth."""
        pairs = [sorted(pair, key=lambda name: _as_divisor(inputs, name)) for pair in like_pairs(inputs)]
        return [GeneratedFeature(f"{a} ÷ {b}", self.name, [a, b], _PHRASE) for a, b in pairs]

    def compute(self, feature: GeneratedFeature, columns: ColumnReader) -> np.ndarray:
        """Return the quotient."""
        above, below = (columns.numbers(name) for name in feature.sources)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return np.where(below == 0, np.nan, np.clip(above / below, -1e30, 1e30))

    def sql(self, feature: GeneratedFeature, sources: list[str]) -> str | None:
        """Return the same as an expression of SQL."""
        return clipped(f"{sources[0]} / NULLIF({sources[1]}, 0e0)")


def _as_divisor(inputs: Inputs, name: str) -> tuple[float, float, str]:
    """Order columns from the worst divisor to the best: few empty cells, zeros and changes of sign, large values."""
    values = inputs.columns.numbers(name)
    return -float(np.mean(~(values > 0))), float(np.nanmedian(np.abs(values))), name
