"""The smallest allowed change that takes a customer across the cut-off, checked by scoring it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from experiments.explanation.values import ranked_values
from experiments.scoring.one_customer.changes import changed
from experiments.scoring.one_customer.knobs import text_of
from experiments.scoring.one_customer.surroundings import Surroundings
from experiments.stored import Part

__all__ = ["CutOff", "Suggestion", "smallest_changes"]

VALUES_TRIED = 40
VALUES_IN_PAIRS = 9
COLUMNS_IN_PAIRS = 6
MOST_SUGGESTIONS = 3
# Changing a category is as much as moving a number past this share of all customers.
OTHER_LEVEL = 0.5
RAREST = 0.01


@dataclass(frozen=True)
class CutOff:
    """Where the decision turns, and which side is the good one for the customer.

    Examples
    --------
    >>> CutOff(0.1, wants_below=True).is_crossed(0.08)
    True
    """

    probability: float
    wants_below: bool

    def is_crossed(self, probability: float) -> bool:
        """Tell whether a customer of this probability is on the good side."""
        return probability < self.probability if self.wants_below else probability >= self.probability


@dataclass(frozen=True)
class Suggestion(Part):
    """A change that takes the customer across: by column from what to what, and what the model then says.

    ``size`` is the share of all customers that lies between old and new, summed over the columns.

    Examples
    --------
    >>> Suggestion({"income": "5000"}, {"income": "4000"}, 0.08, 600.0, 0.1).changes["income"]
    '5000'
    """

    changes: dict[str, str] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    probability: float = 0.0
    score: float = 0.0
    size: float = 0.0


@dataclass(frozen=True)
class _Try:
    column: str
    text: str
    size: float
    probability: float = 0.0


def smallest_changes(
    around: Surroundings, row: pd.DataFrame, *, cut_off: CutOff, changeable: Iterable[str]
) -> list[Suggestion]:
    """Return the smallest changes of one column that cross the cut-off, else the smallest of two; none if none does.

    Only columns that may be changed are tried, with values that other customers have; a column with a direction that
    the model keeps is moved that way only, and a protected one never. Each is scored before it is told.

    Parameters
    ----------
    around : customers whose values are tried. row : the customer's. cut_off : to be crossed.
    changeable : columns that a customer can change.

    Returns
    -------
    list of Suggestion
        The smallest first; empty also where the customer is across already.

    Examples
    --------
    >>> from experiments.artifact.model import ModelArtifact
    >>> model = ModelArtifact.load(model_folder)
    >>> rows = pd.DataFrame({"age": [25, 60], "income": [4e3, 2e4], "job": ["none", "clerk"], "noise": [0.0, 0.0]})
    >>> around, p = Surroundings.of(model, rows), model.predict(rows)
    >>> cut = CutOff(float(p.mean()), wants_below=True)
    >>> [found.changes for found in smallest_changes(around, rows.iloc[:1], cut_off=cut, changeable=["age"])]
    [{'age': '60'}]
    """
    artifact = around.artifact
    if cut_off.is_crossed(float(artifact.predict(row)[0])):
        return []
    protected = set((artifact.facts.get("spec") or {}).get("protected") or ())
    allowed = [name for name in artifact.columns_heard if name in set(changeable) - protected and name in row]
    tries = {name: _scored(around, row, _values_of(around, row, name)) for name in allowed}
    tries = {name: found for name, found in tries.items() if found}
    singles = [best for name in tries if (best := _first_across(tries[name], cut_off)) is not None]
    found = [_told(around, row, [best]) for best in sorted(singles, key=lambda one: one.size)]
    found = found or _of_two(around, row, tries, cut_off)
    return [one for one in found if cut_off.is_crossed(one.probability)][:MOST_SUGGESTIONS]


def _values_of(around: Surroundings, row: pd.DataFrame, name: str) -> list[_Try]:
    kinds = {column["name"]: column["type"] for column in around.artifact.signature}
    if kinds[name] == "numeric":
        return _numbers(around, row, name)
    texts = pd.Series([text_of(cell) for cell in around.frame[name].tolist() if cell is not None and not pd.isna(cell)])
    own, shares = text_of(row[name].iloc[0]), texts.value_counts(normalize=True)
    return [_Try(name, str(level), OTHER_LEVEL) for level, share in shares.items() if level != own and share >= RAREST]


def _numbers(around: Surroundings, row: pd.DataFrame, name: str) -> list[_Try]:
    """Return numbers that others have, nearest first; of a column with a kept direction, one side only."""
    values, own = (ranked_values(cells, "numeric") for cells in (around.frame[name], row[name]))
    spec = around.artifact.facts.get("spec") or {}
    codes = (spec.get("special_values") or {}).get(name, ())
    if values is None or own is None or np.isnan(own[0]) or own[0] in codes:
        return []
    known = np.sort(values[np.isfinite(values) & ~np.isin(values, codes)])
    if not len(known):
        return []
    places = np.linspace(0, len(known) - 1, 4 * VALUES_TRIED).astype(int)
    tried = np.unique(known[places])
    tried = tried[tried != own[0]]
    direction = int((spec.get("monotone") or {}).get(name, 0))
    if direction:
        is_risk = around.artifact.is_risk
        goes_up = (direction > 0) != is_risk
        tried = tried[tried > own[0]] if goes_up else tried[tried < own[0]]
    rank = np.searchsorted(known, own[0]) / len(known)
    sizes = np.abs(np.searchsorted(known, tried) / len(known) - rank)
    order = np.argsort(sizes, kind="stable")
    return [_Try(name, text_of(float(tried[place])), float(sizes[place])) for place in order]


def _scored(around: Surroundings, row: pd.DataFrame, tries: list[_Try]) -> list[_Try]:
    if not tries:
        return []
    p = around.artifact.predict(_rows(around, row, [[one] for one in tries]))
    return [replace(one, probability=float(value)) for one, value in zip(tries, p, strict=True)]


def _rows(around: Surroundings, row: pd.DataFrame, changes: list[list[_Try]]) -> pd.DataFrame:
    return pd.concat(
        [changed(around.artifact, row, changes={one.column: one.text for one in each}) for each in changes],
        ignore_index=True,
    )


def _first_across(tries: list[_Try], cut_off: CutOff) -> _Try | None:
    across = [one for one in tries if cut_off.is_crossed(one.probability)]
    return min(across, key=lambda one: one.size, default=None)


def _of_two(
    around: Surroundings, row: pd.DataFrame, tries: Mapping[str, list[_Try]], cut_off: CutOff
) -> list[Suggestion]:
    """Try pairs of the columns that bring most, in fewer steps."""
    sign = 1 if cut_off.wants_below else -1
    best = sorted(tries, key=lambda name: min(sign * one.probability for one in tries[name]))[:COLUMNS_IN_PAIRS]
    few = {name: _thinned(tries[name]) for name in best}
    pairs = [[a, b] for one, other in combinations(best, 2) for a in few[one] for b in few[other]]
    if not pairs:
        return []
    p = around.artifact.predict(_rows(around, row, pairs))
    across = [pair for pair, value in zip(pairs, p.tolist(), strict=True) if cut_off.is_crossed(value)]
    across.sort(key=lambda pair: sum(one.size for one in pair))
    return [_told(around, row, pair) for pair in across[:1]]


def _thinned(tries: list[_Try]) -> list[_Try]:
    places = np.unique(np.linspace(0, len(tries) - 1, VALUES_IN_PAIRS).astype(int))
    return [tries[place] for place in places]


def _told(around: Surroundings, row: pd.DataFrame, tries: list[_Try]) -> Suggestion:
    """Score the change by itself, as the customer would be."""
    changes: dict[str, Any] = {one.column: one.text for one in tries}
    p = around.artifact.predict(changed(around.artifact, row, changes=changes))
    return Suggestion(
        changes=changes,
        before={name: text_of(row[name].iloc[0]) for name in changes},
        probability=float(p[0]),
        score=round(float(around.artifact.score_of(p)[0]), 1),
        size=float(sum(one.size for one in tries)),
    )
