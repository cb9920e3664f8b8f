"""A small boosting model that takes seconds: how predictive these columns are, before any real training."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import lightgbm as lgb
import numpy as np
import pandas as pd

from experiments.features.single_feature import as_numbers, is_ordered, ranking_auc, sample_rows

ROWS = 20_000
LEAST_ROWS = 4_000
CELLS = 20_000_000
FOLDS = 3
TREES = 60
LEVELS = 40
SEED = 20


@dataclass(frozen=True)
class QuickResult:
    """How well a small model did in three folds.

    Attributes
    ----------
    auc : mean over the folds of ``auc_of_fold``.
    gain : each column's share of the models' total gain.
    """

    auc: float
    auc_of_fold: np.ndarray
    gain: dict[str, float] = field(default_factory=dict)


def rows_for_a_model(y: np.ndarray, column_count: int) -> np.ndarray:
    """Return positions of a stratified sample: 20,000 rows, fewer where the table is wide."""
    return sample_rows(y, int(np.clip(CELLS // max(1, column_count), LEAST_ROWS, ROWS)))


def encode(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return numbers for LightGBM; words become codes of the 40 most frequent levels."""
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


def cross_validate(matrix: pd.DataFrame, y: np.ndarray, folds: int = FOLDS) -> QuickResult:
    """Judge a small model on rows it was not fitted on, in folds with equal shares of events.

    Parameters
    ----------
    matrix : what ``encode`` gave. y : 1 or 0, one value a row.
    """
    fold_of = deal_folds(y)
    scores, gains = [], np.zeros(matrix.shape[1])
    for fold in range(folds):
        valid = fold_of == fold
        predicted, gain = fit_and_score(matrix[~valid], y[~valid], matrix[valid])
        scores.append(ranking_auc(predicted, y[valid]))
        gains += gain
    shares = gains / max(gains.sum(), 1e-12)
    return QuickResult(
        float(np.mean(scores)), np.array(scores), dict(zip(matrix.columns, shares.tolist(), strict=True))
    )


def deal_folds(y: np.ndarray) -> np.ndarray:
    """Return the fold (0, 1 or 2) of each row, the same number of events in each."""
    random = np.random.default_rng(SEED)
    fold_of = np.zeros(len(y), dtype=np.int64)
    for answer in (0, 1):
        rows = random.permutation(np.flatnonzero(y == answer))
        fold_of[rows] = np.arange(len(rows)) % FOLDS
    return fold_of


def fit_and_score(fit: pd.DataFrame, y: np.ndarray, score: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Fit 60 small trees and return the scores of other rows, and the gain of each column."""
    # LightGBM refuses names with JSON's own signs.
    plain = [f"f{number}" for number in range(fit.shape[1])]
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
    ).fit(fit.set_axis(plain, axis=1), y)
    predicted = np.asarray(model.predict_proba(score.set_axis(plain, axis=1)))[:, 1]
    return predicted, np.asarray(model.feature_importances_, dtype=float)
