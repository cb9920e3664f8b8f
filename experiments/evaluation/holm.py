"""Several differences judged together by Holm: p-values and intervals that always say the same of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.evaluation.intervals import Difference

CHANCE = 0.05


@dataclass(frozen=True)
class Judged:
    """A difference with its interval at the ``level`` at which Holm's step judged it, and its adjusted p-value."""

    difference: Difference
    p_holm: float
    level: float


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted by Holm for having compared several challengers.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    count = len(p_values)
    order = np.argsort(p_values, kind="stable")
    adjusted = np.maximum.accumulate((count - np.arange(count)) * np.asarray(p_values, dtype=float)[order])
    result = np.empty(count)
    result[order] = np.minimum(adjusted, 1)
    return [float(value) for value in result]


def holm_levels(p_values: Sequence[float]) -> list[float]:
    """Return for each comparison the level at which Holm judged it: its interval excludes 0 where it is rejected.

    Sorted by p, the k-th of m is judged at α/(m − k + 1); all from the first that is not rejected on are judged at
    the level of that one.

    Examples
    --------
    >>> [round(level, 4) for level in holm_levels([0.01, 0.04, 0.03])]
    [0.9833, 0.975, 0.975]
    """
    count, rejected = len(p_values), np.asarray(holm(p_values)) <= CHANCE
    steps = np.empty(count, dtype=int)
    steps[np.argsort(p_values, kind="stable")] = np.arange(count)
    steps = np.minimum(steps, rejected.sum())
    return [float(1 - CHANCE / (count - step)) for step in steps]


def judged_together(differences: Sequence[Difference]) -> list[Judged]:
    """Return each difference with its adjusted p-value, and its interval at the level at which it was judged."""
    p_values = [each.p_value for each in differences]
    judged = zip(differences, holm(p_values), holm_levels(p_values), strict=True)
    return [Judged(each.at(level), p_holm, level) for each, p_holm, level in judged]


def as_judged(kept: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return kept differences with the intervals that Holm's steps judged them by.

    Runs of earlier times kept plain 95 % intervals beside p-values by Holm, and the two could contradict each other.

    Parameters
    ----------
    kept : all that were judged together: ``value`` or ``difference``, ``low``, ``high``, and where they were kept
        ``p_value``, ``p_holm`` and ``level``.

    Examples
    --------
    >>> pair = {"value": -0.006, "low": -0.011, "high": -0.001, "p_value": 0.03, "p_holm": 0.06}
    >>> other = {"value": -0.1, "low": -0.14, "high": -0.06, "p_value": 0.04, "p_holm": 0.06}
    >>> [round(each["high"], 4) for each in as_judged([pair, other])]
    [0.0002, 0.0091]
    """
    is_plain = all(each.get("p_holm") is not None and each.get("level") is None for each in kept)
    if not is_plain or any(each.get("p_value") is None or each.get("low") is None for each in kept):
        return [dict(each) for each in kept]
    levels = holm_levels([each["p_value"] for each in kept])
    return [_widened(each, level) for each, level in zip(kept, levels, strict=True)]


def _widened(each: Mapping[str, Any], level: float) -> dict[str, Any]:
    """Widen a plain interval so that it excludes 0 exactly where its p-value is below what the level asks for."""
    from scipy.special import ndtri

    value = each["value"] if "value" in each else each["difference"]
    wanted = float(ndtri(0.5 + level / 2))
    if value and 0 < each["p_value"] < 1:
        half = abs(value) * wanted / -float(ndtri(each["p_value"] / 2))
        low, high = value - half, value + half
    else:
        scale = wanted / float(ndtri(0.975))
        low, high = value - (value - each["low"]) * scale, value + (each["high"] - value) * scale
    return {**each, "low": low, "high": high, "level": level}
