"""Leaves columns out of a small model: the way to find a leak that looks harmless by itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from experiments.leakage.quick_model import QuickResult, cross_validate, encode, rows_for_a_model

NOTABLE_GAIN = 0.10
NOTABLE_AUC = 0.65
MOST_CANDIDATES = 6
MOST_SUSPECTS = 25
WIDE = 150
LARGEST_LOSS = 0.03
TOO_GOOD = 0.94
SURE = 3.0
SHARE_OF_ERROR = 0.2
# `duration` of the bank file takes three quarters of the error away; the best honest columns of open sets up to 56 %.
GRAVE_SHARE_OF_ERROR, GRAVE_AUC = 0.6, 0.9


@dataclass(frozen=True)
class Suspect:
    """A column that a model depends on more than on any honest column.

    Attributes
    ----------
    auc_with, auc_without : cross-validated AUC of a small model with this column and without it, all other suspects
        being gone from both.
    gain_share : the column's share of the model's total gain.
    is_grave : whether with it the answer is nearly decided, and without it is not.
    """

    column: str
    auc_with: float
    auc_without: float
    gain_share: float
    is_grave: bool = False


@dataclass(frozen=True)
class Ablation:
    """What leaving columns out showed.

    Attributes
    ----------
    suspects : columns the model leans on more than an honest column allows, the gravest first.
    auc : of the model with all columns but the suspects.
    leaned_on, gain_share : the column that model uses most, and its share of the gain; empty without columns.
    rows : rows the models were fitted and judged on.
    columns : those that were asked; of a wide table the ones a first model uses most.
    """

    suspects: list[Suspect] = field(default_factory=list)
    auc: float = 0.5
    leaned_on: str = ""
    gain_share: float = 0.0
    rows: int = 0
    columns: tuple[str, ...] = ()


def leave_out(
    frame: pd.DataFrame,
    y: np.ndarray,
    columns: Sequence[str],
    power: dict[str, float],
    on_progress: Callable[[float], None] = lambda fraction: None,
) -> Ablation:
    """Find the columns that a small model depends on more than on any honest column.

    On a sample of at most 20,000 rows a LightGBM of 60 small trees is cross-validated in three folds. While it is very
    good (AUC above 0.94) the column with the largest gain is set aside, whatever its loss alone, because leaks stand in
    for each other. Below that, only columns with a notable gain (10 %) or power alone (AUC 0.65) are left out one at a
    time; a loss above 0.03 that is sure (three standard errors) and large against what is left to lose makes a suspect.
    Each suspect goes, and the rest is asked again.

    Then each is put back beside what is left, the last set aside first. One that surely takes more than 60 % of the
    error away and brings the model above AUC 0.9 decides the answer (``is_grave``) and stays out. A model may be very
    good by many honest columns: each of them gives a little, and all go back.

    Of more than 150 columns only those are asked that a first model on all of them uses most.

    Parameters
    ----------
    y : 1, 0 or NaN, one value a row. power : single-feature AUC by column. on_progress : may raise to stop.
    """
    if not columns:
        return Ablation()
    rows = rows_for_a_model(y, len(columns))
    answers = y[rows]
    matrix = encode(frame.iloc[rows], columns)
    on_progress(0.05)
    matrix = matrix[_used_most(matrix, answers)]
    asked = _Asked(matrix, answers, power, on_progress)
    on_progress(0.15)
    aside: list[Suspect] = []
    left = list(matrix.columns)
    full = start = cross_validate(matrix, answers)
    while len(left) > 1 and len(aside) < MOST_SUSPECTS:
        on_progress(0.2 + 0.6 * len(aside) / MOST_SUSPECTS)
        suspect, without = asked.next_suspect(left, full)
        if suspect is None or without is None:
            break
        aside.append(suspect)
        left.remove(suspect.column)
        full = without
    on_progress(0.8)
    suspects, full = asked.put_back(aside, left, full) if aside else ([], start)
    leaned_on = max(full.gain, key=lambda name: full.gain[name], default="")
    return Ablation(
        _worth_telling(suspects), full.auc, leaned_on, full.gain.get(leaned_on, 0.0), len(rows), tuple(matrix.columns)
    )


@dataclass
class _Asked:
    """A sample as numbers, and what models on some of its columns reach."""

    matrix: pd.DataFrame
    y: np.ndarray
    power: dict[str, float]
    on_progress: Callable[[float], None]

    def next_suspect(self, left: list[str], full: QuickResult) -> tuple[Suspect | None, QuickResult | None]:
        ranked = sorted(left, key=lambda name: -full.gain[name])
        if full.auc > TOO_GOOD:
            return self._leave_out(ranked[0], left, full)
        notable = [name for name in ranked if full.gain[name] >= NOTABLE_GAIN or self.power.get(name, 0) >= NOTABLE_AUC]
        for name in notable[:MOST_CANDIDATES]:
            suspect, without = self._leave_out(name, left, full)
            if _is_too_much(full, without):
                return suspect, without
        return None, None

    def _leave_out(self, name: str, left: list[str], full: QuickResult) -> tuple[Suspect, QuickResult]:
        without = cross_validate(self.matrix[[other for other in left if other != name]], self.y)
        return Suspect(name, full.auc, without.auc, full.gain[name]), without

    def put_back(self, aside: list[Suspect], left: list[str], full: QuickResult) -> tuple[list[Suspect], QuickResult]:
        """Judge each column set aside beside what is left, and put back what does not decide the answer.

        The last set aside comes first, so that honest columns are beside those that were stronger when these come.
        """
        suspects: list[Suspect] = []
        for suspect in reversed(aside):
            name = suspect.column
            names = {name, *left}
            both = cross_validate(self.matrix[[other for other in self.matrix if other in names]], self.y)
            if not _is_too_much(both, full):
                left, full = [*left, name], both
                continue
            is_grave = decides(both, full)
            suspects.append(Suspect(name, both.auc, full.auc, both.gain[name], is_grave))
            if not is_grave:
                left, full = [*left, name], both
        return suspects[::-1], full


def _used_most(matrix: pd.DataFrame, y: np.ndarray) -> list[str]:
    """Return all columns of a narrow table, and those of a wide one that a first model uses most."""
    names = list(matrix.columns)
    if len(names) <= WIDE:
        return names
    gain = cross_validate(matrix, y, folds=1).gain
    return sorted(names, key=lambda name: -gain[name])[:WIDE]


def costs_much(full: QuickResult, without: QuickResult) -> bool:
    """Return whether a model significantly loses more than 0.03 AUC without some columns."""
    return loses_surely(full, without, LARGEST_LOSS)


def loses_surely(full: QuickResult, without: QuickResult, more_than: float) -> bool:
    """Return whether a model significantly loses more AUC than this without some columns."""
    losses = full.auc_of_fold - without.auc_of_fold
    loss = float(losses.mean())
    error = float(losses.std(ddof=1)) / np.sqrt(len(losses))
    return loss > more_than and loss > SURE * error


def _is_too_much(full: QuickResult, without: QuickResult) -> bool:
    return costs_much(full, without) and full.auc - without.auc > SHARE_OF_ERROR * (1 - without.auc)


def decides(full: QuickResult, without: QuickResult) -> bool:
    """Return whether the columns that only the first model has nearly determine the outcome.

    Examples
    --------
    >>> def result(*auc: float) -> QuickResult:
    ...     return QuickResult(float(np.mean(auc)), np.array(auc))
    >>> decides(result(0.95, 0.94, 0.95), result(0.80, 0.79, 0.81))
    True
    >>> decides(result(0.97, 0.97, 0.97), result(0.94, 0.94, 0.93))
    False
    """
    gained = full.auc - without.auc
    return _is_too_much(full, without) and full.auc > GRAVE_AUC and gained > GRAVE_SHARE_OF_ERROR * (1 - without.auc)


def _worth_telling(suspects: list[Suspect]) -> list[Suspect]:
    """Return all that decide the answer, and of those only to be looked at the first.

    Every model leans on some honest column most, and without it on the next.
    """
    first = next((suspect for suspect in suspects if not suspect.is_grave), None)
    return [suspect for suspect in suspects if suspect.is_grave or suspect is first]
