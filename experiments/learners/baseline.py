"""The baseline: a plain logistic regression on the five strongest columns, the least a model has to beat."""

from dataclasses import replace
from typing import Any

import numpy as np

from experiments.errors import gettext_noop
from experiments.learners.base import About, FitRequest
from experiments.learners.linear import Linear, LinearModel, describe, design_of
from experiments.learners.space import Space

COLUMNS = 5


class Baseline(Linear):
    """A handful of columns, straight lines, no search."""

    name = "baseline"
    about = About(
        label=gettext_noop("Logistic regression (baseline)"),
        merit=gettext_noop("Untuned; the bar for every other model"),
        packages=("scikit-learn",), preloads=("sklearn.linear_model",),
    )  # fmt: skip
    simplicity = 0
    space: Space = {}

    def first_configurations(self, rows: int, columns: int) -> list[dict[str, Any]]:
        """Return the one configuration."""
        return [{}]

    def fit(self, request: FitRequest) -> LinearModel:
        """Fit the strongest columns only."""
        strength = [_strength(request, column) for column in request.table.columns]
        strongest = np.argsort(-np.asarray(strength), kind="stable")[:COLUMNS]
        few = request.table.iloc[:, np.sort(strongest)]
        codes = tuple(column for column in request.categorical if column in few)
        return super().fit(replace(request, table=few, categorical=codes, params={"C": 1.0, "knots": 0}))


def _strength(request: FitRequest, column: str) -> float:
    """Return the share of the target's variance that the column's design explains alone."""
    values = request.table[column].to_numpy()
    term = describe(values, column, 0, column in request.categorical)
    if not term["means"]:
        return 0.0
    design = design_of(values, term)
    centred = request.y - request.y.mean()
    coefficients = np.linalg.lstsq(design.T @ design + np.eye(design.shape[1]), design.T @ centred, rcond=None)[0]
    return float(centred @ (design @ coefficients))
