"""Isotonic regression: neighbours out of order are pooled until the rates rise."""

import numpy as np

from experiments.evaluation.ranking import Floats


def isotonic_blocks(x: Floats, values: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Pool adjacent violators; return mean place, mean value and weight of each block."""
    distinct, codes = np.unique(x, return_inverse=True)
    sizes: Floats = np.bincount(codes, weight).astype(np.float64)
    sums: Floats = np.bincount(codes, weight * values).astype(np.float64)
    filled = np.flatnonzero(sizes > 0)
    starts, sizes_left, sums_left = _pooled_in_runs(filled, sizes[filled], sums[filled])
    starts, block_sizes, block_sums = _pooled_one_by_one(starts, sizes_left, sums_left)
    place_sums = np.add.reduceat(np.where(sizes > 0, sizes * distinct, 0), starts)
    return place_sums / block_sizes, block_sums / block_sizes, block_sizes


def _pooled_in_runs(starts: np.ndarray, sizes: Floats, sums: Floats) -> tuple[np.ndarray, Floats, Floats]:
    """Pool every run of means that do not rise, again and again while that makes the blocks many times fewer.

    In whatever order violators are pooled, the end is the same, and whole runs at a time are far quicker.
    """
    while len(starts) > 1:
        is_first = np.concatenate([[True], sums[:-1] * sizes[1:] < sums[1:] * sizes[:-1]])
        firsts = np.flatnonzero(is_first)
        before = len(starts)
        starts, sizes, sums = starts[firsts], np.add.reduceat(sizes, firsts), np.add.reduceat(sums, firsts)
        if len(firsts) > 0.7 * before:
            break
    return starts, sizes, sums


def _pooled_one_by_one(places: np.ndarray, sizes: Floats, sums: Floats) -> tuple[np.ndarray, Floats, Floats]:
    starts: list[int] = []
    block_sizes: list[float] = []
    block_sums: list[float] = []
    for place, size, total in zip(places.tolist(), sizes.tolist(), sums.tolist(), strict=True):
        start = place
        while block_sizes and block_sums[-1] * size >= total * block_sizes[-1]:
            start = starts.pop()
            size += block_sizes.pop()
            total += block_sums.pop()
        starts.append(start)
        block_sizes.append(size)
        block_sums.append(total)
    return np.array(starts), np.array(block_sizes), np.array(block_sums)
