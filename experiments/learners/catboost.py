"""CatBoost: ordered boosting with symmetric trees and categories of its own."""

import json
import tempfile
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.errors import gettext_noop
from experiments.features.encoding import MOST_LEVELS
from experiments.learners.base import About, BoostedTrees, FitRequest, FittedModel
from experiments.learners.forest import (
    CATEGORICAL,
    DEFAULT_LEFT,
    MISSING_IS_NAN,
    PlainTree,
    as_counts,
    clear_of_zero,
    trees_text,
    without_leaves,
)
from experiments.learners.space import OneOf, Real, Space, Whole
from experiments.learners.translated import TranslatedModel, path_of

MOST_ROUNDS = 2500
# Below this many rows, shallow trees go before deep ones.
FEW_ROWS = 8_000


class CatBoostModel:
    """A CatBoost model in its own binary format, as the search uses it; ``portable`` is what travels."""

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

    @cached_property
    def portable(self) -> FittedModel:
        """The same trees without CatBoost, what it reads from a category turned into the set of codes that go left."""
        with tempfile.TemporaryDirectory(prefix="xiaoyu-catboost-") as folder:
            self.native.save_model(f"{folder}/model.json", format="json")
            plain = json.loads(Path(folder, "model.json").read_text(encoding="utf-8"))
        names = list(self.native.feature_names_)
        scale, (bias,) = plain["scale_and_bias"]
        answers = _answers(self.native, len(names), self.categorical)
        # A list that would be empty is not written: a table may hold categories alone.
        numbers = plain["features_info"].get("float_features", [])
        trees = [_tree_of(tree, place, answers, numbers, scale) for place, tree in enumerate(plain["oblivious_trees"])]
        trees[0].value[:] += bias
        return TranslatedModel(trees_text(trees, names, objective="binary sigmoid:1"), self.iterations)

    def save(self, folder: Path, stem: str) -> None:
        """Write the model."""
        self.native.save_model(str(folder / f"{stem}.cbm"))

    @classmethod
    def load(cls, folder: Path, stem: str) -> FittedModel:
        """Read a model, or what it was translated to."""
        if path_of(folder, stem).is_file():
            return TranslatedModel.load(folder, stem)
        import catboost

        native = catboost.CatBoost().load_model(str(folder / f"{stem}.cbm"))
        return cls(native, native.tree_count_, tuple(native.get_cat_feature_indices()))


class CatBoost(BoostedTrees):
    """The CatBoost family."""

    name = "catboost"
    about = About(
        label="CatBoost", merit=gettext_noop("Strong with many categories"),
        packages=("catboost", "lightgbm"), preloads=("catboost",), cost=2.5, first_cost=3.0, gap=0.0005,
        memory_factor=2.0, shows_early=3,
    )  # fmt: skip
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


def _answers(native: Any, columns: int, categorical: tuple[int, ...]) -> dict[int, np.ndarray]:
    """Return for each categorical column the leaf of every tree, shape (codes, trees), code −1 first, others empty.

    A bit of the leaf's number is the answer to one of the tree's questions. Asking is simpler than working out what
    CatBoost makes of a category, and cannot differ from it; it reads one category at a time (``max_ctr_complexity``).
    """
    codes = np.arange(-1.0, MOST_LEVELS + 1)
    asked = {}
    for column in categorical:
        rows = np.full((len(codes), columns), np.nan)
        rows[:, column] = codes
        asked[column] = native.calc_leaf_indexes(_pool(pd.DataFrame(rows), categorical)).astype(np.int64)
    return asked


def _tree_of(
    tree: dict[str, Any], place: int, answers: dict[int, np.ndarray], numbers: list[dict[str, Any]], scale: float
) -> PlainTree:
    """Return a tree whose levels ask one question each, the last of CatBoost's list at the root."""
    splits = list(reversed(tree["splits"] or []))
    depth = len(splits)
    inner, nodes = 2**depth - 1, np.arange(2 ** (depth + 1) - 1)
    level = np.floor(np.log2(nodes + 1)).astype(np.int64)
    left, right = 2 * nodes + 1, 2 * nodes + 2
    left[inner:] = right[inner:] = -1
    feature, decision = np.zeros((2, len(nodes)), dtype=np.int64)
    threshold, sets = np.zeros(len(nodes)), list[np.ndarray]()
    # For each column, the answers that a value of it can give to the questions of some levels.
    possible: dict[int, dict[int, np.ndarray]] = {}
    for number, split in enumerate(splits):
        here = level == number
        if split["split_type"] == "FloatFeature":
            column = numbers[split["float_feature_index"]]["flat_feature_index"]
            threshold[here], decision[here] = clear_of_zero(np.array(split["border"])), MISSING_IS_NAN + DEFAULT_LEFT
            borders = np.array([other["border"] for other in splits if _asks_the_same(other, split)])
            possible.setdefault(column, {})[number] = np.append(borders, np.inf) > split["border"]
        else:
            column, is_right = _answer_on(answers, place, bit=depth - 1 - number)
            possible.setdefault(column, {})[number] = is_right
            # LightGBM sends a missing value right, regardless of the set.
            if not is_right[0]:
                left[here], right[here] = right[here].copy(), left[here].copy()
            threshold[here], decision[here] = len(sets), CATEGORICAL
            sets.append(np.flatnonzero(is_right[1:] != is_right[0]))
        feature[here] = column
    weights = [np.array(tree["leaf_weights"], dtype=np.float64)]
    while len(weights[0]) > 1:
        weights.insert(0, weights[0].reshape(-1, 2).sum(axis=1))
    value = np.zeros(len(nodes))
    value[inner:] = scale * np.array(tree["leaf_values"])
    whole = PlainTree(left, right, feature, threshold, value, as_counts(np.concatenate(weights)), decision, sets)
    # While it learns, CatBoost reads a category otherwise than later: rows may stand where none will come again.
    return without_leaves(whole, (weights[-1] == 0) & ~_can_be_reached(possible, depth))


def _asks_the_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return one["split_type"] == "FloatFeature" and one["float_feature_index"] == other["float_feature_index"]


def _can_be_reached(possible: dict[int, dict[int, np.ndarray]], depth: int) -> np.ndarray:
    """Tell which of the 2^depth leaves answer no two questions about a column in a way that no value of it does."""
    leaves = np.arange(2**depth)
    reached = np.ones(len(leaves), dtype=bool)
    for of_level in possible.values():
        asked = sum(((leaves >> (depth - 1 - level)) & 1) << place for place, level in enumerate(of_level))
        given = sum(answer.astype(np.int64) << place for place, answer in enumerate(of_level.values()))
        reached &= np.isin(asked, given)
    return reached


def _answer_on(answers: dict[int, np.ndarray], place: int, bit: int) -> tuple[int, np.ndarray]:
    """Return the column a tree's question is about, and the answer for each of its codes, −1 first."""
    found = {column: (leaves[:, place] >> bit & 1).astype(bool) for column, leaves in answers.items()}
    # A question that every code answers alike may be taken for one about any column.
    return max(found.items(), key=lambda one: bool(np.ptp(one[1].astype(int))))


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
