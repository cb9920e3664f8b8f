"""Turns measures into data that JSON can hold."""

from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """Turn numpy values into Python's own, tuples into lists and anything undefined (NaN, inf) into ``None``."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value
