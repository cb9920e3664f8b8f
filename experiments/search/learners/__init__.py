"""The families of models that compete; a new one is a file here and a line in the table."""

from experiments.search.learners.base import FitRequest, FittedModel, Learner
from experiments.search.learners.baseline import Baseline
from experiments.search.learners.catboost import CatBoost
from experiments.search.learners.chain import Chain
from experiments.search.learners.ensemble import Ensemble
from experiments.search.learners.explainable_boosting import ExplainableBoosting
from experiments.search.learners.forests import ExtraTrees, RandomForest
from experiments.search.learners.hist_gradient_boosting import HistGradientBoosting
from experiments.search.learners.lightgbm import LightGBM
from experiments.search.learners.linear import Linear
from experiments.search.learners.scorecard import ScorecardLearner
from experiments.search.learners.xgboost import XGBoost

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
