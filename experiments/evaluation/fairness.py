"""Whether groups of customers are treated alike by a score: selection, means, errors and calibration by group.

These are measures for a bank's own governance. None of them says that a use is lawful.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from experiments.evaluation.calibration import observed_expected
from experiments.evaluation.intervals import Z_95, Interval
from experiments.evaluation.odds import logit
from experiments.evaluation.ranking import Floats, labelled
from experiments.evaluation.segments import Part as Cut
from experiments.evaluation.segments import SegmentKind, parts_of
from experiments.features.single_feature import column_power, sample_rows
from experiments.house_rules import MIN_ROWS
from experiments.stored import Part

__all__ = ["FairnessTable", "GroupRow", "Proxy", "fairness_table", "impact_ratio", "proxies_of"]

# Domain specification 1.16: the four-fifths rule, a shift of means that is looked at, a column that tells the group.
FOUR_FIFTHS, MEAN_APART, PROXY_AUC = 0.8, 0.3, 0.75
CHANCE = 0.05
ROWS_FOR_PROXIES, GROUPS_FOR_PROXIES = 20_000, 6


@dataclass(frozen=True)
class GroupRow(Part):
    """One group set beside the reference group; what cannot be told is NaN.

    Attributes
    ----------
    selection_rate : share of the group that is chosen. impact : that rate over the reference's (adverse impact ratio),
        with its interval and the two-sided ``p_value`` of equal rates.
    mean_difference : standardised difference of mean log-odds, above 0 where the group is favoured.
    true_positive_gap : rate of selection among those who deserve it, less the reference's (equal opportunity), with
        its interval; ``false_positive_gap`` the same among the others.
    verdict : ``adverse`` where the ratio is below four fifths and the rates differ significantly (p < 0.05, two
        proportions), ``size`` where it is below and they do not, ``significant`` where they differ by less than that,
        else ``alike``; ``too_few`` to tell. The test is of equal rates: the interval of the ratio may hold four fifths.

    Examples
    --------
    >>> found = fairness_table([0, 1] * 200, [0.2, 0.7] * 200, group=["a"] * 200 + ["b"] * 200, share=0.5)
    >>> [(row.label, row.selection_rate, row.impact) for row in found.rows]
    [('a', 0.5, 1.0), ('b', 0.5, 1.0)]
    """

    kind: SegmentKind
    label: str
    low: float | None
    high: float | None
    rows: int
    events: int
    share: float
    selection_rate: float
    impact: float
    impact_low: float
    impact_high: float
    p_value: float
    mean_difference: float
    true_positive_rate: float
    true_positive_gap: float
    true_positive_gap_low: float
    true_positive_gap_high: float
    false_positive_rate: float
    false_positive_gap: float
    observed_expected: float
    observed_expected_low: float
    observed_expected_high: float
    is_reference: bool
    verdict: Literal["alike", "adverse", "size", "significant", "too_few"]


@dataclass(frozen=True)
class Proxy(Part):
    """A column by which a group can be told: ``auc`` of telling it by that column alone.

    Examples
    --------
    >>> Proxy("height", "men", 0.9).auc
    0.9
    """

    column: str
    group: str
    auc: float


@dataclass(frozen=True)
class FairnessTable(Part):
    """The groups of one column at one selection.

    Examples
    --------
    >>> fairness_table([0, 1] * 200, [0.2, 0.7] * 200, group=["a"] * 200 + ["b"] * 200, share=0.5).reference
    'a'
    """

    rows: tuple[GroupRow, ...]
    reference: str
    selected_share: float
    cutoff: float
    chosen: Literal["highest", "lowest"]


def impact_ratio(selected: float, rows: float, *, reference_selected: float, reference_rows: float) -> Interval:
    """Return the adverse impact ratio of a group with its 95 % interval (Katz, on the log scale).

    Parameters
    ----------
    selected, rows : chosen customers of the group, and all of it. reference_selected, reference_rows : the same of the
        reference group.

    Returns
    -------
    Interval
        NaN where nobody of a group is chosen or a group is empty.

    References
    ----------
    Katz, D. et al. (1978). Obtaining confidence intervals for the risk ratio in cohort studies. Biometrics 34.

    Examples
    --------
    >>> found = impact_ratio(30, 100, reference_selected=50, reference_rows=100)
    >>> round(found.value, 2), round(found.low, 3), round(found.high, 3)
    (0.6, 0.42, 0.858)
    """
    nothing = Interval(float("nan"), float("nan"), float("nan"))
    if min(rows, reference_rows, reference_selected) <= 0:
        return nothing
    value = (selected / rows) / (reference_selected / reference_rows)
    if selected <= 0:
        return Interval(0.0, float("nan"), float("nan"))
    error = np.sqrt(1 / selected - 1 / rows + 1 / reference_selected - 1 / reference_rows)
    return Interval(value, float(value * np.exp(-Z_95 * error)), float(value * np.exp(Z_95 * error)))


def fairness_table(
    y: ArrayLike,
    p: ArrayLike,
    *,
    group: ArrayLike | pd.Series,
    share: float,
    chosen: Literal["highest", "lowest"] = "highest",
    weight: ArrayLike | None = None,
    reference: str = "",
) -> FairnessTable:
    """Return the groups of a column, each set beside a reference group, at a share of customers that is chosen.

    Parameters
    ----------
    y, p, group, weight : labels (1, 0, NaN), calibrated probabilities, the column and weights; shape (n,).
    share : of all customers that is chosen; equal scores are never parted, so it may be a little less.
    chosen : which end of the score is wanted: ``"lowest"`` where the event is a loss.
    reference : label of the group the others are set beside; the largest when left out.

    Returns
    -------
    FairnessTable

    Notes
    -----
    Who deserves to be chosen has the event where the highest are chosen, and has not where the lowest are. Groups of
    fewer than a hundred rows are counted and not judged.

    References
    ----------
    Uniform Guidelines on Employee Selection Procedures, 29 CFR 1607.4 (1978), on the four-fifths rule.

    Examples
    --------
    >>> y, p = [0, 1, 0, 1] * 100, [0.2, 0.7, 0.1, 0.3] * 100
    >>> found = fairness_table(y, p, group=["a", "a", "b", "b"] * 100, share=0.5)
    >>> [(row.label, row.selection_rate, row.verdict) for row in found.rows]
    [('a', 0.5, 'alike'), ('b', 0.5, 'alike')]
    """
    column = pd.Series(group).reset_index(drop=True)[~np.isnan(np.asarray(y, dtype=np.float64))]
    labels, scores, weights = labelled(y, p, weight)
    cutoff = _cutoff(scores, weights, share, is_lowest=chosen == "lowest")
    selected = scores <= cutoff if chosen == "lowest" else scores >= cutoff
    deserving = labels == (0 if chosen == "lowest" else 1)
    sign = -1.0 if chosen == "lowest" else 1.0
    cuts = [cut for cut in parts_of(column.reset_index(drop=True), weights) if cut.chosen.any()]
    groups = [_Group(cut, labels, scores, weights, selected, deserving, sign * logit(scores)) for cut in cuts]
    own = next((one for one in groups if one.cut.label == reference), None)
    own = own or max(groups, key=lambda one: one.weight.sum())
    total = float(weights.sum())
    return FairnessTable(
        rows=tuple(one.beside(own, total) for one in groups),
        reference=own.cut.label,
        selected_share=float(weights[selected].sum()) / total,
        cutoff=cutoff,
        chosen=chosen,
    )


def _cutoff(p: Floats, weight: Floats, share: float, *, is_lowest: bool) -> float:
    """Return the score of the last block of equal scores that still fits into the share; at least the first block."""
    values, place = np.unique(p if is_lowest else -p, return_inverse=True)
    reached = np.cumsum(np.bincount(place, weight)) / weight.sum()
    last = max(0, int(np.searchsorted(reached, share + 1e-12, side="right")) - 1)
    return float(values[last] if is_lowest else -values[last])


class _Group:
    """One group's rows, and what is asked of them."""

    def __init__(
        self, cut: Cut, y: Floats, p: Floats, weight: Floats, selected: np.ndarray, deserving: np.ndarray, score: Floats
    ) -> None:
        self.cut, rows = cut, cut.chosen
        self.y, self.p, self.weight, self.score = y[rows], p[rows], weight[rows], score[rows]
        self.selected, self.deserving = selected[rows], deserving[rows]

    @property
    def is_enough(self) -> bool:
        return len(self.y) >= MIN_ROWS

    def rate(self, among: np.ndarray | None = None) -> tuple[float, float]:
        """Return the share that is chosen, of all or among some, and how many rows of equal weight it rests on."""
        rows = np.ones(len(self.y), dtype=bool) if among is None else among
        weight = self.weight[rows]
        if not weight.sum() > 0:
            return float("nan"), 0.0
        return float(weight @ self.selected[rows] / weight.sum()), float(weight.sum() ** 2 / (weight @ weight))

    def beside(self, other: "_Group", total: float) -> GroupRow:
        """Return the row of this group, the other being the reference."""
        rate, rows = self.rate()
        rate_there, rows_there = other.rate()
        impact = impact_ratio(rate * rows, rows, reference_selected=rate_there * rows_there, reference_rows=rows_there)
        p_value = _p_value_of_equal_shares((rate, rows), (rate_there, rows_there))
        right, wrong = self.rate(self.deserving), self.rate(~self.deserving)
        gap = _newcombe(right, other.rate(other.deserving))
        ratio = observed_expected(self.y, self.p, weight=self.weight)
        is_own = self is other
        is_judged = self.is_enough and other.is_enough
        nothing = float("nan")
        return GroupRow(
            kind=self.cut.kind, label=self.cut.label, low=self.cut.low, high=self.cut.high,
            rows=len(self.y), events=int(self.y.sum()), share=float(self.weight.sum()) / total,
            selection_rate=rate,
            impact=1.0 if is_own else impact.value if is_judged else nothing,
            impact_low=impact.low if is_judged and not is_own else nothing,
            impact_high=impact.high if is_judged and not is_own else nothing,
            p_value=p_value if is_judged and not is_own else nothing,
            mean_difference=0.0 if is_own else self._apart(other) if is_judged else nothing,
            true_positive_rate=right[0],
            true_positive_gap=0.0 if is_own else gap.value if is_judged else nothing,
            true_positive_gap_low=gap.low if is_judged and not is_own else nothing,
            true_positive_gap_high=gap.high if is_judged and not is_own else nothing,
            false_positive_rate=wrong[0],
            false_positive_gap=wrong[0] - other.rate(~other.deserving)[0] if is_judged else nothing,
            observed_expected=ratio.value, observed_expected_low=ratio.low, observed_expected_high=ratio.high,
            is_reference=is_own,
            verdict=_verdict(impact, p_value) if is_judged and not is_own else "alike" if is_own else "too_few",
        )  # fmt: skip

    def _apart(self, other: "_Group") -> float:
        """Return the standardised difference of mean scores, by the pooled spread of both groups."""
        means, spreads, sizes = zip(*((_mean(one), _variance(one), len(one.y)) for one in (self, other)), strict=True)
        freedom = sum(sizes) - 2
        pooled = sum((size - 1) * spread for size, spread in zip(sizes, spreads, strict=True)) / max(1, freedom)
        return float((means[0] - means[1]) / np.sqrt(pooled)) if pooled > 0 else 0.0


