"""XGBoost: histogram gradient boosting with depth-wise trees."""

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.errors import gettext_noop
from experiments.learners.base import About, BoostedTrees, FitRequest, FittedModel
from experiments.learners.forest import (
    DEFAULT_LEFT,
    MISSING_IS_NAN,
    PlainTree,
    as_counts,
    clear_of_zero,
    trees_text,
)
from experiments.learners.space import Real, Space, Whole
from experiments.learners.translated import TranslatedModel, path_of

MOST_ROUNDS = 4000
# Below this many rows, shallow trees go first.
FEW_ROWS = 8_000


class XGBoostModel:
    """An XGBoost booster in its own binary JSON format, as the search uses it; ``portable`` is what travels."""

    def __init__(self, booster: Any, iterations: int) -> None:
        self.booster = booster
        self.iterations = iterations

    def margin(self, table: pd.DataFrame) -> np.ndarray:
        """Return log-odds of shape (rows,)."""
        limits = (0, self.iterations)
        # Without a matrix of XGBoost's own in between; the numbers are the same.
        margins = self.booster.inplace_predict(table.to_numpy(), predict_type="margin", iteration_range=limits)
        return margins.astype(np.float64)

    def contributions(self, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return exact TreeSHAP values and their base."""
        limits = (0, self.iterations)
        values = self.booster.predict(_matrix(table), pred_contribs=True, iteration_range=limits).astype(np.float64)
        return values[:, :-1], values[:, -1]

    @cached_property
    def portable(self) -> FittedModel:
        """The same trees without XGBoost, which adds them up in single precision: margins differ by its rounding."""
        learner = json.loads(self.booster[: self.iterations].save_raw("json"))["learner"]
        trees = [_tree_of(tree) for tree in learner["gradient_booster"]["model"]["trees"]]
        rate = float(learner["learner_model_param"]["base_score"].strip("[]"))
        trees[0].value[:] += np.log(rate / (1.0 - rate))
        width = int(learner["learner_model_param"]["num_feature"])
        names = learner["feature_names"] or [f"column_{number}" for number in range(width)]
        return TranslatedModel(trees_text(trees, names, objective="binary sigmoid:1"), self.iterations)

    def save(self, folder: Path, stem: str) -> None:
        """Write the trees in use."""
        self.booster[: self.iterations].save_model(folder / f"{stem}.xgboost.ubj")

    @classmethod
    def load(cls, folder: Path, stem: str) -> FittedModel:
        """Read a booster, or what it was translated to."""
        if path_of(folder, stem).is_file():
            return TranslatedModel.load(folder, stem)
        import xgboost

        booster = xgboost.Booster(model_file=str(folder / f"{stem}.xgboost.ubj"))
        return cls(booster, booster.num_boosted_rounds())


class XGBoost(BoostedTrees):
    """The XGBoost family."""

    name = "xgboost"
    about = About(
        label="XGBoost", merit=gettext_noop("Similar to LightGBM, as a cross-check"),
        packages=("xgboost-cpu", "xgboost", "lightgbm"), preloads=("xgboost",), cost=0.8, first_cost=1.6, gap=0.0,
        memory_factor=2.0, portfolio="xgb_limitdepth", shows_early=2,
    )  # fmt: skip
    model = XGBoostModel
    low_cost = {"max_depth": 2}
    space: Space = {
        "learning_rate": Real(0.025, 0.2, is_log=True),
        "max_depth": Whole(2, 8),
        "min_child_weight": Real(1.0, 100.0, is_log=True),
        "subsample": Real(0.5, 1.0),
        "colsample_bytree": Real(0.2, 1.0),
        "reg_alpha": Real(0.001, 30.0, is_log=True),
        "reg_lambda": Real(0.1, 100.0, is_log=True),
    }

    def first_configurations(self, rows: int, columns: int) -> list[dict[str, Any]]:
        """Return settings known to do well: the more rows, the deeper the trees."""
        steady = {
            "learning_rate": 0.04, "max_depth": 4, "min_child_weight": 8.0, "subsample": 0.8,
            "colsample_bytree": 0.5, "reg_alpha": 0.1, "reg_lambda": 10.0,
        }  # fmt: skip
        deep = {**steady, "max_depth": 6, "learning_rate": 0.03}
        flat = {**steady, "max_depth": 3, "learning_rate": 0.06, "colsample_bytree": 0.4}
        return [steady, flat, deep] if rows < FEW_ROWS else [deep, steady, flat]

    def fit(self, request: FitRequest) -> XGBoostModel:
        """Boost until the validation loss stops falling, or for the given number of rounds."""
        import xgboost

        data = _matrix(request.table, request.y, request.weight)
        request.pulse()  # Of a long table it has a copy of its own now.
        rounds = request.iterations or MOST_ROUNDS
        callbacks: list[Any] = [_pulse_callback(request)]
        evals = []
        if request.validation is not None:
            evals = [(_matrix(*request.validation), "validation")]
            patience = max(30, int(2.0 / request.params["learning_rate"]))
            callbacks.append(xgboost.callback.EarlyStopping(rounds=patience))
        booster = xgboost.train(
            self._native(request), data, num_boost_round=rounds, evals=evals, callbacks=callbacks, verbose_eval=False
        )
        return XGBoostModel(booster, booster.best_iteration + 1 if evals else rounds)

    def _native(self, request: FitRequest) -> dict[str, Any]:
        native = {
            "objective": "binary:logistic", "eval_metric": "logloss", "tree_method": "hist", "verbosity": 0,
            "nthread": request.threads, "seed": request.seed, **request.params,
        }  # fmt: skip
        if request.monotone:
            constraints = [str(request.monotone.get(column, 0)) for column in request.table.columns]
            native["monotone_constraints"] = f"({','.join(constraints)})"
        return native


def _tree_of(tree: dict[str, Any]) -> PlainTree:
    left = np.array(tree["left_children"], dtype=np.int64)
    conditions = np.array(tree["split_conditions"], dtype=np.float32)
    # XGBoost goes left below a threshold, LightGBM up to one.
    threshold = np.nextafter(conditions, np.float32(-np.inf)).astype(np.float64)
    return PlainTree(
        left=left,
        right=np.array(tree["right_children"], dtype=np.int64),
        feature=np.array(tree["split_indices"], dtype=np.int64),
        threshold=clear_of_zero(threshold),
        value=conditions.astype(np.float64),
        rows=as_counts(np.array(tree["sum_hessian"], dtype=np.float64)),
        decision=MISSING_IS_NAN + DEFAULT_LEFT * np.array(tree["default_left"], dtype=np.int64),
    )


def _matrix(table: pd.DataFrame, y: np.ndarray | None = None, weight: np.ndarray | None = None) -> Any:
    import xgboost

    return xgboost.DMatrix(table.to_numpy(), label=y, weight=weight, nthread=1)


def _pulse_callback(request: FitRequest) -> Any:
    import xgboost

    class Pulse(xgboost.callback.TrainingCallback):
        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            request.pulse()
            return False

    return Pulse()
