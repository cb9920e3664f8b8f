"""The measures of a score month by month."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from experiments.evaluation.bootstrap import bootstrap_tallies
from experiments.evaluation.calibration import observed_expected
from experiments.evaluation.intervals import Interval
from experiments.evaluation.metrics import ks, ks_of, lift_at
from experiments.evaluation.psi_bins import PsiBins, PsiResult
from experiments.evaluation.ranking import Floats, labelled, tally
from experiments.evaluation.small_counts import auc_with_interval, counted, ks_interval, share_interval
from experiments.house_rules import is_enough
from experiments.stored import plain_fields

__all__ = ["PeriodRow", "by_period", "volatility"]

# A month counts as mature when the outcome of so many of its rows is known.
MATURE = 0.95
REPLICATES = 100


@dataclass(frozen=True)
class PeriodRow:
    """Measures of one period; those that need both classes are NaN when ``is_enough`` is false.

    ``known_share`` is the share of its rows whose outcome is known.

    Examples
    --------
    >>> row = by_period([0, 1] * 100, [0.2, 0.7] * 100, period=["2025-01"] * 200)[0]
    >>> row.period, row.rows, row.auc
    ('2025-01', 200, 1.0)
    """

    period: str
    rows: int
    events: int
    event_rate: float
    mean_probability: float
    observed_expected: float
    auc: float
    auc_low: float
    auc_high: float
    ks: float
    lift: float
    psi: float
    psi_limit: float
    is_enough: bool
    is_out_of_time: bool
    event_rate_low: float = float("nan")
    event_rate_high: float = float("nan")
    observed_expected_low: float = float("nan")
    observed_expected_high: float = float("nan")
    ks_low: float = float("nan")
    ks_high: float = float("nan")
    known_share: float = 1.0

    @property
    def is_mature(self) -> bool:
        """Whether the outcome is known of nearly all of its rows; a rate of the others alone would mislead."""
        return self.known_share >= MATURE

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready plain data."""
        return plain_fields(self)


def by_period(
    y: ArrayLike,
    p: ArrayLike,
    *,
    period: ArrayLike,
    weight: ArrayLike | None = None,
    baseline: PsiBins | None = None,
    out_of_time: Sequence[Any] | set[Any] = (),
    contact_share: float = 0.1,
    scored: tuple[ArrayLike, ArrayLike, ArrayLike | None] | None = None,
    known: Mapping[str, float] | None = None,
    with_intervals: bool = True,
) -> list[PeriodRow]:
    """Return the measures of each period, in order.

    Parameters
    ----------
    y, p, period, weight : labels, probabilities, period (a month such as ``2010-05``) and weights; shape (n,).
    baseline : frozen bins of the development score, for the PSI.
    out_of_time : the periods that were kept out of training.
    contact_share : share of the population for the lift.
    scored : scores, periods and weights for the PSI, where the baseline is of another model's scores than ``p``.
    known : share of each period's rows whose outcome is known; by ``y`` when left out.
    with_intervals : False where nobody reads the bounds of KS, which are bootstrapped; they are NaN then.

    Returns
    -------
    list of PeriodRow

    Raises
    ------
    ValueError : lengths differ, a label is neither 0 nor 1, a score is NaN, or a weight is negative or NaN.

    Notes
    -----
    Periods too small to judge (``house_rules``) are counted but not measured.

    Examples
    --------
    >>> months = ["2025-01"] * 200 + ["2025-02"] * 200
    >>> rows = by_period([0, 1] * 200, [0.2, 0.7] * 200, period=months)
    >>> [(row.period, row.event_rate) for row in rows]
    [('2025-01', 0.5), ('2025-02', 0.5)]
    """
    known = known_shares(y, period) if known is None else known
    labels, scores, weights, periods = labelled(y, p, weight, period)
    held_out = {str(name) for name in out_of_time}
    shifts = _shifts_by_period(baseline, (scores, periods, weights) if scored is None else scored)
    names, codes = np.unique(periods.astype(str), return_inverse=True)
    rows = []
    for place, name in enumerate(names):
        own = codes == place
        rows.append(
            _period_row(
                str(name),
                labels[own],
                scores[own],
                weights[own],
                shifts.get(str(name)),
                name in held_out,
                contact_share,
                known.get(str(name), 1.0),
                with_intervals,
            )
        )
    return rows


