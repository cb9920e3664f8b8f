"""Counting is exact up to a cap and close beyond it, in bounded memory."""

import numpy as np
import polars as pl
import pytest

from experiments.data import tally
from experiments.data.tally import DistinctCounter, NumberTally, WordTally, counts_between, quantile


@pytest.fixture
def small_caps(monkeypatch):
    monkeypatch.setattr(tally, "EXACT_VALUES", 1_000)
    monkeypatch.setattr(tally, "EXACT_WORDS", 1_000)
    monkeypatch.setattr(tally, "KEPT_VALUES", 100)


def test_parts_add_up_exactly():
    values = np.random.default_rng(1).integers(0, 50, 3_000)
    parts = NumberTally()
    for part in np.split(values, 3):
        parts.add(np.sort(part))
    different, counts = np.unique(values, return_counts=True)
    assert (parts.is_exact, parts.distinct, parts.rows) == (True, len(different), 3_000)
    assert (parts.counted[0].tolist(), parts.counted[1].tolist()) == (different.tolist(), counts.tolist())
    assert quantile(parts.points, 0.5) == np.sort(values)[round(0.5 * 2_999)]
    assert counts_between(parts.points, np.array([10, 20])) == [
        int((values < 10).sum()), int(((values >= 10) & (values < 20)).sum()), int((values >= 20).sum()),
    ]  # fmt: skip


def test_beyond_the_cap_distinct_quantiles_and_frequent_values_are_close(small_caps):
    random = np.random.default_rng(2)
    values = random.normal(size=200_000)
    values[random.random(200_000) < 0.05] = -999
    parts = NumberTally()
    for part in np.split(values, 20):
        parts.add(np.sort(part))
    assert not parts.is_exact
    assert parts.distinct == pytest.approx(len(np.unique(values)), rel=0.01)
    for share in (0.1, 0.5, 0.9):
        assert (values < quantile(parts.points, share)).mean() == pytest.approx(share, abs=0.001)
    assert sum(counts_between(parts.points, np.array([0.0]))) == 200_000
    spikes = dict(zip(*parts.counted, strict=True))
    assert (len(spikes), spikes[-999.0]) == (100, int((values == -999).sum()))
    assert (parts.lowest, parts.highest) == (-999, values.max())


def test_words_are_counted_exactly_and_beyond_the_cap_closely(small_caps):
    words = pl.Series([f"w{number}" for number in range(5_000)] + ["often"] * 500)
    parts = WordTally()
    for start in range(0, 5_500, 1_100):
        parts.add(words.slice(start, 1_100))
    assert (parts.is_exact, parts.most_frequent(1)) == (False, [("often", 500)])
    assert parts.distinct == pytest.approx(5_001, rel=0.01)


def test_equally_frequent_words_stand_in_the_order_of_the_alphabet():
    parts = WordTally()
    parts.add(pl.Series(["b", "a", "c", "a", "b", "c", "d"]))
    assert parts.most_frequent(3) == [("a", 2), ("b", 2), ("c", 2)]


@pytest.mark.parametrize("count", [10, 5_000, 2_000_000])
def test_different_values_are_estimated_within_one_percent(count):
    counter = DistinctCounter()
    for _ in range(2):
        counter.add(pl.Series(np.arange(count) * 7.5))
    assert counter.estimate() == pytest.approx(count, rel=0.01)
