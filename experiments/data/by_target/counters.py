"""Counts one column's cells against the target and the periods: event rates by bin, power alone, PSI by month."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from experiments.data.by_target.rows import HALVES, STATES, TargetRows
from experiments.data.schema import ColumnSchema
from experiments.evaluation.psi import psi, psi_limit
from experiments.evaluation.reliability import jeffreys_interval
from experiments.features.single_feature import MOST_LEVELS, PRIOR_ROWS, auc_of_groups, levels_that_count
from experiments.features.woe import information_value, iv_noise_floor

CELLS = 256
BINS = 10
HISTOGRAM_BINS = 20
US_A_DAY = 86_400_000_000.0


class ColumnCounter:
    """Counts one column's cells against answers, halves and periods; a few hundred cells make up to ten bins.

    The cells of ordinary values come first, then one for each special value, then that for missing.
    """

    ordinary: int
    specials: tuple[float | str, ...]

    def __init__(self, column: ColumnSchema, rows: TargetRows) -> None:
        self.column = column
        self.rows = rows

    def _start(self, ordinary: int, specials: Sequence[float | str]) -> None:
        self.ordinary, self.specials = ordinary, tuple(specials)
        self.cells = ordinary + len(self.specials) + 1
        self.counts = np.zeros((self.cells, HALVES, STATES), dtype=np.int64)
        self.by_period = np.zeros((len(self.rows.period_names) + 1, self.cells), dtype=np.int64)

    def add(self, frame: pl.DataFrame, start: int) -> None:
        """Count a part of the rows, the first of which stands at ``start``."""
        part = slice(start, start + frame.height)
        answers = self.rows.answers[part]
        cells = self._cells_of(frame[self.column.name], answers)
        joint = (cells * HALVES + self.rows.halves[part]) * STATES + answers
        self.counts += np.bincount(joint, minlength=self.counts.size).reshape(self.counts.shape)
        if self.rows.period_names:
            joint = (self.rows.periods[part].astype(np.int64) + 1) * self.cells + cells
            self.by_period += np.bincount(joint, minlength=self.by_period.size).reshape(self.by_period.shape)

    def _cells_of(self, values: pl.Series, answers: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def _bins_of_cells(self, sizes: np.ndarray) -> np.ndarray:
        """Return the bin of each ordinary cell."""
        raise NotImplementedError

    def _bin_names(self, bins: np.ndarray, count: int) -> list[dict[str, Any]]:
        raise NotImplementedError

    def _own_measures(self) -> dict[str, Any]:
        raise NotImplementedError

    def finish(self, baseline: np.ndarray) -> dict[str, Any]:
        """Return the column as JSON-ready plain data."""
        sizes = self.counts.sum(axis=(1, 2))
        bins = self._bins_of_cells(sizes[: self.ordinary])
        count = int(bins.max()) + 1 if len(bins) else 0
        names = self._bin_names(bins, count)
        names += [{"special": value} for value in self.specials] + [{"missing": True}]
        bins = np.concatenate((bins, np.arange(count, count + len(self.specials) + 1))).astype(np.int64)
        joined = np.zeros((len(names), HALVES, STATES), dtype=np.int64)
        np.add.at(joined, bins, self.counts)
        used = np.flatnonzero(joined.sum(axis=(1, 2)))
        joined = joined[used]
        events, others = joined[:, :, 1].sum(axis=1), joined[:, :, 0].sum(axis=1)
        measures = self._own_measures()
        ranked = measures.pop("ranked", 0.5)
        judged = self._judged(joined)
        return {
            "name": self.column.name,
            "type": self.column.type,
            "missing": int(sizes[-1]),
            "bins": [
                {**names[place], **_rate(joined[rank], events[rank], others[rank])} for rank, place in enumerate(used)
            ],
            **_power(judged, ranked),
            **measures,
            **self._psi(bins, len(names), used, baseline),
        }

    def _judged(self, joined: np.ndarray) -> np.ndarray:
        """Return the counts by which a column's strength is judged: those of its bins."""
        return joined

    def _psi(self, bins: np.ndarray, count: int, used: np.ndarray, baseline: np.ndarray) -> dict[str, Any]:
        if baseline.all():
            # With one period or none there is nothing to compare.
            return {"psi": [], "psi_limit": []}
        joined = np.zeros((count, len(baseline)), dtype=np.int64)
        np.add.at(joined, bins, self.by_period[1:].T)
        joined = joined[used]
        expected = joined[:, baseline].sum(axis=1)
        shifts: list[float | None] = []
        limits: list[float | None] = []
        for period, is_baseline in enumerate(baseline):
            actual = joined[:, period]
            if is_baseline or not actual.sum() or not expected.sum():
                shifts.append(None)
                limits.append(None)
                continue
            limit = psi_limit(float(expected.sum()), float(actual.sum()), bins=len(used)) if len(used) > 1 else 0.0
            shifts.append(_rounded(psi(expected, actual)))
            limits.append(_rounded(limit))
        return {"psi": shifts, "psi_limit": limits}


