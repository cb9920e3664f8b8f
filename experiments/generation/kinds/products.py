"""One numeric column times another."""

import numpy as np

from experiments.generation.feature import ColumnReader, GeneratedFeature, Inputs
from experiments.generation.kinds.numeric_pairs import strong_pairs
from experiments.generation.portable_sql import clipped

_PHRASE = {"en": "%(a)s × %(b)s", "zh": "%(a)s × %(b)s"}


class Products:
    """a × b."""

    name = "product"

    def propose(self, inputs: Inputs) -> list[GeneratedFeature]:
        """Return one candidate for each pair of strong columns."""
        return [GeneratedFeature(f"{a} × {b}", self.name, [a, b], _PHRASE) for a, b in strong_pairs(inputs)]

    def compute(self, feature: GeneratedFeature, columns: ColumnReader) -> np.ndarray:
        """Return the product."""
        a, b = (columns.numbers(name) for name in feature.sources)
        with np.errstate(over="ignore"):
            return np.clip(a * b, -1e30, 1e30)

    def sql(self, feature: GeneratedFeature, sources: list[str]) -> str | None:
        """Return the same as an expression of SQL."""
        return clipped(f"{sources[0]} * {sources[1]}")
