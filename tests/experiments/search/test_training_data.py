"""What a search sees of a long table."""

from types import SimpleNamespace

import numpy as np

from experiments.search.training_data import (
    FEWEST_SEARCH_ROWS,
    SEARCH_ROWS,
    TrainingData,
    rows_besides,
    rows_to_search,
    sample_rows,
)


def _data(rows: int) -> TrainingData:
    positions = np.arange(rows)
    folds = [(positions[positions % 5 != fold], positions[positions % 5 == fold]) for fold in range(5)]
    split = SimpleNamespace(folds=folds, search_folds=folds[:3] if rows >= 100_000 else folds, train=positions)
    return TrainingData(None, None, None, np.zeros(rows), None, None, split, {}, "1")  # type: ignore[arg-type]


def test_a_table_of_ordinary_length_is_searched_whole():
    data = _data(1000)
    assert not data.is_sampled
    assert [len(fit) for fit, _ in data.search_folds] == [800] * 5


def test_a_long_table_is_searched_on_a_sample_of_fewer_folds():
    data = _data(500_000)
    assert data.is_sampled
    assert [len(fit) for fit, _ in data.search_folds] == [SEARCH_ROWS] * 3
    assert data.full_cost == 5 * 400_000 / (3 * SEARCH_ROWS)


def test_a_sample_is_spread_evenly_and_always_the_same():
    np.testing.assert_array_equal(sample_rows(np.arange(100), 5), [0, 24, 49, 74, 99])
    np.testing.assert_array_equal(sample_rows(np.arange(3), 5), [0, 1, 2])


def test_a_search_sees_as_many_rows_as_its_share_of_the_time_allows():
    few = rows_to_search(60.0, threads=2, columns=370, folds=3)
    assert FEWEST_SEARCH_ROWS <= few < rows_to_search(60.0, threads=2, columns=25, folds=3)
    assert few < rows_to_search(600.0, threads=2, columns=370, folds=3) <= SEARCH_ROWS
    assert rows_to_search(3600.0, threads=2, columns=25, folds=3) == SEARCH_ROWS
    assert rows_to_search(1.0, threads=1, columns=5000, folds=5) == FEWEST_SEARCH_ROWS


def test_the_rows_besides_a_part_are_those_known_and_not_in_it():
    is_known = np.array([True, False, True, True, True])
    np.testing.assert_array_equal(rows_besides(is_known, np.array([2, 4])), [0, 3])
    assert is_known.sum() == 4
