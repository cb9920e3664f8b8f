"""Which pairs of columns say together what they do not say one by one."""

from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from typing import Any

import numpy as np

BINS = 12
MOST_ROWS = 20_000
# A corner of the plane must hold this much of the loss's curvature (about four times as many rows).
LEAST_CURVATURE = 2.0
# Of a hundred pairs that say nothing together, about two come this far.
LEAST_STRENGTH = 13.0


def strongest_pairs(
    columns: list[np.ndarray],
    residual: np.ndarray,
    curvature: np.ndarray,
    *,
    most: int,
    pulse: Callable[[], None],
) -> list[tuple[int, int]]:
    """Return positions of at most ``most`` pairs of columns, strongest first, whose interaction stands out.

    Every pair is cut once on each axis; the pair's strength is the best gain of the four corners beyond what the two
    cuts gain on their own (FAST: Lou, Caruana, Gehrke and Hooker 2013, "Accurate intelligible models with pairwise
    interactions", with the second-order gain of boosting in place of squared error). Under chance the excess of one
    pair of cuts is about χ² with one degree of freedom.

    Parameters
    ----------
    columns : values of each column, of shape (rows,), NaN for empty cells.
    residual, curvature : weighted ``y − p`` and ``p·(1 − p)`` of a model without interactions, of shape (rows,).
    pulse : called between the pairs.
    """
    rows = np.unique(np.linspace(0, len(residual) - 1, min(MOST_ROWS, len(residual))).astype(int))
    codes = [_bins_of(values[rows]) for values in columns]
    g, h = residual[rows], curvature[rows]
    pairs = list(combinations(range(len(columns)), 2))
    strengths = []
    for first, second in pairs:
        pulse()
        strengths.append(_interaction(codes[first], codes[second], g, h))
    order = sorted(range(len(pairs)), key=lambda number: -strengths[number])
    return [pairs[number] for number in order[:most] if strengths[number] > LEAST_STRENGTH]


def _bins_of(values: np.ndarray) -> np.ndarray:
    """Return bins of about equally many rows; empty cells have the first to themselves."""
    known = values[~np.isnan(values)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS)[1:-1])) if known.size else np.zeros(0)
    bins = 1 + np.searchsorted(edges, values, side="left")
    return np.where(np.isnan(values), 0, bins)


def _interaction(first: np.ndarray, second: np.ndarray, g: np.ndarray, h: np.ndarray) -> float:
    cell = first * BINS + second
    gradient = np.bincount(cell, g, BINS * BINS).reshape(BINS, BINS)
    weight = np.bincount(cell, h, BINS * BINS).reshape(BINS, BINS)
    corners = list(zip(_corners(gradient), _corners(weight), strict=True))
    (low, high), (left, right) = _sides(gradient, weight, 0), _sides(gradient, weight, 1)
    total = _gain(gradient.sum(), weight.sum())
    excess = sum(_gain(*corner) for corner in corners) - (low + high)[:, None] - (left + right)[None, :] + total
    is_filled = np.min([mass for _, mass in corners], axis=0) >= LEAST_CURVATURE
    return float(np.max(excess, where=is_filled, initial=0.0))


def _corners(cells: np.ndarray) -> list[np.ndarray]:
    """Return the sums of the four corners for every pair of cuts, each of shape (cuts, cuts)."""
    near = cells.cumsum(axis=0).cumsum(axis=1)
    low, left, both = near[:-1, -1:], near[-1:, :-1], near[:-1, :-1]
    return [both, low - both, left - both, near[-1, -1] - low - left + both]


def _sides(gradient: np.ndarray, weight: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the gains of the two sides for every cut along one axis."""
    g, h = gradient.sum(axis=1 - axis).cumsum(), weight.sum(axis=1 - axis).cumsum()
    return _gain(g[:-1], h[:-1]), _gain(g[-1] - g[:-1], h[-1] - h[:-1])


def _gain(gradient: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return np.asarray(gradient**2 / (weight + 1.0))


def pairs_read(members: Iterable[Any], names: Mapping[str, str]) -> list[str]:
    """Return the pairs that members read together, as ``a × b`` in original names, those of most members first.

    Parameters
    ----------
    members : fitted models of any family; those without ``pairs`` have none.
    names : original name of each internal one, as ``TableEncoder.names_``.
    """
    counts: dict[str, int] = {}
    for member in members:
        for first, second in getattr(member, "pairs", ()):
            text = " × ".join(sorted((names.get(first, first), names.get(second, second))))
            counts[text] = counts.get(text, 0) + 1
    return sorted(counts, key=lambda text: (-counts[text], text))
