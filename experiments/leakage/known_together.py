"""Columns that cannot be known before another one that is proven to come after the outcome."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from experiments.errors import gettext_noop
from experiments.features.single_feature import as_numbers
from experiments.leakage.finding import Finding, take_out
from experiments.leakage.labelled_sample import LabelledSample

LEAST_ROWS, MOST_MISMATCHES = 20, 0.01
LATE_WHERE_FILLED, USUAL_SHARE = 0.5, 0.5
ROWS_ADDED_UP, EXACT, UNIT = 20_000, 1e-4, 0.02
SEED = 20

FILLED_WITH = gettext_noop(
    "%(column)s is filled in exactly the rows in which %(other)s is, and %(other)s lies after the observation "
    "date. So neither was known then, and %(column)s was taken out. If that is wrong, put it back."
)
PART_OF = gettext_noop(
    "%(column)s is a part of %(other)s: %(parts)s add up to it. %(other)s almost determines the target, so it is "
    "known only afterwards, and so are its parts. %(column)s was taken out; if it is known on the day of scoring, "
    "put it back."
)


def check_filled_with(table: LabelledSample, late: Sequence[Finding], columns: Sequence[str]) -> list[Finding]:
    """Take out what is filled, or is not as usual, in the same rows as a date that lies after the observation.

    Parameters
    ----------
    late : what was found of dates. columns : those that are still in the model.
    """
    dates = {}
    for finding in late:
        if finding.column is not None and "late" in finding.evidence:
            filled = table.frame[finding.column].notna().to_numpy()
            # A date that is only here and there late may be a slip of the pen.
            if finding.evidence["late"] > LATE_WHERE_FILLED * filled.mean():
                dates[finding.column] = filled
    found = []
    for name in columns:
        other = next((date for date, filled in dates.items() if _is_same_pattern(table.frame[name], filled)), None)
        if other is not None:
            evidence = {"other": other, "rows": len(table.frame)}
            found.append(take_out("after_observation", "block", name, FILLED_WITH, {"other": other}, evidence))
    return found


def _is_same_pattern(series: pd.Series, filled: np.ndarray) -> bool:
    fewer = min(filled.sum(), (~filled).sum())
    if fewer < LEAST_ROWS:
        return False
    return any((pattern != filled).sum() <= MOST_MISMATCHES * fewer for pattern in _patterns(series))


def _patterns(series: pd.Series) -> Iterator[np.ndarray]:
    """Yield where a column is filled, or where one that always is has not its usual value."""
    present = series.notna().to_numpy()
    if not present.all():
        yield present
        return
    counts = series.value_counts()
    if len(counts) and counts.iloc[0] >= USUAL_SHARE * len(series):
        yield (series != counts.index[0]).to_numpy()


def check_parts(table: LabelledSample, deciding: Sequence[str], doubted: Sequence[str]) -> list[Finding]:
    """Take out what adds up, with other columns, to one that decides the answer.

    Parameters
    ----------
    deciding : columns that were taken out because they decide the answer.
    doubted : columns that are only asked about so far.
    """
    rows = np.random.default_rng(SEED).permutation(len(table.frame))[:ROWS_ADDED_UP]
    numbers = {
        name: each
        for name in (*deciding, *doubted)
        if (each := _filled_numbers(table.frame[name].iloc[rows])) is not None
    }
    found: dict[str, Finding] = {}
    for total in (name for name in deciding if name in numbers):
        parts = _parts_of(total, numbers)
        for name in parts:
            if name in doubted and name not in found:
                params = {"other": total, "parts": " + ".join(parts)}
                found[name] = take_out("ablation", "warning", name, PART_OF, params, {"other": total, "parts": parts})
    return list(found.values())


def _filled_numbers(series: pd.Series) -> np.ndarray | None:
    """Return a column of numbers that is filled throughout and holds more than one value."""
    if not pd.api.types.is_numeric_dtype(series):
        return None
    numbers = as_numbers(series)
    return None if np.isnan(numbers).any() or numbers.std() == 0 else numbers


def _parts_of(total: str, numbers: dict[str, np.ndarray]) -> list[str]:
    """Return two and more columns whose plain sum is the total, row by row."""
    others = [name for name in numbers if name != total]
    if len(others) < 2:
        return []
    scale = numbers[total].std()
    matrix = np.column_stack([numbers[name] for name in others]) / scale
    factors = np.linalg.lstsq(matrix, numbers[total] / scale, rcond=None)[0]
    parts = [name for name, factor in zip(others, factors, strict=True) if abs(factor - 1) <= UNIT]
    if len(parts) < 2:
        return []
    rest = numbers[total] - sum(numbers[name] for name in parts)
    return parts if np.median(np.abs(rest)) <= EXACT * scale and rest.std() <= UNIT * scale else []
