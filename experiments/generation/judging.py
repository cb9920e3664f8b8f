"""Quick models that say what candidates are worth beside the original columns."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

# Small trees, all columns at hand in each: an added column can change a model only where it is chosen.
_QUICK = {
    "objective": "binary", "metric": "binary_logloss", "verbosity": -1, "num_threads": 1, "deterministic": True,
    "force_col_wise": True, "learning_rate": 0.1, "num_leaves": 8, "bagging_fraction": 0.8, "bagging_freq": 1,
    "lambda_l1": 0.1, "lambda_l2": 10.0, "max_bin": 127,
}  # fmt: skip
_MOST_ROUNDS, _PATIENCE = 300, 20
RANDOM = "random {}"
Fold = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Judgement:
    """What quick models on all folds say.

    Attributes
    ----------
    p : out-of-fold probability of shape (rows,), NaN where no fold validates.
    gains : mean share of the models' gain for each column of the matrix.
    """

    p: np.ndarray
    gains: dict[str, float]


@dataclass(frozen=True)
class ColumnJudge:
    """The rows, folds and patience that every quick model has in common."""

    y: np.ndarray
    weight: np.ndarray
    folds: list[Fold]
    seeds: tuple[int, ...]
    pulse: Callable[[], None]

    def judge(self, matrix: pd.DataFrame, *, folds: int | None = None) -> Judgement:
        """Fit one quick model for each seed and fold, or for each of the first few folds."""
        margins, count = np.zeros(len(self.y)), np.zeros(len(self.y))
        gains = np.zeros(matrix.shape[1])
        for seed in self.seeds:
            for fit, valid in self.folds[:folds]:
                margin, gain = self._fit(matrix, fit, valid, seed)
                margins[valid] += margin
                count[valid] += 1
                gains += gain / max(gain.sum(), 1e-300)
        gains /= len(self.seeds) * len(self.folds[:folds])
        with np.errstate(invalid="ignore"):
            p = 1 / (1 + np.exp(-margins / count))
        return Judgement(p, dict(zip(matrix.columns, gains.tolist(), strict=True)))

    def improvement(self, before: Judgement, after: Judgement) -> float:
        """Return the fall in log-loss on the validated rows in standard errors of the paired difference."""
        rows = np.flatnonzero(~np.isnan(before.p))
        fall = self.weight[rows] * (log_loss(self.y[rows], before.p[rows]) - log_loss(self.y[rows], after.p[rows]))
        return float(fall.mean() / max(fall.std() / np.sqrt(len(fall)), 1e-300)) if np.any(fall) else 0.0

    def _fit(
        self, matrix: pd.DataFrame, fit: np.ndarray, valid: np.ndarray, seed: int
    ) -> tuple[np.ndarray, np.ndarray]:
        import lightgbm

        settings = {**_QUICK, "seed": seed, "min_data_in_leaf": max(10, min(60, len(fit) // 100))}
        cells = matrix.to_numpy()
        learning = lightgbm.Dataset(cells[fit], self.y[fit], weight=self.weight[fit], params=settings)
        judging = lightgbm.Dataset(cells[valid], self.y[valid], weight=self.weight[valid], reference=learning)
        stop = lightgbm.early_stopping(_PATIENCE, verbose=False)
        model = lightgbm.train(
            settings, learning, _MOST_ROUNDS, valid_sets=[judging], callbacks=[stop, lambda _: self.pulse()]
        )
        gain = model.feature_importance("gain", iteration=model.best_iteration)
        return np.asarray(model.predict(cells[valid], raw_score=True)), np.asarray(gain, dtype=float)


def log_loss(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Return each row's log-loss."""
    return -np.log(np.clip(np.where(y == 1, p, 1 - p), 1e-12, 1))
