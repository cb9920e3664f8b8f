"""One numeric column minus another."""

import numpy as np

from experiments.features.generation.feature import ColumnReader, GeneratedFeature, Inputs
from experiments.features.generation.kinds.numeric_pairs import strong_pairs

_PHRASE = {"en": "%(a)s − %(b)s", "zh": "%(a)s − %(b)s"}
# A spread this many times larger drowns the other column: the difference would be a copy of the first.
_LARGEST_RATIO_OF_SPREADS = 20.0


class Differences:
    """a − b, for columns that vary on a similar scale."""

    name = "difference"

    def propose(self, inputs: Inputs) -> list[GeneratedFeature]:
        """Return one candidate for each pair of strong columns of similar spread."""
        return [
            GeneratedFeature(f"{a} − {b}", self.name, [a, b], _PHRASE)
            for a, b in strong_pairs(inputs)
            if _have_similar_spread(inputs.columns.numbers(a), inputs.columns.numbers(b))
        ]

    def compute(self, feature: GeneratedFeature, columns: ColumnReader) -> np.ndarray:
        """Return the difference."""
        a, b = feature.sources
        return columns.numbers(a) - columns.numbers(b)


def _have_similar_spread(a: np.ndarray, b: np.ndarray) -> bool:
    spreads = [float(np.subtract(*np.nanquantile(values, (0.95, 0.05)))) for values in (a, b)]
    return min(spreads) > 0 and max(spreads) / min(spreads) <= _LARGEST_RATIO_OF_SPREADS
