"""Turn a table of any types into the numeric matrix that learners read, and remember how."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import pandas as pd

from experiments.features.contradictions import Contradictions
from experiments.features.levels import BOOLEAN_WORDS, as_days, as_flags, as_numbers, can_be_flags, factorize_levels

__all__ = ["CoverReport", "TableEncoder", "infer_type"]

COLUMN_TYPES = ("numeric", "categorical", "boolean", "date", "text")
_READERS = {"numeric": as_numbers, "date": as_days, "boolean": as_flags}
#: Columns as numbers (NaN where empty), by name and type.
Readings = dict[tuple[str, str], np.ndarray]
# Most levels of a category that get a code of their own; one more code stands for the rest.
MOST_LEVELS = 100
_UNSEEN_KEPT = 20
_RARE_KEPT = 2_000


@dataclass
class CoverReport:
    """How well a table to be scored covers what the model was trained on; all numbers are counts of cells or rows.

    Attributes
    ----------
    rows : rows seen.
    missing_columns : columns of the model that the table lacks; scored as if every cell were empty.
    extra_columns : columns of the table the model does not use.
    empty_cells : ``{column: empty cells}``, cells of a missing column included.
    unseen_levels : ``{column: {level: rows}}`` for categories unknown in training, the 20 most frequent of each.
    unseen_cells : ``{column: rows}`` over all unseen categories.
    unreadable_cells : ``{column: cells}`` holding text where a number, a date or yes/no belongs; treated as empty.
    neutral_cells : ``{column: cells}`` that had no counterpart in training and were given a neutral value.
    newly_empty : ``{column: empty cells}`` of columns the table has, of which none was empty in training.
    contradictions : by column, cells written otherwise than in training or not readable, with their words.

    Examples
    --------
    >>> CoverReport(rows=2, empty_cells={"age": 1}).plus(CoverReport(rows=3)).rows
    5
    """

    rows: int = 0
    missing_columns: list[str] = field(default_factory=list)
    extra_columns: list[str] = field(default_factory=list)
    empty_cells: dict[str, int] = field(default_factory=dict)
    unseen_levels: dict[str, dict[str, int]] = field(default_factory=dict)
    unseen_cells: dict[str, int] = field(default_factory=dict)
    unreadable_cells: dict[str, int] = field(default_factory=dict)
    neutral_cells: dict[str, int] = field(default_factory=dict)
    newly_empty: dict[str, int] = field(default_factory=dict)
    contradictions: dict[str, Contradictions] = field(default_factory=dict)

    def plus(self, other: "CoverReport") -> "CoverReport":
        """Return the report over both tables, for scoring in chunks."""
        levels = {column: _add_counts(self.unseen_levels.get(column, {}), other.unseen_levels.get(column, {}))
                  for column in {**self.unseen_levels, **other.unseen_levels}}  # fmt: skip
        return CoverReport(
            rows=self.rows + other.rows,
            missing_columns=list(dict.fromkeys(self.missing_columns + other.missing_columns)),
            extra_columns=list(dict.fromkeys(self.extra_columns + other.extra_columns)),
            empty_cells=_add_counts(self.empty_cells, other.empty_cells),
            unseen_levels={column: _most_frequent(counts) for column, counts in levels.items()},
            unseen_cells=_add_counts(self.unseen_cells, other.unseen_cells),
            unreadable_cells=_add_counts(self.unreadable_cells, other.unreadable_cells),
            neutral_cells=_add_counts(self.neutral_cells, other.neutral_cells),
            newly_empty=_add_counts(self.newly_empty, other.newly_empty),
            contradictions={
                column: self.contradictions.get(column, Contradictions()).plus(
                    other.contradictions.get(column, Contradictions())
                )
                for column in {**self.contradictions, **other.contradictions}
            },
        )

    def count_unseen(self, column: str, codes: np.ndarray, *, levels: list[str], known: AbstractSet[str]) -> int:
        """Count the cells of a category whose level is not ``known``, from codes into ``levels``; return how many."""
        unseen = [index for index, level in enumerate(levels) if level not in known]
        if not unseen:
            return 0
        rows = np.bincount(codes[codes >= 0], minlength=len(levels))
        counts = {levels[index]: int(rows[index]) for index in unseen}
        self.unseen_levels[column] = _most_frequent(counts)
        self.unseen_cells[column] = sum(counts.values())
        return self.unseen_cells[column]

    def take_column(self, other: "CoverReport") -> None:
        """Add what another report says of a column that this one has not counted."""
        self.missing_columns += other.missing_columns
        for name in (
            *("empty_cells", "unseen_levels", "unseen_cells", "unreadable_cells", "neutral_cells"),
            *("newly_empty", "contradictions"),
        ):
            getattr(self, name).update(getattr(other, name))

    def take_contradictions(self, met: Mapping[str, Contradictions]) -> None:
        """Add what reading the table's texts has met, for the model's own columns."""
        for column, found in met.items():
            self.contradictions[column] = self.contradictions.get(column, Contradictions()).plus(found)
            _count(self.unreadable_cells, column, found.unreadable)

    def forget(self, columns: Iterable[str]) -> None:
        """Take out what is said of columns that are not the table's own."""
        for counts in (self.empty_cells, self.neutral_cells, self.newly_empty):
            for column in columns:
                counts.pop(column, None)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON-ready plain data."""
        met = {column: found.to_dict() for column, found in self.contradictions.items()}
        return {**asdict(replace(self, contradictions={})), "contradictions": met}

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "CoverReport":
        """Build a report from what ``to_dict`` gave."""
        met = {column: Contradictions.from_dict(found) for column, found in plain.get("contradictions", {}).items()}
        return cls(**{**plain, "contradictions": met})


@dataclass
class EncodedColumn:
    """How one column becomes numbers.

    Attributes
    ----------
    id : internal name, ``f_0001`` …; learners never see the original name.
    name, type : original name and one of ``COLUMN_TYPES``.
    levels : for categories, the level of code 0, 1, …
    rare_levels : levels too rare for a code of their own (at most 2,000 are remembered, to tell rare from unseen).
    other_code : code shared by rare levels, None when there were none in training.
    has_missing : whether empty cells occurred in training, so that the learner knows what they mean.
    neutral : value for cells without counterpart in training: the median, or the most ordinary level's code.
    """

    id: str
    name: str
    type: str
    levels: list[str] = field(default_factory=list)
    rare_levels: list[str] = field(default_factory=list)
    other_code: int | None = None
    has_missing: bool = False
    neutral: float | None = None

    @property
    def is_categorical(self) -> bool:
        """Return whether the numbers are codes without order."""
        return self.type in ("categorical", "text")

    @cached_property
    def code_of(self) -> dict[str, float]:
        """Code of each level that has one of its own."""
        return {level: float(code) for code, level in enumerate(self.levels)}

    @cached_property
    def known_levels(self) -> frozenset[str]:
        """Every level that training had, as far as remembered."""
        return frozenset([*self.levels, *self.rare_levels])


class TableEncoder:
    """One numeric column per original column, under internal ids.

    Numbers stay numbers (infinities become ±1e30), dates become days since 1970-01-01, yes/no becomes 1/0, categories
    become integer codes. Rare levels share one code. An empty cell is NaN when training had empty cells in that column,
    otherwise the column's neutral value; a level unseen in training takes the code of the rare levels if there is one,
    otherwise the neutral code. All of it is counted.

    With ``y``, category codes are ordered by smoothed event rate, so the encoder must then be fitted inside the fold;
    without it they are ordered by frequency.

    Parameters
    ----------
    max_levels : most levels a category keeps.
    min_level_rows : rows a level needs to be kept when the category has more than ``small_category`` levels.
    small_category : categories with at most this many levels need only two rows a level.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"age": [30, 41, 55], "job": ["clerk", "clerk", "nurse"]})
    >>> encoder = TableEncoder(min_level_rows=1).fit(frame, ["age", "job"])
    >>> matrix, cover = encoder.transform(frame)
    >>> matrix["f_0002"].tolist()
    [0.0, 0.0, 1.0]
    """

    def __init__(self, *, max_levels: int = MOST_LEVELS, min_level_rows: int = 10, small_category: int = 20) -> None:
        self.max_levels = max_levels
        self.min_level_rows = min_level_rows
        self.small_category = small_category

    def fit(
        self,
        frame: pd.DataFrame,
        columns: Iterable[Any] | Mapping[str, str] | None = None,
        *,
        y: np.ndarray | None = None,
        rows: np.ndarray | None = None,
    ) -> Self:
        """Learn levels and neutral values.

        Parameters
        ----------
        frame : table of shape (rows, any); only ``columns`` are read.
        columns : names, ``{name: type}``, or objects with ``name`` and ``type``; types that are not given are inferred.
        y : 0/1 target of shape (rows,), NaN allowed; orders category codes by event rate.
        rows : positions to learn from, all when not given; taken column by column, so that no copy of all is made.
        """
        wanted = frame.columns if columns is None else columns
        labels = None if y is None else np.asarray(y, dtype=float)
        labels = labels if labels is None or rows is None else labels[rows]
        self.columns_ = [
            self._fit_column(
                f"f_{number:04d}", name, kind or infer_type(frame[name]),
                frame[name] if rows is None else frame[name].iloc[rows], labels,
            )
            for number, (name, kind) in enumerate(names_and_types(wanted), start=1)
        ]  # fmt: skip
        return self

    @property
    def ids_(self) -> list[str]:
        """Internal ids in the order of the matrix."""
        return [column.id for column in self.columns_]

    @property
    def names_(self) -> dict[str, str]:
        """Original name of each internal id."""
        return {column.id: column.name for column in self.columns_}

    @property
    def categorical_ids_(self) -> list[str]:
        """Internal ids of the columns whose numbers are codes without order."""
        return [column.id for column in self.columns_ if column.is_categorical]

    def transform(
        self, frame: pd.DataFrame, dtype: str = "float64", *, threads: int = 1, readings: Readings | None = None
    ) -> tuple[pd.DataFrame, CoverReport]:
        """Return the matrix of shape (rows, columns) and the cover report; the order of columns is free.

        Parameters
        ----------
        threads : columns read side by side, which pays for long tables.
        readings : is given the numbers of each ordered column, before gaps are filled, for who would read them again.
        """
        known = {column.name for column in self.columns_}
        cover = CoverReport(rows=len(frame), extra_columns=[str(c) for c in frame.columns.tolist() if c not in known])
        matrix = np.empty((len(frame), len(self.columns_)), dtype=dtype, order="F")
        if threads > 1:
            self._fill_side_by_side(matrix, frame, cover, threads, readings)
        else:
            for position, column in enumerate(self.columns_):
                matrix[:, position] = self._transform_column(column, frame, cover, readings)
        return pd.DataFrame(matrix, columns=self.ids_, index=frame.index, copy=False), cover

    def without(self, names: Iterable[str]) -> "TableEncoder":
        """Return the encoder of the other columns, which keep their ids."""
        left_out = set(names)
        encoder = TableEncoder(
            max_levels=self.max_levels, min_level_rows=self.min_level_rows, small_category=self.small_category
        )
        encoder.columns_ = [column for column in self.columns_ if column.name not in left_out]
        return encoder

    def to_dict(self) -> dict[str, Any]:
        """Return the encoder as JSON-ready plain data."""
        settings = {name: getattr(self, name) for name in ("max_levels", "min_level_rows", "small_category")}
        return {"settings": settings, "columns": [asdict(column) for column in self.columns_]}

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "TableEncoder":
        """Build an encoder from what ``to_dict`` gave."""
        encoder = cls(**plain["settings"])
        encoder.columns_ = [EncodedColumn(**column) for column in plain["columns"]]
        return encoder

    def _fit_column(self, id_: str, name: str, kind: str, series: pd.Series, y: np.ndarray | None) -> EncodedColumn:
        column = EncodedColumn(id_, name, kind)
        if kind == "boolean" and not can_be_flags(series):
            column.type = "categorical"
        if column.is_categorical:
            return self._fit_category(column, series, y)
        values, _ = _READERS[kind](series)
        is_empty = np.isnan(values)
        column.has_missing = bool(is_empty.any())
        column.neutral = float(np.median(values[~is_empty])) if not is_empty.all() else None
        return column

    def _fit_category(self, column: EncodedColumn, series: pd.Series, y: np.ndarray | None) -> EncodedColumn:
        codes, levels = factorize_levels(series)
        column.has_missing = bool((codes < 0).any())
        rows = np.bincount(codes[codes >= 0], minlength=len(levels))
        enough = 2 if len(levels) <= self.small_category else self.min_level_rows
        # Ties are broken by the text, so that the order of the rows never matters.
        by_frequency = sorted(range(len(levels)), key=lambda code: (-rows[code], levels[code]))
        kept = [code for code in by_frequency if rows[code] >= enough][: self.max_levels]
        rates = None if y is None else _smoothed_rates(codes, y, len(levels))
        if rates is not None:
            kept.sort(key=lambda code: (rates[code], levels[code]))
        column.levels = [levels[code] for code in kept]
        column.rare_levels = sorted(set(levels) - set(column.levels))[:_RARE_KEPT]
        column.other_code = len(kept) if len(kept) < len(levels) else None
        column.neutral = _ordinary_code(kept, rows, rates, y, column.other_code)
        return column

    def _fill_side_by_side(
        self, matrix: np.ndarray, frame: pd.DataFrame, cover: CoverReport, threads: int, readings: Readings | None
    ) -> None:
        def fill(position: int) -> CoverReport:
            own = CoverReport()
            matrix[:, position] = self._transform_column(self.columns_[position], frame, own, readings)
            return own

        with ThreadPoolExecutor(threads) as pool:
            for own in pool.map(fill, range(len(self.columns_))):
                cover.take_column(own)

    def _transform_column(
        self, column: EncodedColumn, frame: pd.DataFrame, cover: CoverReport, readings: Readings | None = None
    ) -> np.ndarray:
        if column.name not in frame.columns:
            cover.missing_columns.append(column.name)
            values = np.full(len(frame), np.nan)
        elif column.is_categorical:
            values = _category_codes(column, frame[column.name], cover)
        else:
            values, unreadable = _READERS[column.type](frame[column.name])
            _count(cover.unreadable_cells, column.name, unreadable)
            if unreadable and column.type == "boolean":
                cover.contradictions[column.name] = _words_of_neither(frame[column.name])
            if readings is not None:
                readings[column.name, column.type] = values
        is_new = not column.has_missing and column.name in frame.columns
        if is_new and (empty := int(np.count_nonzero(np.isnan(values)))):
            _count(cover.newly_empty, column.name, empty)
        return _filled(column, values, cover)


def _words_of_neither(series: pd.Series) -> Contradictions:
    """Count the words of a yes/no column that mean neither."""
    codes, levels = factorize_levels(series)
    met = Contradictions("boolean", cells=int((codes >= 0).sum()))
    rows = np.bincount(codes[codes >= 0], minlength=len(levels))
    met.add_words({level: int(rows[code]) for code, level in enumerate(levels) if level.lower() not in BOOLEAN_WORDS})
    return met


def infer_type(series: pd.Series) -> str:
    """Guess a column's type from its pandas dtype alone; texts count as categories.

    Parameters
    ----------
    series : a column of a frame.

    Returns
    -------
    str
        One of ``COLUMN_TYPES``.

    Examples
    --------
    >>> [infer_type(pd.Series(values)) for values in ([1, 2], ["a", "b"], [True, False])]
    ['numeric', 'categorical', 'boolean']
    """
    if pd.api.types.is_bool_dtype(series.dtype):
        return "boolean"
    if pd.api.types.is_numeric_dtype(series.dtype):
        return "numeric"
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        return "date"
    return "categorical"


def read_ordered(series: pd.Series, kind: str) -> np.ndarray:
    """Return a column of numbers, dates or flags as numbers, NaN where empty."""
    return _READERS[kind](series)[0]


def names_and_types(columns: Iterable[Any] | Mapping[str, Any]) -> Sequence[tuple[str, str | None]]:
    """Return (name, type or None) for names, ``{name: type}`` or objects with ``name`` and ``type``."""
    if isinstance(columns, Mapping):
        return list(columns.items())
    return [(column.name, column.type) if hasattr(column, "type") else (column, None) for column in list[Any](columns)]


def _smoothed_rates(codes: np.ndarray, y: np.ndarray, level_count: int) -> np.ndarray:
    is_labelled = (codes >= 0) & ~np.isnan(y)
    rows = np.bincount(codes[is_labelled], minlength=level_count)
    events = np.bincount(codes[is_labelled], weights=y[is_labelled], minlength=level_count)
    prior = float(np.nanmean(y)) if len(y) else 0.5
    return (events + 20 * prior) / (rows + 20)


def _ordinary_code(
    kept: list[int], rows: np.ndarray, rates: np.ndarray | None, y: np.ndarray | None, other_code: int | None
) -> float | None:
    """Return the code whose event rate is nearest the average among well-filled levels, or the most frequent one."""
    if not kept:
        return None if other_code is None else float(other_code)
    if rates is None or y is None:
        return float(np.argmax(rows[kept]))
    share = rows[kept] / max(rows.sum(), 1)
    distance = np.abs(rates[kept] - np.nanmean(y))
    return float(np.argmin(np.where(share >= min(0.05, share.max()), distance, np.inf)))


def _filled(column: EncodedColumn, values: np.ndarray, cover: CoverReport) -> np.ndarray:
    """Count the empty cells; give them the neutral value when training had none to learn from."""
    is_empty = np.isnan(values)
    empty = int(np.count_nonzero(is_empty))
    _count(cover.empty_cells, column.name, empty)
    if empty and not column.has_missing and column.neutral is not None:
        _count(cover.neutral_cells, column.name, empty)
        values = np.where(is_empty, column.neutral, values)
    return values


def _category_codes(column: EncodedColumn, series: pd.Series, cover: CoverReport) -> np.ndarray:
    codes, levels = factorize_levels(series)
    fallback = column.neutral if column.other_code is None else float(column.other_code)
    unknown = np.nan if fallback is None else fallback
    table = np.array([*(column.code_of.get(level, unknown) for level in levels), np.nan])
    _count_unseen(column, codes, levels, cover)
    return table[codes]


def _count_unseen(column: EncodedColumn, codes: np.ndarray, levels: list[str], cover: CoverReport) -> None:
    if len(column.rare_levels) == _RARE_KEPT:
        return  # the list was cut, so rare and unseen cannot be told apart
    unseen = cover.count_unseen(column.name, codes, levels=levels, known=column.known_levels)
    if column.other_code is None:
        _count(cover.neutral_cells, column.name, unseen)


def _count(counter: dict[str, int], name: str, number: int) -> None:
    if number:
        counter[name] = counter.get(name, 0) + number


def _add_counts(first: Mapping[str, int], second: Mapping[str, int]) -> dict[str, int]:
    return {key: first.get(key, 0) + second.get(key, 0) for key in {**first, **second}}


def _most_frequent(counts: Mapping[str, int]) -> dict[str, int]:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return dict(ranked[:_UNSEEN_KEPT])
