"""What a column's reason depends on: where low ends, where high begins, and which way the column pushes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from experiments.explanation.direction import rank_correlation, way_of
from experiments.explanation.reason_codes.sentences import EMPTY, NO, STATES, YES
from experiments.explanation.values import (
    ranked_values,
)
from experiments.features.levels import factorize_levels
from experiments.generation.units import unit_of

SIBLING_CORRELATION = 0.8


@dataclass
class ReasonColumn:
    """What a column's reason depends on: where low ends, where high begins, and which way the column pushes.

    Attributes
    ----------
    low, high : values up to ``low`` are low, from ``high`` on high: at most a third of development each; None where
        there is no such value, as in categories.
    trend : 1 or −1 when the contribution steadily rises or falls with the value, else 0.
    group : columns of one group are summed and give one reason.
    priority : breaks ties, lower first.
    is_withheld : never given as a reason, and a group of its own, so that no other column speaks for it.
    is_flag : its values are yes and no, or 1 and 0.
    reference : mean contribution of the reference population, which is subtracted.
    special_values : codes that are no quantities: neither high nor low, and without a part in the trend.
    """

    name: str
    type: str
    low: float | None = None
    high: float | None = None
    trend: int = 0
    group: str = ""
    priority: int = 0
    is_withheld: bool = False
    is_flag: bool = False
    reference: float = 0.0
    special_values: list[float] = field(default_factory=list)


def are_flags(column: ReasonColumn, values: np.ndarray) -> bool:
    """Return whether a column says yes or no: a number of things that happens to be 0 or 1 does not."""
    filled = np.unique(values[~np.isnan(values)])
    if column.type == "date" or not set(filled.tolist()) <= {0.0, 1.0}:
        return False
    return column.type == "boolean" or (len(filled) == 2 and unit_of([column.name]) != "count")


def thirds_of(values: np.ndarray) -> tuple[float | None, float | None]:
    """Return up to which value a column is low, and from which it is high."""
    filled = values[~np.isnan(values)]
    if np.unique(filled).size <= 2:
        return None, None  # of two values neither is high or low, each is just what it is
    values, rows = np.unique(filled, return_counts=True)
    at_most = np.cumsum(rows) / len(filled)
    at_least = 1 - at_most + rows / len(filled)
    # A value that many customers share is ordinary: low and high hold at most a third (and a hair) each.
    low, high = values[at_most <= 0.34], values[at_least <= 0.34]
    return (float(low[-1]) if low.size else None), (float(high[0]) if high.size else None)


def steady_trend(values: np.ndarray, phi: np.ndarray) -> int:
    """Return 1 or −1 where the contribution steadily rises or falls with the value, else 0."""
    return way_of(rank_correlation(values, phi))


def sibling_groups(values: Mapping[str, np.ndarray]) -> dict[str, str]:
    """Return the first name of each cluster of columns that correlate above the limit."""
    names = list(values)
    if len(names) < 2:
        return {}
    table = pd.DataFrame({name: values[name] for name in names})
    ranks = table.rank().fillna(table.rank().mean())
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = np.nan_to_num(np.abs(np.corrcoef(ranks.to_numpy(), rowvar=False)))
    leader: dict[str, str] = {}
    for position, name in enumerate(names):
        near = [names[other] for other in range(position) if correlation[position, other] > SIBLING_CORRELATION]
        leader[name] = leader[near[0]] if near else name
    return leader


def summed_groups(names: Sequence[str], siblings: Mapping[str, str], *, named: Mapping[str, str]) -> dict[str, str]:
    """Return the group of each column: the one it is named in, else that of its siblings, else its own.

    Siblings of columns that are all in one named group join it: they say the same. Where siblings are named in several
    groups, the others keep to themselves, and so does a column that only bears a group's name.

    Examples
    --------
    >>> siblings = {"debt": "debt", "owed": "debt", "age": "age"}
    >>> summed_groups(["debt", "owed", "age"], siblings, named={"owed": "负债"})
    {'debt': '负债', 'owed': '负债', 'age': 'age'}
    >>> summed_groups(["pay", "bonus", "income"], {}, named={"pay": "income", "bonus": "income"})
    {'pay': 'income|income', 'bonus': 'income|income', 'income': 'income'}
    """
    named_beside: dict[str, set[str]] = {}
    for name, first in siblings.items():
        if name in named:
            named_beside.setdefault(first, set()).add(named[name])
    joined = {first: groups.pop() for first, groups in named_beside.items() if len(groups) == 1}
    own = {name: named.get(name) or joined.get(siblings.get(name, ""), "") for name in names}
    return {
        name: _told_from_columns(own[name], own) if own[name] else siblings.get(name, name) for name in names
    }  # fmt: skip


def _told_from_columns(group: str, own: Mapping[str, str]) -> str:
    """Return what a named group goes by; where a column outside it has its name, the name once for each language."""
    return group if own.get(group, group) == group else f"{group}|{group}"


def states_of(column: ReasonColumn, cells: pd.Series) -> np.ndarray:
    """Return the state of each cell of a column."""
    values = ranked_values(cells, column.type)
    if values is None:
        codes, _levels = factorize_levels(cells)
        return np.where(codes < 0, EMPTY, 0).astype(np.int8)
    return ranked_states(column, values)


def ranked_states(column: ReasonColumn, values: np.ndarray) -> np.ndarray:
    """Return the state of each value of a column, numbers or days."""
    high, low = ("late", "early") if column.type == "date" else ("high", "low")
    states = np.zeros(len(values), dtype=np.int8)
    if column.high is not None:
        states[values >= column.high] = STATES.index(high)
    if column.low is not None:
        states[values <= column.low] = STATES.index(low)
    if column.special_values:
        states[np.isin(values, column.special_values)] = 0
    if column.is_flag:
        states[values == 1], states[values == 0] = YES, NO
    states[np.isnan(values)] = EMPTY
    return states
