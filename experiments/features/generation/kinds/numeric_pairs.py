"""Which pairs of numeric columns are worth a try: those of the columns that matter most."""

from itertools import combinations

import numpy as np

from experiments.features.generation.feature import Inputs

MOST_COLUMNS = {"standard": 9, "deep": 16}


def strong_pairs(inputs: Inputs) -> list[tuple[str, str]]:
    """Return pairs of the strongest numeric columns that hold more than two values."""
    usable = [name for name in inputs.strongest if _is_quantity(inputs.columns.numbers(name))]
    return list(combinations(usable[: MOST_COLUMNS[inputs.effort]], 2))


def _is_quantity(values: np.ndarray) -> bool:
    return len(np.unique(values[~np.isnan(values)][:5000])) > 2
