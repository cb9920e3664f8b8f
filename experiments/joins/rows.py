"""The rows of one table together with everything their keys find in other tables."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from experiments.errors import BadInput, gettext_noop
from experiments.joins.keys import KeyIndex
from experiments.joins.lookups import NOWHERE, Lookup
from experiments.joins.spec import JoinedTable, JoinSpec
from experiments.joins.tables import TableFile
from experiments.joins.times import DAY, MISSING, microseconds

UNTIMED_PARENT = gettext_noop(
    "%(table)s has a time, but %(parent)s, to which it is joined, has none, so it is not known which rows count. "
    "Aggregate the rows of %(table)s instead, or do not use its time."
)
SEVERAL_OBSERVATIONS = gettext_noop(
    "The time of %(table)s is a count of days or months before the observation, but one %(columns)s has several "
    "rows in %(base)s, so it is not known which row it counts from. Use a base table with one row for each, or "
    "choose a date column."
)


class Rows:
    """All rows of the base or of a table that is summed up, with the lookups that hang on it.

    Parameters
    ----------
    spec, name, files : the join, whose rows these are, and the open files by table.
    chosen : places of the rows that count; all where ``None``.
    known : for each row the moment at which what its lookups say must be known; ``None`` where nothing has a time.
    """

    def __init__(
        self,
        spec: JoinSpec,
        name: str,
        files: Mapping[str, TableFile],
        known: np.ndarray | None,
        chosen: np.ndarray | None = None,
    ) -> None:
        self.spec = spec
        self.name = name
        self.file = files[name]
        self.chosen = chosen
        self.lookups: dict[str, Lookup] = {}
        for table in spec.in_order():
            if table.relation == "one" and (table.parent == name or table.parent in self.lookups):
                self._attach(table, files[table.name], known)

    def __len__(self) -> int:
        return self.file.rows if self.chosen is None else len(self.chosen)

    def column(self, table: str, column: str) -> pl.Series:
        """Return a column of these rows or of what they find in another table, one value a row."""
        if table != self.name:
            return self.lookups[table].gather(column)
        self.file.need([column])
        values = self.file.column(column)
        return values if self.chosen is None else values.gather(self.chosen)

    def _attach(self, table: JoinedTable, file: TableFile, known: np.ndarray | None) -> None:
        keys = [self.column(table.parent, key) for key in table.parent_keys]
        lookup = Lookup(table, file, keys, needed_columns(self.spec, table))
        if table.time_column:
            if table.is_relative and self.name == self.spec.base and not self.spec.is_relative:
                known = np.zeros(len(self), dtype=np.int64)
                refuse_repeated_base(self.spec, table, lookup.index)
            if known is None:
                raise BadInput(UNTIMED_PARENT, table=table.name, parent=self.name)
            lookup.forget_what_was_unknown(known)
        self.lookups[table.name] = lookup


def refuse_repeated_base(spec: JoinSpec, table: JoinedTable, index: KeyIndex) -> None:
    """Refuse a count of days from the observation where a key has several observations.

    Raises
    ------
    BadInput : names the key.
    """
    codes = index.parent_codes[index.parent_codes != NOWHERE]
    if len(codes) != len(np.unique(codes)):
        columns = ", ".join(table.parent_keys)
        raise BadInput(SEVERAL_OBSERVATIONS, table=table.name, base=spec.base, columns=columns)


def needed_columns(spec: JoinSpec, table: JoinedTable) -> list[str]:
    """Return the columns of a lookup that are taken over or lead on to other tables."""
    onward = [key for child in spec.children(table.name) for key in child.parent_keys]
    return list(dict.fromkeys([*table.columns, *onward]))


def known_times(table: JoinedTable, file: TableFile) -> np.ndarray | None:
    """Return for every row of a table when it is known, in microseconds; ``None`` for a table without a time."""
    if table.time_column is None:
        return None
    file.need([table.time_column])
    times = microseconds(file.column(table.time_column), table.time_format).copy()
    times[times != MISSING] += table.lag_days * DAY
    return times


def find_rows(found: np.ndarray, values: np.ndarray, missing: int) -> np.ndarray:
    """Return the value at each found place; ``missing`` where nothing was found."""
    return np.where(found == NOWHERE, missing, np.append(values, missing)[found])


def as_floats(values: pl.Series) -> np.ndarray:
    """Return numbers as floats, missing ones (and infinite ones, which no sum survives) as NaN."""
    numbers = values.cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy()
    return np.where(np.isinf(numbers), np.nan, numbers)


def as_words(values: pl.Series) -> pl.Series:
    """Return the values of a category as trimmed texts; empty ones are missing."""
    texts = values.cast(pl.String).str.strip_chars()
    return texts.set((texts == "").fill_null(False), None)
