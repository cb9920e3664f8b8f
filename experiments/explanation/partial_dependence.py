"""Partial dependence: what a model says on average, and of single rows, when one column is given other values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.evaluation.ranking import Floats
from experiments.explanation.values import without_codes
from experiments.house_rules import FEWEST_TOGETHER

__all__ = ["Predict", "VariedColumn", "grid_of", "partial_dependence"]

#: A model: a table in, one number for each row out.
Predict = Callable[[pd.DataFrame], np.ndarray]
# Rows that are put before a model at once.
ROWS_AT_ONCE = 50_000
# The tails hold too few customers for a curve that they would stretch.
TAIL = 0.02


@dataclass(frozen=True)
class VariedColumn:
    """What a model says of rows whose column was given each value of a grid.

    Attributes
    ----------
    grid : the values. each : shape (values, rows), what the model says of every row with each value.

    Examples
    --------
    >>> VariedColumn(("a", "b"), np.array([[0.1, 0.3], [0.2, 0.4]])).mean.tolist()
    [0.2, 0.30000000000000004]
    """

    grid: tuple[Any, ...]
    each: np.ndarray

    @property
    def mean(self) -> Floats:
        """The partial dependence: shape (values,)."""
        return np.asarray(self.each.mean(axis=1))


def partial_dependence(predict: Predict, frame: pd.DataFrame, *, column: str, grid: Sequence[Any]) -> VariedColumn:
    """Return what a model says of rows when one of their columns is given each value of a grid.

    The mean over the rows is Friedman's partial dependence, the rows one by one are the curves of individual
    conditional expectation. All other columns keep the values they have together, so that a value may meet rows that
    never have it: where columns move together, curves tell more of the model than of customers.

    Parameters
    ----------
    predict : the model. frame : its rows. column : which is varied.
    grid : the values, as they stand in the column: numbers, dates or levels.

    Returns
    -------
    VariedColumn

    References
    ----------
    Friedman, J. H. (2001). Greedy function approximation: a gradient boosting machine. Annals of Statistics 29.
    Goldstein, A. et al. (2015). Peeking inside the black box. Journal of Computational and Graphical Statistics 24.

    Examples
    --------
    >>> rows = pd.DataFrame({"age": [20.0, 40.0], "debt": [1.0, 3.0]})
    >>> total = lambda table: (table["age"] + table["debt"]).to_numpy()
    >>> partial_dependence(total, rows, column="age", grid=[0, 1]).mean.tolist()
    [2.0, 3.0]
    """
    at_once = max(1, ROWS_AT_ONCE // max(1, len(frame)))
    found = []
    for start in range(0, len(grid), at_once):
        some = list(grid[start : start + at_once])
        tall = frame.iloc[np.tile(np.arange(len(frame)), len(some))].reset_index(drop=True)
        tall[column] = filled_with(frame[column], some, np.repeat(np.arange(len(some)), len(frame)))
        found.append(np.asarray(predict(tall), dtype=np.float64).reshape(len(some), len(frame)))
    return VariedColumn(tuple(grid), np.concatenate(found))


def filled_with(column: pd.Series, values: Sequence[Any], places: np.ndarray) -> pd.Series:
    """Return a column of some values by their places, typed as the column they take the place of."""
    is_number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    kind: Any = np.float64 if is_number else column.dtype
    return pd.Series(list(values), dtype=kind).iloc[places].reset_index(drop=True)


def grid_of(
    column: pd.Series, *, points: int = 20, levels: int = 12, special_values: Sequence[float] = ()
) -> tuple[Any, ...]:
    """Return the values at which a column is looked at: of a number where customers are, of a category the commonest.

    Parameters
    ----------
    column : its values. points : of numbers and dates, at most; each is a value that occurs. levels : of categories.
    special_values : codes that are no quantities, which no grid holds; nor does one hold levels of fewer rows than may
        be told of (``house_rules.FEWEST_TOGETHER``).

    Returns
    -------
    tuple
        Rising numbers or dates, or levels from the commonest down; without missing.

    Examples
    --------
    >>> grid_of(pd.Series([3.0, 1.0, 2.0, 2.0, 9999.0]), special_values=[9999])
    (1.0, 2.0, 3.0)
    >>> grid_of(pd.Series(["b"] * 20 + ["a"] * 10 + ["c", None]))
    ('b', 'a')
    """
    if pd.api.types.is_datetime64_any_dtype(column):
        days = np.sort(column.dropna().unique())
        return tuple(pd.Timestamp(day) for day in _spread(days, points))
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        numbers = without_codes(column.to_numpy(dtype=np.float64, na_value=np.nan), special_values)
        numbers = numbers[np.isfinite(numbers)]
        known = np.unique(numbers)
        if len(known) > points:
            shares = np.linspace(TAIL, 1 - TAIL, points)
            known = np.unique(np.quantile(numbers, shares, method="nearest"))
        return tuple(known.tolist())
    counts = column.dropna().value_counts()
    return tuple(counts[counts >= FEWEST_TOGETHER].index[:levels])


def _spread(values: np.ndarray, points: int) -> np.ndarray:
    if len(values) <= points:
        return values
    return values[np.unique(np.round(np.linspace(0, len(values) - 1, points)).astype(int))]
