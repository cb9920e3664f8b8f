"""The families of models that compete; a new one is a file here and a line in the table."""

from experiments.learners.base import FitRequest, FittedModel, Learner
from experiments.learners.baseline import Baseline
from experiments.learners.catboost import CatBoost
from experiments.learners.chain import Chain
from experiments.learners.ensemble import Ensemble
from experiments.learners.explainable_boosting import ExplainableBoosting
from experiments.learners.forests import ExtraTrees, RandomForest
from experiments.learners.hist_gradient_boosting import HistGradientBoosting
from experiments.learners.lightgbm import LightGBM
from experiments.learners.linear import Linear
from experiments.learners.scorecard import ScorecardLearner
from experiments.learners.xgboost import XGBoost

LEARNERS: dict[str, Learner] = {
    learner.name: learner
    for learner in (
        LightGBM(),
        XGBoost(),
        CatBoost(),
        Linear(),
        RandomForest(),
        ExtraTrees(),
        ExplainableBoosting(),
        HistGradientBoosting(),
        ScorecardLearner(),
        Baseline(),
    )
}

# What a model can be: a family that is searched, or what is composed of several.
FAMILIES: dict[str, Learner] = {**LEARNERS, "ensemble": Ensemble(), "chain": Chain()}

__all__ = ["FAMILIES", "LEARNERS", "FitRequest", "FittedModel", "Learner"]