class NumberCounter(ColumnCounter):
    """Counts numbers or dates in a few hundred cells of about equal size."""

    def __init__(
        self, column: ColumnSchema, sample: pl.Series, specials: Sequence[float | str], rows: TargetRows
    ) -> None:
        super().__init__(column, rows)
        self.codes = np.array([self._number(special) for special in specials], dtype=np.float64)
        seen = self._numbers(sample)
        seen = np.sort(seen[~np.isnan(seen) & ~np.isin(seen, self.codes)])
        different = np.unique(seen)
        self.is_counted_by_value = len(different) <= CELLS
        places = np.linspace(0, max(0, len(seen) - 1), min(CELLS, len(seen))).astype(int)
        self.edges = different if self.is_counted_by_value else np.unique(seen[places])
        low, high = (seen[round(share * (len(seen) - 1))] if len(seen) else 0.0 for share in (0.01, 0.99))
        self.low, self.width = low, (high - low) / HISTOGRAM_BINS
        self.lowest, self.highest = np.inf, -np.inf
        self.histogram = np.zeros((HISTOGRAM_BINS, STATES), dtype=np.int64)
        self._start(len(self.edges) + 1, specials)

    def _number(self, value: float | str) -> float:
        if isinstance(value, str):
            return float(np.datetime64(value, "us").astype(np.int64)) / US_A_DAY
        return float(value)

    def _numbers(self, values: pl.Series) -> np.ndarray:
        if values.dtype == pl.Datetime:
            return values.cast(pl.Int64).cast(pl.Float64).to_numpy() / US_A_DAY
        return values.cast(pl.Float64).to_numpy()

    def _cells_of(self, values: pl.Series, answers: np.ndarray) -> np.ndarray:
        numbers = self._numbers(values)
        cells = np.searchsorted(self.edges, numbers, side="right")
        missing = np.isnan(numbers)
        is_ordinary = ~missing
        for place, code in enumerate(self.codes):
            is_code = numbers == code
            cells[is_code] = self.ordinary + place
            is_ordinary &= ~is_code
        cells[missing] = self.cells - 1
        ordinary = numbers[is_ordinary]
        if len(ordinary):
            self.lowest, self.highest = min(self.lowest, ordinary.min()), max(self.highest, ordinary.max())
        if self.width > 0:
            places = np.clip((ordinary - self.low) / self.width, 0, HISTOGRAM_BINS - 1).astype(np.int64)
            joint = places * STATES + answers[is_ordinary]
            self.histogram += np.bincount(joint, minlength=self.histogram.size).reshape(self.histogram.shape)
        return cells

    def _bins_of_cells(self, sizes: np.ndarray) -> np.ndarray:
        used = np.flatnonzero(sizes)
        if len(used) <= BINS:
            middle = np.searchsorted(used, np.arange(len(sizes)), side="left").clip(0, max(0, len(used) - 1))
            return middle
        ends = np.cumsum(sizes)
        rough = np.minimum(BINS - 1, ((ends - sizes / 2) * BINS / ends[-1]).astype(int))
        return np.unique(rough, return_inverse=True)[1]

    def _bin_names(self, bins: np.ndarray, count: int) -> list[dict[str, Any]]:
        names = []
        bounds = np.concatenate(([self.lowest], self.edges, [self.highest]))
        for number in range(count):
            cells = np.flatnonzero(bins == number)
            low, high = bounds[cells[0]], bounds[min(cells[-1] + 1, len(bounds) - 1)]
            names.append({"low": self._shown(max(low, self.lowest)), "high": self._shown(min(high, self.highest))})
        return names

    def _shown(self, number: float) -> Any:
        if not np.isfinite(number):
            return None
        if self.column.type == "date":
            return str(np.datetime64(round(number * US_A_DAY), "us").astype("datetime64[s]")).replace("T00:00:00", "")
        return int(number) if float(number).is_integer() and abs(number) < 1e15 else float(f"{number:.6g}")

    def _own_measures(self) -> dict[str, Any]:
        ordinary = self.counts[: self.ordinary].sum(axis=1)
        events, others = ordinary[:, 1].astype(float), ordinary[:, 0].astype(float)
        auc = auc_of_groups(np.arange(self.ordinary), events, others)
        total = self.counts.sum(axis=(0, 1)).astype(float)
        # Rows without a value cannot be ranked: they count as a coin toss.
        share = events.sum() * others.sum() / max(1.0, total[1] * total[0])
        ranked = 0.5 + (auc - 0.5) * share
        edges = [self._shown(self.low + place * self.width) for place in range(HISTOGRAM_BINS + 1)]
        histogram = (
            {"edges": edges, "events": self.histogram[:, 1].tolist(), "others": self.histogram[:, 0].tolist()}
            if self.width > 0
            else {}
        )
        return {"ranked": max(ranked, 1 - ranked), "rises": bool(auc >= 0.5), "histogram": histogram}


