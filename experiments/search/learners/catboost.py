"""CatBoost: ordered boosting with symmetric trees and categories of its own."""

from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from experiments.search.learners.base import FitRequest
from experiments.search.space import OneOf, Real, Space, Whole

MOST_ROUNDS = 2500
# Below this many rows, shallow trees go before deep ones.
FEW_ROWS = 8_000


class CatBoostModel:
    """A CatBoost model in its own binary format."""

    def __init__(self, native: Any, iterations: int, categorical: tuple[int, ...]) -> None:
        self.native = native
        self.iterations = iterations
        self.categorical = categorical

    def margin(self, table: pd.DataFrame) -> np.ndarray:
        """Return log-odds of shape (rows,)."""
        pool = _pool(table, self.categorical)
        return np.asarray(self.native.predict(pool, prediction_type="RawFormulaVal"), dtype=np.float64)

    def contributions(self, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return exact TreeSHAP values and their base."""
        values = self.native.get_feature_importance(_pool(table, self.categorical), type="ShapValues")
        return values[:, :-1], values[:, -1]

    def save(self, folder: Path, stem: str) -> None:
        """Write the model."""
        self.native.save_model(str(folder / f"{stem}.cbm"))

    @classmethod
    def load(cls, folder: Path, stem: str) -> Self:
        """Read a model."""
        import catboost

        native = catboost.CatBoost().load_model(str(folder / f"{stem}.cbm"))
        return cls(native, native.tree_count_, tuple(native.get_cat_feature_indices()))


class CatBoost:
    """The CatBoost family."""

    name = "catboost"
    margin_unit = "log-odds"
    reads_table = False
    has_rounds = True
    seeds_help = True
    keeps_monotone = True
    simplicity = 3
    model = CatBoostModel
    low_cost = {"depth": 3}
    space: Space = {
        "learning_rate": Real(0.03, 0.2, is_log=True),
        "depth": Whole(3, 7),
        "l2_leaf_reg": Real(0.5, 50.0, is_log=True),
        "rsm": Real(0.3, 1.0),
        "random_strength": Real(0.1, 5.0, is_log=True),
        "subsample": Real(0.5, 1.0),
        # Codes are in order of frequency; target statistics are often better than the order, and several times dearer.
        "categories": OneOf(("ordered", "statistics")),
    }

    def first_configurations(self, rows: int, columns: int) -> list[dict[str, Any]]:
        """Return moderately deep symmetric trees that read categories by their target statistics."""
        steady = {
            "learning_rate": 0.06, "depth": 5, "l2_leaf_reg": 5.0, "rsm": 0.6, "random_strength": 1.0,
            "subsample": 0.8, "categories": "statistics",
        }  # fmt: skip
        deep = {**steady, "depth": 7, "learning_rate": 0.05, "rsm": 0.4}
        flat = {**steady, "depth": 3, "learning_rate": 0.08, "l2_leaf_reg": 10.0}
        rest = [flat, deep] if rows < FEW_ROWS else [deep, flat]
        return [steady, *rest, {**steady, "categories": "ordered"}]

    def fit(self, request: FitRequest) -> CatBoostModel:
        """Boost until the validation loss stops falling, or for the given number of rounds."""
        import catboost

        has_statistics = request.params["categories"] == "statistics"
        as_sets = request.categorical if has_statistics else ()
        positions = tuple(request.table.columns.get_loc(column) for column in as_sets)
        pulse = _Pulse(request)
        native = catboost.CatBoost(self._native(request))
        evaluation = {}
        if request.validation is not None:
            table, y, weight = request.validation
            patience = max(30, int(2.0 / request.params["learning_rate"]))
            evaluation = {"eval_set": _pool(table, positions, y, weight), "early_stopping_rounds": patience}
        data = _pool(request.table, positions, request.y, request.weight)
        native.fit(data, callbacks=[pulse], verbose=False, **evaluation)
        pulse.raise_what_came()
        return CatBoostModel(native, native.tree_count_, positions)

    def _native(self, request: FitRequest) -> dict[str, Any]:
        native = {
            "loss_function": "Logloss", "iterations": request.iterations or MOST_ROUNDS, "random_seed": request.seed,
            "thread_count": request.threads, "allow_writing_files": False, "bootstrap_type": "MVS",
            "boosting_type": "Plain", "max_ctr_complexity": 1, "use_best_model": request.validation is not None,
            "one_hot_max_size": 8,
            **{name: value for name, value in request.params.items() if name != "categories"},
        }  # fmt: skip
        if request.monotone:
            native["monotone_constraints"] = [request.monotone.get(column, 0) for column in request.table.columns]
        return native


class _Pulse:
    """CatBoost swallows what a callback raises, so it is kept and raised after the fit has stopped."""

    def __init__(self, request: FitRequest) -> None:
        self.request = request
        self.raised: BaseException | None = None

    def after_iteration(self, info: Any) -> bool:
        try:
            self.request.pulse()
        except BaseException as error:
            self.raised = error
            return False
        return True

    def raise_what_came(self) -> None:
        if self.raised is not None:
            raise self.raised


def _pool(
    table: pd.DataFrame, categorical: tuple[int, ...], y: np.ndarray | None = None, weight: np.ndarray | None = None
) -> Any:
    import catboost

    values = table.to_numpy()
    if not categorical:
        return catboost.Pool(values, label=y, weight=weight)
    columns = {position: values[:, position] for position in range(values.shape[1])}
    for position in categorical:
        # A category may not be a float; -1 is the empty cell.
        columns[position] = np.nan_to_num(values[:, position], nan=-1.0).astype(np.int32)
    return catboost.Pool(pd.DataFrame(columns), label=y, weight=weight, cat_features=list(categorical))
