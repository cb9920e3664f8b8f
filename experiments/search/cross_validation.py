"""Score one configuration on the folds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from experiments.errors import gettext_noop
from experiments.evaluation.metrics import auc
from experiments.learners import FittedModel, Learner
from experiments.search.fit_task import FitResult, FitTask
from experiments.search.fits import one_after_the_other
from experiments.search.run import Run
from experiments.search.training_data import Fold, TrainingData
from experiments.search.workers import FitFailed

NOT_FINITE = gettext_noop("Its predictions are not all numbers.")


class Hopeless(Exception):
    """Further folds would be a waste."""


@dataclass
class FoldScores:
    """What the folds said so far.

    Attributes
    ----------
    margins : out-of-fold margins for every row of the table, NaN where not validated.
    peak_mb : the most memory a process held for one of these fits.
    """

    margins: np.ndarray
    aucs: list[float] = field(default_factory=list)
    iterations: list[int] = field(default_factory=list)
    models: list[FittedModel] = field(default_factory=list)
    peak_mb: float = 0.0

    def add(self, data: TrainingData, valid_rows: np.ndarray, result: FitResult) -> None:
        """Take in one fold."""
        margins = np.asarray(result.margins, dtype=np.float64)
        if not np.all(np.isfinite(margins)):
            raise FitFailed(NOT_FINITE)
        self.margins[valid_rows] = margins
        self.aucs.append(float(auc(data.y[valid_rows], margins, weight=data.weights(valid_rows))))
        self.iterations.append(result.model.iterations)
        self.models.append(result.model)
        self.peak_mb = max(self.peak_mb, result.peak_mb)


def cross_validate(
    learner: Learner,
    params: dict[str, Any],
    data: TrainingData,
    run: Run,
    *,
    seed: int,
    folds: list[Fold],
    scores: FoldScores,
    on_fold: Callable[[FoldScores], None],
) -> FoldScores:
    """Fit and validate the folds; ``on_fold`` is called in their order and may raise ``Hopeless`` after any of them.

    ``scores`` is filled as the folds end, so that a caller whose fit was stopped still has those before.
    """

    tasks = [
        FitTask(learner, params, fit_rows, valid_rows=valid_rows, predict_rows=valid_rows, seed=seed)
        for fit_rows, valid_rows in folds
    ]
    with one_after_the_other(tasks, data, run) as results:
        for (_, valid_rows), result in zip(folds, results, strict=True):
            scores.add(data, valid_rows, result)
            on_fold(scores)
    return scores
