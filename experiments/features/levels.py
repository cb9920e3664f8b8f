"""The one way a cell becomes the text of a category, so that training and scoring agree on it."""

import re
from typing import Any

import numpy as np
import pandas as pd

from experiments.yes_no import NO, YES

# Below, going through the cells one by one is faster than setting up a table of them.
FEW_ROWS = 16
_INTEGER_WITH_ZEROS = re.compile(r"-?\d+\.0+")
BOOLEAN_WORDS = dict.fromkeys(sorted(YES), 1.0) | dict.fromkeys(sorted(NO), 0.0)


def level_text(value: Any) -> str | None:
    """Return the text of one category value, or None for an empty cell: 1, 1.0, "1" and "1.0" are the same level."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)):
        if np.isnan(value):
            return None
        return str(int(value)) if np.isfinite(value) and value == int(value) else repr(float(value))
    text = str(value).strip()
    if not text:
        return None
    return text[: text.index(".")] if _INTEGER_WITH_ZEROS.fullmatch(text) else text


def factorize_levels(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Return integer codes (-1 = empty) into the list of distinct level texts, in order of first appearance."""
    if len(column) <= FEW_ROWS or mixes_flags(column):
        return _factorize_texts([level_text(cell) for cell in column.tolist()])
    raw_codes, raw_values = pd.factorize(column, use_na_sentinel=True)
    position: dict[str, int] = {}
    # Several raw values may share a text ("1" and 1.0), so the codes go through one more small table.
    recode = np.full(len(raw_values) + 1, -1, dtype=np.int64)
    for index, value in enumerate(raw_values):
        text = level_text(value)
        if text is not None:
            recode[index] = position.setdefault(text, len(position))
    return recode[raw_codes], list(position)


def _factorize_texts(texts: list[str | None]) -> tuple[np.ndarray, list[str]]:
    position: dict[str, int] = {}
    codes = [-1 if text is None else position.setdefault(text, len(position)) for text in texts]
    return np.array(codes, dtype=np.int64), list(position)


def mixes_flags(column: pd.Series) -> bool:
    """Return whether flags may stand among numbers: pandas takes True and 1 for one value, their texts differ."""
    return column.dtype == object and pd.api.types.infer_dtype(column, skipna=True).startswith("mixed")


def as_numbers(column: pd.Series) -> tuple[np.ndarray, int]:
    """Return a column as finite floats with NaN for empty cells, and how many cells held text that is no number."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biuf":
        return _finite(column.to_numpy().astype(np.float64, copy=False)), 0
    if pd.api.types.is_bool_dtype(column.dtype) or pd.api.types.is_numeric_dtype(column.dtype):
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        return _finite(values), 0
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    is_text = np.isnan(numbers) & ~column.isna().to_numpy()
    spoilt = int(sum(level_text(value) is not None for value in column[is_text]))
    return _finite(numbers), spoilt


def as_days(column: pd.Series) -> tuple[np.ndarray, int]:
    """Return dates as days since 1970-01-01 with NaN for empty cells, and how many cells were no date."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        dates = column
    else:
        dates = pd.to_datetime(column.astype("string"), errors="coerce", format="mixed")
    if getattr(dates.dtype, "tz", None) is not None:
        dates = dates.dt.tz_convert(None)
    is_empty = dates.isna().to_numpy()
    microseconds = dates.to_numpy(dtype="datetime64[us]").astype(np.int64)
    days = np.where(is_empty, np.nan, microseconds / 86_400_000_000)
    return days, int((is_empty & ~column.isna().to_numpy()).sum())


def as_flags(column: pd.Series) -> tuple[np.ndarray, int]:
    """Return a yes/no column as 1, 0 and NaN, and how many cells held neither."""
    if column.dtype == bool:
        return column.to_numpy().astype(np.float64), 0
    codes, levels = factorize_levels(column)
    flags = np.array([BOOLEAN_WORDS.get(level.lower(), np.nan) for level in levels] + [np.nan])
    values = flags[codes]
    return values, int((np.isnan(values) & (codes >= 0)).sum())


def can_be_flags(column: pd.Series) -> bool:
    """Return whether every filled cell is a word for yes or no."""
    return as_flags(column)[1] == 0


def _finite(values: np.ndarray) -> np.ndarray:
    # Learners that work in single precision refuse infinities; ±1e30 keeps the order and fits.
    return np.minimum(np.maximum(values, -1e30), 1e30)
