"""Pairs are chosen for what two columns say together, and few from noise."""

import numpy as np

from experiments.learners.base import no_pulse
from experiments.learners.interactions import strongest_pairs


def _columns(rows: int = 4000, count: int = 6):
    random = np.random.default_rng(5)
    return [random.normal(size=rows) for _ in range(count)], random


def _pairs(columns, y, p, most=10):
    return strongest_pairs(columns, y - p, p * (1 - p), most=most, pulse=no_pulse)


def test_two_columns_that_matter_only_together_are_found():
    columns, random = _columns()
    p = 0.2 + 0.4 * ((columns[1] > 0) == (columns[4] > 0.5))
    y = (random.random(4000) < p).astype(float)
    assert _pairs(columns, y, np.full(4000, y.mean())) == [(1, 4)]


def test_an_interaction_with_empty_cells_is_found():
    columns, random = _columns()
    is_empty = random.random(4000) < 0.3
    p = 0.2 + 0.4 * (is_empty == (columns[0] > 0))
    columns[2][is_empty] = np.nan
    y = (random.random(4000) < p).astype(float)
    assert _pairs(columns, y, np.full(4000, y.mean())) == [(0, 2)]


def test_of_a_hundred_and_ninety_pairs_of_noise_few_stand_out():
    columns, random = _columns(count=20)
    y = (random.random(4000) < 0.3).astype(float)
    assert len(_pairs(columns, y, np.full(4000, 0.3), most=190)) <= 6


def test_what_is_known_column_by_column_is_no_interaction():
    columns, random = _columns()
    p = 1 / (1 + np.exp(-columns[0] - columns[1]))
    y = (random.random(4000) < p).astype(float)
    assert _pairs(columns, y, p) == []


def test_the_strongest_come_first_and_no_more_than_asked():
    columns, random = _columns()
    p = 0.2 + 0.15 * ((columns[0] > 0) == (columns[1] > 0)) + 0.4 * ((columns[2] > 0) == (columns[3] > 0))
    y = (random.random(4000) < p).astype(float)
    base = np.full(4000, y.mean())
    assert _pairs(columns, y, base, most=2) == [(2, 3), (0, 1)]
    assert _pairs(columns, y, base, most=1) == [(2, 3)]


def test_a_column_without_a_value_pairs_with_nothing():
    y = np.tile([0.0, 1.0], 50)
    columns = [np.full(100, np.nan), np.arange(100.0)]
    assert _pairs(columns, y, np.full(100, 0.5)) == []
