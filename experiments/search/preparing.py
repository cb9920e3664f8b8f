"""A table made ready for learning: target read, rows split, columns encoded and derived."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.data.frame_reading import read_cells
from experiments.data.maturity import note_of_split
from experiments.data.schema import NOT_WRITTEN, read_schema
from experiments.data.splitting.labelled_table import group_codes
from experiments.data.splitting.scheme import split_rows
from experiments.data.splitting.split import Split
from experiments.data.target import read_target, told_event
from experiments.errors import BadInput, gettext_noop
from experiments.evaluation.population import require_rate
from experiments.features.encoding import TableEncoder, infer_type
from experiments.generation import FeatureGenerator
from experiments.ingest.table import read_parquet
from experiments.search.constraint_check import require_constraints
from experiments.search.derived_columns import generate
from experiments.search.listener import Listener
from experiments.search.run import Run
from experiments.search.training_data import TrainingData
from experiments.search.two_stage import (
    read_responses,
)
from experiments.spec import ExperimentSpec

NO_FEATURES = gettext_noop("No column is left to build the model from: every one has another role or was taken out.")
BAD_WEIGHT = gettext_noop("The weight column %(column)s must hold numbers above zero in every row.")
ROWS_TO_SEE_VALUES = 1_000


def prepare(
    spec: ExperimentSpec, table: pd.DataFrame | Path, *, run: Run | None = None, kept: Path | None = None
) -> TrainingData:
    """Read the target, split the rows, derive columns that help, and encode all columns to learn from.

    Parameters
    ----------
    run : its clock limits the effort spent on columns. kept : file that remembers which were chosen.
    """
    return with_columns(read_question(spec, table), spec, run=run, kept=kept)


def read_question(
    spec: ExperimentSpec, table: pd.DataFrame | Path, *, listener: Listener | None = None
) -> TrainingData:
    """Read the target, split the rows, and encode the columns as they came; the listener hears what was noticed."""
    frame = read_parquet(table) if isinstance(table, Path) else table.reset_index(drop=True)
    schema = {column.name: column for column in read_schema(table)} if isinstance(table, Path) else {}
    spec.refuse_faults(list(frame.columns))
    require_rate(spec.population_rate)
    frame = frame if isinstance(table, Path) else _with_words_read(frame)
    y, event = read_target(frame[spec.target], spec.event or None)
    if listener is not None:
        _tell_event(listener, frame[spec.target], spec.event or None)
    features = _feature_columns(spec, frame)
    split = split_rows(frame, y, spec=spec)
    _note_immature(split, frame, y, spec, listener)
    known = {name: schema[name].type if name in schema else infer_type(frame[name]) for name in features}
    encoder = TableEncoder().fit(frame, known, rows=split.train)
    require_constraints(spec, frame, {column.name: column.type for column in encoder.columns_})
    features_alone = frame[features]
    matrix, _ = encoder.transform(features_alone)
    return TrainingData(
        table=features_alone, encoder=encoder, matrix=matrix, y=y, weight=weights_of(spec, frame),
        groups=groups_of(spec, frame), split=split, monotone=dict(spec.monotone), event=event,
        special_values=dict(spec.special_values), responded=read_responses(spec, frame, y), types=known,
        derived_on_card=spec.derived_on_card, protected=_protected(spec, frame),
        readings={name: schema[name].reading for name in features if name in schema},
    )  # fmt: skip


def _tell_event(listener: Listener, target: pd.Series, asked: str | None) -> None:
    for said in told_event(target, asked):
        listener.say(said["message"], **said["params"])


def _note_immature(
    split: Split, frame: pd.DataFrame, y: np.ndarray, spec: ExperimentSpec, listener: Listener | None
) -> None:
    """Warn where the newest months look immature, now and wherever the split is described."""
    note = note_of_split(frame, y, spec)
    if note is None:
        return
    split.notes.append(note)
    if listener is not None:
        listener.say(note["message"], **note["params"])


def _with_words_read(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table that came from no file, with its words for missing values read as scoring will read them."""
    read = frame.copy(deep=False)
    for name, dtype in frame.dtypes.items():
        if dtype.kind == "O" or isinstance(dtype, pd.StringDtype):
            read[name] = read_cells(frame[name], "categorical", NOT_WRITTEN)[0]
    return read


def _feature_columns(spec: ExperimentSpec, frame: pd.DataFrame) -> list[str]:
    taken = {*spec.columns_with_a_role, *spec.excluded, *(spec.protected if spec.without_protected else ())}
    features = [name for name in frame.columns if name not in taken and not _is_constant(frame[name])]
    if not features:
        raise BadInput(NO_FEATURES)
    return features


def _protected(spec: ExperimentSpec, frame: pd.DataFrame) -> pd.DataFrame | None:
    names = [name for name in spec.protected if name in frame.columns and name != spec.target]
    return frame[names] if names else None


def _is_constant(column: pd.Series) -> bool:
    # For most columns a few rows show that they are not one; counting the values of a long column takes time.
    few = column.iloc[:ROWS_TO_SEE_VALUES]
    return few.nunique(dropna=False) <= 1 and column.nunique(dropna=False) <= 1


def weights_of(spec: ExperimentSpec, frame: pd.DataFrame) -> np.ndarray | None:
    """Return the weight of each row, 1 on average; None where all rows weigh the same."""
    if spec.weight_column is None:
        return None
    weights = pd.to_numeric(frame[spec.weight_column], errors="coerce").to_numpy(dtype=float)
    if not np.all(np.isfinite(weights) & (weights > 0)):
        raise BadInput(BAD_WEIGHT, column=spec.weight_column)
    return weights / weights.mean()


def groups_of(spec: ExperimentSpec, frame: pd.DataFrame) -> np.ndarray | None:
    """Return a number for each row's customer or group; None where every row has its own."""
    name = spec.group_column or spec.id_column
    if name is None or not frame[name].duplicated().any():
        return None
    return group_codes(frame[name])


def with_columns(
    data: TrainingData, spec: ExperimentSpec, *, run: Run | None = None, kept: Path | None = None
) -> TrainingData:
    """Return the table with helpful derived columns appended, or unchanged where none helps."""
    generator = generate(spec, data.table, data.types, data.y, data.split, data.weight, run=run, kept=kept)
    data.generator = generator
    if not generator.names_:
        return data
    grown = generator.extend(data.table)
    encoder = TableEncoder().fit(grown, data.types | dict.fromkeys(generator.names_, "numeric"), rows=data.split.train)
    matrix, _ = encoder.transform(grown)
    found = replace(data, table=grown, encoder=encoder, matrix=matrix)
    found.held_out = data.held_out  # The same rows behind the same door, with its count of openings.
    return found


def without_columns(data: TrainingData) -> TrainingData:
    """Return the table without its derived columns."""
    made = set(data.generator.names_)
    encoder = data.encoder.without(made)
    own = [name for name in data.table.columns if name not in made]
    plain = replace(
        data,
        table=data.table[own],
        encoder=encoder,
        matrix=data.matrix[encoder.ids_],
        generator=FeatureGenerator("off"),
    )
    plain.held_out = data.held_out
    return plain
