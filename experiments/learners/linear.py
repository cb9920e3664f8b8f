"""Logistic regression on bent numbers and one-hot categories, with an exact additive explanation."""

import json
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from experiments.errors import gettext_noop
from experiments.learners.base import About, FitRequest
from experiments.learners.space import Real, Space, Whole

MOST_LEVELS = 60


class LinearModel:
    """Coefficients as JSON: per column the knots or levels it is read by."""

    def __init__(self, terms: list[dict[str, Any]], intercept: float) -> None:
        self.terms = terms
        self.intercept = intercept
        self.iterations = 1

    def margin(self, table: pd.DataFrame) -> np.ndarray:
        """Return log-odds of shape (rows,)."""
        phi, base = self.contributions(table)
        return sum(phi.T, base)

    def contributions(self, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return each column's part, measured from its mean over the training rows."""
        phi = np.zeros((len(table), table.shape[1]))
        # Taken once: asking the table for one column after the other is most of the work for a single row.
        cells, places = table.to_numpy(), {name: place for place, name in enumerate(table.columns)}
        for term in self.terms:
            position = places[term["column"]]
            design = design_of(cells[:, position], term)
            # Added column by column: a matrix product sums in another order when there are more rows beside a row.
            for values, coefficient in zip(design.T, term["coefficients"], strict=True):
                phi[:, position] += values * coefficient
        return phi, np.full(len(table), self.intercept)

    def save(self, folder: Path, stem: str) -> None:
        """Write the coefficients."""
        plain = {"terms": self.terms, "intercept": self.intercept}
        (folder / f"{stem}.linear.json").write_text(json.dumps(plain, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, stem: str) -> Self:
        """Read the coefficients."""
        return cls(**json.loads((folder / f"{stem}.linear.json").read_text(encoding="utf-8")))


class Linear:
    """The linear family."""

    name = "linear"
    about = About(
        label=gettext_noop("Linear model"), merit=gettext_noop("Simple, and hard to beat on small data"),
        packages=("scikit-learn",), preloads=("sklearn.linear_model",), cost=0.4, first_cost=0.5, gap=0.004,
        memory_factor=14.0,
    )  # fmt: skip
    margin_unit = "log-odds"
    reads_table = False
    has_rounds = False
    seeds_help = False
    keeps_monotone = False
    simplicity = 1
    model = LinearModel
    low_cost = {"knots": 0}
    space: Space = {"C": Real(0.0005, 10.0, is_log=True), "knots": Whole(0, 8)}

    def first_configurations(self, rows: int, columns: int) -> list[dict[str, Any]]:
        """Return a well-shrunk curve per number."""
        return [{"C": 0.05, "knots": 4}, {"C": 0.01, "knots": 8}]

    def fit(self, request: FitRequest) -> LinearModel:
        """Fit a ridge logistic regression."""
        from sklearn.linear_model import LogisticRegression

        terms = [
            describe(request.table[column].to_numpy(), column, request.params["knots"], column in request.categorical)
            for column in request.table.columns
        ]
        terms = [term for term in terms if term["means"]]
        request.pulse()
        designs = [design_of(request.table[term["column"]].to_numpy(), term) for term in terms]
        design = np.hstack(designs) if designs else np.zeros((len(request.table), 1))
        request.pulse()
        regression = LogisticRegression(C=request.params["C"], max_iter=300, tol=1e-4)
        regression.fit(design, request.y, sample_weight=request.weight)
        request.pulse()
        ends = np.cumsum([0, *(part.shape[1] for part in designs)])
        for term, start, end in zip(terms, ends, ends[1:], strict=False):
            term["coefficients"] = regression.coef_[0, start:end].tolist()
        return LinearModel(terms, float(regression.intercept_[0]))


def describe(values: np.ndarray, column: str, knots: int, is_categorical: bool) -> dict[str, Any]:
    """Return how a column becomes design columns: one per level, or a line bent at quantiles, and one for gaps."""
    filled = values[~np.isnan(values)]
    term: dict[str, Any] = {"column": column, "has_empty": bool(len(filled) < len(values)), "means": []}
    if is_categorical:
        levels, rows = np.unique(filled, return_counts=True)
        term["levels"] = np.sort(levels[np.argsort(-rows, kind="stable")[:MOST_LEVELS]]).tolist()
    elif len(filled):
        low, high = np.quantile(filled, [0.005, 0.995])
        if low == high:
            low, high = float(filled.min()), float(filled.max())
        inner = np.unique(np.quantile(filled, np.linspace(0, 1, knots + 2)[1:-1])) if knots else np.array([])
        term.update(low=float(low), high=float(high), knots=[float(k) for k in inner if low < k < high])
        term["middle"] = float(np.median(filled))
    raw = _raw_design(values, term)
    spread = raw.std(axis=0)
    term["keep"] = np.flatnonzero(spread > 1e-12).tolist()
    term["means"] = raw.mean(axis=0)[term["keep"]].tolist()
    term["spreads"] = spread[term["keep"]].tolist()
    return term


def design_of(values: np.ndarray, term: dict[str, Any]) -> np.ndarray:
    """Return the centred and scaled design columns of one table column."""
    raw = _raw_design(values, term)[:, term["keep"]]
    return (raw - np.asarray(term["means"])) / np.asarray(term["spreads"])


def _raw_design(values: np.ndarray, term: dict[str, Any]) -> np.ndarray:
    is_empty = np.isnan(values)
    parts = [is_empty.astype(float)] if term["has_empty"] else []
    if "levels" in term:
        parts += [(values == level).astype(float) for level in term["levels"]]
    elif "low" in term:
        clipped = np.clip(np.where(is_empty, term["middle"], values), term["low"], term["high"])
        parts += [clipped, *(np.maximum(clipped - knot, 0.0) for knot in term["knots"])]
    return np.column_stack(parts) if parts else np.zeros((len(values), 0))
