"""What a source is worth: the same family fitted with and without its columns, on the same rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from experiments.evaluation.odds import probability_of
from experiments.learners import FAMILIES, Learner
from experiments.scoring.sensitivity import StressRow, row_of
from experiments.search.preparing import read_question
from experiments.search.training_data import TrainingData, sample_rows
from experiments.spec import ExperimentSpec

ROWS_TO_FIT = 100_000


def value_of_sources(
    spec: ExperimentSpec,
    table: Path,
    *,
    learner: str,
    params: Mapping[str, Any],
    sources: Mapping[str, Sequence[str]],
    on_source: Callable[[str], None] = lambda _name: None,
) -> list[StressRow]:
    """Return what becomes of a family on the rows set aside when it is fitted again without each source.

    Parameters
    ----------
    learner, params : the family and the settings that its best trial had.
    sources : columns by where they come from. on_source : told of each before its fit.
    """
    if learner not in FAMILIES or not sources:
        return []
    data, family = read_question(spec, table), FAMILIES[learner]
    read = set(data.table.columns)
    wanted = {name: own for name, columns in sources.items() if (own := read & set(columns)) and own != read}
    if not wanted:
        return []
    rows = data.split.held_out
    y, weight = data.y[rows], data.weights(rows)
    weights = np.ones(len(rows)) if weight is None else weight
    plain = _fitted(data, family, params)
    found = []
    for name, columns in wanted.items():
        on_source(name)
        found.append(
            row_of("without", name, len(columns), y, plain, _fitted(_without(data, columns), family, params), weights)
        )
    return sorted(found, key=lambda row: row.auc_change)


def _without(data: TrainingData, columns: set[str]) -> TrainingData:
    encoder = data.encoder.without(columns)
    own = [name for name in data.table.columns if name not in columns]
    return replace(
        data, table=data.table[own], encoder=encoder, matrix=data.matrix[encoder.ids_],
        monotone={name: sign for name, sign in data.monotone.items() if name not in columns},
    )  # fmt: skip


def _fitted(data: TrainingData, family: Learner, params: Mapping[str, Any]) -> np.ndarray:
    """Return the probabilities of the rows set aside, by a model of the first fold's rows."""
    fit, valid = data.folds[0]
    request = data.request(family, dict(params), sample_rows(fit, ROWS_TO_FIT), sample_rows(valid, ROWS_TO_FIT))
    model = family.fit(request)
    return probability_of(model.margin(data.features(family, data.split.held_out)), family.margin_unit)
