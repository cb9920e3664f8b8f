"""Turn the encoded matrix into the dense, scaled columns that linear models need, without losing their origin."""

from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from experiments.features.encoding import TableEncoder


@dataclass(frozen=True)
class DesignColumn:
    """One dense column made from the encoded column ``id``; ``kind`` is number, log, missing or level."""

    id: str
    kind: str
    code: float = 0.0
    low: float = 0.0
    high: float = 0.0
    centre: float = 0.0
    scale: float = 1.0


class LinearDesign:
    """Dense matrix for linear models from the matrix of a ``TableEncoder``.

    Numbers are clipped to the 0.5 % and 99.5 % quantiles of training and standardised, strongly skewed ones after
    ``sign(x)·log(1+|x|)``; an empty number is 0, the mean, beside a missing flag when training had empty cells;
    categories become one flag per level, an empty cell none of them.

    Parameters
    ----------
    max_levels : most levels of a category that get a flag.
    """

    def __init__(self, max_levels: int = 30) -> None:
        self.max_levels = max_levels

    def fit(self, matrix: pd.DataFrame, encoder: TableEncoder) -> Self:
        """Learn ranges, scales and levels from ``matrix`` of shape (rows, columns), as given by ``encoder``."""
        categorical = set(encoder.categorical_ids_)
        self.columns_ = []
        for id_ in matrix.columns:
            values = matrix[id_].to_numpy(dtype=float)
            self.columns_ += self._level_columns(id_, values) if id_ in categorical else _number_columns(id_, values)
        return self

    @property
    def parents_(self) -> list[str]:
        """Encoded id each dense column comes from."""
        return [column.id for column in self.columns_]

    def transform(self, matrix: pd.DataFrame) -> np.ndarray:
        """Return the dense matrix of shape (rows, dense columns), free of NaN."""
        dense = np.empty((len(matrix), len(self.columns_)), order="F")
        for position, column in enumerate(self.columns_):
            dense[:, position] = _dense_values(column, matrix[column.id].to_numpy(dtype=float))
        return dense

    def to_dict(self) -> dict[str, Any]:
        """Return the design as JSON-ready plain data."""
        return {"max_levels": self.max_levels, "columns": [asdict(column) for column in self.columns_]}

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "LinearDesign":
        """Build a design from what ``to_dict`` gave."""
        design = cls(plain["max_levels"])
        design.columns_ = [DesignColumn(**column) for column in plain["columns"]]
        return design

    def _level_columns(self, id_: str, values: np.ndarray) -> list[DesignColumn]:
        codes, rows = np.unique(values[~np.isnan(values)], return_counts=True)
        kept = sorted(codes[np.argsort(-rows, kind="stable")][: self.max_levels])
        columns = [DesignColumn(id_, "level", code=float(code)) for code in kept] if len(codes) > 1 else []
        has_missing = bool(np.isnan(values).any()) and len(codes) > 0
        return [*columns, DesignColumn(id_, "missing")] if has_missing else columns


def _number_columns(id_: str, values: np.ndarray) -> list[DesignColumn]:
    known = values[~np.isnan(values)]
    if known.size == 0:
        return []
    low, high = np.quantile(known, [0.005, 0.995])
    if low == high:
        low, high = known.min(), known.max()
    columns = []
    if low < high:
        kind = "log" if _is_skewed(np.clip(known, low, high)) else "number"
        shaped = _shape(kind, np.clip(known, low, high))
        columns.append(DesignColumn(id_, kind, 0.0, *map(float, (low, high, shaped.mean(), shaped.std() or 1.0))))
    if known.size < values.size:
        columns.append(DesignColumn(id_, "missing"))
    return columns


def _is_skewed(values: np.ndarray) -> bool:
    deviation = values.std()
    return bool(deviation > 0 and abs(np.mean(((values - values.mean()) / deviation) ** 3)) > 2)


def _shape(kind: str, values: np.ndarray) -> np.ndarray:
    return np.sign(values) * np.log1p(np.abs(values)) if kind == "log" else values


def _dense_values(column: DesignColumn, values: np.ndarray) -> np.ndarray:
    if column.kind == "level":
        return (values == column.code).astype(float)
    if column.kind == "missing":
        return np.isnan(values).astype(float)
    scaled = (_shape(column.kind, np.clip(values, column.low, column.high)) - column.centre) / column.scale
    return np.where(np.isnan(scaled), 0.0, scaled)
