"""The customers around one: a sample of a table, what the model says of them, and how it ended with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from time import monotonic

import numpy as np
import pandas as pd

from experiments.artifact.model import ModelArtifact
from experiments.data.target import read_target
from experiments.errors import BadInput
from experiments.explanation.values import value_text
from experiments.stored import Part, unless_absent

__all__ = ["Alike", "Surroundings", "customers_alike"]

MOST_ROWS = 4_000
# What explaining them may take; of a model that is slow to explain, fewer customers are looked at.
SECONDS = 3.0
ROWS_A_LOOK = 200
NEAREST = 50
SHOWN = 5
COLUMNS_SHOWN = 5
SCORE_COUNTS = 2.0


@dataclass(frozen=True)
class Surroundings:
    """A sample of customers as the model reads them.

    Attributes
    ----------
    artifact : the model. frame : their rows, as the model reads them. event : 1, 0 or NaN where nobody knows yet,
        nothing where the table has no outcome.

    Examples
    --------
    >>> model = ModelArtifact.load(model_folder)
    >>> row = {"age": [25, 60], "income": [4e3, 2e4], "job": ["none", "clerk"], "noise": [0.0, 0.0]}
    >>> around = Surroundings.of(model, pd.DataFrame(row))
    >>> len(around.contributions), around.event is None
    (2, True)
    """

    artifact: ModelArtifact
    frame: pd.DataFrame
    event: np.ndarray | None = None

    @classmethod
    def of(cls, artifact: ModelArtifact, table: pd.DataFrame, *, seed: int = 1) -> "Surroundings":
        """Take a sample of a table; its target column, if it has one, tells how it ended."""
        if len(table) > MOST_ROWS:
            rows = np.sort(np.random.default_rng(seed).choice(len(table), MOST_ROWS, replace=False))
            table = table.iloc[rows]
        table = table.reset_index(drop=True)
        read, _met = artifact.read(table)
        return cls(artifact, read, _events(artifact, table))

    @cached_property
    def probability(self) -> np.ndarray:
        """What the model says of each."""
        return self.artifact.predict(self.frame)

    @cached_property
    def contributions(self) -> np.ndarray:
        """The parts of the columns, of as many customers as can be explained in a moment."""
        began, parts = monotonic(), []
        for start in range(0, len(self.frame), ROWS_A_LOOK):
            parts.append(self.artifact.own_contributions(self.frame.iloc[start : start + ROWS_A_LOOK])[0])
            if monotonic() - began > SECONDS:
                break
        return np.concatenate(parts) if parts else np.zeros((0, len(self.artifact.own_columns)))


@dataclass(frozen=True)
class Neighbour(Part):
    """A customer who is alike: the probability, the outcome if known, and the values that weigh most."""

    probability: float
    values: dict[str, str]
    has_event: bool | None = None


@dataclass(frozen=True)
class Alike(Part):
    """The customers the model sees most alike, and how it ended with those whose outcome is known.

    Attributes
    ----------
    rows : how many of the nearest have a known outcome. event_rate : among these. shown : the very nearest.

    Examples
    --------
    >>> Alike(rows=50, events=12).event_rate
    0.24
    """

    rows: int = 0
    events: int = 0
    shown: tuple[Neighbour, ...] = ()
    looked_at: int = 0
    mean_probability: float | None = unless_absent()

    @property
    def event_rate(self) -> float | None:
        """The share of events among the nearest whose outcome is known."""
        return self.events / self.rows if self.rows else None


def customers_alike(around: Surroundings, contributions: np.ndarray, *, leave_out: pd.DataFrame | None = None) -> Alike:
    """Return the customers for whom the model says much the same for the same reasons.

    The nearest in contributions, where what these add up to counts once more: alike is who scores alike.

    Parameters
    ----------
    around : among whom to look. contributions : of the customer, shape (columns,), as ``own_columns`` has them.
    leave_out : the customer's own row, if it is among them: it is no neighbour. Others with the same values are.

    Returns
    -------
    Alike

    Examples
    --------
    >>> model = ModelArtifact.load(model_folder)
    >>> row = {"age": [25, 60], "income": [4e3, 2e4], "job": ["none", "clerk"], "noise": [0.0, 0.0]}
    >>> around = Surroundings.of(model, pd.DataFrame(row))
    >>> customers_alike(around, around.contributions[0]).shown[0].values["age"]
    '25'
    """
    parts = around.contributions
    apart = parts - contributions
    distance = np.abs(apart).sum(axis=1) + SCORE_COUNTS * np.abs(apart.sum(axis=1))
    order = np.argsort(distance, kind="stable")
    own = None if leave_out is None else _place_of(around, order[: NEAREST + 1], leave_out)
    nearest = (order if own is None else order[order != own])[:NEAREST]
    event = None if around.event is None else around.event[nearest]
    known = np.zeros(0) if event is None else event[~np.isnan(event)]
    names = _weightiest(around.artifact.own_columns, contributions)
    types = {column["name"]: column["type"] for column in around.artifact.signature}
    return Alike(
        rows=len(known),
        events=int(known.sum()),
        shown=tuple(_neighbour(around, int(place), names, types) for place in nearest[:SHOWN]),
        looked_at=len(parts),
        mean_probability=float(around.probability[nearest].mean()) if len(nearest) else None,
    )


def _weightiest(names: Sequence[str], contributions: np.ndarray) -> list[str]:
    order = np.argsort(-np.abs(contributions), kind="stable")[:COLUMNS_SHOWN]
    return [names[place] for place in order]


def _neighbour(around: Surroundings, place: int, names: list[str], types: dict[str, str]) -> Neighbour:
    cells = {name: around.frame[name].iloc[place] for name in names if name in around.frame}
    values = {name: "" if pd.isna(cell) else value_text(cell, types.get(name, "")) for name, cell in cells.items()}
    outcome = None if around.event is None or np.isnan(around.event[place]) else bool(around.event[place])
    return Neighbour(float(around.probability[place]), values, outcome)


def _place_of(around: Surroundings, nearest: np.ndarray, row: pd.DataFrame) -> int | None:
    """Return where the customer's own row stands: as near as can be, so among the nearest or nowhere."""
    return next((place for place in nearest.tolist() if _is_same(around, place, row)), None)


def _is_same(around: Surroundings, place: int, row: pd.DataFrame) -> bool:
    names = [name for name in around.artifact.own_columns if name in around.frame and name in row]
    ours, theirs = around.frame.iloc[place], row.iloc[0]
    return all(
        (pd.isna(ours[name]) and pd.isna(theirs[name])) or str(ours[name]) == str(theirs[name]) for name in names
    )


def _events(artifact: ModelArtifact, table: pd.DataFrame) -> np.ndarray | None:
    target = artifact.facts.get("target")
    if target not in table:
        return None
    try:
        return read_target(table[target], artifact.facts.get("event"))[0]
    except BadInput:  # The rows taken hold one value only, or the column is something else here.
        return None