class WordCounter(ColumnCounter):
    """Counts words: a cell for each of the most frequent, one for all others.

    A page shows ten bins, but the column's strength is judged by every level with enough rows.
    """

    def __init__(
        self, column: ColumnSchema, sample: pl.Series, specials: Sequence[float | str], rows: TargetRows
    ) -> None:
        super().__init__(column, rows)
        words = [str(special) for special in specials]
        present = sample.cast(pl.String).drop_nulls()
        tally = present.filter(~present.is_in(words)).alias("word").value_counts(name="n")
        tally = tally.sort(["n", "word"], descending=[True, False]).head(MOST_LEVELS)
        self.levels = tally["word"].to_list()
        self.codes = {word: place for place, word in enumerate([*self.levels, None, *words])}
        self.codes.pop(None)
        self._start(len(self.levels) + 1, words)

    def _cells_of(self, values: pl.Series, answers: np.ndarray) -> np.ndarray:
        texts = values.cast(pl.String)
        rest = len(self.levels)
        if self.codes:
            cells = texts.replace_strict(self.codes, default=rest, return_dtype=pl.Int64)
        else:
            cells = pl.Series([rest], dtype=pl.Int64).new_from_index(0, len(texts))
        return np.where(texts.is_null().to_numpy(), self.cells - 1, cells.fill_null(rest).to_numpy())

    def _bins_of_cells(self, sizes: np.ndarray) -> np.ndarray:
        if len(self.levels) <= BINS and not sizes[-1]:
            return np.arange(len(sizes))
        kept = min(BINS - 1, len(self.levels))
        order = np.argsort(-sizes[:-1], kind="stable")
        bins = np.full(len(sizes), kept)
        bins[order[:kept]] = np.arange(kept)
        return bins

    def _bin_names(self, bins: np.ndarray, count: int) -> list[dict[str, Any]]:
        names: list[dict[str, Any]] = []
        for number in range(count):
            cells = np.flatnonzero(bins == number)
            is_single = len(cells) == 1 and cells[0] < len(self.levels)
            names.append({"level": self.levels[cells[0]]} if is_single else {"other": True})
        return names

    def _judged(self, joined: np.ndarray) -> np.ndarray:
        """Return the counts of every level of enough rows, of the rest together, special values and missing."""
        levels, rest = self.counts[: self.ordinary - 1], self.counts[self.ordinary - 1 : self.ordinary]
        kept = levels_that_count(levels.sum(axis=(1, 2)))
        rare = np.setdiff1d(np.arange(len(levels)), kept)
        together = rest + levels[rare].sum(axis=0, keepdims=True)
        counts = np.concatenate((levels[kept], together, self.counts[self.ordinary :]))
        return counts[counts.sum(axis=(1, 2)) > 0]

    def _own_measures(self) -> dict[str, Any]:
        return {"rises": None, "histogram": {}}


def _rate(counts: np.ndarray, events: int, others: int) -> dict[str, Any]:
    rows = int(events + others)
    found: dict[str, Any] = {"rows": int(counts.sum()), "events": int(events)}
    if not rows:
        return {**found, "rate": None, "rate_low": None, "rate_high": None}
    low, high = jeffreys_interval(float(events), float(rows))
    return {**found, "rate": _rounded(events / rows), "rate_low": _rounded(low), "rate_high": _rounded(high)}


def _power(joined: np.ndarray, ranked: float) -> dict[str, Any]:
    """Return information value above its noise floor, and the AUC of rates learnt on one half, judged on the other."""
    events, others = joined[:, :, 1].sum(axis=1), joined[:, :, 0].sum(axis=1)
    all_events, all_others = float(events.sum()), float(others.sum())
    if len(events) < 2 or not all_events or not all_others:
        return {"iv": None, "iv_floor": None, "auc": None}
    floor = iv_noise_floor(len(events), all_events, non_events=all_others)
    value = information_value(events.astype(float), others.astype(float))
    overall = all_events / (all_events + all_others)
    results = []
    for learn in range(HALVES):
        learnt, judged = joined[:, learn].astype(float), joined[:, 1 - learn].astype(float)
        rates = (learnt[:, 1] + PRIOR_ROWS * overall) / (learnt[:, 0] + learnt[:, 1] + PRIOR_ROWS)
        results.append(auc_of_groups(rates, judged[:, 1], judged[:, 0]))
    auc = max(float(np.mean(results)), ranked)
    return {"iv": _rounded(max(0.0, value - floor)), "iv_floor": _rounded(floor), "auc": _rounded(auc)}


def _rounded(number: float) -> float:
    return float(f"{number:.5g}")
