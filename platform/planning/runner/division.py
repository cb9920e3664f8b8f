"""Dividing the rows of a table as the engine will; only a worker may, for it reads the table."""

from pathlib import Path

import numpy as np

from experiments.data.splitting.scheme import split_rows
from experiments.data.splitting.split import Split
from experiments.data.target import read_target
from experiments.ingest.table import read_parquet
from experiments.spec import ExperimentSpec
from planning.queries.split_plan import Period, SplitPlan


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
    split = split_rows(frame, y, spec=spec)
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
