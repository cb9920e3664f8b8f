"""Asks a small model what it would lose without a column: the way to find a leak that looks harmless alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import lightgbm as lgb
import numpy as np
import pandas as pd

from experiments.data.single_feature import as_numbers, is_ordered, ranking_auc, sample_rows

ROWS = 20_000
FOLDS = 3
TREES = 60
LEVELS = 40
SEED = 20
NOTABLE_GAIN = 0.10
NOTABLE_AUC = 0.65
MOST_CANDIDATES = 6
MOST_SUSPECTS = 25
LARGEST_LOSS = 0.03
TOO_GOOD = 0.94
SURE = 3.0
SHARE_OF_ERROR = 0.25
GRAVE_SHARE_OF_ERROR = 0.4


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
class _Fitted:
    auc: float
    auc_of_fold: np.ndarray
    gain: dict[str, float] = field(default_factory=dict)


def find_suspects(
    frame: pd.DataFrame,
    y: np.ndarray,
    columns: Sequence[str],
    power: dict[str, float],
    on_progress: Callable[[float], None] = lambda fraction: None,
) -> list[Suspect]:
    """Return the columns a small model leans on more than an honest column allows, the gravest first.

    On at most 20,000 rows a LightGBM of 60 small trees is cross-validated in three folds. While it is too good to be
    true (AUC above 0.94) the column with the largest gain is taken out, whatever its loss alone, because leaks stand
    in for each other. Below that, only columns with a notable gain (10 %) or power alone (AUC 0.65) are left out one
    at a time; a loss above 0.03 that is sure (three standard errors) and large against what is left to lose makes a
    suspect. Each suspect goes, and the rest is asked again.

    Parameters
    ----------
    y : 1, 0 or NaN, one value a row. power : single-feature AUC by column.
    """
    rows = sample_rows(y, ROWS)
    matrix = _encode(frame.iloc[rows], columns)
    answers = y[rows]
    suspects: list[Suspect] = []
    left = list(matrix.columns)
    full = _fit(matrix[left], answers) if left else _Fitted(0.5, np.array([0.5]))
    while len(left) > 1 and len(suspects) < MOST_SUSPECTS:
        on_progress(len(suspects) / MOST_SUSPECTS)
        suspect, without = _next_suspect(matrix, answers, left, full, power)
        if suspect is None or without is None:
            break
        suspects.append(suspect)
        left.remove(suspect.column)
        full = without
    return _worth_telling(suspects)


def _next_suspect(
    matrix: pd.DataFrame, y: np.ndarray, left: list[str], full: _Fitted, power: dict[str, float]
) -> tuple[Suspect | None, _Fitted | None]:
    ranked = sorted(left, key=lambda name: -full.gain[name])
    if full.auc > TOO_GOOD:
        without = _fit(matrix[[name for name in left if name != ranked[0]]], y)
        return Suspect(ranked[0], full.auc, without.auc, full.gain[ranked[0]]), without
    notable = [name for name in ranked if full.gain[name] >= NOTABLE_GAIN or power.get(name, 0.5) >= NOTABLE_AUC]
    for name in notable[:MOST_CANDIDATES]:
        without = _fit(matrix[[other for other in left if other != name]], y)
        if _is_too_much(full, without):
            return Suspect(name, full.auc, without.auc, full.gain[name]), without
    return None, None


def _is_too_much(full: _Fitted, without: _Fitted) -> bool:
    losses = full.auc_of_fold - without.auc_of_fold
    loss = float(losses.mean())
    error = float(losses.std(ddof=1)) / np.sqrt(len(losses))
    return loss > LARGEST_LOSS and loss > SURE * error and loss > SHARE_OF_ERROR * (1 - without.auc)


def _worth_telling(suspects: list[Suspect]) -> list[Suspect]:
    """Forget the last ones taken out if nothing was lost with them: they only stood at the top by chance."""
    while suspects and suspects[-1].auc_with - suspects[-1].auc_without < LARGEST_LOSS / 3:
        suspects = suspects[:-1]
    return suspects


def _encode(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return numbers for LightGBM; words become codes of the most frequent levels."""
    encoded: dict[str, np.ndarray | pd.Series] = {}
    for name in columns:
        series = frame[name]
        if is_ordered(series):
            encoded[name] = as_numbers(series).astype(np.float32)
            continue
        codes, levels = pd.factorize(series)
        sizes = np.bincount(codes[codes >= 0], minlength=len(levels))
        frequent = np.argsort(-sizes, kind="stable")[:LEVELS]
        new = np.full(len(levels) + 1, -1)
        new[frequent] = np.arange(len(frequent))
        encoded[name] = pd.Categorical(new[codes])
    return pd.DataFrame(encoded)


def _fit(matrix: pd.DataFrame, y: np.ndarray) -> _Fitted:
    fold_of = np.random.default_rng(SEED).permutation(len(y)) % FOLDS
    # LightGBM refuses names with JSON's own signs.
    plain = matrix.set_axis([f"f{number}" for number in range(matrix.shape[1])], axis=1)
    scores, gains = [], np.zeros(matrix.shape[1])
    for fold in range(FOLDS):
        fit, valid = fold_of != fold, fold_of == fold
        model = lgb.LGBMClassifier(
            n_estimators=TREES,
            num_leaves=15,
            learning_rate=0.1,
            min_child_samples=20,
            min_data_per_group=50,
            cat_smooth=20,
            colsample_bytree=0.8,
            importance_type="gain",
            random_state=SEED,
            n_jobs=1,
            deterministic=True,
            force_col_wise=True,
            verbose=-1,
        ).fit(plain[fit], y[fit])
        scores.append(ranking_auc(np.asarray(model.predict_proba(plain[valid]))[:, 1], y[valid]))
        gains += model.feature_importances_
    shares = gains / max(gains.sum(), 1e-12)
    by_name = dict(zip(matrix.columns, shares.tolist(), strict=True))
    return _Fitted(float(np.mean(scores)), np.array(scores), by_name)
