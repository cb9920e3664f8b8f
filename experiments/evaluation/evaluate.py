"""The whole set of measures of one candidate on one sample, each with its interval."""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from experiments.evaluation.bootstrap import bootstrap_tallies
from experiments.evaluation.calibration import observed_expected, recalibration
from experiments.evaluation.clusters import cluster_codes, mean_interval
from experiments.evaluation.delong import delong_interval
from experiments.evaluation.intervals import Interval
from experiments.evaluation.metrics import auc_of, capture_of, check_share, ks_of, lift_of, losses
from experiments.evaluation.ranking import TallyMetric, labelled, tally
from experiments.evaluation.reliability import ece_interval
from experiments.evaluation.small_counts import (
    auc_interval,
    counted,
    ks_interval,
    mean_interval_by_outcome,
    share_interval,
    widened,
)
from experiments.stored import plain

__all__ = ["describe_sample", "evaluate"]

METRICS = (
    "auc",
    "ks",
    "gini",
    "lift",
    "capture",
    "log_loss",
    "brier",
    "ece",
    "calibration_slope",
    "observed_expected",
)


def evaluate(
    y: ArrayLike,
    p: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    contact_share: float = 0.1,
    seed: int = 1,
    replicates: int = 200,
    level: float = 0.95,
) -> dict[str, dict[str, float | None]]:
    """Return every measure with its interval, as JSON-ready plain data.

    Parameters
    ----------
    y, p, weight : labels (1, 0, NaN), calibrated probabilities and weights; shape (n,).
    groups : customer of each row; where one repeats, intervals are by whole customers.
    contact_share : share of the population for lift and capture, above 0 and at most 1.
    seed, replicates, level : of the bootstrap and the intervals.

    Returns
    -------
    dict
        ``{name: {"value": …, "low": …, "high": …}}`` for the names in ``METRICS``; ``None`` stands for what
        the sample cannot tell (a class is missing, too few rows). AUC and Gini by DeLong, KS, lift, capture and
        ECE by the bootstrap, the rest by large-sample errors; below a hundred of the rarer outcome by methods that
        cover there, see ``small_counts``.

    Raises
    ------
    ValueError
        If ``p`` is not between 0 and 1, or as for ``labelled``.

    Examples
    --------
    >>> found = evaluate([0, 1] * 100, [0.2, 0.7] * 100, replicates=50)
    >>> found["auc"]["value"], round(found["brier"]["value"], 3)
    (1.0, 0.065)
    """
    labels, scores, weights, clusters = labelled(y, p, weight, groups)
    if np.any((scores < 0) | (scores > 1)):
        raise ValueError("probabilities must lie between 0 and 1")
    check_share(contact_share)
    # Numbers once, rather than names over and over.
    clusters = cluster_codes(clusters)
    found = _ranking(labels, scores, weights, clusters, contact_share, seed, replicates, level)
    found |= _probabilities(labels, scores, weights, clusters, seed, replicates, level)
    return {name: plain({"value": of.value, "low": of.low, "high": of.high}) for name, of in found.items()}


def _ranking(
    y: Any, p: Any, weight: Any, groups: Any, contact_share: float, seed: int, replicates: int, level: float
) -> dict[str, Interval]:
    measures: dict[str, TallyMetric] = {
        "ks": ks_of,
        "lift": partial(lift_of, share=contact_share),
        "capture": partial(capture_of, share=contact_share),
    }
    if groups is not None:
        measures["auc"] = auc_of
    found = bootstrap_tallies(
        y, p, measures=measures, weight=weight, groups=groups, replicates=replicates, level=level, seed=seed
    )
    counts = counted(y, weight, groups)
    area = auc_interval(
        y, p, weight, found.get("auc") or delong_interval(y, p, weight=weight, level=level), counts, level
    )
    gini = Interval(2 * area.value - 1, 2 * area.low - 1, 2 * area.high - 1)
    ks = ks_interval(tally(y, p, weight), found["ks"], counts, level)
    capture, lift = found["capture"], found["lift"]
    if counts.is_small:
        capture = share_interval(capture.value, counts.events, level=level)
        lift = Interval(lift.value, capture.low / contact_share, capture.high / contact_share)
    return {"auc": area, "ks": ks, "gini": gini, "lift": lift, "capture": capture}


def _probabilities(
    y: Any, p: Any, weight: Any, groups: Any, seed: int, replicates: int, level: float
) -> dict[str, Interval]:
    counts = counted(y, weight, groups)

    def mean_of(values: Any) -> Interval:
        large = mean_interval(values, weight, groups=groups, level=level)
        return mean_interval_by_outcome(values, y, weight, counts, large, level)

    return {
        "log_loss": mean_of(losses(y, p)),
        "brier": mean_of((p - y) ** 2),
        "ece": ece_interval(y, p, weight=weight, groups=groups, replicates=replicates, level=level, seed=seed),
        "calibration_slope": widened(
            recalibration(y, p, weight=weight, groups=groups, level=level).slope, counts, level
        ),
        "observed_expected": observed_expected(y, p, weight=weight, groups=groups, level=level),
    }


def describe_sample(y: ArrayLike, weight: ArrayLike | None = None) -> dict[str, float | int | None]:
    """Return raw counts beside the weighted event rate: rows, events, unlabelled rows, weight, event rate.

    Parameters
    ----------
    y, weight : labels (1, 0, NaN) and weights of the rows; shape (n,).

    Returns
    -------
    dict
        ``rows``, ``events`` and ``unlabelled`` are counts of rows; ``event_rate`` is of the labelled weight.

    Examples
    --------
    >>> describe_sample([1, 0, 0, float("nan")])["rows"]
    3
    """
    labels, _, weights = labelled(y, np.zeros(len(np.asarray(y))), weight)
    total = float(weights.sum())
    return {
        "rows": len(labels),
        "events": int(labels.sum()),
        "unlabelled": len(np.asarray(y)) - len(labels),
        "weight": total,
        "event_rate": float(labels @ weights) / total if total > 0 else None,
    }
