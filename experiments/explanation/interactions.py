"""How strongly columns act together: Friedman's H statistic of a model's own answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from experiments.evaluation.ranking import Floats
from experiments.explanation.partial_dependence import ROWS_AT_ONCE, Predict, filled_with
from experiments.stored import Part

__all__ = ["Interaction", "interaction_strengths", "strongest_partner"]

# Below this share of what two columns do together, what is left is rounding and the grid of the trees.
LEAST_H = 0.05
NOTHING = 1e-9


@dataclass(frozen=True)
class Interaction(Part):
    """How strongly two columns act together.

    Attributes
    ----------
    first, second : the columns.
    h : Friedman's H, 0 where their effects add up and 1 where there is nothing but the interaction.
    strength : the interaction itself, root mean square in the unit of the model's answers: a large H of two columns
        that do next to nothing has a small one.

    Examples
    --------
    >>> Interaction("age", "debt", 0.4, 0.05).h
    0.4
    """

    first: str
    second: str
    h: float
    strength: float

    @property
    def columns(self) -> tuple[str, str]:
        """Both columns."""
        return self.first, self.second


def interaction_strengths(
    predict: Predict,
    frame: pd.DataFrame,
    *,
    columns: Sequence[str],
    on_step: Callable[[float], None] = lambda _share: None,
) -> list[Interaction]:
    """Return how strongly each two of some columns act together, strongest first.

    With the partial dependences F of a model on one and on two columns, all centred,
    ``H² = Σ (F_jk − F_j − F_k)² / Σ F_jk²`` over the rows. Each F is the mean over the same rows, so that the answers
    of a sum of effects give exactly 0. Other columns keep their values: columns that only move together, as an income
    and one and a half times it, are no interaction. It costs rows² answers for each column and each pair.

    Parameters
    ----------
    predict : the model, best on the scale on which its parts are added up: an additive model's probabilities interact,
        its log-odds do not.
    frame : the rows. columns : which of its columns. on_step : told the share that is done, 0 to 1.

    Returns
    -------
    list of Interaction

    References
    ----------
    Friedman, J. H. and Popescu, B. E. (2008). Predictive learning via rule ensembles. Annals of Applied Statistics 2,
    section 8.1.

    Examples
    --------
    >>> rows = pd.DataFrame({"a": [-1.0, 1.0, -1.0, 1.0], "b": [-1.0, -1.0, 1.0, 1.0]})
    >>> (found,) = interaction_strengths(lambda t: (t["a"] * t["b"]).to_numpy(), rows, columns=["a", "b"])
    >>> found.h, found.strength
    (1.0, 1.0)
    >>> (found,) = interaction_strengths(lambda t: (t["a"] + t["b"]).to_numpy(), rows, columns=["a", "b"])
    >>> found.h
    0.0
    """
    pairs = list(combinations(columns, 2))
    steps = max(1, len(columns) + len(pairs))
    alone: dict[str, Floats] = {}
    for place, name in enumerate(columns):
        alone[name] = _centred_dependence(predict, frame, [name])
        on_step((place + 1) / steps)
    found = []
    for place, (first, second) in enumerate(pairs):
        together = _centred_dependence(predict, frame, [first, second])
        left = together - alone[first] - alone[second]
        whole, own = float(np.mean(together**2)), float(np.mean(left**2))
        # A square far below rounding is no effect, and its share of another such nothing to tell.
        h = float(np.sqrt(own / whole)) if own > NOTHING * max(whole, NOTHING) else 0.0
        found.append(Interaction(first, second, h, float(np.sqrt(own)) if h else 0.0))
        on_step((len(columns) + place + 1) / steps)
    return sorted(found, key=lambda one: (-one.strength, one.first, one.second))


def strongest_partner(
    column: str, interactions: Sequence[Interaction], *, least: float = LEAST_H
) -> Interaction | None:
    """Return the interaction of a column that moves the model's answers most; None where none is worth telling.

    Parameters
    ----------
    column : its name. interactions : of pairs. least : H from which on an interaction is one.

    Returns
    -------
    Interaction or None

    Examples
    --------
    >>> pairs = [Interaction("age", "debt", 0.4, 0.05), Interaction("age", "job", 0.01, 0.01)]
    >>> strongest_partner("age", pairs).second, strongest_partner("job", pairs)
    ('debt', None)
    """
    own = [one for one in interactions if column in one.columns and one.h >= least]
    return max(own, key=lambda one: one.strength, default=None)


def _centred_dependence(predict: Predict, frame: pd.DataFrame, names: list[str]) -> Floats:
    """Return the partial dependence on some columns at each row's own values, less its mean over the rows."""
    values = frame[names].reset_index(drop=True)
    # Rows that share their values share the answer: a category has few.
    codes = values.astype(object).groupby(names, dropna=False, sort=False).ngroup().to_numpy()
    firsts = np.unique(codes, return_index=True)[1]
    means = np.empty(len(firsts))
    at_once = max(1, ROWS_AT_ONCE // max(1, len(frame)))
    for start in range(0, len(firsts), at_once):
        some = firsts[start : start + at_once]
        tall = frame.iloc[np.tile(np.arange(len(frame)), len(some))].reset_index(drop=True)
        for name in names:
            places = np.repeat(np.arange(len(some)), len(frame))
            tall[name] = filled_with(frame[name], values[name].iloc[some].tolist(), places)
        answers = np.asarray(predict(tall), dtype=np.float64).reshape(len(some), len(frame))
        means[start : start + len(some)] = answers.mean(axis=1)
    told = means[codes]
    return np.asarray(told - told.mean())
