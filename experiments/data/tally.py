"""Counts a column's values in bounded memory: exactly up to a cap, beyond it by sketches of known error."""

import numpy as np
import polars as pl

# Up to so many different values everything is exact.
EXACT_VALUES = 1_000_000
EXACT_WORDS = 300_000
# Beyond, the most frequent are kept: whatever makes up 1/65,536 of the rows or more is among them.
KEPT_VALUES = 65_536
# A part of the rows is remembered by so many evenly spaced values, so ranks are off by 0.003 % at most.
SUMMARY_POINTS = 20_000
MOST_POINTS = 2_000_000
REGISTER_BITS = 18

Counted = tuple[np.ndarray, np.ndarray]


class DistinctCounter:
    """Estimates how many different values there were, by HyperLogLog; standard error 0.2 %.

    Source: Flajolet et al., HyperLogLog: the analysis of a near-optimal cardinality estimation algorithm, 2007.
    """

    def __init__(self) -> None:
        self._registers = np.zeros(1 << REGISTER_BITS, dtype=np.uint8)

    def add(self, values: pl.Series) -> None:
        """Add values; the same ones again change nothing."""
        hashes = values.hash(seed=20).to_numpy()
        bits = 64 - REGISTER_BITS
        places = (hashes >> np.uint64(bits)).astype(np.int64)
        # 46 bits fit a float exactly; its exponent is the place of the highest bit.
        rest = (hashes & np.uint64((1 << bits) - 1)).astype(np.float64)
        ranks = (bits + 1 - np.frexp(rest)[1]).astype(np.uint8)
        np.maximum.at(self._registers, places, ranks)

    def estimate(self) -> int:
        """Return the estimated number of different values."""
        size = len(self._registers)
        raw = 0.7213 / (1 + 1.079 / size) * size**2 / np.ldexp(1.0, -self._registers.astype(int)).sum()
        empty = int((self._registers == 0).sum())
        return round(size * np.log(size / empty)) if raw < 2.5 * size and empty else round(raw)


class NumberTally:
    """Counts of numbers, in order, with quantiles."""

    def __init__(self) -> None:
        self.rows = 0
        self.is_exact = True
        self.lowest: float = np.inf
        self.highest: float = -np.inf
        self._counted: Counted = (np.array([]), np.array([], dtype=np.int64))
        self._summaries: list[Counted] = []
        self._distinct: DistinctCounter | None = None

    def add(self, ordered: np.ndarray) -> None:
        """Add a part of the rows: its values without missing, sorted."""
        if not len(ordered):
            return
        part = _count_ordered(ordered)
        self.rows += len(ordered)
        self.lowest, self.highest = min(self.lowest, ordered[0]), max(self.highest, ordered[-1])
        merged = _merge(self._counted, part) if len(self._counted[0]) else part
        if self.is_exact and len(merged[0]) > EXACT_VALUES:
            self._begin_sketches(merged)
        elif not self.is_exact:
            self._sketch(part)
        self._counted = merged if self.is_exact else _most_frequent(merged)

    def _begin_sketches(self, counted: Counted) -> None:
        self.is_exact = False
        self._distinct = DistinctCounter()
        self._sketch(counted)

    def _sketch(self, part: Counted) -> None:
        assert self._distinct is not None
        self._distinct.add(pl.Series(part[0]))
        self._summaries.append(_summarise(part))
        if sum(len(values) for values, _ in self._summaries) > MOST_POINTS:
            self._summaries = [_summarise(self._joined())]

    def _joined(self) -> Counted:
        values, weights = (np.concatenate(parts) for parts in zip(*self._summaries, strict=True))
        order = np.argsort(values, kind="stable")
        return values[order], weights[order]

    @property
    def distinct(self) -> int:
        """Different values; an estimate where not exact, and never more than the rows."""
        if self._distinct is None:
            return len(self._counted[0])
        return min(self.rows, self._distinct.estimate())

    @property
    def counted(self) -> Counted:
        """Values in order and their counts: all, or the frequent ones with what was seen of them at least."""
        return self._counted

    @property
    def points(self) -> Counted:
        """Values in order and weights that add up to the rows, from which quantiles and histograms are read."""
        return self._counted if self.is_exact else self._joined()


