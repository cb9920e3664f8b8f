"""The closer look at a finalist: score tables, calibration, its columns, and groups that must be treated alike."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from experiments.artifact.diagnosis import ColumnFairness, Diagnosis, SampleDiagnosis
from experiments.evaluation.calibration_facts import calibration_facts
from experiments.evaluation.column_facts import ColumnFacts, column_facts
from experiments.evaluation.deciles import decile_table, quantile_edges
from experiments.evaluation.fairness import fairness_table, proxies_of
from experiments.kinds import KINDS
from experiments.search.candidate import Candidate
from experiments.search.training_data import TrainingData, sample_rows
from experiments.spec import ExperimentSpec

GROUPS = (10, 20, 100)
# Rows on which columns are looked at; a wide table has fewer, so that all of it takes a few seconds.
ROWS_OF_COLUMNS, CELLS_OF_COLUMNS, FEWEST_ROWS = 100_000, 20_000_000, 10_000


def diagnosis_of(candidate: Candidate, data: TrainingData, spec: ExperimentSpec) -> Diagnosis:
    """Return the closer look at a finalist on rows that it was not fitted on, beside those that it was."""
    samples = _samples(candidate, data)
    edges = {
        groups: quantile_edges(samples["train"][1], groups, weight=data.weights(samples["train"][0]))
        for groups in GROUPS
    }
    return Diagnosis(
        samples={name: _sample_of(rows, p, data, edges) for name, (rows, p) in samples.items()},
        columns=_columns_of(data),
        fairness=_fairness_of(samples[data.split.held_out_kind], data, spec),
    )


def _samples(candidate: Candidate, data: TrainingData) -> Mapping[str, tuple[np.ndarray, np.ndarray]]:
    """Return rows and probabilities by sample; a run that kept no scores of training rows takes the validated ones."""
    held_out, reference = data.held_out.rows, candidate.reference
    p_held_out = candidate.predict(data, held_out) if candidate.p_held_out is None else candidate.p_held_out
    train = (candidate.rows, candidate.p_valid) if reference is None else (reference.rows, reference.p)
    return {
        "train": train,
        "validation": (candidate.rows, candidate.p_valid),
        data.split.held_out_kind: (held_out, p_held_out),
    }


def _sample_of(rows: np.ndarray, p: np.ndarray, data: TrainingData, edges: Mapping[int, np.ndarray]) -> SampleDiagnosis:
    y, weight = data.y[rows], data.weights(rows)
    groups = None if data.groups is None else data.groups[rows]
    return SampleDiagnosis(
        {str(count): decile_table(y, p, weight=weight, edges=inner) for count, inner in edges.items()},
        calibration_facts(y, p, weight=weight, groups=groups),
    )


def _columns_of(data: TrainingData) -> tuple[ColumnFacts, ...]:
    """Return the facts of every column, which are the same for all finalists of a run: they are worked out once."""
    if not data.column_facts:
        limit = int(np.clip(CELLS_OF_COLUMNS // max(1, data.table.shape[1]), FEWEST_ROWS, ROWS_OF_COLUMNS))
        then, now = sample_rows(data.split.train, limit), sample_rows(data.held_out.rows, limit)
        data.column_facts.extend(
            column_facts(
                data.table[name].iloc[then], data.y[then], later=data.table[name].iloc[now], later_y=data.y[now],
                weight=data.weights(then), later_weight=data.weights(now), name=str(name),
                special_values=data.special_values.get(name, ()),
            )
            for name in data.table.columns
        )  # fmt: skip
    return tuple(data.column_facts)


def _fairness_of(
    sample: tuple[np.ndarray, np.ndarray], data: TrainingData, spec: ExperimentSpec
) -> tuple[ColumnFairness, ...]:
    """Return how the groups of each protected column fare at the share that would be chosen."""
    rows, p = sample
    kind = KINDS[spec.kind]
    asked: dict[str, Any] = {
        "share": kind.approved_share or spec.contact_share,
        "chosen": "lowest" if kind.is_risk else "highest",
        "weight": data.weights(rows),
    }
    found = []
    for name, column in _protected_columns(data).items():
        values = column.iloc[rows].reset_index(drop=True)
        if values.nunique() < 2:
            continue
        read = data.table.iloc[rows].drop(columns=[name], errors="ignore").reset_index(drop=True)
        table = fairness_table(data.y[rows], p, group=values, **asked)
        found.append(ColumnFairness(name, table, tuple(proxies_of(read, values))))
    return tuple(found)


def _protected_columns(data: TrainingData) -> dict[str, pd.Series]:
    found = data.protected
    return {} if found is None else {str(name): found[name] for name in found.columns}
