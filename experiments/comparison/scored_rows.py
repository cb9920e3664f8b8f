"""Labelled rows of one table with the score each model gave them: what every part of a comparison rests on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from experiments.evaluation.ranking import Floats
from experiments.ingest.table import rows_at


@dataclass(frozen=True)
class ScoredRows:
    """Rows with known outcomes and every model's probability of the event.

    Attributes
    ----------
    table : the Parquet file they stand in. places : where in it, rising.
    y : 1 or 0. scores : one row of probabilities a model, in the models' order.
    weight, customers, months : of each row; None where all weigh alike, nobody comes twice, or no date is known.
    id_column : told masked. hidden : columns that are never shown, such as protected ones.
    """

    table: Path
    places: np.ndarray
    y: Floats
    scores: tuple[Floats, ...]
    weight: Floats | None = None
    customers: np.ndarray | None = None
    months: np.ndarray | None = None
    id_column: str | None = None
    hidden: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.y)

    @property
    def columns(self) -> list[str]:
        """Names of the table's columns that may be shown."""
        return [name for name in pq.read_schema(self.table).names if name not in self.hidden]

    def read(self, columns: Sequence[str]) -> pd.DataFrame:
        """Return some columns of all rows."""
        return rows_at(self.table, self.places, list(columns)).reset_index(drop=True)

    def at(self, chosen: np.ndarray) -> pd.DataFrame:
        """Return some rows whole, by their positions here, in the order of these."""
        order = np.argsort(chosen, kind="stable")
        frame = rows_at(self.table, self.places[chosen[order]]).reset_index(drop=True)
        back = np.empty(len(order), dtype=int)
        back[order] = np.arange(len(order))
        return frame.iloc[back].reset_index(drop=True)


def months_written(days: pd.Series) -> np.ndarray | None:
    """Return the month of each day as ``YYYY-MM``, empty where undated; None where the column holds no dates."""
    if not pd.api.types.is_datetime64_any_dtype(days):
        return None
    return days.dt.strftime("%Y-%m").fillna("").to_numpy(dtype=str)
