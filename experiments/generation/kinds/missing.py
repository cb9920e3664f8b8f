"""What is not known of a customer: one cell, or how many."""

import numpy as np

from experiments.generation.feature import ColumnReader, GeneratedFeature, Inputs

_ONE = {"en": "%(a)s is not known", "zh": "%(a)s缺失"}
_COUNT = {"en": "empty cells among %(count)s columns", "zh": "%(count)s 列中的空值数"}
_LEAST_SHARE = 0.02


class MissingCells:
    """1 where a cell is empty, and the number of empty cells of a row."""

    name = "missing"

    def propose(self, inputs: Inputs) -> list[GeneratedFeature]:
        """Return one candidate for each column that is often but not always empty, and one for all of them."""
        gappy = [name for name in inputs.types if self._is_gappy(inputs, name)]
        candidates = [GeneratedFeature(f"empty({name})", self.name, [name], _ONE) for name in gappy]
        if len(gappy) > 1:
            formula = f"empty({') + empty('.join(gappy)})"
            candidates.append(GeneratedFeature("empty cells", self.name, gappy, _COUNT, formula=formula))
        return candidates

    def compute(self, feature: GeneratedFeature, columns: ColumnReader) -> np.ndarray:
        """Return the number of empty cells among the sources."""
        return np.sum([columns.is_empty(name) for name in feature.sources], axis=0).astype(float)

    def spoken_by(self, feature: GeneratedFeature, columns: ColumnReader, values: np.ndarray) -> np.ndarray:
        """Let the empty cells speak."""
        return np.column_stack([columns.is_empty(name) for name in feature.sources])

    def _is_gappy(self, inputs: Inputs, name: str) -> bool:
        return _LEAST_SHARE <= inputs.columns.is_empty(name).mean() <= 1 - _LEAST_SHARE
