"""Whether a model's probability moves only in the direction that was asked for, seen on a grid after training."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from experiments.evaluation.measures import Measure
from experiments.features.encoding import infer_type
from experiments.features.levels import as_days, as_flags, as_numbers
from experiments.sentence import Sentence
from experiments.stored import Part, unless_absent

__all__ = ["MonotoneCheck", "check_monotone"]

ROWS, POINTS = 1_000, 20
# Probabilities nearer than this are the same number; sums of many trees round.
TOLERANCE = 1e-9
_READERS = {"numeric": as_numbers, "date": as_days, "boolean": as_flags}


class Predicts(Protocol):
    """Anything that turns original rows into probabilities of the event."""

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        """Return probabilities of shape (rows,)."""


@dataclass(frozen=True)
class MonotoneCheck(Part):
    """What the grid showed of one feature.

    Attributes
    ----------
    direction : 1 when the probability may only rise with the feature, -1 when it may only fall.
    violations : steps in the wrong direction, over all rows.
    worst_step : the largest of them, in probability; 0 without violations.
    rows, points : size of the grid. With fewer than two points nothing can go wrong.

    Examples
    --------
    >>> MonotoneCheck("age", 1, 0, 0.0, 1_000, 20).violations
    0
    """

    feature: str
    direction: int
    violations: int
    worst_step: float
    rows: int
    points: int


@dataclass(frozen=True)
class ConstraintsChecked(Part):
    """What the grid showed of all constraints a model was given, and what keeping them costs.

    Attributes
    ----------
    features : columns with a direction. violations, checked_steps : steps in the wrong direction, and all.
    ks_price, auc_price : KS and AUC that the same settings have more without constraints; ``skipped`` says why nobody
        knows.
    """

    features: tuple[str, ...] = ()
    violations: int = 0
    worst_step: float = 0.0
    checked_rows: int = 0
    checked_steps: int = 0
    checks: tuple[MonotoneCheck, ...] = ()
    ks_price: float | None = unless_absent()
    auc_price: Measure | None = unless_absent()
    skipped: Sentence | None = unless_absent()

    @classmethod
    def of(cls, checks: Sequence[MonotoneCheck], features: Sequence[str]) -> "ConstraintsChecked":
        """Sum up the checks of single columns."""
        return cls(
            features=tuple(features),
            violations=sum(check.violations for check in checks),
            worst_step=max(check.worst_step for check in checks),
            checked_rows=max(check.rows for check in checks),
            checked_steps=sum(check.rows * max(0, check.points - 1) for check in checks),
            checks=tuple(checks),
        )

    @property
    def kept(self) -> dict[str, int]:
        """The direction of each column that keeps it everywhere."""
        return {check.feature: check.direction for check in self.checks if not check.violations}


def check_monotone(
    model: Predicts,
    frame: pd.DataFrame,
    *,
    constraints: Mapping[str, int],
    types: Mapping[str, str] | None = None,
    special_values: Mapping[str, Sequence[float]] | None = None,
    rows: int = ROWS,
    points: int = POINTS,
    pulse: Callable[[], None] = lambda: None,
) -> list[MonotoneCheck]:
    """Move each constrained feature of sampled rows along a grid and count the steps that go the wrong way.

    Partial dependence could hide a violation behind the average of many rows, so each row's own curve is looked at
    (1,000 sampled rows × 20-point grid, violations must be 0). A direction says nothing about empty cells
    and special values; the grid holds none.

    Parameters
    ----------
    model : its ``predict(frame)`` gives the calibrated probability, for example a ``ModelArtifact``.
    frame : original rows of shape (n, columns); at most ``rows`` of them, spread evenly, are moved.
    constraints : ``{feature: 1 or -1}``; 0 asks nothing.
    types : ``{feature: numeric, date or boolean}``; read from the frame when not given.
    special_values : ``{feature: codes}`` that stand for a meaning and not for a quantity.
    points : grid values per feature: observed ones, at even ranks from the least to the greatest.
    pulse : called between the features.

    Returns
    -------
    list of MonotoneCheck
        One for each feature with a direction.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> class Hill:
    ...     def predict(self, frame):
    ...         return 1 - (frame["age"].to_numpy() - 0.5) ** 2
    >>> frame = pd.DataFrame({"age": np.linspace(0, 1, 5)})
    >>> check = check_monotone(Hill(), frame, constraints={"age": 1})[0]
    >>> check.violations, check.worst_step
    (10, 0.1875)
    """
    sample = frame.iloc[np.unique(np.linspace(0, len(frame) - 1, min(rows, len(frame))).astype(int))]
    found = []
    for feature, direction in constraints.items():
        if not direction:
            continue
        pulse()
        kind = (types or {}).get(feature) or infer_type(frame[feature])
        grid = _grid(frame[feature], kind, (special_values or {}).get(feature, ()), points)
        found.append(_check(model, sample, feature, direction, grid))
    return found


def _check(model: Predicts, sample: pd.DataFrame, feature: str, direction: int, grid: pd.Series) -> MonotoneCheck:
    count = len(sample)
    if len(grid) < 2 or not count:
        return MonotoneCheck(feature, direction, 0, 0.0, count, len(grid))
    moved = sample.iloc[np.tile(np.arange(count), len(grid))].reset_index(drop=True)
    moved[feature] = grid.iloc[np.repeat(np.arange(len(grid)), count)].reset_index(drop=True)
    curves = np.asarray(model.predict(moved)).reshape(len(grid), count)
    wrong = -direction * np.diff(curves, axis=0)
    violations = int((wrong > TOLERANCE).sum())
    return MonotoneCheck(feature, direction, violations, float(wrong.max()) if violations else 0.0, count, len(grid))


def _grid(column: pd.Series, kind: str, special: Sequence[float], points: int) -> pd.Series:
    """Return observed cells in rising order; cells themselves, so that they are read as any other."""
    values, _ = _READERS.get(kind, as_numbers)(column)
    usable = np.flatnonzero(~np.isnan(values) & ~np.isin(values, np.asarray(special, dtype=float)))
    if not usable.size:
        return column.iloc[:0]
    ordered = usable[np.argsort(values[usable], kind="stable")]
    _, first = np.unique(values[ordered], return_index=True)
    places = np.linspace(0, len(ordered) - 1, points).astype(int)
    if len(first) <= points:
        places = first
    chosen = ordered[places]
    _, once = np.unique(values[chosen], return_index=True)
    return column.iloc[chosen[once]]
