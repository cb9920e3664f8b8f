"""Measures what one column alone says about the target: AUC, information value, and values that settle the answer."""

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from experiments.features.woe import information_value, iv_noise_floor

__all__ = ["single_feature_power"]

ROWS_LOOKED_AT = 200_000
LEAST_ROWS = 20_000
CELLS = 60_000_000
RARE_SHARE = 0.1
BINS = 20
# A level with fewer rows says nothing for itself and counts among the others.
ROWS_A_LEVEL, MOST_LEVELS, MOST_LEVELS_OF_FEW_ROWS = 30, 1_000, 50
PRIOR_ROWS = 20
SEED = 20

Power = tuple[float | None, float | None]


@dataclass(frozen=True)
class Bins:
    """A column cut into bins: the bin of each row, and rows with and without the event in each.

    Attributes
    ----------
    names : what to call each bin: a level, ``from … to …`` as two numbers, or ``None`` for missing.
    """

    codes: np.ndarray
    events: np.ndarray
    non_events: np.ndarray
    names: list[Any]


def single_feature_power(frame: pd.DataFrame, y: np.ndarray) -> dict[str, Power]:
    """Return each column's ``(AUC, information value)`` alone against the target.

    The AUC does not mind direction or shape (0.5 to 1): the better of the ranking by value and the ranking by the
    event rate of bins, learnt on one half of the rows and judged on the other. The information value is that of at
    most 20 bins, or of every level of at least 30 rows, and one for missing, less what pure noise would reach. Large
    tables are sampled to 200,000 rows. A column without two values has no power: ``(None, None)``.

    Parameters
    ----------
    y : 1, 0 or NaN (left out), one value a row.

    Returns
    -------
    dict
        ``{column: (AUC, information value)}``.

    Examples
    --------
    >>> frame = pd.DataFrame({"good": np.arange(400), "none": np.arange(400) % 2})
    >>> power = single_feature_power(frame, (np.arange(400) >= 200).astype(float))
    >>> round(power["good"][0], 2), round(power["none"][0], 2)
    (1.0, 0.5)
    """
    rows = rows_looked_at(y, frame.shape[1])
    part, answers = frame.iloc[rows], y[rows]
    return {str(name): column_power(part[name], answers) for name in part.columns}


