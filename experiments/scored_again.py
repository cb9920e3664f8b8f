"""The rows that a run had set aside, found and scored once more: for a model made before its scores were kept."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from experiments.artifact.held_out_scores import HeldOutScores
from experiments.artifact.model import ModelArtifact
from experiments.data.splitting.scheme import split_rows
from experiments.data.target import read_target
from experiments.errors import BadInput, gettext_noop
from experiments.ingest.table import read_parquet, rows_at
from experiments.search.preparing import groups_of, weights_of
from experiments.search.shipping import TRAINED_ON_TRAINING
from experiments.spec import ExperimentSpec

LEARNT_FROM_ALL = gettext_noop("It was trained on all rows, the held-out ones included.")
OTHER_ROWS = gettext_noop(
    "Its experiment had %(then)s held-out rows, but splitting the table again gives %(now)s, so it is not known "
    "which they were."
)


def score_set_aside(
    artifact: ModelArtifact, spec: ExperimentSpec, table: Path, *, expected: int | None = None
) -> HeldOutScores:
    """Divide a table as the run did, and let its model score the rows set aside.

    Parameters
    ----------
    table : the Parquet file that the run read. expected : how many rows the run had set aside, if that is known.

    Raises
    ------
    BadInput : the model has learnt from these rows, or they are not those of the run.
    """
    if artifact.facts.get("trained_on") != TRAINED_ON_TRAINING:
        raise BadInput(LEARNT_FROM_ALL)
    roles = _roles_of(spec, table)
    y, rows = _divided(roles, spec)
    if expected is not None and len(rows) != expected:
        raise BadInput(OTHER_ROWS, then=f"{expected:,}", now=f"{len(rows):,}")
    weight, groups = weights_of(spec, roles), groups_of(spec, roles)
    p = artifact.score(rows_at(table, rows), reasons=0).frame["probability"].to_numpy(dtype=float)
    return HeldOutScores(
        rows, y[rows], p, weight=None if weight is None or np.ptp(weight[rows]) == 0 else weight[rows],
        customers=None if groups is None else groups[rows],
    )  # fmt: skip


def rows_set_aside(spec: ExperimentSpec, table: Path) -> np.ndarray:
    """Return the places of the rows that a run sets aside, in order."""
    return _divided(_roles_of(spec, table), spec)[1]


def _roles_of(spec: ExperimentSpec, table: Path) -> pd.DataFrame:
    names = pq.read_schema(table).names
    return read_parquet(table, [name for name in names if name in spec.columns_with_a_role])


def _divided(roles: pd.DataFrame, spec: ExperimentSpec) -> tuple[np.ndarray, np.ndarray]:
    y, _event = read_target(roles[spec.target], spec.event or None)
    return y, np.sort(split_rows(roles, y, spec=spec).held_out)
