"""Sets every column against the target over all rows, part by part: rates by bin, power alone, PSI by month."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow.parquet as pq

from experiments.data.parsing import as_texts
from experiments.data.parts import parts_of
from experiments.data.schema import ColumnSchema, read_schema
from experiments.data.target import read_target
from experiments.evaluation.psi import psi, psi_limit
from experiments.evaluation.reliability import jeffreys_interval
from experiments.features.single_feature import MOST_LEVELS, PRIOR_ROWS, auc_of_groups, levels_that_count
from experiments.features.woe import information_value, iv_noise_floor
from experiments.meant import refuse_column

ROWS_AT_ONCE = 500_000
CELLS_AT_ONCE = 8_000_000
COLUMNS_AT_ONCE = 200
WORKERS = 2
GROUPS_LOOKED_AT = 8
ROWS_LOOKED_AT = 200_000
CELLS = 256
BINS = 10
HISTOGRAM_BINS = 20
MOST_PERIODS = 36
MOST_TARGET_VALUES = 1_000
BASELINE_SHARE = 0.2
US_A_DAY = 86_400_000_000.0
UNLABELLED, STATES = 2, 3
HALVES = 2


@dataclass(frozen=True)
class _Rows:
    """What is known of every row: 0, 1 or unlabelled; its period (−1 for none); and its half of the cross-fit."""

    answers: np.ndarray
    periods: np.ndarray
    period_names: tuple[str, ...]
    halves: np.ndarray


def profile_by_target(
    parquet: Path,
    target: str,
    event: str,
    *,
    time_column: str | None = None,
    columns: Sequence[str] | None = None,
    special_values: Mapping[str, Sequence[float | str]] | None = None,
    on_progress: Callable[[float], None] = lambda fraction: None,
) -> dict[str, Any]:
    """Set each column of an ingested table against the target.

    All counts are over all rows. Where a column is cut is read from up to 200,000 rows spread over the file: up to
    ten bins of about equal size, a level each for up to nine words, and bins of their own for missing and for each
    special value. Memory holds a few bytes a row and a few columns of half a million rows, whatever the size.

    Parameters
    ----------
    target, event : the column and its value, as text, that counts as the event; other values count as none, a missing
        one leaves the row out of the rates (not out of the PSI).
    time_column : a date column; the PSI compares each month (quarter or year where there are more than 36) with the
        first ones, which hold a fifth of the rows at least.
    columns : those to look at; all but target and time column when ``None``.
    special_values : values that get a bin of their own, by column.

    Returns
    -------
    dict
        JSON-ready: ``rows``, ``labelled``, ``events``, ``rate``, ``periods`` (name, rows, events, is_baseline), and
        ``columns``, each with ``bins`` (rows, events, rate and its 95 % Jeffreys interval), ``iv`` above its noise
        floor ``iv_floor``, ``auc`` alone (0.5 to 1, direction does not count), ``rises`` (whether high values have
        more events, ``None`` for words), ``histogram`` (events and others), ``psi`` and ``psi_limit`` a period.

    Raises
    ------
    BadInput : a column that is not there, a target with more than two values or without the event.
    """
    schema = {column.name: column for column in read_schema(parquet)}
    for name in (target, *(columns or ()), *([time_column] if time_column else [])):
        if name not in schema:
            refuse_column(name, list(schema))
    wanted = [schema[name] for name in columns or schema if columns or name not in (target, time_column)]
    with pq.ParquetFile(parquet) as table, ThreadPoolExecutor(WORKERS) as pool:
        rows = _read_rows(table, target, event, time_column)
        baseline = _baseline(rows)
        found: list[dict[str, Any]] = []
        for block in _blocks(wanted, len(rows.answers)):
            counters = _counters(table, block, special_values or {}, rows)
            for start, frame in _parts(table, [column.name for column in block]):
                list(pool.map(lambda counter, frame=frame, start=start: counter.add(frame, start), counters))
            found += [counter.finish(baseline) for counter in counters]
            on_progress(len(found) / max(1, len(wanted)))
    return {**_totals(rows, baseline), "target": target, "event": event, "columns": found}


def _blocks(columns: Sequence[ColumnSchema], rows: int) -> Iterator[Sequence[ColumnSchema]]:
    size = max(1, min(COLUMNS_AT_ONCE, CELLS_AT_ONCE // max(1, min(rows, ROWS_AT_ONCE))))
    for start in range(0, len(columns), size):
        yield columns[start : start + size]


def _parts(table: pq.ParquetFile, columns: Sequence[str]) -> Iterator[tuple[int, pl.DataFrame]]:
    start = 0
    for part in parts_of(table, list(dict.fromkeys(columns)), rows=ROWS_AT_ONCE):
        yield start, pl.DataFrame(part)
        start += part.num_rows


def _read_rows(table: pq.ParquetFile, target: str, event: str, time_column: str | None) -> _Rows:
    answers, days = [], []
    spelled: dict[Any, int] = {}
    for _, frame in _parts(table, [target, *([time_column] if time_column else [])]):
        texts = as_texts(frame[target])
        for text in texts.drop_nulls().unique().to_list():
            spelled.setdefault(text, len(spelled))
        if len(spelled) > MOST_TARGET_VALUES:
            break
        codes = texts.replace_strict(spelled, default=None, return_dtype=pl.Int16) if spelled else None
        answers.append(np.full(frame.height, -1) if codes is None else codes.fill_null(-1).to_numpy())
        if time_column and frame[time_column].dtype == pl.Datetime:
            days.append(frame[time_column].dt.date())
    words = list(spelled)
    answers_of_words, _ = read_target(pd.Series(words, name=target, dtype=object), event)
    is_event = np.append(answers_of_words == 1, False)
    codes_of_all = np.concatenate(answers)
    states = np.where(codes_of_all < 0, UNLABELLED, is_event[codes_of_all]).astype(np.int8)
    periods, names = _periods(pl.concat(days)) if days else (np.full(len(states), -1, dtype=np.int16), ())
    return _Rows(states, periods, names, _halves(len(states)))


def _halves(rows: int) -> np.ndarray:
    """Assign each row to one of two halves, as good as by chance and always alike."""
    mixed = np.arange(rows, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return ((mixed >> np.uint64(63)) & np.uint64(1)).astype(np.int8)


def _periods(days: pl.Series) -> tuple[np.ndarray, tuple[str, ...]]:
    for every in ("1mo", "1q", "1y"):
        starts = days.dt.truncate(every)
        different = starts.drop_nulls().unique().sort()
        if len(different) <= MOST_PERIODS:
            break
    names = tuple(_period_name(start, every) for start in different)
    numbers = starts.replace_strict(different, pl.Series(range(len(different))), default=-1, return_dtype=pl.Int16)
    return numbers.fill_null(-1).to_numpy(), names


def _period_name(start: Any, every: str) -> str:
    if every == "1q":
        return f"{start.year}-Q{(start.month + 2) // 3}"
    return f"{start.year}" if every == "1y" else f"{start.year}-{start.month:02d}"


def _baseline(rows: _Rows) -> np.ndarray:
    """Tell which periods, from the first on, hold a fifth of the dated rows."""
    sizes = np.bincount(rows.periods[rows.periods >= 0], minlength=len(rows.period_names))
    before = np.cumsum(sizes) - sizes
    return before < BASELINE_SHARE * sizes.sum()


def _totals(rows: _Rows, baseline: np.ndarray) -> dict[str, Any]:
    labelled, events = int((rows.answers != UNLABELLED).sum()), int((rows.answers == 1).sum())
    count = len(rows.period_names)
    sizes = np.bincount(rows.periods + 1, minlength=count + 1)[1:]
    happened = np.bincount(rows.periods[rows.answers == 1] + 1, minlength=count + 1)[1:]
    periods = [
        {"name": name, "rows": int(size), "events": int(number), "is_baseline": bool(first)}
        for name, size, number, first in zip(rows.period_names, sizes, happened, baseline, strict=True)
    ]
    return {
        "rows": len(rows.answers),
        "labelled": labelled,
        "events": events,
        "rate": events / labelled if labelled else None,
        "periods": periods,
    }


def _counters(
    table: pq.ParquetFile,
    block: Sequence[ColumnSchema],
    special_values: Mapping[str, Sequence[float | str]],
    rows: _Rows,
) -> list["_Counter"]:
    groups = np.unique(np.linspace(0, table.num_row_groups - 1, GROUPS_LOOKED_AT).astype(int)).tolist()
    looked_at = pl.DataFrame(table.read_row_groups(groups, columns=[column.name for column in block]))
    sample = looked_at.gather_every(max(1, looked_at.height // ROWS_LOOKED_AT))
    return [
        (_NumberCounter if column.type in ("numeric", "date") else _WordCounter)(
            column, sample[column.name], special_values.get(column.name, ()), rows
        )
        for column in block
    ]


class _Counter:
    """Counts one column's cells against answers, halves and periods; a few hundred cells make up to ten bins.

    The cells of ordinary values come first, then one for each special value, then that for missing.
    """

    ordinary: int
    specials: tuple[float | str, ...]

    def __init__(self, column: ColumnSchema, rows: _Rows) -> None:
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
            # A single period, or none, has nothing to be compared with.
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
            limit = psi_limit(float(expected.sum()), float(actual.sum()), len(used)) if len(used) > 1 else 0.0
            shifts.append(_rounded(psi(expected, actual)))
            limits.append(_rounded(limit))
        return {"psi": shifts, "psi_limit": limits}


class _NumberCounter(_Counter):
    """Counts numbers or dates in a few hundred cells of about equal size."""

    def __init__(self, column: ColumnSchema, sample: pl.Series, specials: Sequence[float | str], rows: _Rows) -> None:
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
        # Rows without a value can be ranked neither way: they count as a coin toss.
        share = events.sum() * others.sum() / max(1.0, total[1] * total[0])
        ranked = 0.5 + (auc - 0.5) * share
        edges = [self._shown(self.low + place * self.width) for place in range(HISTOGRAM_BINS + 1)]
        histogram = (
            {"edges": edges, "events": self.histogram[:, 1].tolist(), "others": self.histogram[:, 0].tolist()}
            if self.width > 0
            else {}
        )
        return {"ranked": max(ranked, 1 - ranked), "rises": bool(auc >= 0.5), "histogram": histogram}


class _WordCounter(_Counter):
    """Counts words: a cell for each of the most frequent, one for all others.

    A page shows ten bins; how strong the column is, every level of enough rows tells for itself.
    """

    def __init__(self, column: ColumnSchema, sample: pl.Series, specials: Sequence[float | str], rows: _Rows) -> None:
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
    floor = iv_noise_floor(len(events), all_events, all_others)
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