class WordTally:
    """Counts of words."""

    def __init__(self) -> None:
        self.rows = 0
        self.is_exact = True
        self._counted = pl.DataFrame(schema={"word": pl.String, "n": pl.Int64})
        self._distinct: DistinctCounter | None = None

    def add(self, present: pl.Series) -> None:
        """Add a part of the rows, without missing."""
        part = present.alias("word").value_counts(name="n").select("word", pl.col("n").cast(pl.Int64))
        self.rows += len(present)
        merged = pl.concat([self._counted, part]).group_by("word").agg(pl.col("n").sum())
        if self.is_exact and len(merged) > EXACT_WORDS:
            self.is_exact = False
            self._distinct = DistinctCounter()
            self._distinct.add(merged["word"])
        elif self._distinct is not None:
            self._distinct.add(part["word"])
        self._counted = merged if self.is_exact else merged.top_k(KEPT_VALUES, by="n")

    @property
    def distinct(self) -> int:
        """Different words; an estimate where not exact, and never more than the rows."""
        return len(self._counted) if self._distinct is None else min(self.rows, self._distinct.estimate())

    def most_frequent(self, limit: int) -> list[tuple[str, int]]:
        """Return words and counts, the most frequent first, equally frequent ones by the alphabet."""
        # First those that may be among them, for a sort of all by two keys takes long.
        top = self._counted.filter(pl.col("n") >= self._counted["n"].top_k(limit).min())
        return top.sort(["n", "word"], descending=[True, False]).head(limit).rows()


def quantile(points: Counted, share: float) -> float | int:
    """Return the value at a share of the way from the lowest to the highest."""
    values, weights = points
    ends = np.cumsum(weights)
    rank = round(share * (round(float(ends[-1])) - 1))
    return values[min(int(np.searchsorted(ends, rank, side="right")), len(values) - 1)]


def counts_between(points: Counted, inner_edges: np.ndarray) -> list[int]:
    """Return the rows below the first edge, between each two, and from the last on."""
    values, weights = points
    ends = np.concatenate(([0], np.cumsum(weights)))
    below = ends[np.searchsorted(values, inner_edges)]
    return np.diff(np.rint(np.concatenate(([0], below, [ends[-1]])))).astype(np.int64).tolist()


def _count_ordered(ordered: np.ndarray) -> Counted:
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    return ordered[starts], np.diff(np.append(starts, len(ordered)))


def _merge(first: Counted, second: Counted) -> Counted:
    values = np.concatenate((first[0], second[0]))
    counts = np.concatenate((first[1], second[1]))
    # Two ordered runs: the stable way merges them without sorting anew.
    order = np.argsort(values, kind="stable")
    values, counts = values[order], counts[order]
    starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
    return values[starts], np.add.reduceat(counts, starts)


def _most_frequent(counted: Counted) -> Counted:
    values, counts = counted
    if len(values) <= KEPT_VALUES:
        return counted
    kept = np.sort(np.argpartition(-counts, KEPT_VALUES)[:KEPT_VALUES])
    return values[kept], counts[kept]


def _summarise(part: Counted) -> Counted:
    values, weights = part
    if len(values) <= SUMMARY_POINTS:
        return values, weights.astype(np.float64)
    ends = np.cumsum(weights)
    ranks = (np.arange(SUMMARY_POINTS) + 0.5) * (ends[-1] / SUMMARY_POINTS)
    return values[np.searchsorted(ends, ranks)], np.full(SUMMARY_POINTS, ends[-1] / SUMMARY_POINTS)
