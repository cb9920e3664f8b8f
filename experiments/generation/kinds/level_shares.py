"""How common a customer's level of a category is."""

import numpy as np

from experiments.generation.feature import ColumnReader, GeneratedFeature, Inputs

_PHRASE = {"en": "how common %(a)s is", "zh": "%(a)s的常见程度"}
# Few levels have codes of their own already, and in order of frequency.
_FEWEST_LEVELS = 20
_MOST_LEVELS_KEPT = 5_000


class LevelShares:
    """The share of training rows with the same level; 0 for a level unknown then."""

    name = "level_share"

    def propose(self, inputs: Inputs) -> list[GeneratedFeature]:
        """Return one candidate for each category with many levels."""
        candidates = []
        for name in inputs.categories:
            codes, levels = inputs.columns.levels(name)
            if len(levels) <= _FEWEST_LEVELS:
                continue
            rows = np.bincount(codes[codes >= 0], minlength=len(levels))
            common = sorted(range(len(levels)), key=lambda code: (-rows[code], levels[code]))[:_MOST_LEVELS_KEPT]
            shares = {levels[code]: float(rows[code] / len(codes)) for code in common if rows[code] > 1}
            candidates.append(
                GeneratedFeature(f"share({name})", self.name, [name], _PHRASE, settings={"shares": shares})
            )
        return candidates

    def compute(self, feature: GeneratedFeature, columns: ColumnReader) -> np.ndarray:
        """Return the level's share, NaN where the cell is empty."""
        codes, levels = columns.levels(feature.sources[0])
        shares = feature.settings["shares"]
        return np.array([shares.get(level, 0.0) for level in levels] + [np.nan])[codes]
