"""Whether probabilities of a sample can be read as such: one row of figures, and one a decile."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from experiments.evaluation.calibration import observed_expected, recalibration
from experiments.evaluation.deciles import quantile_edges
from experiments.evaluation.ranking import labelled
from experiments.evaluation.reliability import ece
from experiments.house_rules import is_enough
from experiments.stored import Part

__all__ = ["CalibratedGroup", "CalibrationFacts", "calibration_facts"]


@dataclass(frozen=True)
class CalibratedGroup(Part):
    """One decile of the probability: what was expected of it and what came.

    Examples
    --------
    >>> CalibratedGroup(1, 200, 40, 0.25, 0.2, 0.8, 0.6, 1.1).observed_expected
    0.8
    """

    group: int
    rows: int
    events: int
    predicted: float
    observed: float
    observed_expected: float
    low: float
    high: float


@dataclass(frozen=True)
class CalibrationFacts(Part):
    """A sample's calibration: O/E, the intercept and slope of a recalibration with intervals, and the mean error.

    Examples
    --------
    >>> found = calibration_facts([0, 1] * 500, [0.4, 0.6] * 500)
    >>> found.rows, round(found.observed_expected, 3), found.is_enough
    (1000, 1.0, True)
    """

    rows: int
    events: int
    observed_expected: float
    observed_expected_low: float
    observed_expected_high: float
    intercept: float
    intercept_low: float
    intercept_high: float
    slope: float
    slope_low: float
    slope_high: float
    ece: float
    is_enough: bool
    groups: tuple[CalibratedGroup, ...]


def calibration_facts(
    y: ArrayLike, p: ArrayLike, *, weight: ArrayLike | None = None, groups: ArrayLike | None = None, deciles: int = 10
) -> CalibrationFacts:
    """Return how well probabilities say what comes, over all rows and by decile of the probability.

    Parameters
    ----------
    y, p, weight, groups : labels (1, 0, NaN), probabilities, weights and customer of each row; shape (n,).
    deciles : groups of equal frequency, of this sample.

    Returns
    -------
    CalibrationFacts

    References
    ----------
    Cox, D. R. (1958). Two further applications of a model for binary regression. Biometrika 45.

    Examples
    --------
    >>> found = calibration_facts([0, 0, 0, 1] * 300, [0.25] * 1200)
    >>> round(found.observed_expected, 3), [group.rows for group in found.groups]
    (1.0, [1200])
    """
    labels, scores, weights, customers = labelled(y, p, weight, groups)
    ratio = observed_expected(labels, scores, weight=weights, groups=customers)
    line = recalibration(labels, scores, weight=weights, groups=customers)
    edges = quantile_edges(scores, deciles, weight=weights)
    code = len(edges) - np.searchsorted(edges, scores, side="right")
    found: list[CalibratedGroup] = []
    for place in range(len(edges) + 1):
        own = code == place
        if own.any():
            within = observed_expected(
                labels[own], scores[own], weight=weights[own], groups=None if customers is None else customers[own]
            )
            total = weights[own].sum()
            found.append(
                CalibratedGroup(
                    len(found) + 1, int(own.sum()), int(labels[own].sum()), float(weights[own] @ scores[own] / total),
                    float(weights[own] @ labels[own] / total), within.value, within.low, within.high,
                )
            )  # fmt: skip
    return CalibrationFacts(
        len(labels), int(labels.sum()), ratio.value, ratio.low, ratio.high,
        line.intercept.value, line.intercept.low, line.intercept.high, line.slope.value, line.slope.low,
        line.slope.high, ece(labels, scores, weight=weights), is_enough(len(labels), int(labels.sum())), tuple(found),
    )  # fmt: skip
