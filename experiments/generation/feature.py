"""What a generated feature is, what a kind of them must do, and what it reads."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np
import pandas as pd

from experiments.features.levels import as_days, as_numbers, factorize_levels
from experiments.generation.units import Units
from experiments.labels import label_of

Phrase = dict[str, str]


@dataclass
class GeneratedFeature:
    """One column made from others.

    Attributes
    ----------
    name : readable name, also its formula's short form: ``BILL_AMT1 ÷ LIMIT_BAL``.
    kind : name of the kind that computes it.
    sources : original columns it reads.
    phrase : ``{"en", "zh"}`` with ``%(a)s`` and ``%(b)s`` for the labels of the first and the last source.
    formula : the same in full, where the name is short.
    settings : what was learnt for it, JSON-ready.
    why : what spoke for it: its strength, that of its sources and of the best random column, and its rank.
    """

    name: str
    kind: str
    sources: list[str]
    phrase: Phrase
    formula: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    why: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.formula = self.formula or self.name

    def label(self, labels: Mapping[str, Mapping[str, str]], language: str) -> str:
        """Return the feature's label, made of the labels of its sources."""
        words = [label_of(source, labels, language) for source in self.sources]
        return self.phrase[language] % {"a": words[0], "b": words[-1], "count": len(words)}

    def to_dict(self) -> dict[str, Any]:
        """Return the feature as JSON-ready plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Self:
        """Build a feature from what ``to_dict`` gave."""
        return cls(**plain)


class ColumnReader:
    """The columns of one table as numbers, days or levels, each read once; an absent column is empty.

    Codes that stand for a meaning and not for a quantity are empty too: a ratio of 999 would be nonsense.
    """

    def __init__(self, frame: pd.DataFrame, special_values: Mapping[str, list[float]]) -> None:
        self.frame = frame
        self.special_values = special_values
        self._numbers: dict[str, np.ndarray] = {}
        self._days: dict[str, np.ndarray] = {}
        self._levels: dict[str, tuple[np.ndarray, list[str]]] = {}

    def __len__(self) -> int:
        return len(self.frame)

    def numbers(self, name: str) -> np.ndarray:
        """Return floats of shape (rows,), NaN where empty, unreadable or special."""
        if name not in self._numbers:
            self._numbers[name] = self._read_numbers(name)
        return self._numbers[name]

    def days(self, name: str) -> np.ndarray:
        """Return days since 1970-01-01 of shape (rows,), NaN where empty or no date."""
        if name not in self._days:
            self._days[name] = as_days(self.frame[name])[0] if name in self.frame else self._nothing()
        return self._days[name]

    def levels(self, name: str) -> tuple[np.ndarray, list[str]]:
        """Return codes of shape (rows,), −1 where empty, and the level of each code."""
        if name not in self._levels:
            absent = np.full(len(self), -1, dtype=np.int64), list[str]()
            self._levels[name] = factorize_levels(self.frame[name]) if name in self.frame else absent
        return self._levels[name]

    def says_nothing(self, name: str) -> np.ndarray:
        """Return for each row whether the cell is empty or holds a code that is no quantity."""
        is_empty = self.is_empty(name)
        # A code reads as NaN among numbers.
        return is_empty | np.isnan(self.numbers(name)) if name in self.special_values else is_empty

    def is_empty(self, name: str) -> np.ndarray:
        """Return for each row whether the cell is empty, whatever the column's type."""
        if name not in self.frame:
            return np.ones(len(self), dtype=bool)
        column = self.frame[name]
        is_plain = pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_datetime64_any_dtype(column.dtype)
        return column.isna().to_numpy() if is_plain else self.levels(name)[0] < 0

    def _read_numbers(self, name: str) -> np.ndarray:
        if name not in self.frame:
            return self._nothing()
        values = as_numbers(self.frame[name])[0]
        codes = self.special_values.get(name)
        return np.where(np.isin(values, codes), np.nan, values) if codes else values

    def _nothing(self) -> np.ndarray:
        return np.full(len(self), np.nan)


@dataclass(frozen=True)
class Inputs:
    """What kinds may learn from: training rows only.

    Attributes
    ----------
    columns : the original columns of the training rows.
    types : ``{column: type}`` of the columns that may be sources.
    strongest : numeric columns by falling importance in a quick model.
    effort : ``standard`` or ``deep``.
    units : what the columns are counted in.
    """

    columns: ColumnReader
    types: dict[str, str]
    strongest: list[str]
    effort: str
    units: Units = field(default_factory=lambda: Units({}))

    @property
    def is_deep(self) -> bool:
        """Return whether the slower and less likely candidates are wanted."""
        return self.effort == "deep"

    @cached_property
    def categories(self) -> list[str]:
        """Columns of levels."""
        return self.of_type("categorical", "text")

    def of_type(self, *types: str) -> list[str]:
        """Return the source columns of these types, in the table's order."""
        return [name for name, kind in self.types.items() if kind in types]


class Kind(Protocol):
    """A kind of generated feature: one file, one line in the registry.

    No kind reads the target. Event rates of levels were tried: learnt out of fold, they raised the AUC a search sees by
    .002 and lowered that on rows aside by .001, because the rows a fold is fitted on carry the outcomes it is validated
    with.
    """

    name: str

    def propose(self, inputs: Inputs) -> list[GeneratedFeature]:
        """Return candidates with all they need to be computed."""

    def compute(self, feature: GeneratedFeature, columns: ColumnReader) -> np.ndarray:
        """Return the feature of shape (rows,); each row depends on its own cells only."""


@runtime_checkable
class NamesItsSources(Protocol):
    """A kind that knows better than by gaps which of a feature's sources made a row's value what it is."""

    def spoken_by(self, feature: GeneratedFeature, columns: ColumnReader, values: np.ndarray) -> np.ndarray:
        """Return for each row and source whether it had a part, shape (rows, sources)."""


@runtime_checkable
class InSql(Protocol):
    """A kind that every database can compute, so that a scorecard of it is one statement."""

    def sql(self, feature: GeneratedFeature, sources: list[str]) -> str | None:
        """Return the expression of a feature, given those of its sources; None where this one has none.

        A source is a double, NULL where its cell is empty or holds a code that is no quantity.
        """


def sources_that_speak(kind: Kind, feature: GeneratedFeature, columns: ColumnReader, values: np.ndarray) -> np.ndarray:
    """Return for each row and source whether it made the value what it is, shape (rows, sources); at least one does.

    A value that is empty because a source is, is the doing of that source; any other is that of the filled ones.
    """
    if isinstance(kind, NamesItsSources):
        speaks = kind.spoken_by(feature, columns, values)
    else:
        gaps = np.column_stack([columns.says_nothing(source) for source in feature.sources])
        speaks = np.where(np.isnan(values)[:, None], gaps, ~gaps)
    return np.where(speaks.any(axis=1, keepdims=True), speaks, True)
