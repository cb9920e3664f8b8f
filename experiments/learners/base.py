"""What the search asks of a learner and of a fitted model, whichever library is behind them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd

from experiments.learners.space import Space

__all__ = ["FitRequest", "FittedModel", "Learner"]


def no_pulse() -> None:
    """Do nothing while a fit goes on."""


@dataclass(frozen=True)
class FitRequest:
    """Everything one fit needs.

    Attributes
    ----------
    table : features of shape (rows, columns): the encoded matrix or, for learners that read it, the original table.
    y : 0/1 of shape (rows,); ``weight`` likewise or None.
    validation : ``(table, y, weight)`` on which the number of iterations is chosen, or None.
    iterations : fixed number of iterations when there is no validation.
    categorical : columns whose numbers are codes without order.
    column_types : ``{column: type}`` for learners that read the original table.
    monotone : ``{column: 1 or -1}``.
    special_values : ``{column: codes}`` under original names, for learners that read the original table.
    is_thorough : whether the model may be shipped and there is time for the slower of two ways to fit it.
    pulse : called often during the fit; an exception from it ends the fit.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"f_0001": [1.0, 2.0]})
    >>> FitRequest(table, np.array([0.0, 1.0]), np.ones(2), {}).seed
    1
    """

    table: pd.DataFrame
    y: np.ndarray
    params: dict[str, Any]
    weight: np.ndarray | None = None
    validation: tuple[pd.DataFrame, np.ndarray, np.ndarray | None] | None = None
    iterations: int | None = None
    categorical: tuple[str, ...] = ()
    column_types: dict[str, str] | None = None
    monotone: dict[str, int] = field(default_factory=dict)
    special_values: dict[str, list[float]] = field(default_factory=dict)
    is_thorough: bool = False
    seed: int = 1
    threads: int = 1
    pulse: Callable[[], None] = no_pulse


@runtime_checkable
class FittedModel(Protocol):
    """A fitted model that can explain, save and load itself without the search's libraries.

    Examples
    --------
    >>> from experiments.learners import FAMILIES
    >>> hasattr(FAMILIES["linear"].model, "contributions")
    True
    """

    iterations: int

    def margin(self, table: pd.DataFrame) -> np.ndarray:
        """Return the additive output of shape (rows,), higher = event more likely."""

    def contributions(self, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return ``phi`` of shape (rows, columns) and ``base`` of shape (rows,), summing to the margin exactly."""

    def save(self, folder: Path, stem: str) -> None:
        """Write files beginning with ``stem`` into ``folder``, in open formats only."""

    @classmethod
    def load(cls, folder: Path, stem: str) -> "FittedModel":
        """Read what ``save`` wrote."""


@runtime_checkable
class PrintsPoints(Protocol):
    """A fitted model that can be printed as a table of points, which add up to what each customer gets."""

    def points(self, table: pd.DataFrame) -> np.ndarray:
        """Return the sum of points, shape (rows,)."""


def portable(model: FittedModel) -> FittedModel:
    """Return a model as it travels: without the library it was fitted by, where it can be written down without."""
    return getattr(model, "portable", model)


def each_margin(models: Sequence[FittedModel], table: pd.DataFrame) -> list[np.ndarray]:
    """Return every model's margin, shape (rows,); ``margins`` of a family gives those of its models all at once."""
    parts: list[Any] = [None] * len(models)
    for kind in dict.fromkeys(map(type, models)):
        places = [place for place, model in enumerate(models) if type(model) is kind]
        together = getattr(kind, "margins", None)
        own = [models[place] for place in places]
        for place, margin in zip(
            places, together(own, table) if together else [model.margin(table) for model in own], strict=True
        ):
            parts[place] = margin
    return parts


def mean_margin(members: Sequence[FittedModel], table: pd.DataFrame) -> np.ndarray:
    """Return the mean of the members' margins, shape (rows,)."""
    parts = each_margin(members, table)
    # One after the other, so that a row's sum does not depend on how many rows stand beside it.
    total = np.asarray(parts[0], dtype=np.float64)
    for part in parts[1:]:
        total = total + part
    return total / len(members)


def mean_contributions(members: Sequence[FittedModel], table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of the members' contributions, shape (rows, columns), and of their bases, shape (rows,)."""
    phi, base = members[0].contributions(table)
    for member in members[1:]:
        more, more_base = member.contributions(table)
        phi, base = phi + more, base + more_base
    return phi / len(members), base / len(members)


@dataclass(frozen=True)
class About:
    """What is said of a family, what it needs, and what is expected of it before it was tried.

    The expectations are of many credit and marketing tables; they decide who goes first, who waits and how long.

    Attributes
    ----------
    label, merit : its name and its strength in a few words, as people read them; keys of the translations.
    packages : distributions on which a saved model rests, for the record beside it.
    preloads : modules that a process of fits loads once, before the first fit.
    cost, first_cost : of a trial and of the first one, with LightGBM's as 1.
    gap : AUC by which it falls behind the best.
    memory_factor : bytes a fit takes at its peak for each byte of its own rows as double precision, measured.
    portfolio : FLAML's name of it, where FLAML knows configurations that did well on many tables.
    shows_early : its place among those that have something the others lack, so that each is tried before any is
        tuned; None for the others.
    """

    label: str
    merit: str
    packages: tuple[str, ...] = ()
    preloads: tuple[str, ...] = ()
    cost: float = 2.0
    first_cost: float = 2.0
    gap: float = 0.003
    memory_factor: float = 4.0
    portfolio: str | None = None
    shows_early: int | None = None


class BoostedTrees:
    """What families of boosted trees have in common, as ``Learner`` describes it."""

    margin_unit = "log-odds"
    reads_table = False
    has_rounds = True
    seeds_help = True
    keeps_monotone = True
    simplicity = 3


class Learner(Protocol):
    """A family of models.

    Attributes
    ----------
    name : the word used in specs, trials and folders, as in the table of ``experiments.families``.
    about : its words, needs and expectations.
    space : settings that are searched.
    low_cost : settings that make a fit cheap, where a cost-frugal search begins to walk.
    margin_unit : "log-odds" or "probability", the unit of ``FittedModel.margin``.
    reads_table : True when it wants the original table and not the encoded matrix.
    has_rounds : True when validation rows choose the number of iterations.
    seeds_help : True when an average over several seeds is better than one fit.
    simplicity : 0 for the easiest to explain; ties go to the lower number.

    Examples
    --------
    >>> from experiments.learners import FAMILIES
    >>> FAMILIES["linear"].margin_unit
    'log-odds'
    """

    name: str
    about: About
    space: Space
    margin_unit: str
    reads_table: bool
    has_rounds: bool
    seeds_help: bool
    keeps_monotone: bool
    simplicity: int

    @property
    def low_cost(self) -> dict[str, Any]:
        """Return the settings described above."""

    @property
    def model(self) -> type[FittedModel]:
        """Return the class that loads what this family saved."""

    def first_configurations(self, rows: int, columns: int) -> list[dict[str, Any]]:
        """Return settings known to do well on tables of this size, best first."""

    def fit(self, request: FitRequest) -> FittedModel:
        """Fit one model."""