def _mean(group: _Group) -> float:
    return float(np.average(group.score, weights=group.weight))


def _variance(group: _Group) -> float:
    size = len(group.y)
    spread = float(np.average((group.score - _mean(group)) ** 2, weights=group.weight))
    return spread * size / (size - 1) if size > 1 else 0.0


def _verdict(impact: Interval, p_value: float) -> Literal["alike", "adverse", "size", "significant"]:
    is_low, is_certain = impact.value < FOUR_FIFTHS, p_value < CHANCE
    if is_low:
        return "adverse" if is_certain else "size"
    return "significant" if is_certain else "alike"


def _p_value_of_equal_shares(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the two-sided p-value of the test of two shares with pooled variance."""
    from scipy.special import ndtr

    (rate, rows), (rate_there, rows_there) = one, other
    if min(rows, rows_there) <= 0:
        return float("nan")
    pooled = (rate * rows + rate_there * rows_there) / (rows + rows_there)
    spread = pooled * (1 - pooled) * (1 / rows + 1 / rows_there)
    if spread <= 0:
        return 1.0
    return float(2 * ndtr(-abs(rate - rate_there) / np.sqrt(spread)))


def _newcombe(one: tuple[float, float], other: tuple[float, float]) -> Interval:
    """Return the difference of two shares with Newcombe's interval from two of Wilson's (1998, method 10)."""
    value = one[0] - other[0]
    if min(one[1], other[1]) <= 0:
        return Interval(value, float("nan"), float("nan"))
    (low, high), (low_there, high_there) = _wilson(*one), _wilson(*other)
    below = np.hypot(one[0] - low, high_there - other[0])
    above = np.hypot(high - one[0], other[0] - low_there)
    return Interval(value, float(value - below), float(value + above))


def _wilson(share: float, rows: float) -> tuple[float, float]:
    z2 = Z_95**2
    centre = (share + z2 / (2 * rows)) / (1 + z2 / rows)
    half = Z_95 / (1 + z2 / rows) * np.sqrt(share * (1 - share) / rows + z2 / (4 * rows**2))
    return float(centre - half), float(centre + half)


def proxies_of(frame: pd.DataFrame, group: pd.Series, *, seed_rows: int = ROWS_FOR_PROXIES) -> list[Proxy]:
    """Return by which columns the groups can be told (AUC above 0.75), the surest first.

    Parameters
    ----------
    frame : the columns the model reads. group : the column of groups, of the same rows.
    seed_rows : rows that are looked at, spread evenly.

    Returns
    -------
    list of Proxy

    Examples
    --------
    >>> frame = pd.DataFrame({"height": np.arange(400), "noise": np.arange(400) % 7})
    >>> sex = pd.Series(["f", "m"]).repeat(200).reset_index(drop=True)
    >>> [(found.column, found.group) for found in proxies_of(frame, sex)]
    [('height', 'f')]
    """
    every = max(1, len(frame) // seed_rows)
    few, column = frame.iloc[::every].reset_index(drop=True), group.iloc[::every].reset_index(drop=True)
    cuts = sorted(parts_of(column, np.ones(len(column))), key=lambda cut: -cut.chosen.sum())[:GROUPS_FOR_PROXIES]
    found: dict[str, Proxy] = {}
    for cut in cuts:
        member = cut.chosen.astype(float)
        if not MIN_ROWS <= member.sum() <= len(member) - MIN_ROWS:
            continue
        rows = sample_rows(member, seed_rows)
        for name in few.columns:
            auc, _value = column_power(few[name].iloc[rows], member[rows])
            if auc is not None and auc > max(PROXY_AUC, found[name].auc if name in found else 0.0):
                found[name] = Proxy(str(name), cut.label, float(auc))
    return sorted(found.values(), key=lambda proxy: -proxy.auc)
