"""Random forest and extra trees: averages of many deep trees, fitted by scikit-learn."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from experiments.errors import gettext_noop
from experiments.learners.base import About, FitRequest
from experiments.learners.forest import fill_empty, forest_text
from experiments.learners.lightgbm_scorer import LightGBMScorer, margins
from experiments.learners.space import Real, Space, Whole

TREES = 120
TREES_A_PULSE = 10


class ForestModel:
    """A forest kept as LightGBM text; its margin is the mean vote for the event, from 0 to 1."""

    def __init__(self, text: str, iterations: int) -> None:
        self.text = text
        self.iterations = iterations
        self.scorer = LightGBMScorer(text)

    def margin(self, table: pd.DataFrame) -> np.ndarray:
        """Return the mean vote of shape (rows,)."""
        return self.scorer.margin(fill_empty(table.to_numpy()))

    @staticmethod
    def margins(members: Sequence["ForestModel"], table: pd.DataFrame) -> list[np.ndarray]:
        """Return every member's margin at once, which is faster for long tables than one after the other."""
        return margins([member.scorer for member in members], fill_empty(table.to_numpy()))

    def contributions(self, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return exact TreeSHAP values of the vote and their base."""
        return self.scorer.contributions(fill_empty(table.to_numpy()))

    def save(self, folder: Path, stem: str) -> None:
        """Write the forest."""
        (folder / f"{stem}.forest.txt").write_bytes(self.text.encode())

    @classmethod
    def load(cls, folder: Path, stem: str) -> Self:
        """Read a forest."""
        text = (folder / f"{stem}.forest.txt").read_bytes().decode()
        return cls(text, text.count("\nTree="))


class _Forest:
    margin_unit = "probability"
    reads_table = False
    has_rounds = False
    seeds_help = False
    keeps_monotone = False
    simplicity = 4
    model = ForestModel
    low_cost = {"min_samples_leaf": 60}
    space: Space = {
        "min_samples_leaf": Whole(2, 120, is_log=True),
        "max_features": Real(0.05, 1.0, is_log=True),
    }

    def first_configurations(self, rows: int, columns: int) -> list[dict[str, Any]]:
        """Return leaves that grow slowly with the table."""
        return [{"min_samples_leaf": int(np.clip(rows**0.5 / 8, 3, 60)), "max_features": 0.25}]

    def fit(self, request: FitRequest) -> ForestModel:
        """Grow the forest a few trees at a time, so that the run stays alive and can be stopped."""
        forest = self._make(
            n_estimators=TREES_A_PULSE, warm_start=True, random_state=request.seed, n_jobs=request.threads,
            **request.params,
        )  # fmt: skip
        values = fill_empty(request.table.to_numpy())
        count = request.iterations or TREES
        for size in range(TREES_A_PULSE, count + 1, TREES_A_PULSE):
            forest.n_estimators = size
            forest.fit(values, request.y.astype(int), sample_weight=request.weight)
            request.pulse()
        return ForestModel(forest_text((tree.tree_ for tree in forest.estimators_), list(request.table.columns)), count)

    def _make(self, **settings: Any) -> Any:
        raise NotImplementedError


class RandomForest(_Forest):
    """Trees on bootstrap samples with the best split of a random choice of columns."""

    name = "random_forest"
    about = About(
        label=gettext_noop("Random forest"), merit=gettext_noop("Robust on few rows"),
        packages=("scikit-learn", "lightgbm"), preloads=("sklearn.ensemble",), cost=3.0, memory_factor=2.0,
        portfolio="rf",
    )  # fmt: skip

    def _make(self, **settings: Any) -> Any:
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier(bootstrap=True, max_samples=0.5, **settings)


class ExtraTrees(_Forest):
    """Trees on all rows with random thresholds."""

    name = "extra_trees"
    about = About(
        label=gettext_noop("Extra trees"), merit=gettext_noop("Robust to outliers"),
        packages=("scikit-learn", "lightgbm"), preloads=("sklearn.ensemble",), cost=3.0, first_cost=1.9, gap=0.004,
        memory_factor=2.0, portfolio="extra_tree",
    )  # fmt: skip

    def _make(self, **settings: Any) -> Any:
        from sklearn.ensemble import ExtraTreesClassifier

        return ExtraTreesClassifier(bootstrap=False, **settings)

    def first_configurations(self, rows: int, columns: int) -> list[dict[str, Any]]:
        """Random thresholds bear more columns to choose from."""
        return [{**super().first_configurations(rows, columns)[0], "max_features": 0.5}]
