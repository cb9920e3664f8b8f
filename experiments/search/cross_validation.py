"""Score one configuration on the folds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from experiments.evaluation.metrics import auc
from experiments.search.budget import Run
from experiments.search.learners import FittedModel, Learner
from experiments.search.parallel import one_after_the_other
from experiments.search.training_data import Fold, TrainingData


class Hopeless(Exception):
    """Further folds would be a waste."""


@dataclass
class FoldScores:
    """What the folds said so far.

    Attributes
    ----------
    margins : out-of-fold margins for every row of the table, NaN where not validated.
    """

    margins: np.ndarray
    aucs: list[float] = field(default_factory=list)
    iterations: list[int] = field(default_factory=list)
    models: list[FittedModel] = field(default_factory=list)

    def add(self, data: TrainingData, valid_rows: np.ndarray, model: FittedModel, margins: np.ndarray) -> None:
        """Take in one fold."""
        self.margins[valid_rows] = margins
        self.aucs.append(float(auc(data.y[valid_rows], margins, data.weights(valid_rows))))
        self.iterations.append(model.iterations)
        self.models.append(model)


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

    def task_of(fold: Fold) -> Callable[[Callable[[], None]], tuple[FittedModel, np.ndarray]]:
        def fit_and_validate(pulse: Callable[[], None]) -> tuple[FittedModel, np.ndarray]:
            model = learner.fit(data.request(learner, params, *fold, seed=seed, pulse=pulse))
            return model, model.margin(data.features(learner, fold[1]))

        return fit_and_validate

    with one_after_the_other([task_of(fold) for fold in folds], run) as results:
        for (_, valid_rows), (model, margins) in zip(folds, results, strict=True):
            scores.add(data, valid_rows, model, margins)
            on_fold(scores)
    return scores