def known_shares(y: ArrayLike, period: ArrayLike) -> dict[str, float]:
    """Return of each period the share of rows whose outcome is known."""
    names, codes = np.unique(np.asarray(period).astype(str), return_inverse=True)
    is_known = ~np.isnan(np.asarray(y, dtype=np.float64))
    return dict(zip(names.tolist(), (np.bincount(codes, is_known) / np.bincount(codes)).tolist(), strict=True))


def _shifts_by_period(
    baseline: PsiBins | None, scored: tuple[ArrayLike, ArrayLike, ArrayLike | None]
) -> dict[str, PsiResult]:
    if baseline is None:
        return {}
    scores, periods = np.asarray(scored[0], dtype=np.float64), np.asarray(scored[1]).astype(str)
    weights = np.ones(len(scores)) if scored[2] is None else np.asarray(scored[2], dtype=np.float64)
    return {
        str(name): baseline.compare(scores[periods == name], weights[periods == name]) for name in np.unique(periods)
    }


def _period_row(
    name: str,
    y: Floats,
    p: Floats,
    weight: Floats,
    drift: PsiResult | None,
    is_out_of_time: bool,
    contact_share: float,
    known_share: float,
    with_intervals: bool,
) -> PeriodRow:
    events, total = int(y.sum()), weight.sum()
    enough = is_enough(len(y), events) and events < len(y)
    nothing = float("nan")
    interval = auc_with_interval(y, p, weight=weight) if enough else None
    apart = _ks_with_interval(y, p, weight, with_bounds=with_intervals) if enough else None
    ratio = observed_expected(y, p, weight=weight)
    rate = share_interval(float(weight @ y / total) if total > 0 else nothing, total**2 / max(weight @ weight, 1e-300))
    return PeriodRow(
        period=name,
        rows=len(y),
        events=events,
        event_rate=rate.value,
        mean_probability=float(weight @ p / total) if total > 0 else nothing,
        observed_expected=ratio.value,
        auc=interval.value if interval else nothing,
        auc_low=interval.low if interval else nothing,
        auc_high=interval.high if interval else nothing,
        ks=apart.value if apart else nothing,
        lift=lift_at(y, p, share=contact_share, weight=weight) if enough else nothing,
        psi=drift.psi if drift else nothing,
        psi_limit=drift.limit if drift else nothing,
        is_enough=enough,
        is_out_of_time=is_out_of_time,
        event_rate_low=rate.low,
        event_rate_high=rate.high,
        observed_expected_low=ratio.low,
        observed_expected_high=ratio.high,
        ks_low=apart.low if apart else nothing,
        ks_high=apart.high if apart else nothing,
        known_share=known_share,
    )


def _ks_with_interval(y: Floats, p: Floats, weight: Floats, *, with_bounds: bool) -> Interval:
    if not with_bounds:
        return Interval(ks(y, p, weight=weight).value, float("nan"), float("nan"))
    drawn = bootstrap_tallies(y, p, measures={"ks": ks_of}, weight=weight, replicates=REPLICATES)["ks"]
    return ks_interval(tally(y, p, weight), drawn, counted(y, weight))


def volatility(y: ArrayLike, p: ArrayLike, *, period: ArrayLike | None, weight: ArrayLike | None = None) -> float:
    """Return the standard deviation of the monthly KS over periods that are large enough; 0 with fewer than two.

    Parameters
    ----------
    y, p, period, weight : labels, probabilities, period and weights of the rows; shape (n,).

    Returns
    -------
    float
        At least 0, in units of KS.

    Examples
    --------
    >>> months = ["2025-01"] * 200 + ["2025-02"] * 200
    >>> volatility([0, 1] * 200, [0.2, 0.7] * 200, period=months)
    0.0
    """
    if period is None:
        return 0.0
    labels, scores, weights, periods = labelled(y, p, weight, period)
    _, codes = np.unique(periods.astype(str), return_inverse=True)
    rows, events = np.bincount(codes), np.bincount(codes, labels)
    found = [
        ks(labels[codes == place], scores[codes == place], weight=weights[codes == place]).value
        for place in range(len(rows))
        if is_enough(int(rows[place]), int(events[place])) and events[place] < rows[place]
    ]
    return float(np.std(found)) if len(found) > 1 else 0.0
