"""How the rows of a plan will be divided, told before a run begins."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments.data.splitting.scheme import split_rows
from experiments.data.splitting.split import Split
from experiments.data.target import read_target
from experiments.ingest.table import read_parquet
from experiments.spec import ExperimentSpec


@dataclass(frozen=True)
class Period:
    """A month of the table and what its rows are used for: train, test or unused."""

    name: str
    rows: int
    use: str


@dataclass(frozen=True)
class SplitPlan:
    """How the rows will be divided, told before a run begins."""

    kind: str
    message: str
    params: dict[str, Any]
    notes: list[dict[str, Any]]
    boundaries: dict[str, str]
    folds: int
    train_rows: int
    train_events: int
    test_rows: int
    test_events: int
    group: str
    periods: list[Period]
    in_time_order: bool = False
    given_by: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the split as JSON-ready plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "SplitPlan":
        """Build a split from what ``to_dict`` gave."""
        return cls(**{**plain, "periods": [Period(**period) for period in plain["periods"]]})

    @property
    def train_periods(self) -> int:
        return sum(period.use == "train" for period in self.periods)


def divide(parquet: Path, spec: ExperimentSpec) -> SplitPlan:
    """Divide the rows of a table as the engine will; only a worker may, for it reads the table.

    Raises
    ------
    BadInput : the target cannot be used, or there are too few rows of one kind.
    """
    names = [spec.target, spec.time_column, spec.group_column, spec.id_column, spec.weight_column]
    names.append(spec.validation.split_column)
    frame = read_parquet(parquet, columns=list(dict.fromkeys(name for name in names if name)))
    y, _ = read_target(frame[spec.target], spec.event or None)
    split = split_rows(frame, y, spec)
    return SplitPlan(
        kind=split.held_out_kind,
        message=split.description["message"],
        params=split.description["params"],
        notes=split.notes,
        boundaries=split.boundaries,
        folds=len(split.folds),
        train_rows=len(split.train),
        train_events=int(y[split.train].sum()),
        test_rows=len(split.held_out),
        test_events=int(y[split.held_out].sum()),
        group=split.description["params"].get("group", ""),
        periods=_periods(split) if split.held_out_kind == "out_of_time" else [],
        in_time_order=spec.validation.is_in_time_order,
        given_by=(spec.validation.split_column or "") if spec.validation.scheme == "given" else "",
    )


def _periods(split: Split) -> list[Period]:
    """Count the rows of each month, and say what most of them are used for."""
    months = split.period_of_row
    if months is None:
        return []
    found = []
    for name in sorted({month for month in months if month}):
        rows = np.flatnonzero(months == name)
        trained, tested = np.isin(rows, split.train).sum(), np.isin(rows, split.held_out).sum()
        use = "unused" if not trained and not tested else ("train" if trained >= tested else "test")
        found.append(Period(name, len(rows), use))
    return found
