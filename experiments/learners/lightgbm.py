"""LightGBM: histogram gradient boosting with leaf-wise trees."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from experiments.errors import gettext_noop
from experiments.learners.base import About, BoostedTrees, FitRequest
from experiments.learners.lightgbm_scorer import LightGBMScorer, margins
from experiments.learners.space import OneOf, Real, Space, Whole

MOST_ROUNDS = 4000
# Below this many rows, shallow trees go first.
FEW_ROWS = 8_000


class LightGBMModel:
    """A LightGBM model in its own text format, with the trees in use only."""

    def __init__(self, text: str, iterations: int) -> None:
        self.text = text
        self.iterations = iterations
        self.scorer = LightGBMScorer(text)

    def margin(self, table: pd.DataFrame) -> np.ndarray:
        """Return log-odds of shape (rows,)."""
        return self.scorer.margin(table.to_numpy())

    @staticmethod
    def margins(members: Sequence["LightGBMModel"], table: pd.DataFrame) -> list[np.ndarray]:
        """Return every member's margin at once, which is faster for long tables than one after the other."""
        return margins([member.scorer for member in members], table.to_numpy())

    def contributions(self, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return exact TreeSHAP values and their base."""
        return self.scorer.contributions(table.to_numpy())

    def save(self, folder: Path, stem: str) -> None:
        """Write the text."""
        (folder / f"{stem}.lightgbm.txt").write_bytes(self.text.encode())

    @classmethod
    def load(cls, folder: Path, stem: str) -> Self:
        """Read the text."""
        text = (folder / f"{stem}.lightgbm.txt").read_bytes().decode()
        return cls(text, text.count("\nTree="))


class LightGBM(BoostedTrees):
    """The LightGBM family."""

    name = "lightgbm"
    about = About(
        label="LightGBM", merit=gettext_noop("Often the most accurate"),
        packages=("lightgbm",), preloads=("lightgbm",), cost=1.0, first_cost=1.0, gap=0.0, memory_factor=1.5,
        portfolio="lgbm", shows_early=1,
    )  # fmt: skip
    model = LightGBMModel
    low_cost = {"num_leaves": 4}
    space: Space = {
        "learning_rate": Real(0.02, 0.2, is_log=True),
        "num_leaves": Whole(4, 80, is_log=True),
        "min_child_samples": Whole(5, 300, is_log=True),
        "colsample_bytree": Real(0.2, 1.0),
        "subsample": Real(0.5, 1.0),
        "reg_alpha": Real(0.001, 30.0, is_log=True),
        "reg_lambda": Real(0.01, 100.0, is_log=True),
        # Codes are in order of frequency; splitting them as numbers is often better than as a set.
        "categories": OneOf(("ordered", "sets")),
    }

    def first_configurations(self, rows: int, columns: int) -> list[dict[str, Any]]:
        """Return settings known to do well: the more rows, the more leaves and the less shrinkage they bear."""
        deep = {
            "learning_rate": 0.03, "num_leaves": 31, "min_child_samples": 20,
            "colsample_bytree": 0.5, "subsample": 0.8, "reg_alpha": 0.1, "reg_lambda": 3.0, "categories": "ordered",
        }  # fmt: skip
        steady = {**deep, "num_leaves": 12, "min_child_samples": max(10, min(60, rows // 100)), "reg_lambda": 10.0}
        flat = {**steady, "num_leaves": 6, "learning_rate": 0.05, "colsample_bytree": 0.4, "categories": "sets"}
        if rows < FEW_ROWS:
            return [steady, flat, deep]
        return [deep, {**steady, "categories": "sets"}, flat]

    def fit(self, request: FitRequest) -> LightGBMModel:
        """Boost until the validation loss stops falling, or for the given number of rounds."""
        import lightgbm

        data = self._dataset(request.table, request.y, request.weight, request)
        rounds = request.iterations or MOST_ROUNDS
        callbacks = [_pulse_callback(request)]
        valid_sets = []
        if request.validation is not None:
            valid_sets = [self._dataset(*request.validation, request, reference=data)]
            patience = max(30, int(2.0 / request.params["learning_rate"]))
            callbacks.append(lightgbm.early_stopping(patience, verbose=False))
        booster = lightgbm.train(
            self._native(request), data, num_boost_round=rounds, valid_sets=valid_sets, callbacks=callbacks
        )
        used = booster.best_iteration if valid_sets else rounds
        return LightGBMModel(booster.model_to_string(num_iteration=used), used)

    def _dataset(
        self, table: pd.DataFrame, y: np.ndarray, weight: Any, request: FitRequest, reference: Any = None
    ) -> Any:
        import lightgbm

        as_sets = request.categorical if request.params["categories"] == "sets" else ()
        codes = [table.columns.get_loc(column) for column in as_sets]
        return lightgbm.Dataset(
            table.to_numpy(), label=y, weight=weight, reference=reference, categorical_feature=codes,
            feature_name=list(table.columns), free_raw_data=True,
            params={"verbosity": -1, "max_bin": 255, "num_threads": request.threads},
        )  # fmt: skip

    def _native(self, request: FitRequest) -> dict[str, Any]:
        params = request.params
        native = {
            "objective": "binary", "metric": "binary_logloss", "verbosity": -1, "num_threads": request.threads,
            "seed": request.seed, "deterministic": True, "force_col_wise": True, "bagging_freq": 1,
            "learning_rate": params["learning_rate"], "num_leaves": params["num_leaves"],
            "min_data_in_leaf": params["min_child_samples"], "feature_fraction": params["colsample_bytree"],
            "bagging_fraction": params["subsample"], "lambda_l1": params["reg_alpha"],
            "lambda_l2": params["reg_lambda"], "cat_smooth": 30.0, "max_bin": 255,
        }  # fmt: skip
        if request.monotone:
            native["monotone_constraints"] = [request.monotone.get(column, 0) for column in request.table.columns]
            # LightGBM's "intermediate" and "advanced" bend less, but let leaves of one tree break a direction.
            native["monotone_constraints_method"] = "basic"
        return native


def _pulse_callback(request: FitRequest) -> Any:
    def pulse(environment: Any) -> None:
        request.pulse()

    return pulse
