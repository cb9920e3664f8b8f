"""Cells as people read them, and as numbers that can be ranked."""

from datetime import datetime

import numpy as np
import pandas as pd

from experiments.features.encoding import infer_type
from experiments.features.levels import as_days, as_flags, as_numbers, can_be_flags, level_text
from experiments.labels import language_of
from experiments.yes_no import SAID, meaning_of

_LONGEST_TEXT = 40


def value_text(value: object, kind: str, language: str = "en") -> str:
    """Return a cell as people read it; an empty cell is an empty text.

    Examples
    --------
    >>> value_text(12345.678, "numeric"), value_text(0.012345, "numeric"), value_text(None, "numeric")
    ('12,346', '0.01235', '')
    """
    text = level_text(value)
    if text is None:
        return ""
    if kind == "numeric":
        return _number_text(text)
    if kind == "date":
        date = value if isinstance(value, datetime) else pd.to_datetime(text, errors="coerce")
        return text[:_LONGEST_TEXT] if pd.isna(date) else str(date.date())
    if kind == "boolean":
        flag = meaning_of(text)
        return text if flag is None else SAID[language_of(language)][flag]
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"


def ranked_values(column: pd.Series, kind: str) -> np.ndarray | None:
    """Return a column as numbers whose order means something, with NaN for empty cells; None for categories."""
    readers = {"numeric": as_numbers, "date": as_days, "boolean": as_flags}
    return readers[kind](column)[0] if kind in readers else None


def kind_of(column: pd.Series, kind: str | None) -> str:
    """Return the type to read a column by: the given one, or what its dtype suggests."""
    found = kind or infer_type(column)
    return "categorical" if found == "boolean" and not can_be_flags(column) else found


def _number_text(text: str) -> str:
    try:
        number = float(text)
    except ValueError:
        return text[:_LONGEST_TEXT]
    if not np.isfinite(number):
        return text
    if number == 0 or 1e-4 <= abs(number) < 1e12:
        short = number if abs(number) >= 10_000 else float(f"{number:.4g}")
        return f"{short:,.0f}" if short == int(short) or abs(short) >= 10_000 else f"{short:,}"
    return f"{number:.3g}"
