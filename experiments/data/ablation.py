"""Asks a small model what it would lose without a column: the way to find a leak that looks harmless alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from experiments.data.quick_model import QuickResult, cross_validate, encode, rows_for_a_model

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
GRAVE_SHARE_OF_ERROR = 0.6


@dataclass(frozen=True)
class Suspect:
    """A column without which the model falls from too good to ordinary.

    Attributes
    ----------
    auc_with, auc_without : cross-validated AUC of a small model with all columns left, and with this one gone too.
    gain_share : the column's share of the model's total gain.
    """

    column: str
    auc_with: float
    auc_without: float
    gain_share: float

    @property
    def is_grave(self) -> bool:
        """Tell whether the column should go, rather than only be looked at."""
        lost = self.auc_with - self.auc_without
        return self.auc_with > TOO_GOOD or lost > GRAVE_SHARE_OF_ERROR * (1 - self.auc_without)


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
    """Find the columns a small model leans on more than an honest column allows.

    On a sample of at most 20,000 rows a LightGBM of 60 small trees is cross-validated in three folds. While it is too
    good to be true (AUC above 0.94) the column with the largest gain is taken out, whatever its loss alone, because
    leaks stand in for each other. Below that, only columns with a notable gain (10 %) or power alone (AUC 0.65) are
    left out one at a time; a loss above 0.03 that is sure (three standard errors) and large against what is left to
    lose makes a suspect. Each suspect goes, and the rest is asked again. A large share of the gain (half and more) is
    no sign by itself: the best honest column of a credit file often has it, and the loss without it is small.

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
    suspects: list[Suspect] = []
    left = list(matrix.columns)
    full = start = cross_validate(matrix, answers)
    while len(left) > 1 and len(suspects) < MOST_SUSPECTS:
        on_progress(0.2 + 0.8 * len(suspects) / MOST_SUSPECTS)
        suspect, without = asked.next_suspect(left, full)
        if suspect is None or without is None:
            break
        suspects.append(suspect)
        left.remove(suspect.column)
        full = without
    suspects = _worth_telling(suspects)
    # What is left after the last one worth telling; later trials told nothing.
    full = start if not suspects else asked.without[suspects[-1].column]
    leaned_on = max(full.gain, key=lambda name: full.gain[name], default="")
    return Ablation(suspects, full.auc, leaned_on, full.gain.get(leaned_on, 0.0), len(rows), tuple(matrix.columns))


@dataclass
class _Asked:
    """A sample as numbers, and the results of the models that lost a suspect."""

    matrix: pd.DataFrame
    y: np.ndarray
    power: dict[str, float]
    on_progress: Callable[[float], None]
    without: dict[str, QuickResult] = field(default_factory=dict)

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
        self.without[name] = without
        return Suspect(name, full.auc, without.auc, full.gain[name]), without


def _used_most(matrix: pd.DataFrame, y: np.ndarray) -> list[str]:
    """Return all columns of a narrow table, and those of a wide one that a first model uses most."""
    names = list(matrix.columns)
    if len(names) <= WIDE:
        return names
    gain = cross_validate(matrix, y, folds=1).gain
    return sorted(names, key=lambda name: -gain[name])[:WIDE]


def _is_too_much(full: QuickResult, without: QuickResult) -> bool:
    losses = full.auc_of_fold - without.auc_of_fold
    loss = float(losses.mean())
    error = float(losses.std(ddof=1)) / np.sqrt(len(losses))
    return loss > LARGEST_LOSS and loss > SURE * error and loss > SHARE_OF_ERROR * (1 - without.auc)


def _worth_telling(suspects: list[Suspect]) -> list[Suspect]:
    """Forget the last ones taken out if nothing was lost with them: they only stood at the top by chance.

    Every model leans on some honest column most, and without it on the next: of those only to be looked at the first
    is told.
    """
    while suspects and suspects[-1].auc_with - suspects[-1].auc_without < LARGEST_LOSS / 3:
        suspects = suspects[:-1]
    first = next((suspect for suspect in suspects if not suspect.is_grave), None)
    return [suspect for suspect in suspects if suspect.is_grave or suspect is first]
