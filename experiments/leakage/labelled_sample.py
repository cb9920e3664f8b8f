"""What the tests look at: a sample of labelled rows, their answers, and each column's power alone."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from experiments.data.schema import ColumnSchema
from experiments.features.single_feature import Bins, Power, column_power, cut
from experiments.spec import ExperimentSpec


@dataclass
class LabelledSample:
    """The features of one question.

    Attributes
    ----------
    frame : a sample of labelled rows; its columns are those that would become features.
    y : 1 or 0, one value a row of the sample. rows : positions of these rows in the whole table. kind : of question.
    types, names : type of each column, and all it is called, by column.
    time : observation date of each row, if a column says so.
    power, bins : filled column by column by ``measure``.
    events, others : labelled rows with and without the event in the whole table.
    known_after_days : by column, days after the observation date on which the dictionary says it is known.
    """

    frame: pd.DataFrame
    y: np.ndarray
    rows: np.ndarray
    kind: str
    types: dict[str, str]
    names: dict[str, str]
    time: pd.Series | None
    events: int
    others: int
    power: dict[str, Power] = field(default_factory=dict)
    bins: dict[str, Bins] = field(default_factory=dict)
    known_after_days: Mapping[str, int | None] = field(default_factory=dict)

    def measure(self, name: str) -> None:
        """Cut a column and measure what it says alone."""
        bins = cut(self.frame[name], self.y)
        self.power[name] = column_power(self.frame[name], self.y, bins)
        # Thousands of columns are kept so, and there are at most some fifty bins.
        self.bins[name] = replace(bins, codes=bins.codes.astype(np.int16))

    def auc(self, name: str) -> float:
        """Return a column's AUC alone; 0.5 where it has none."""
        return self.power[name][0] or 0.5

    @property
    def auc_error(self) -> float:
        """Standard error of the AUC of a column that says nothing."""
        return null_auc_error(float(self.y.sum()), float(len(self.y) - self.y.sum()))

    @property
    def row_count(self) -> int:
        """Labelled rows of the whole table."""
        return self.events + self.others

    @property
    def rate(self) -> float:
        """Share of the event in the whole table."""
        return self.events / self.row_count

    @property
    def weights(self) -> tuple[float, float]:
        """Rows of the table that a row of the sample with, and one without, the event stands for."""
        with_event = float(self.y.sum())
        return self.events / max(1.0, with_event), self.others / max(1.0, len(self.y) - with_event)

    @property
    def ranges(self) -> int:
        """Values and ranges of all columns: the more one looks at, the more chance will bring about."""
        return max(1, sum(len(bins.names) for bins in self.bins.values()))

    @property
    def looked_at(self) -> dict[str, int]:
        """What a passed test says it has seen."""
        return {"looked_at_columns": len(self.frame.columns), "looked_at_rows": len(self.frame)}


def null_auc_error(events: float, others: float) -> float:
    """Return the standard error of an AUC when the score says nothing (Mann and Whitney, 1947)."""
    return float(np.sqrt((events + others + 1) / max(1.0, 12 * events * others)))


def features_of(columns: Sequence[str], spec: ExperimentSpec) -> list[str]:
    """Return the columns that would become features: those without a role that nobody has taken out."""
    aside = {*roles_of(spec), *spec.excluded}
    return [name for name in columns if name not in aside]


def roles_of(spec: ExperimentSpec) -> set[str]:
    """Return the columns that are there for something else than to learn from."""
    roles = {spec.target, spec.id_column, spec.time_column, spec.group_column, spec.weight_column}
    return {name for name in roles | {spec.validation.split_column} if name is not None}


def labelled_sample(
    sample: pd.DataFrame, y: np.ndarray, rows: np.ndarray, spec: ExperimentSpec, schema: Sequence[ColumnSchema]
) -> LabelledSample:
    """Gather what the tests look at.

    Parameters
    ----------
    sample : the rows to look at, all columns. y : 1, 0 or NaN, one value a row of the whole table.
    rows : positions of the sample's rows in the whole table.
    """
    features = features_of(list(sample.columns), spec)
    time = None
    if spec.time_column in sample:
        time = pd.to_datetime(sample[spec.time_column], errors="coerce").reset_index(drop=True)
        if time.dt.tz is not None:
            time = time.dt.tz_localize(None)
    return LabelledSample(
        frame=sample[features].reset_index(drop=True),
        y=y[rows],
        rows=rows,
        kind=spec.kind,
        types={column.name: column.type for column in schema},
        names=_all_names(features, spec.labels, schema),
        time=time,
        events=int(np.nansum(y)),
        others=int((y == 0).sum()),
    )


def _all_names(
    features: Sequence[str], labels: Mapping[str, Mapping[str, str]], schema: Sequence[ColumnSchema]
) -> dict[str, str]:
    """Return the name and the labels of each column, one a line, with words in camelCase told apart."""
    in_file = {column.name: column.label for column in schema}
    called = {name: {name, in_file.get(name, name), *labels.get(name, {}).values()} for name in features}
    return {name: "\n".join(sorted(map(_apart, words))) for name, words in called.items()}


def _apart(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
