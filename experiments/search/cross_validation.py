"""Score one configuration on the folds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from experiments.evaluation.metrics import auc
from experiments.search.budget import Run
from experiments.search.learners import FittedModel, Learner
from experiments.search.training_data import TrainingData


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


def cross_validate(
    learner: Learner,
    params: dict[str, Any],
    data: TrainingData,
    run: Run,
    *,
    seed: int,
    scores: FoldScores,
    on_fold: Callable[[FoldScores], None],
) -> FoldScores:
    """Fit and validate fold by fold; ``on_fold`` may raise ``Hopeless`` after any of them.

    ``scores`` is filled as the folds end, so that a caller whose fit was stopped still has those before.
    """
    for fit_rows, valid_rows in data.folds:
        run.pulse()
        request = data.request(
            learner, params, fit_rows, valid_rows, seed=seed, threads=run.threads, pulse=run.pulse
        )
        model = learner.fit(request)
        scores.margins[valid_rows] = model.margin(data.features(learner, valid_rows))
        scores.aucs.append(float(auc(data.y[valid_rows], scores.margins[valid_rows], data.weights(valid_rows))))
        scores.iterations.append(model.iterations)
        scores.models.append(model)
        on_fold(scores)
    return scores
