"""Two scores of the same rows set against each other group by group: who is ranked less well, or chosen less often."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from experiments.evaluation.calibration import observed_expected
from experiments.evaluation.clusters import cluster_codes
from experiments.evaluation.delong import delong_difference
from experiments.evaluation.holm import CHANCE, judged_together
from experiments.evaluation.intervals import MATERIALITY, Difference
from experiments.evaluation.metrics import auc
from experiments.evaluation.paired import ALIKE, BETTER, SLIGHT, WORSE
from experiments.evaluation.ranking import Floats, labelled
from experiments.evaluation.segments import Part, parts_of
from experiments.house_rules import is_enough
from experiments.stored import plain

__all__ = ["compare_segments"]

# A difference of the share chosen below this is not worth a word, however certain.
NOTABLE_SHARE = 0.01
MORE, FEWER = "more", "fewer"


def compare_segments(
    y: ArrayLike,
    first: ArrayLike,
    *,
    second: ArrayLike,
    frame: pd.DataFrame,
    weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    contact_share: float = 0.1,
) -> list[dict[str, Any]]:
    """Return for each level or range of each column how two scores of the same rows rank it and choose from it.

    Parameters
    ----------
    y, first, second, weight, groups : as for ``compare_scores``. frame : the columns to cut by, one row per label.
    contact_share : share of all rows that each score would choose, those with the highest probability.

    Returns
    -------
    list
        ``column``, ``kind``, ``label``, ``low``, ``high``, ``rows``, ``events``; ``auc`` and ``chosen`` (share of the
        group among those acted on), each with ``first``, ``second``, ``difference``, ``low``, ``high``, ``level``,
        ``p_value``, ``p_holm`` and ``verdict``; and ``observed_expected`` of both. p-values are Holm's over all groups
        with enough rows and events, and each interval is at the level at which Holm's step judged it (domain
        specification 1.14, 1.16); those with the most certain loss come first.

    Raises
    ------
    ValueError : lengths differ, a label is neither 0 nor 1, a score is NaN, or a weight is negative or NaN.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> y = (random.random(4000) < 0.3).astype(float)
    >>> branch = np.where(np.arange(4000) % 2 == 0, "north", "south")
    >>> good = y + random.normal(size=4000)
    >>> worse = np.where(branch == "south", random.normal(size=4000), good)
    >>> found = compare_segments(y, worse, second=good, frame=pd.DataFrame({"branch": branch}))
    >>> [(each["label"], each["auc"]["verdict"]) for each in found]
    [('south', 'worse'), ('north', 'alike')]
    """
    known = ~np.isnan(np.asarray(y, dtype=float))
    labels, one, weights, two, clusters = labelled(y, first, weight, second, groups)
    scores = np.asarray(one, dtype=float), np.asarray(two, dtype=float)
    chosen = [_chosen(each, weights, contact_share) for each in scores]
    table = frame[known].reset_index(drop=True)
    found = [
        _compared(str(name), part, labels, scores, chosen, weights, clusters)
        for name in table.columns
        for part in parts_of(table[name], weights)
        if part.chosen.any() and is_enough(int(part.chosen.sum()), _rarer(labels[part.chosen]))
    ]
    for measure, least in (("auc", MATERIALITY["auc"]), ("chosen", NOTABLE_SHARE)):
        judged = judged_together([differences[measure] for _, differences in found])
        for (each, _), one in zip(found, judged, strict=True):
            told = each[measure]
            told |= {
                "low": one.difference.low, "high": one.difference.high, "level": one.level, "p_holm": one.p_holm,
                "verdict": _verdict(told["difference"], one.p_holm, least, measure),
            }  # fmt: skip
    return [plain(each) for each in sorted((each for each, _ in found), key=_worst_first)]


def _compared(
    column: str,
    part: Part,
    y: Floats,
    scores: Sequence[Floats],
    chosen: Sequence[Floats],
    weight: Floats,
    clusters: Any,
) -> tuple[dict[str, Any], dict[str, Difference]]:
    """Return what is told of a group, and the differences that are still to be judged beside those of the others."""
    rows = part.chosen
    own, own_weight = y[rows], weight[rows]
    own_clusters = None if clusters is None else np.asarray(clusters)[rows]
    ranked = delong_difference(own, scores[0][rows], second=scores[1][rows], weight=own_weight, groups=own_clusters)
    ratios = [observed_expected(own, each[rows], weight=own_weight).value for each in scores]
    differences = {
        "auc": ranked, "chosen": _mean_difference(chosen[0][rows] - chosen[1][rows], own_weight, own_clusters),
    }  # fmt: skip
    told = {
        "column": column, "kind": part.kind, "label": part.label, "low": part.low, "high": part.high,
        "rows": int(rows.sum()), "events": int(own.sum()),
        "auc": _told(ranked, [auc(own, each[rows], weight=own_weight) for each in scores]),
        "chosen": _told(
            differences["chosen"],
            [float(own_weight @ each[rows] / own_weight.sum()) for each in chosen],
        ),
        "observed_expected": {"first": ratios[0], "second": ratios[1]},
    }  # fmt: skip
    return told, differences


def _told(difference: Difference, values: list[float]) -> dict[str, Any]:
    return {
        "first": values[0], "second": values[1], "difference": difference.value, "low": difference.low,
        "high": difference.high, "p_value": difference.p_value,
    }  # fmt: skip


def _chosen(scores: Floats, weight: Floats, share: float) -> Floats:
    """Return which rows are among the share with the highest score; of tied ones at the cut, each in part."""
    order = np.argsort(-scores, kind="stable")
    above = np.cumsum(weight[order])
    wanted = share * above[-1]
    cut = scores[order][min(int(np.searchsorted(above, wanted)), len(scores) - 1)]
    sure, tied = scores > cut, scores == cut
    part = (wanted - weight[sure].sum()) / weight[tied].sum()
    return np.where(sure, 1.0, np.where(tied, np.clip(part, 0, 1), 0.0))


def _mean_difference(moved: Floats, weight: Floats, clusters: np.ndarray | None) -> Difference:
    """Return the weighted mean of differences row by row, with its interval and p-value, robust to clusters."""
    value = float(weight @ moved / weight.sum())
    rest = weight * (moved - value) / weight.sum()
    codes = cluster_codes(clusters)
    sums = rest if codes is None else np.bincount(codes, weights=rest)
    error = float(np.sqrt((sums**2).sum() * len(sums) / max(1, len(sums) - 1)))
    return Difference.by_error(value, error)


def _verdict(difference: float, p: float, least: float, measure: str) -> str:
    if not p <= CHANCE:
        return ALIKE
    if abs(difference) < least:
        return SLIGHT
    is_up = difference > 0
    if measure == "auc":
        return BETTER if is_up else WORSE
    return MORE if is_up else FEWER


def _rarer(y: Floats) -> int:
    return int(min(y.sum(), len(y) - y.sum()))


def _worst_first(each: dict[str, Any]) -> tuple[bool, float]:
    is_worse = each["auc"]["verdict"] == WORSE
    return not is_worse, each["auc"]["difference"]
