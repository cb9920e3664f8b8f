"""Which pairs of numeric columns are worth a try: those of the columns that matter most, and mean something."""

from itertools import combinations

import numpy as np

from experiments.generation.feature import Inputs

MOST_COLUMNS = {"standard": 12, "deep": 16}
_LARGEST_RATIO_OF_SPREADS = 20.0


def strong_pairs(inputs: Inputs) -> list[tuple[str, str]]:
    """Return pairs of the strongest numeric columns that hold more than two values."""
    usable = [name for name in inputs.strongest if _is_quantity(inputs.columns.numbers(name))]
    return list(combinations(usable[: MOST_COLUMNS[inputs.effort]], 2))


def like_pairs(inputs: Inputs) -> list[tuple[str, str]]:
    """Return the pairs in the same unit, amounts with amounts and months with months; all of them in depth."""
    pairs = strong_pairs(inputs)
    return pairs if inputs.is_deep else [pair for pair in pairs if inputs.units.are_alike(*pair)]


def have_similar_spread(*columns: np.ndarray) -> bool:
    """Return whether columns vary on a similar scale: a far larger one would drown the others."""
    spreads = [_spread(values) for values in columns]
    return min(spreads) > 0 and max(spreads) / min(spreads) <= _LARGEST_RATIO_OF_SPREADS


def _spread(values: np.ndarray) -> float:
    return 0.0 if np.isnan(values).all() else float(np.subtract(*np.nanquantile(values, (0.95, 0.05))))


def _is_quantity(values: np.ndarray) -> bool:
    return len(np.unique(values[~np.isnan(values)][:5000])) > 2
