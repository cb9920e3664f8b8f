"""The table of families that compete: one line each; everything else about a family stands in the file it names.

A question names families and is read where their libraries are not, so the table tells places and imports nothing.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

Role = Literal["usual", "on_request", "always"]


@dataclass(frozen=True)
class Family:
    """One family of models.

    Attributes
    ----------
    name : the word used in specs, trials, folders and programs.
    place : module and class of its learner, see ``experiments.learners.base``.
    role : ``usual`` is searched unless others are named, ``on_request`` only when it is named, and ``always`` is
        tried once in every run.
    """

    name: str
    place: str
    role: Role = "usual"

    def load(self) -> Any:
        """Return the learner."""
        module, name = self.place.split(":")
        return getattr(import_module(module), name)()


FAMILIES = (
    Family("lightgbm", "experiments.learners.lightgbm:LightGBM"),
    Family("xgboost", "experiments.learners.xgboost:XGBoost"),
    Family("catboost", "experiments.learners.catboost:CatBoost"),
    Family("linear", "experiments.learners.linear:Linear"),
    Family("random_forest", "experiments.learners.forests:RandomForest"),
    Family("extra_trees", "experiments.learners.forests:ExtraTrees"),
    Family("explainable_boosting", "experiments.learners.explainable_boosting:ExplainableBoosting"),
    Family("hist_gradient_boosting", "experiments.learners.hist_gradient_boosting:HistGradientBoosting", "on_request"),
    Family("scorecard", "experiments.learners.scorecard:ScorecardLearner", "always"),
    Family("baseline", "experiments.learners.baseline:Baseline", "always"),
)


def names_of(*roles: Role) -> tuple[str, ...]:
    """Return the families of these roles, or all where none is named, in the table's order.

    Examples
    --------
    >>> names_of("on_request")
    ('hist_gradient_boosting',)
    """
    return tuple(family.name for family in FAMILIES if not roles or family.role in roles)
