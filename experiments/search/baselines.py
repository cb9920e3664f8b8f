"""How a model's columns were distributed in training, for comparison with files to be scored."""

from collections.abc import Sequence

import numpy as np

from experiments.evaluation.column_shift import MOST_LEVELS, ColumnBaseline
from experiments.evaluation.population import Population
from experiments.features.encoding import EncodedColumn, read_ordered
from experiments.search.training_data import TrainingData, sample_rows

# More rows hardly move a share of a tenth, and fewer move it little enough for somebody who waits.
ROWS_LOOKED_AT, ROWS_LOOKED_AT_IN_HASTE = 50_000, 15_000


def fit_baselines(
    names: Sequence[str], data: TrainingData, population: Population, *, is_hurried: bool = False
) -> dict[str, ColumnBaseline]:
    """Return the distribution of these columns in training; each is computed once, however many models are kept."""
    rows = sample_rows(data.split.train, ROWS_LOOKED_AT_IN_HASTE if is_hurried else ROWS_LOOKED_AT)
    weight = population.weights(data.y[rows], data.weights(rows))
    columns = {column.name: column for column in data.encoder.columns_}
    for name in names:
        if name not in data.baselines:
            data.baselines[name] = _fit_baseline(columns[name], data, rows, weight)
    return {name: found for name in names if (found := data.baselines[name]) is not None}


def _fit_baseline(
    column: EncodedColumn, data: TrainingData, rows: np.ndarray, weight: np.ndarray | None
) -> ColumnBaseline | None:
    values = data.table[column.name].iloc[rows]
    if not column.is_categorical:
        codes = data.special_values.get(column.name, ())
        return ColumnBaseline.of_numbers(read_ordered(values, column.type), weight, kind=column.type, codes=codes)
    known = [*column.levels, *column.rare_levels]
    if column.type == "text" or len(known) >= MOST_LEVELS:
        return None
    return ColumnBaseline.of_levels(values, weight, known)
