"""Cuts columns into the bins of a scorecard: few, large enough and rising or falling as asked."""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
import pandas as pd

from experiments.features.bins import READERS, Bin, BinnedColumn
from experiments.features.encoding import CoverReport, infer_type, names_and_types
from experiments.features.levels import can_be_flags, factorize_levels, level_text
from experiments.features.partition import FineBins, Limits, best_partition, most_informative_partition
from experiments.features.weighing import weigh

__all__ = ["BinningProcess"]

Objective = Literal["likelihood", "information"]
SpecialValues = Mapping[str, Sequence[Any] | Mapping[str, Sequence[Any]]]


def settings_as_called_now(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored settings; what is maximised was once told by the name of the solver that did it."""
    settings = dict(stored)
    if "solver" in settings:
        settings["objective"] = "information" if settings.pop("solver") == "optbinning" else "likelihood"
    return settings


class BinningProcess:
    """Bin every column of a table against a 0/1 target.

    Fine bins (quantiles, or levels ordered by event rate) are joined by an exact search for the partition of the
    highest likelihood under the limits. Empty cells and each special value have bins of their own; one that is too
    small takes the WOE of the bin with the nearest event rate when the two do not differ (p > 0.1), else keeps its own
    WOE if it is pure, else is neutral.

    Parameters
    ----------
    max_bins, min_share, min_events : most final bins; least share of rows and least events (and non-events) of a bin.
    min_side_share : least share of rows of a missing or special bin.
    fine_bins : fine bins a number is first cut into.
    price_per_bin : log-likelihood each further bin must gain.
    price_of_turn : log-likelihood a U-shape must gain over a monotone trend.
    max_levels : levels of a category considered one by one; rarer ones are pooled.
    objective : ``likelihood``, or ``information`` to look then for the most information value in as many bins.

    References
    ----------
    Navas-Palencia, G. (2020). Optimal binning: mathematical programming formulation. arXiv:2001.08025.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> frame = pd.DataFrame({"age": np.arange(400) // 100})
    >>> y = np.where(frame["age"] == 0, np.arange(400) % 2, np.arange(400) % 5 == 0)
    >>> BinningProcess().fit(frame, y).bins_["age"].edges
    [1.0]
    """

    def __init__(
        self,
        *,
        max_bins: int = 8,
        min_share: float = 0.05,
        min_side_share: float = 0.02,
        min_events: int = 10,
        fine_bins: int = 50,
        price_per_bin: float = 0.5,
        price_of_turn: float = 4.0,
        max_levels: int = 100,
        objective: Objective = "likelihood",
    ) -> None:
        self.max_bins = max_bins
        self.min_share = min_share
        self.min_side_share = min_side_share
        self.min_events = min_events
        self.fine_bins = fine_bins
        self.price_per_bin = price_per_bin
        self.price_of_turn = price_of_turn
        self.max_levels = max_levels
        self.objective = objective

    def fit(
        self,
        frame: pd.DataFrame,
        y: np.ndarray,
        *,
        weight: np.ndarray | None = None,
        monotone: Mapping[str, int] | None = None,
        special_values: SpecialValues | None = None,
        columns: Iterable[Any] | Mapping[str, str | None] | None = None,
        trends: Mapping[str, str] | None = None,
        pulse: Callable[[], None] = lambda: None,
    ) -> Self:
        """Learn the bins.

        Parameters
        ----------
        frame : table of shape (rows, columns).
        y : 0/1 of shape (rows,); rows where it is NaN are left out.
        weight : at least 0, of shape (rows,).
        monotone : ``{column: 1 or -1}``, the direction the event rate must take.
        special_values : ``{column: {meaning: values}}`` or ``{column: values}``; each meaning (or value) gets a bin.
        columns : names, ``{name: type}`` or objects with ``name`` and ``type``; all columns when not given.
        trends : ``{column: trend}``, one of ``partition.TRENDS``; ``auto`` when not given.
        pulse : called before each column; whatever it raises ends the fit.
        """
        target = np.asarray(y, dtype=float)
        is_labelled = ~np.isnan(target)
        weights = np.ones(len(target)) if weight is None else np.asarray(weight, dtype=float)
        sample = _Sample(target[is_labelled], weights[is_labelled])
        rows = frame if is_labelled.all() else frame[is_labelled]
        wanted_trends = {**(trends or {}), **{name: _MONOTONE_TRENDS[sign] for name, sign in (monotone or {}).items()}}
        specials = special_values or {}
        self.bins_ = {}
        for name, kind in names_and_types(frame.columns if columns is None else columns):
            pulse()
            series = rows[name]
            column = self._fit_column(series, kind or infer_type(series), sample, wanted_trends, specials.get(name, {}))
            self.bins_[name] = self._weigh(column, column.assign(series), sample)
        return self

    def transform(self, frame: pd.DataFrame, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return the WOE matrix, a column for each binned column (or each of ``columns``)."""
        return self.transform_and_count(frame, columns)[0]

    def transform_and_count(
        self, frame: pd.DataFrame, columns: Sequence[str] | None = None
    ) -> tuple[pd.DataFrame, CoverReport]:
        """Return the WOE matrix and how well ``frame`` covers what training saw."""
        names = list(self.bins_ if columns is None else columns)
        cover = CoverReport(rows=len(frame), extra_columns=[str(c) for c in frame.columns if c not in self.bins_])
        matrix = np.empty((len(frame), len(names)), order="F")
        for position, name in enumerate(names):
            index = _assign_counted(self.bins_[name], frame, cover)
            matrix[:, position] = self.bins_[name].woe_table()[index]
        return pd.DataFrame(matrix, columns=names, index=frame.index, copy=False), cover

    @property
    def settings(self) -> dict[str, Any]:
        """What ``__init__`` was given."""
        return {name: value for name, value in vars(self).items() if not name.endswith("_")}

    def to_dict(self) -> dict[str, Any]:
        """Return the process as JSON-ready plain data."""
        return {"settings": self.settings, "columns": [column.to_dict() for column in self.bins_.values()]}

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "BinningProcess":
        """Build a process from what ``to_dict`` gave."""
        process = cls(**settings_as_called_now(plain["settings"]))
        process.bins_ = {column["name"]: BinnedColumn.from_dict(column) for column in plain["columns"]}
        return process

    def _fit_column(
        self, series: pd.Series, kind: str, sample: "_Sample", trends: Mapping[str, str], special: Any
    ) -> BinnedColumn:
        name = str(series.name)
        if kind == "boolean" and not can_be_flags(series):
            kind = "categorical"
        if kind not in READERS:
            return BinnedColumn(name, kind, "ascending", self._level_bins(series, sample, special))
        values, _ = READERS[kind](series)
        side_bins = _special_bins(kind, values, special)
        is_regular = ~np.isnan(values) & ~np.isin(values, [float(x) for bin_ in side_bins for x in bin_.levels])
        ranges, trend = self._ranges(values[is_regular], sample.of(is_regular), trends.get(name, "auto"))
        if np.isnan(values).any():
            side_bins.append(Bin("missing"))
        return BinnedColumn(name, kind, trend, ranges + side_bins)

    def _ranges(self, values: np.ndarray, sample: "_Sample", trend: str) -> tuple[list[Bin], str]:
        if values.size == 0:
            return [], "none"
        # Fewer than ten rows a fine bin only follow noise.
        fine_edges = _fine_edges(values, int(np.clip(values.size // 10, 10, self.fine_bins)))
        fine = sample.count(np.searchsorted(fine_edges, values, side="right"), len(fine_edges) + 1)
        starts, found = self._partition(fine, trend, self._limits(sample))
        edges = [None, *(float(fine_edges[start - 1]) for start in starts[1:]), None]
        return [Bin("range", low=low, high=high) for low, high in itertools.pairwise(edges)], found

    def _level_bins(self, series: pd.Series, sample: "_Sample", special: Any) -> list[Bin]:
        codes, levels = factorize_levels(series)
        side_bins = _special_level_bins(levels, special)
        taken = {level for bin_ in side_bins for level in bin_.levels}
        groups, rare = self._level_groups(codes, levels, taken, sample)
        group_of = np.full(len(levels) + 1, -1)
        for index, group in enumerate(groups):
            group_of[group] = index
        which = group_of[codes]
        bins = []
        if groups:
            fine = sample.of(which >= 0).count(which[which >= 0], len(groups))
            starts, _ = self._partition(fine, "ascending", self._limits(sample.of(which >= 0)))
            ends = [*starts[1:], len(groups)]
            for start, end in zip(starts, ends, strict=True):
                members = [code for group in groups[start:end] for code in group]
                bins.append(Bin("levels", levels=sorted(levels[code] for code in members)))
                if rare and rare[0] in members:
                    # New levels at scoring are treated like the rare ones of training.
                    bins[-1].kind = "other"
        if (codes < 0).any():
            side_bins.append(Bin("missing"))
        return bins + side_bins

    def _level_groups(
        self, codes: np.ndarray, levels: list[str], taken: set[str], sample: "_Sample"
    ) -> tuple[list[list[int]], list[int]]:
        """Return groups of level codes in order of event rate (rare levels are one group), and the rare codes."""
        counts = sample.of(codes >= 0).count(codes[codes >= 0], len(levels))
        usable = [code for code, level in enumerate(levels) if level not in taken]
        usable.sort(key=lambda code: (-counts.rows[code], levels[code]))
        least = max(2.0, 0.005 * len(codes))
        frequent = [code for code in usable if counts.rows[code] >= least][: self.max_levels]
        rare = sorted(set(usable) - set(frequent))
        groups = [[code] for code in frequent] + ([rare] if rare else [])
        totals = counts.events + counts.non_events
        prior = counts.events.sum() / max(totals.sum(), 1e-12)
        # A little shrinkage keeps tiny levels from the ends of the order.
        rates = [(counts.events[g].sum() + 5 * prior) / (totals[g].sum() + 5) for g in groups]
        return [groups[index] for index in np.argsort(rates, kind="stable")], rare

    def _partition(self, fine: FineBins, trend: str, limits: Limits) -> tuple[list[int], str]:
        starts, found = best_partition(fine, trend, limits)
        if self.objective == "information":
            starts = most_informative_partition(fine, starts, found, limits)
        return starts, found

    def _limits(self, sample: "_Sample") -> Limits:
        # Tiny samples cannot fill ten events a bin; a tenth of the scarcer class still allows some bins.
        scarcer = min(sample.y.sum(), len(sample.y) - sample.y.sum())
        least_events = max(1.0, min(self.min_events, scarcer / 10))
        return Limits(
            self.max_bins, self.min_share * len(sample.y), least_events, self.price_per_bin, self.price_of_turn
        )

    def _weigh(self, column: BinnedColumn, index: np.ndarray, sample: "_Sample") -> BinnedColumn:
        counts = sample.of(index >= 0).count(index[index >= 0], len(column.bins), weights_as_given=True)
        weigh(column, counts)
        for position, bin_ in enumerate(column.bins):
            if bin_.kind in ("missing", "special") and self._is_too_small(counts, position):
                _settle_small_bin(column.bins, position, counts)
        return column

    def _is_too_small(self, counts: FineBins, position: int) -> bool:
        rows, events = counts.rows[position], counts.raw_events[position]
        return bool(rows < self.min_side_share * counts.rows.sum() or events < self.min_events)


_MONOTONE_TRENDS = {1: "ascending", -1: "descending", 0: "auto"}


@dataclass(frozen=True)
class _Sample:
    y: np.ndarray
    weight: np.ndarray

    def of(self, mask: np.ndarray) -> "_Sample":
        return self if mask.all() else _Sample(self.y[mask], self.weight[mask])

    def count(self, index: np.ndarray, bin_count: int, weights_as_given: bool = False) -> FineBins:
        # The search compares likelihoods with prices per bin, so its weights must average one.
        mean = 1.0 if weights_as_given else (self.weight.mean() if self.weight.size else 1.0) or 1.0
        rows = np.bincount(index, minlength=bin_count)
        raw_events = np.bincount(index, weights=self.y, minlength=bin_count)
        totals = np.bincount(index, weights=self.weight, minlength=bin_count) / mean
        events = np.bincount(index, weights=self.weight * self.y, minlength=bin_count) / mean
        return FineBins(rows, raw_events, events, np.maximum(totals - events, 0.0))


def _fine_edges(values: np.ndarray, fine_bins: int) -> np.ndarray:
    """Return the first values of all fine bins but the lowest: the distinct values, or quantiles of many."""
    distinct = np.unique(values)
    if distinct.size > fine_bins:
        levels = np.linspace(0, 1, fine_bins + 1)[1:-1]
        distinct = np.unique(np.concatenate([distinct[:1], np.quantile(values, levels, method="higher")]))
    return distinct[1:]


def _special_bins(kind: str, values: np.ndarray, special: Any) -> list[Bin]:
    bins = []
    for name, wanted in _special_groups(special):
        numbers, _ = READERS[kind](pd.Series(list(wanted), dtype=object))
        found = numbers[np.isin(numbers, values)]
        if found.size:
            bins.append(Bin("special", levels=[repr(float(number)) for number in found], name=name))
    return bins


def _special_level_bins(levels: list[str], special: Any) -> list[Bin]:
    wanted = [(name, [text for text in map(level_text, values) if text]) for name, values in _special_groups(special)]
    return [Bin("special", levels=texts, name=name) for name, texts in wanted if set(texts) & set(levels)]


def _special_groups(special: Any) -> list[tuple[str, Sequence[Any]]]:
    if isinstance(special, Mapping):
        return list(special.items())
    return [(level_text(value) or "", [value]) for value in special]


def _settle_small_bin(bins: list[Bin], position: int, counts: FineBins) -> None:
    """Give a missing or special bin that is too small a WOE that its few rows can bear."""
    from scipy import stats

    small = bins[position]
    regular = [index for index, bin_ in enumerate(bins) if bin_.kind in ("range", "levels", "other") and bin_.rows]
    if not regular:
        small.flag, small.woe = "neutral", 0.0
        return
    nearest = min(regular, key=lambda index: (abs(bins[index].event_rate - small.event_rate), index))
    raw = [(counts.raw_events[i], counts.rows[i] - counts.raw_events[i]) for i in (position, nearest)]
    if stats.fisher_exact(np.array(raw, dtype=int)).pvalue > 0.1:
        small.flag, small.joined_to, small.woe = "joined", nearest, bins[nearest].woe
    elif raw[0][0] > 0 and raw[0][1] > 0:
        small.flag, small.woe = "neutral", 0.0


def _assign_counted(column: BinnedColumn, frame: pd.DataFrame, cover: CoverReport) -> np.ndarray:
    if column.name not in frame.columns:
        cover.missing_columns.append(column.name)
        cover.empty_cells[column.name] = len(frame)
        cell = pd.Series([np.nan], dtype=float) if column.is_ordered else pd.Series([None], dtype=object)
        index = np.repeat(column.assign(cell), len(frame))
    else:
        index, unreadable = column.assign_and_count(frame[column.name])
        _count_cells(column, frame[column.name], unreadable, cover)
    unknown = int((index < 0).sum())
    if unknown:
        cover.neutral_cells[column.name] = unknown
    return index


def _count_cells(column: BinnedColumn, series: pd.Series, unreadable: int, cover: CoverReport) -> None:
    empty = int(series.isna().sum()) + unreadable
    if column.is_ordered:
        if unreadable:
            cover.unreadable_cells[column.name] = unreadable
    else:
        codes, levels = factorize_levels(series)
        empty = int((codes < 0).sum())
        known = {level for bin_ in column.bins for level in bin_.levels}
        cover.count_unseen(column.name, codes, levels=levels, known=known)
    if empty:
        cover.empty_cells[column.name] = empty
