"""The one guard against cells that a spreadsheet would run: every table that leaves as CSV or Excel goes through it."""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

__all__ = ["guarded", "is_formula"]

QUOTE = "'"
# A spreadsheet takes a cell for a formula by its first sign; those of double width and small ones count as the plain.
SIGNS = frozenset("=+-@")
# These begin a formula whatever stands behind them, for what reads a file may drop them.
BREAKS = frozenset("\t\r\n")
# Spaces, marks without a width and control characters before a sign are seen by nobody, and dropped by some programs.
UNSEEN = frozenset(("Zs", "Zl", "Zp", "Cf", "Cc"))
# A number with its sign, and strokes such as -- that stand for nothing.
NOTHING_TO_RUN = re.compile(r"[-+]?(\d+([.,]\d+)*|[.,]\d+)(e[-+]?\d+)?%?|[-+]+", re.IGNORECASE)


def is_formula(text: str) -> bool:
    """Return whether a spreadsheet would run a text; a number with its sign and strokes alone are none.

    Parameters
    ----------
    text : of a cell.

    Returns
    -------
    bool

    Examples
    --------
    >>> [is_formula(text) for text in ("=1+1", "＝1+1", " @SUM(A1)", "-2+3", "-5", "＋12.5%", "-", "A1")]
    [True, True, True, True, False, False, False, False]
    """
    return _begins_with_sign(text) and not _is_harmless(text)


def guarded(cell: Any) -> Any:
    """Return a cell with a quote before it where it is a text that a spreadsheet would run; all else as it is.

    A text that has quotes of its own before a sign gets one more, so that ``unguarded`` gives every text back.

    Parameters
    ----------
    cell : of any type.

    Returns
    -------
    The cell, or its text with a quote before it.

    Examples
    --------
    >>> [guarded(cell) for cell in ("=1+1", "＠A1", "'=1", "-5", -5, None)]
    ["'=1+1", "'＠A1", "''=1", '-5', -5, None]
    """
    if not isinstance(cell, str):
        return cell
    return QUOTE + cell if is_formula(cell) else told_apart(cell)


def told_apart(text: str) -> str:
    """Return a text that begins with a quote and a sign so that it does not read as a guarded one."""
    return QUOTE + text if _is_quoted(text) else text


def unguarded(text: str) -> str:
    """Return the text that was guarded.

    Examples
    --------
    >>> [unguarded(guarded(text)) for text in ("=1+1", "'=1+1", "-5", "'t Hooft")]
    ['=1+1', "'=1+1", '-5', "'t Hooft"]
    """
    return text[1:] if _is_quoted(text) else text


def guarded_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose names and texts no spreadsheet would run."""
    safe = frame.copy(deep=False)
    for name in frame.columns:
        if pd.api.types.is_numeric_dtype(frame[name].dtype) or pd.api.types.is_datetime64_any_dtype(frame[name].dtype):
            continue
        cells = frame[name].tolist()
        guards = [guarded(cell) for cell in cells]
        if any(guard is not cell for guard, cell in zip(guards, cells, strict=True)):
            safe[name] = pd.Series(guards, index=frame.index, dtype=object)
    safe.columns = pd.Index([guarded(name) for name in frame.columns], dtype=object)
    return safe


class _Echo:
    """A file that hands each line straight back, so that a long table is streamed and never held."""

    def write(self, line: str) -> str:
        return line


def csv_lines(rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Yield a table, headings first, as the lines of a CSV that a spreadsheet opens without running any cell."""
    writer = csv.writer(_Echo())
    # Excel reads Chinese only behind a byte order mark.
    yield "\ufeff"
    for row in rows:
        yield writer.writerow([guarded(cell) for cell in row])  # type: ignore[misc]


def _begins_with_sign(text: str) -> bool:
    first = text[:1]
    if not first or first.isalnum():
        return False
    if first in BREAKS:
        return True
    seen = next((sign for sign in text if unicodedata.category(sign) not in UNSEEN), "")
    return unicodedata.normalize("NFKC", seen)[:1] in SIGNS if seen else False


def _is_harmless(text: str) -> bool:
    plain = unicodedata.normalize("NFKC", text)
    return plain[:1] in SIGNS and bool(NOTHING_TO_RUN.fullmatch(plain))


def _is_quoted(text: str) -> bool:
    return text.startswith(QUOTE) and _begins_with_sign(text.lstrip(QUOTE))
