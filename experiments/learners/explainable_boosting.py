"""Explainable boosting: a curve for each column and a surface for a few pairs of columns, added up.

A generalised additive model with pairwise interactions (Lou et al. 2013), fitted by LightGBM: first trees that read one
column each, then trees that read one of a few pairs each.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from experiments.errors import gettext_noop
from experiments.learners.base import About, BoostedTrees, FitRequest
from experiments.learners.forest import model_text
from experiments.learners.interactions import strongest_pairs
from experiments.learners.lightgbm import LightGBMModel
from experiments.learners.space import OneOf, Real, Space, Whole

MOST_ROUNDS = 4000
# Pairs are looked for among the columns that matter most on their own.
COLUMNS_TO_PAIR = 20
LEAVES_OF_A_SURFACE = 4


class ExplainableBoostingModel(LightGBMModel):
    """A LightGBM model none of whose trees reads more than one column or one of ``pairs``."""

    def __init__(self, text: str, iterations: int, pairs: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__(text, iterations)
        self.pairs = tuple(pairs)

    def save(self, folder: Path, stem: str) -> None:
        """Write the trees as text, and the pairs beside them."""
        super().save(folder, stem)
        plain = {"pairs": [list(pair) for pair in self.pairs]}
        (folder / f"{stem}.interactions.json").write_text(json.dumps(plain, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, stem: str) -> Self:
        """Read the trees and the pairs."""
        model = super().load(folder, stem)
        plain = json.loads((folder / f"{stem}.interactions.json").read_text(encoding="utf-8"))
        model.pairs = tuple((first, second) for first, second in plain["pairs"])
        return model


class ExplainableBoosting(BoostedTrees):
    """The family between the scorecard and boosting."""

    name = "explainable_boosting"
    about = About(
        label=gettext_noop("Explainable boosting"),
        merit=gettext_noop("One readable curve per column, between scorecard and boosting"),
        packages=("lightgbm",), preloads=("lightgbm",), cost=0.8, first_cost=6.0,
    )  # fmt: skip
    simplicity = 2
    model = ExplainableBoostingModel
    low_cost = {"num_leaves": 2, "pairs": 0}
    space: Space = {
        "learning_rate": Real(0.02, 0.1, is_log=True),
        "num_leaves": Whole(2, 8),
        "min_child_samples": Whole(10, 300, is_log=True),
        "colsample_bytree": Real(0.1, 1.0),
        "subsample": Real(0.5, 1.0),
        "reg_lambda": Real(0.5, 200.0, is_log=True),
        "categories": OneOf(("ordered", "sets")),
        "pairs": Whole(0, 10),
        # Rounds spent on the pairs for each round spent on single columns.
        "pair_share": Real(0.1, 1.0, is_log=True),
    }

    def first_configurations(self, rows: int, columns: int) -> list[dict[str, Any]]:
        """Return slow, strongly regularised curves, with a few surfaces and without."""
        steady = {
            "learning_rate": 0.04, "num_leaves": 4, "min_child_samples": max(10, min(80, rows // 100)),
            "colsample_bytree": 0.4, "subsample": 0.8, "reg_lambda": 10.0, "categories": "ordered",
            "pairs": 6, "pair_share": 0.4,
        }  # fmt: skip
        return [steady, {**steady, "num_leaves": 3, "categories": "sets", "pairs": 0}]

    def fit(self, request: FitRequest) -> ExplainableBoostingModel:
        """Fit the curves until the validation loss stops falling, then the surfaces on what they leave.

        ``iterations`` of the model counts both; a request for so many is shared in the same proportion.
        """
        params, columns = request.params, list(request.table.columns)
        share = params["pair_share"] if params["pairs"] else 0.0
        curve_rounds = max(1, round(request.iterations / (1 + share))) if request.iterations else None
        curves = self._boost_curves(request, curve_rounds)
        rounds = curve_rounds or curves.best_iteration
        margin = np.asarray(curves.predict(request.table.to_numpy(), raw_score=True, num_iteration=rounds))
        pairs = self._pairs(request, curves, margin) if params["pairs"] else []
        if not pairs:
            return ExplainableBoostingModel(curves.model_to_string(num_iteration=rounds), rounds)
        surface_rounds = max(1, round(rounds * share))
        surfaces = self._boost_surfaces(request, margin, pairs, surface_rounds)
        text = _joined(curves.model_to_string(num_iteration=rounds), surfaces.model_to_string(), pairs)
        names = [(columns[first], columns[second]) for first, second in pairs]
        return ExplainableBoostingModel(text, rounds + surface_rounds, names)

    def _boost_curves(self, request: FitRequest, rounds: int | None) -> Any:
        import lightgbm

        positions = list(range(request.table.shape[1]))
        native = self._native(request, positions, [[position] for position in positions])
        data = self._dataset(request, positions, request.table, request.y, request.weight)
        callbacks = [_pulse_callback(request)]
        valid_sets = []
        if request.validation is not None:
            valid_sets = [self._dataset(request, positions, *request.validation, reference=data)]
            patience = max(30, int(2.0 / request.params["learning_rate"]))
            callbacks.append(lightgbm.early_stopping(patience, verbose=False))
        return lightgbm.train(
            native, data, num_boost_round=rounds or MOST_ROUNDS, valid_sets=valid_sets, callbacks=callbacks
        )

    def _boost_surfaces(
        self, request: FitRequest, margin: np.ndarray, pairs: list[tuple[int, int]], rounds: int
    ) -> Any:
        import lightgbm

        # LightGBM keeps its groups on each path, not in each tree. With a copy of the columns for every pair no two
        # groups overlap, so that a tree that begins in a pair stays in it.
        positions = [position for pair in pairs for position in pair]
        groups = [[2 * number, 2 * number + 1] for number in range(len(pairs))]
        native = self._native(request, positions, groups)
        # A tree must find both columns of its pair, so none may be left out by chance.
        native |= {"num_leaves": max(LEAVES_OF_A_SURFACE, request.params["num_leaves"]), "feature_fraction": 1.0}
        data = self._dataset(request, positions, request.table, request.y, request.weight, start=margin)
        return lightgbm.train(native, data, num_boost_round=rounds, callbacks=[_pulse_callback(request)])

    def _pairs(self, request: FitRequest, curves: Any, margin: np.ndarray) -> list[tuple[int, int]]:
        gains = curves.feature_importance("gain")
        strongest = sorted(np.flatnonzero(gains > 0).tolist(), key=lambda position: -gains[position])[:COLUMNS_TO_PAIR]
        weight = np.ones(len(request.y)) if request.weight is None else request.weight
        p = 1.0 / (1.0 + np.exp(-margin))
        found = strongest_pairs(
            [request.table.iloc[:, position].to_numpy() for position in strongest],
            weight * (request.y - p), weight * p * (1 - p), most=request.params["pairs"], pulse=request.pulse,
        )  # fmt: skip
        return [(strongest[first], strongest[second]) for first, second in found]

    def _dataset(
        self, request: FitRequest, positions: list[int], table: pd.DataFrame, y: np.ndarray, weight: Any,
        reference: Any = None, start: np.ndarray | None = None,
    ) -> Any:  # fmt: skip
        import lightgbm

        is_set = set(request.categorical) if request.params["categories"] == "sets" else set()
        return lightgbm.Dataset(
            table.to_numpy()[:, positions], label=y, weight=weight, reference=reference, init_score=start,
            # Copies would bear the same name twice; the names that are kept are those of the curves.
            feature_name=list(table.columns) if start is None else "auto",
            categorical_feature=[place for place, column in enumerate(table.columns[positions]) if column in is_set],
            params={"verbosity": -1, "max_bin": 255, "num_threads": request.threads},
        )  # fmt: skip

    def _native(self, request: FitRequest, positions: list[int], groups: list[list[int]]) -> dict[str, Any]:
        params = request.params
        native = {
            "objective": "binary", "metric": "binary_logloss", "verbosity": -1, "num_threads": request.threads,
            "seed": request.seed, "deterministic": True, "force_col_wise": True, "bagging_freq": 1,
            "learning_rate": params["learning_rate"], "num_leaves": params["num_leaves"],
            "min_data_in_leaf": params["min_child_samples"], "feature_fraction": params["colsample_bytree"],
            "bagging_fraction": params["subsample"], "lambda_l2": params["reg_lambda"], "cat_smooth": 30.0,
            "max_bin": 255, "interaction_constraints": groups,
        }  # fmt: skip
        if request.monotone:
            columns = request.table.columns
            native["monotone_constraints"] = [request.monotone.get(columns[position], 0) for position in positions]
            # The other methods let leaves of one tree break a direction.
            native["monotone_constraints_method"] = "basic"
        return native


def _joined(curves: str, surfaces: str, pairs: list[tuple[int, int]]) -> str:
    """Return one model of the trees of both, the surfaces' columns put back in their places."""
    head, trees = _parts_of(curves)
    _, more = _parts_of(surfaces)
    positions = [position for pair in pairs for position in pair]
    for tree in more:
        for number, line in enumerate(tree):
            if line.startswith("split_feature="):
                places = map(int, line.removeprefix("split_feature=").split())
                tree[number] = f"split_feature={' '.join(str(positions[place]) for place in places)}"
    return model_text(head, trees + more)


def _parts_of(text: str) -> tuple[list[str], list[list[str]]]:
    """Return the lines of a LightGBM text's head, and those of each tree without its number."""
    head, *trees = text.split("end of trees")[0].split("\nTree=")
    lines = [line for line in head.splitlines() if line and not line.startswith("tree_sizes=")]
    return lines, [[line for line in tree.splitlines()[1:] if line] for tree in trees]


def _pulse_callback(request: FitRequest) -> Any:
    def pulse(environment: Any) -> None:
        request.pulse()

    return pulse
