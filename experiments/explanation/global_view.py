"""What a model rests on, over many rows, and which customers show it best."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.explanation.direction import rank_correlation
from experiments.explanation.values import Meanings, are_codes, kind_of, ranked_values, without_codes

__all__ = ["Importance", "example_rows", "importance_of"]


@dataclass(frozen=True)
class Importance:
    """A column's weight in the model.

    Attributes
    ----------
    mean_abs : mean absolute contribution in margin units; share : of all columns' sum.
    direction : rank correlation of value and contribution (−1 to 1), None for categories and codes: the sign says which
        way it pushes, the size how steadily; ``direction.way_of`` says from when on it may be told.

    Examples
    --------
    >>> Importance("age", 0.3, 1.0, -0.9).share
    1.0
    """

    column: str
    mean_abs: float
    share: float
    direction: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready plain data."""
        return asdict(self)


def importance_of(
    phi: pd.DataFrame,
    frame: pd.DataFrame,
    *,
    types: Mapping[str, str] | None = None,
    special_values: Mapping[str, Sequence[float]] | None = None,
    meanings: Mapping[str, Meanings] | None = None,
) -> list[Importance]:
    """Return every column's importance, largest first; ``phi`` and ``frame`` have the same rows and column names.

    ``special_values`` are codes by column that are no quantities: they have no part in its direction.

    Parameters
    ----------
    phi, frame : contributions and values, of the same rows and columns. types : by column, guessed where not
        given.
    special_values : codes by column that are no quantities. meanings : what the codes of a column mean; a column of
        codes has no direction.

    Returns
    -------
    list of Importance

    Examples
    --------
    >>> phi = pd.DataFrame({"age": [0.4, -0.4], "city": [0.1, -0.1]})
    >>> frame = pd.DataFrame({"age": [20, 60], "city": ["a", "b"]})
    >>> [(found.column, round(found.share, 2)) for found in importance_of(phi, frame)]
    [('age', 0.8), ('city', 0.2)]
    """
    means = phi.abs().mean()
    total = float(means.sum()) or 1.0
    ranked = sorted(phi.columns, key=lambda name: (-means[name], str(name)))
    return [
        Importance(
            str(name), float(means[name]), float(means[name]) / total,
            None if are_codes(frame[name], (meanings or {}).get(str(name)))
            else _direction(phi[name], frame[name], types, (special_values or {}).get(str(name), ())),
        )
        for name in ranked
    ]  # fmt: skip


def example_rows(probability: np.ndarray, cut_off: float) -> dict[str, int]:
    """Return positions of a typical ``high`` row, the row ``near`` the cut-off, and a typical ``low`` row.

    High and low are the 98 % and 2 % quantiles rather than the extremes, which are often odd.

    Parameters
    ----------
    probability : shape (rows,). cut_off : a probability.

    Returns
    -------
    dict
        Positions by ``high``, ``near`` and ``low``.

    Examples
    --------
    >>> example_rows(np.array([0.1, 0.5, 0.9]), cut_off=0.45)["near"]
    1
    """
    order = np.argsort(probability, kind="stable")
    last = len(order) - 1
    return {
        "high": int(order[round(0.98 * last)]),
        "near": int(np.argmin(np.abs(probability - cut_off))),
        "low": int(order[round(0.02 * last)]),
    }


def _direction(
    phi: pd.Series, column: pd.Series, types: Mapping[str, str] | None, codes: Sequence[float]
) -> float | None:
    kind = kind_of(column, (types or {}).get(str(column.name)))
    values = ranked_values(column, kind)
    return rank_correlation(None if values is None else without_codes(values, codes), phi.to_numpy(dtype=float))
