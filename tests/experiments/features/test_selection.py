"""Selection says why each column is left out."""

import numpy as np
import pytest

from experiments.features.selection import correlated_columns, inflated_columns, variance_inflation

RANDOM = np.random.default_rng(5)


def test_independent_columns_are_not_inflated_whatever_their_mean():
    matrix = np.column_stack([RANDOM.normal(50, 1, 5_000), RANDOM.normal(30, 1, 5_000)])
    assert variance_inflation(matrix) == pytest.approx([1, 1], abs=0.01)


def test_a_sum_of_others_is_inflated_and_taken_out():
    a, b = RANDOM.normal(size=(2, 500))
    matrix = np.column_stack([a, b, a + b, np.full(500, 3.0)])

    dropped = inflated_columns(matrix, ["a", "b", "sum", "constant"], None, max_vif=5)

    assert variance_inflation(matrix)[:3].min() > 1e6
    assert [(entry.code, entry.column in "a b sum") for entry in dropped] == [("inflated", True)]


def test_the_weaker_of_two_twins_is_dropped_with_the_name_of_the_stronger():
    a = RANDOM.normal(size=500)
    matrix = np.column_stack([a, RANDOM.normal(size=500), -a + 0.01 * RANDOM.normal(size=500)])

    (entry,) = correlated_columns(matrix, ["strong", "other", "twin"], None, max_correlation=0.8)

    assert entry.message % entry.params == "twin is nearly the same as strong (correlation 1.0)."
