"""A model on its way to the leaderboard: a trial, or a sum of trials, scored on the complete folds."""

from dataclasses import dataclass, field

import numpy as np

from experiments.evaluation.calibrators import AnyCalibrator
from experiments.evaluation.odds import probability_of
from experiments.evaluation.psi_bins import PsiBins
from experiments.evaluation.unseen_rows import UnseenRows
from experiments.learners import FAMILIES, FittedModel, Learner
from experiments.learners.base import mean_margin
from experiments.search.ensemble import Recipe
from experiments.search.training_data import TrainingData
from experiments.search.trial import TrialRecord


@dataclass(frozen=True)
class MeasuredReference:
    """The members' scores of training ``rows``, and the bins frozen on them."""

    rows: np.ndarray
    p: np.ndarray
    bins: PsiBins
    unseen: UnseenRows | None


@dataclass
class Candidate:
    """The best trial of a family, or a weighted sum of trials, scored on the complete folds.

    Attributes
    ----------
    margins : out-of-fold margins, NaN outside the training part.
    p_valid : calibrated out-of-fold probabilities of ``rows``; each fold calibrated on the others.
    members : models fitted on training rows only, with which the held-out rows are read.
    p_held_out : their predictions for the held-out rows, once these were read.
    models_of_folds : what was fitted on each fold, in their order, as far as it is still known.
    reference : scores of the members on training rows, against which shifts are measured.
    own_name : where it is not its family's only candidate.
    recipe : of a sum of several trials, what it adds up; None for a single one.
    is_of_sample : whether its folds are those of a search on a sample of the rows.
    """

    record: TrialRecord
    margins: np.ndarray
    fold_models: list[FittedModel]
    rows: np.ndarray
    calibrator: AnyCalibrator
    p_valid: np.ndarray
    members: list[FittedModel] = field(default_factory=list)
    recipe: Recipe | None = None
    is_of_sample: bool = False
    p_held_out: np.ndarray | None = None
    models_of_folds: list[FittedModel] = field(default_factory=list)
    reference: MeasuredReference | None = None
    own_name: str = ""

    def __post_init__(self) -> None:
        self.models_of_folds = self.models_of_folds or self.fold_models

    @property
    def name(self) -> str:
        """Name of the candidate: its family's, unless it has one of its own."""
        return self.own_name or self.record.learner

    @property
    def learner(self) -> Learner:
        """Its family."""
        return FAMILIES[self.record.learner]

    def raw(self, margin: np.ndarray) -> np.ndarray:
        """Turn margins into uncalibrated probabilities."""
        return probability_of(margin, self.learner.margin_unit)

    def predict(self, data: TrainingData, rows: np.ndarray) -> np.ndarray:
        """Return calibrated probabilities from the members that saw training rows only."""
        table = data.features(self.learner, rows)
        margin = mean_margin(self.members, table)
        return np.asarray(self.calibrator.apply(self.raw(margin)))
