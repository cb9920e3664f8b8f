"""Histogram gradient boosting as scikit-learn fits it, kept as LightGBM text."""

from typing import Any

import numpy as np
import pandas as pd

from experiments.errors import gettext_noop
from experiments.learners.base import About, BoostedTrees, FitRequest
from experiments.learners.forest import DEFAULT_LEFT, MISSING_IS_NAN, PlainTree, trees_text
from experiments.learners.lightgbm import LightGBMModel
from experiments.learners.space import Real, Space, Whole

MOST_ROUNDS = 2000
ROUNDS_A_PULSE = 20
# Beyond every number of a table; LightGBM's text has no infinity.
ABOVE_ALL = 1e300


class HistGradientBoosting(BoostedTrees):
    """The family of scikit-learn's histogram gradient boosting."""

    name = "hist_gradient_boosting"
    about = About(
        label=gettext_noop("Histogram boosting"), merit=gettext_noop("Boosting with few settings, fast on many rows"),
        packages=("scikit-learn", "lightgbm"), preloads=("sklearn.ensemble",), cost=1.0, first_cost=1.5, gap=0.002,
    )  # fmt: skip
    model = LightGBMModel
    low_cost = {"max_leaf_nodes": 4}
    space: Space = {
        "learning_rate": Real(0.02, 0.2, is_log=True),
        "max_leaf_nodes": Whole(4, 48, is_log=True),
        "min_samples_leaf": Whole(5, 300, is_log=True),
        "l2_regularization": Real(0.01, 100.0, is_log=True),
        "max_features": Real(0.1, 1.0),
    }

    def first_configurations(self, rows: int, columns: int) -> list[dict[str, Any]]:
        """Return small, strongly regularised trees."""
        return [
            {
                "learning_rate": 0.05, "max_leaf_nodes": 12, "min_samples_leaf": max(10, min(60, rows // 100)),
                "l2_regularization": 10.0, "max_features": 0.4,
            }
        ]  # fmt: skip

    def fit(self, request: FitRequest) -> LightGBMModel:
        """Boost until the validation loss stops falling, or for the given number of rounds."""
        from threadpoolctl import threadpool_limits

        # scikit-learn asks OpenMP how many threads it may use.
        with threadpool_limits(request.threads, user_api="openmp"):
            native = self._boost(request)
        rounds = native.n_iter_
        if request.validation is not None:
            # The first score is that of the constant the boosting starts from; a model has at least one tree.
            rounds = max(1, int(np.argmax(native.validation_score_)))
        return LightGBMModel(_text_of(native, rounds, list(request.table.columns)), rounds)

    def _boost(self, request: FitRequest) -> Any:
        native = self._native(request)
        most = request.iterations or MOST_ROUNDS
        validation = _validation(request.validation)
        for rounds in [*range(ROUNDS_A_PULSE, most, ROUNDS_A_PULSE), most]:
            request.pulse()
            native.max_iter = rounds
            native.fit(request.table.to_numpy(), request.y.astype(int), sample_weight=request.weight, **validation)
            if native.n_iter_ < rounds:
                break
        return native

    def _native(self, request: FitRequest) -> Any:
        from sklearn.ensemble import HistGradientBoostingClassifier

        constraints = [request.monotone.get(column, 0) for column in request.table.columns]
        return HistGradientBoostingClassifier(
            **request.params, warm_start=True, random_state=request.seed, max_iter=ROUNDS_A_PULSE,
            early_stopping=request.validation is not None, scoring="loss", tol=0.0,
            n_iter_no_change=max(30, int(2.0 / request.params["learning_rate"])),
            monotonic_cst=constraints if any(constraints) else None,
        )  # fmt: skip


def _validation(validation: tuple[pd.DataFrame, np.ndarray, np.ndarray | None] | None) -> dict[str, Any]:
    if validation is None:
        return {}
    table, y, weight = validation
    return {"X_val": table.to_numpy(), "y_val": y.astype(int), "sample_weight_val": weight}


def _text_of(native: Any, rounds: int, columns: list[str]) -> str:
    """Write the first trees as LightGBM text; where the boosting starts from goes into the first of them."""
    # scikit-learn has no public way to its trees; the test of equal margins guards these three names.
    start = float(native._baseline_prediction.ravel()[0])
    trees = [_tree_of(trees_of_round[0].nodes) for trees_of_round in native._predictors[:rounds]]
    trees[0].value[:] += start
    return trees_text(trees, columns, objective="binary sigmoid:1")


def _tree_of(nodes: np.ndarray) -> PlainTree:
    is_leaf = nodes["is_leaf"].astype(bool)
    return PlainTree(
        left=np.where(is_leaf, -1, nodes["left"].astype(np.int64)),
        right=np.where(is_leaf, -1, nodes["right"].astype(np.int64)),
        feature=nodes["feature_idx"].astype(np.int64),
        threshold=np.minimum(nodes["num_threshold"], ABOVE_ALL),
        value=nodes["value"].copy(),
        rows=nodes["count"],
        decision=MISSING_IS_NAN + DEFAULT_LEFT * nodes["missing_go_to_left"].astype(np.int64),
    )
