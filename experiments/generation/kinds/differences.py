"""One numeric column minus another."""

import numpy as np

from experiments.generation.feature import ColumnReader, GeneratedFeature, Inputs
from experiments.generation.kinds.numeric_pairs import have_similar_spread, like_pairs

_PHRASE = {"en": "%(a)s − %(b)s", "zh": "%(a)s − %(b)s"}


class Differences:
    """a − b, for columns in the same unit that vary on a similar scale."""

    name = "difference"

    def propose(self, inputs: Inputs) -> list[GeneratedFeature]:
        """Return one candidate for each pair of strong, like columns of similar spread."""
        return [
            GeneratedFeature(f"{a} − {b}", self.name, [a, b], _PHRASE)
            for a, b in like_pairs(inputs)
            if have_similar_spread(inputs.columns.numbers(a), inputs.columns.numbers(b))
        ]

    def compute(self, feature: GeneratedFeature, columns: ColumnReader) -> np.ndarray:
        """Return the difference."""
        a, b = feature.sources
        return columns.numbers(a) - columns.numbers(b)

    def sql(self, feature: GeneratedFeature, sources: list[str]) -> str | None:
        """Return the same as an expression of SQL."""
        return f"{sources[0]} - {sources[1]}"