def rows_looked_at(y: np.ndarray, column_count: int) -> np.ndarray:
    """Return positions of the rows that single columns are judged on: up to 200,000, fewer where a table is wide."""
    return sample_rows(y, int(np.clip(CELLS // max(1, column_count), LEAST_ROWS, ROWS_LOOKED_AT)))


def sample_rows(y: np.ndarray, limit: int) -> np.ndarray:
    """Return positions of labelled rows, in order: all of them, or a random sample of ``limit``.

    A sample holds events and others in their shares, but the rarer of them makes up a tenth of it where there are
    enough: AUC, KS and information value do not mind, and are far surer.
    """
    labelled = np.flatnonzero(~np.isnan(y))
    if len(labelled) <= limit:
        return labelled
    classes = sorted((labelled[y[labelled] == answer] for answer in (0, 1)), key=len)
    share = max(RARE_SHARE, len(classes[0]) / len(labelled))
    rarer = min(len(classes[0]), round(share * limit))
    random = np.random.default_rng(SEED)
    drawn = [
        random.choice(rows, size, replace=False) for rows, size in zip(classes, (rarer, limit - rarer), strict=True)
    ]
    return np.sort(np.concatenate(drawn))


def column_power(series: pd.Series, y: np.ndarray, bins: Bins | None = None) -> Power:
    """Return one column's AUC and information value; every row must be labelled. ``bins`` saves cutting it again."""
    bins = bins or cut(series, y)
    if len(bins.names) < 2:
        return None, None
    auc = cross_fitted_auc(bins, y)
    if is_ordered(series):
        ranked = ranking_auc(as_numbers(series), y)
        auc = max(auc, ranked, 1 - ranked)
    floor = iv_noise_floor(len(bins.names), float(y.sum()), non_events=float(len(y) - y.sum()))
    return auc, max(0.0, information_value(bins.events, bins.non_events) - floor)


def is_ordered(series: pd.Series) -> bool:
    """Return whether values have an order: numbers and dates have, words have not."""
    return pd.api.types.is_numeric_dtype(series) or pd.api.types.is_datetime64_any_dtype(series)


def as_numbers(series: pd.Series) -> np.ndarray:
    """Return numbers or dates as floats, missing and infinite as NaN."""
    if pd.api.types.is_datetime64_any_dtype(series):
        days = (series - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)
        return days.to_numpy(dtype=float)
    numbers = series.to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def cut(series: pd.Series, y: np.ndarray) -> Bins:
    """Cut a column into quantile bins or levels, with a bin of its own for missing."""
    codes, names = _cut_numbers(as_numbers(series)) if is_ordered(series) else _cut_words(series)
    missing = codes < 0
    if missing.any():
        codes = np.where(missing, len(names), codes)
        names = [*names, None]
    events = np.bincount(codes, weights=y, minlength=len(names))
    sizes = np.bincount(codes, minlength=len(names))
    return Bins(codes, events, sizes - events, names)


def _cut_numbers(numbers: np.ndarray) -> tuple[np.ndarray, list[Any]]:
    present = numbers[~np.isnan(numbers)]
    distinct = np.unique(present)
    if len(distinct) <= BINS:
        codes = np.searchsorted(distinct, numbers)
        return np.where(np.isnan(numbers), -1, codes), distinct.tolist()
    edges = np.unique(np.quantile(present, np.linspace(0, 1, BINS + 1)[1:-1]))
    codes = np.where(np.isnan(numbers), -1, np.searchsorted(edges, numbers, side="right"))
    bounds = [float(distinct[0]), *edges.tolist(), float(distinct[-1])]
    names = list(itertools.pairwise(bounds))
    return _without_gaps(codes, names)


def _without_gaps(codes: np.ndarray, names: list[Any]) -> tuple[np.ndarray, list[Any]]:
    used = np.unique(codes[codes >= 0])
    renumbered = np.full(len(names), -1)
    renumbered[used] = np.arange(len(used))
    return np.where(codes >= 0, renumbered[codes], -1), [names[code] for code in used]


def _cut_words(series: pd.Series) -> tuple[np.ndarray, list[Any]]:
    codes, levels = pd.factorize(series)
    names = [str(level) for level in levels]
    sizes = np.bincount(codes[codes >= 0], minlength=len(names))
    kept = levels_that_count(sizes)
    if len(kept) == len(names):
        return codes, names
    new = np.full(len(names), len(kept))
    new[kept] = np.arange(len(kept))
    return np.where(codes >= 0, new[codes], -1), [*(names[level] for level in kept), "…"]


def levels_that_count(sizes: np.ndarray) -> np.ndarray:
    """Return the places of levels that are looked at each for itself, the most frequent first.

    Examples
    --------
    >>> levels_that_count(np.array([40, 3, 900])).tolist()
    [2, 0]
    >>> levels_that_count(np.array([5, 6])).tolist()
    [1, 0]
    """
    by_size = np.argsort(-sizes, kind="stable")
    kept = by_size[sizes[by_size] >= ROWS_A_LEVEL][:MOST_LEVELS]
    # A small table of few levels has none of so many rows: its levels are all there is.
    return kept if len(kept) > 1 or len(sizes) > MOST_LEVELS_OF_FEW_ROWS else by_size


def cross_fitted_auc(bins: Bins, y: np.ndarray) -> float:
    """AUC of the bins' event rates, learnt on one half of the rows, judged on the other, both ways."""
    half = np.random.default_rng(SEED).random(len(y)) < 0.5
    total = np.mean(y)
    results = []
    for learn in (half, ~half):
        events, others = _count(bins, y, learn)
        rate = (events + PRIOR_ROWS * total) / (events + others + PRIOR_ROWS)
        events, others = _count(bins, y, ~learn)
        results.append(auc_of_groups(rate, events, others))
    return float(np.mean(results))


def _count(bins: Bins, y: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    size = len(bins.names)
    events = np.bincount(bins.codes[rows], weights=y[rows], minlength=size)
    return events, np.bincount(bins.codes[rows], minlength=size) - events


def auc_of_groups(score: np.ndarray, events: np.ndarray, others: np.ndarray) -> float:
    """AUC where all rows of a group share a score; ties count half. 0.5 where a class is missing."""
    order = np.argsort(score, kind="stable")
    score, events, others = score[order], events[order], others[order]
    first = np.concatenate(([True], score[1:] != score[:-1]))
    group = np.cumsum(first) - 1
    events, others = np.bincount(group, weights=events), np.bincount(group, weights=others)
    pairs = events.sum() * others.sum()
    if pairs == 0:
        return 0.5
    below = np.cumsum(others) - others
    return float((events * (below + others / 2)).sum() / pairs)


def ranking_auc(numbers: np.ndarray, y: np.ndarray) -> float:
    """AUC of a column's own values as the score, over the rows that have one; ties count half."""
    present = ~np.isnan(numbers)
    answers = y[present]
    events = answers.sum()
    others = len(answers) - events
    if events == 0 or others == 0:
        return 0.5
    ranks = rankdata(numbers[present])
    auc = (ranks[answers == 1].sum() - events * (events + 1) / 2) / (events * others)
    # Rows without a value can be ranked neither way: they count as a coin toss.
    share = events * others / max(1.0, y.sum() * (len(y) - y.sum()))
    return float(0.5 + (auc - 0.5) * share)
