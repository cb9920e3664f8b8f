"""Cells as people read them, and as numbers that can be ranked."""

import math
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

import numpy as np
import pandas as pd

from experiments.features.encoding import infer_type
from experiments.features.levels import as_days, as_flags, as_numbers, can_be_flags, factorize_levels, level_text
from experiments.labels import LANGUAGES, language_of
from experiments.telling import minus
from experiments.yes_no import SAID, meaning_of

_LONGEST_TEXT = 40
_GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.0+)?")
# A code that the dictionary has forgotten makes no quantity of a column of codes.
SHARE_OF_CODES = 0.9

#: What the codes of one column mean, as the dictionary has it: ``{"2": {"en": "female", "zh": "女"}}``.
Meanings = Mapping[str, Mapping[str, str]]


def value_text(value: object, kind: str, language: str = "en") -> str:
    """Return a cell as people read it; an empty cell is an empty text.

    Examples
    --------
    >>> value_text(12345.678, "numeric"), value_text(0.012345, "numeric"), value_text(None, "numeric")
    ('12,346', '0.01235', '')
    """
    if kind == "numeric" and type(value) in (float, int) and math.isfinite(value):  # type: ignore[arg-type]
        return minus(_shown(float(value) + 0.0))  # type: ignore[arg-type]
    text = level_text(value)
    if text is None:
        return ""
    if kind == "numeric":
        return minus(_number_text(text))
    if kind == "date":
        date = value if isinstance(value, datetime) else pd.to_datetime(text, errors="coerce")
        return text[:_LONGEST_TEXT] if pd.isna(date) else str(date.date())
    if kind == "boolean":
        flag = meaning_of(text)
        return text if flag is None else SAID[language_of(language)][flag]
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"


def word_of_code(text: str, meanings: Meanings | None, language: str = "en") -> str:
    """Return what the dictionary says a value means; empty where it does not know that value.

    Parameters
    ----------
    text : the value as ``value_text`` or ``level_text`` gives it.

    Examples
    --------
    >>> sex = {"1": {"en": "male", "zh": "男"}, "2.0": {"zh": "女"}}
    >>> [word_of_code("1", sex), word_of_code("2", sex, "zh-hans"), word_of_code("2", sex), word_of_code("9", sex)]
    ['male', '女', '女', '']
    """
    if not meanings or not text:
        return ""
    text = text.replace("−", "-")
    bare = level_text(text.replace(",", "") if _GROUPED.fullmatch(text) else text)
    words = meanings.get(text) or next((each for code, each in meanings.items() if level_text(code) == bare), {})
    return next((words[spoken] for spoken in (language_of(language), *LANGUAGES) if words.get(spoken)), "")


def value_in_words(text: str, meanings: Meanings | None, language: str = "en") -> str:
    """Return what a value means, or the value itself where the dictionary does not say."""
    return word_of_code(text, meanings, language) or text


def are_codes(column: pd.Series, meanings: Meanings | None) -> bool:
    """Return whether nearly every filled cell is a code with a meaning, so that the column is no quantity."""
    if not meanings:
        return False
    codes, levels = factorize_levels(column)
    filled = np.bincount(codes[codes >= 0], minlength=len(levels))
    is_told = np.array([bool(word_of_code(level, meanings)) for level in levels], dtype=bool)
    return bool(filled.sum()) and filled[is_told].sum() >= SHARE_OF_CODES * filled.sum()


def ranked_values(column: pd.Series, kind: str) -> np.ndarray | None:
    """Return a column as numbers whose order means something, with NaN for empty cells; None for categories."""
    readers = {"numeric": as_numbers, "date": as_days, "boolean": as_flags}
    return readers[kind](column)[0] if kind in readers else None


def without_codes(values: np.ndarray, codes: Iterable[float]) -> np.ndarray:
    """Return numbers with NaN for codes that stand for a meaning: these have no place on the scale.

    Examples
    --------
    >>> without_codes(np.array([3.0, 9999.0]), [9999]).tolist()
    [3.0, nan]
    """
    known = np.array(list(codes), dtype=float)
    return np.where(np.isin(values, known), np.nan, values) if known.size else values


def kind_of(column: pd.Series, kind: str | None) -> str:
    """Return the type to read a column by: the given one, or what its dtype suggests."""
    found = kind or infer_type(column)
    return "categorical" if found == "boolean" and not can_be_flags(column) else found


def _number_text(text: str) -> str:
    try:
        number = float(text)
    except ValueError:
        return text[:_LONGEST_TEXT]
    return _shown(number) if np.isfinite(number) else text


def _shown(number: float) -> str:
    if number == 0 or 1e-4 <= abs(number) < 1e12:
        short = number if abs(number) >= 10_000 else float(f"{number:.4g}")
        return f"{short:,.0f}" if short == int(short) or abs(short) >= 10_000 else f"{short:,}"
    return f"{number:.3g}"
