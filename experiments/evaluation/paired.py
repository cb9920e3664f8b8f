"""Two scores of the same rows, set against each other: the difference, how sure it is, and what may be said of it."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from experiments.evaluation.bootstrap import bootstrap_difference
from experiments.evaluation.delong import auc_is_undefined, delong_difference
from experiments.evaluation.intervals import MATERIALITY, Difference
from experiments.evaluation.metrics import auc_of, ks_of, lift_of
from experiments.evaluation.ranking import RankedSample, TallyMetric, labelled
from experiments.house_rules import is_enough
from experiments.stored import plain

__all__ = ["compare_scores", "verdict_of"]

BETTER, WORSE, SLIGHT, ALIKE, TOO_FEW = "better", "worse", "slight", "alike", "too_few"
# What a whole comparison goes by: how well customers are ranked. Lift is told beside it.
DECIDING = ("auc", "ks")
REPLICATES = 1_000


def verdict_of(difference: Difference, materiality: float = 0.0) -> str:
    """Return what a difference of two measures on the same rows says of the first.

    ``better`` and ``worse`` are certain and large enough to matter, ``slight`` is certain
    but smaller than that, ``alike`` is a difference that chance may have made.

    Parameters
    ----------
    difference : of two measures on the same rows. materiality : the least that matters, in the measure's unit.

    Returns
    -------
    str
        ``better``, ``worse``, ``slight`` or ``alike``.

    Examples
    --------
    >>> verdict_of(Difference(-0.1, -0.13, -0.07, 0.001), 0.01)
    'worse'
    >>> verdict_of(Difference(0.01, -0.01, 0.03, 0.3), 0.01), verdict_of(Difference(0.002, 0.001, 0.003, 0.01), 0.005)
    ('alike', 'slight')
    """
    is_certain = difference.low > 0 or difference.high < 0
    if not is_certain:
        return ALIKE
    if abs(difference.value) < materiality:
        return SLIGHT
    return BETTER if difference.value > 0 else WORSE


def overall(verdicts: Mapping[str, str]) -> str:
    """Return the verdict on a whole comparison; ``mixed`` where one measure is better and another worse.

    Examples
    --------
    >>> overall({"auc": "worse", "ks": "alike"}), overall({"auc": "worse", "ks": "better"}), overall({"auc": "alike"})
    ('worse', 'mixed', 'alike')
    """
    found = {verdicts[name] for name in DECIDING if name in verdicts}
    if {BETTER, WORSE} <= found:
        return "mixed"
    return next((verdict for verdict in (TOO_FEW, BETTER, WORSE, SLIGHT) if verdict in found), ALIKE)


def compare_scores(
    y: ArrayLike,
    first: ArrayLike,
    *,
    second: ArrayLike,
    weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    contact_share: float = 0.1,
    seed: int = 1,
    replicates: int = REPLICATES,
) -> dict[str, Any]:
    """Return AUC, KS and lift of two scores of the same rows, their paired differences and a verdict on each.

    Parameters
    ----------
    y, first, second, weight : labels (1, 0, NaN), the two scores and weights of the same n rows.
    groups : customer of each row; where one repeats, whole customers are what varies.
    contact_share : share of the population for the lift.

    Returns
    -------
    dict
        ``rows``, ``events``, ``verdict`` and ``measures``: by name ``first``, ``second``, ``difference``, ``low``,
        ``high``, ``p_value`` and ``verdict``. AUC by DeLong's paired covariance, the others by the bootstrap of both
        scores on the same draws. Below the counts of the house rules nothing is concluded.

    Raises
    ------
    ValueError : lengths differ, a label is neither 0 nor 1, a score is NaN, or a weight is negative or NaN.

    Examples
    --------
    >>> y = [0, 1] * 100
    >>> found = compare_scores(y, y, second=[0.5] * 200, replicates=50)
    >>> found["rows"], found["measures"]["auc"]["difference"], found["verdict"]
    (200, 0.5, 'better')
    """
    labels, one, weights, two, clusters = labelled(y, first, weight, second, groups)
    one, two, events = np.asarray(one, dtype=np.float64), np.asarray(two, dtype=np.float64), int(labels.sum())
    samples = [RankedSample(labels, scores, weights) for scores in (one, two)]
    if auc_is_undefined(samples[0]):
        return {"rows": len(labels), "events": events, "verdict": TOO_FEW, "measures": {}}
    drawn: dict[str, TallyMetric] = {"ks": ks_of, "lift": partial(lift_of, share=contact_share)}
    differences = {"auc": delong_difference(labels, one, second=two, weight=weights, groups=clusters)} | {
        name: bootstrap_difference(
            measure, labels, first=one, second=two, weight=weights, groups=clusters, replicates=replicates, seed=seed
        )
        for name, measure in drawn.items()
    }
    enough = is_enough(len(labels), events)
    measures = {}
    for name, measure in {"auc": auc_of, **drawn}.items():
        values = [measure(sample.tally()) for sample in samples]
        measures[name] = _told(differences[name], values, MATERIALITY.get(name, 0.0), is_judged=enough)
    verdict = overall({name: told["verdict"] for name, told in measures.items()})
    return {"rows": len(labels), "events": events, "verdict": verdict, "measures": measures}


def _told(difference: Difference, values: list[float], materiality: float, *, is_judged: bool) -> dict[str, Any]:
    return plain(
        {
            "first": values[0],
            "second": values[1],
            "difference": difference.value,
            "low": difference.low,
            "high": difference.high,
            "p_value": difference.p_value,
            "verdict": verdict_of(difference, materiality) if is_judged else TOO_FEW,
        }
    )
