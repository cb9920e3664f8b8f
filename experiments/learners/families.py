"""The table of families that are searched, each of which stands alone; what is composed of them is built on it."""

from experiments.learners.base import Learner
from experiments.learners.baseline import Baseline
from experiments.learners.catboost import CatBoost
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
