"""Intervals that cover where events are few: large-sample theory and the bootstrap promise too much below a hundred.

Which method an interval is by depends on the rarer outcome's count alone and is told by ``methods``. Their coverage is
simulated in tests/experiments/evaluation/coverage.py, and wider in tests/benchmarks/coverage.py.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.errors import gettext_noop
from experiments.evaluation.clusters import cluster_codes
from experiments.evaluation.delong import class_variances, degrees_of_freedom, delong_interval, placements
from experiments.evaluation.intervals import Interval
from experiments.evaluation.ranking import Floats, RankedSample, Tally
from experiments.house_rules import LARGE_SAMPLE

__all__ = ["Counts", "auc_with_interval", "newcombe_interval", "share_interval"]

FEW_METHODS = gettext_noop(
    "Intervals, with %(count)s rows of the rarer outcome: AUC and Gini by Newcombe's method or DeLong's with "
    "Student's t, whichever is wider; KS by Smirnov's band; lift and capture exact (Clopper–Pearson); log loss and "
    "Brier by outcome (MOVER); calibration slope with Student's t. They are valid for few events, and therefore "
    "wide."
)
MANY_METHODS = gettext_noop(
    "Intervals: AUC and Gini by DeLong on the logit scale; lift and capture by bootstrap; KS by bootstrap, its "
    "lower end corrected for bias; log loss, Brier and calibration by large-sample standard errors. Where "
    "customers have several rows, whole customers are resampled."
)


@dataclass(frozen=True)
class Counts:
    """How many events and other rows a sample is worth: weights and repeated customers make it worth fewer.

    Examples
    --------
    >>> Counts(5, 100).is_small, Counts(500, 9_500).is_small
    (True, False)
    """

    events: float
    others: float

    @classmethod
    def of(cls, y: Floats, weight: Floats, *, codes: NDArray[np.intp] | None = None) -> "Counts":
        """Count a labelled sample; ``codes`` are clusters, of which each counts once for each outcome it has."""
        found = []
        for label in (1, 0):
            own = weight[y == label]
            if codes is not None:
                own = np.bincount(np.unique(codes[y == label], return_inverse=True)[1], own) if len(own) else own
            squares = float(own @ own)
            found.append(float(own.sum()) ** 2 / squares if squares > 0 else 0.0)
        return cls(*found)

    @property
    def rarer(self) -> float:
        """Count of the rarer outcome, which decides how sure anything can be."""
        return min(self.events, self.others)

    @property
    def is_small(self) -> bool:
        """Return whether large-sample intervals would promise too much."""
        return self.rarer < LARGE_SAMPLE


def methods(events: int, rows: int) -> dict[str, Any]:
    """Return the sentence that says by which methods intervals of such a sample are."""
    if min(events, rows - events) < LARGE_SAMPLE:
        return {"message": FEW_METHODS, "params": {"count": f"{min(events, rows - events):,}"}}
    return {"message": MANY_METHODS, "params": {}}


def auc_interval(
    y: Floats, p: Floats, weight: Floats, large: Interval, counts: Counts, level: float = 0.95
) -> Interval:
    """Return the AUC's interval: the large-sample one, or where it is too narrow for so few rows a wider one.

    Parameters
    ----------
    y, p, weight : labelled sample. large : DeLong's interval, or the bootstrap's where customers repeat.
    """
    if not counts.is_small or counts.rarer == 0 or not np.isfinite(large.value):
        return large
    found = [newcombe_interval(large.value, counts, level=level), _student_interval(y, p, weight, counts, level), large]
    known = [one for one in found if np.isfinite(one.low)]
    return Interval(large.value, min(one.low for one in known), max(one.high for one in known))


def auc_with_interval(y: Floats, p: Floats, *, weight: Floats, level: float = 0.95) -> Interval:
    """Return the AUC of a labelled sample without repeated customers, with an interval that covers at any count.

    Parameters
    ----------
    y, p, weight : labels (1, 0), scores and weights; shape (n,). level : coverage.

    Returns
    -------
    Interval

    Examples
    --------
    >>> import numpy as np
    >>> y, p = np.array([0.0, 1.0] * 20), np.array([0.2, 0.7, 0.6, 0.5] * 10)
    >>> round(auc_with_interval(y, p, weight=np.ones(40)).value, 3)
    0.75
    """
    return auc_interval(y, p, weight, delong_interval(y, p, weight=weight, level=level), counted(y, weight), level)


def newcombe_interval(auc: float, counts: Counts, *, level: float = 0.95) -> Interval:
    """Return Newcombe's score interval of an AUC (2006, his method 5), with Hanley and McNeil's variance.

    It needs no spread among the few events, and so is wide where they happen to agree.

    Parameters
    ----------
    auc : the estimate, 0 to 1. counts : of events and others. level : coverage.

    Returns
    -------
    Interval

    References
    ----------
    Newcombe, R. G. (2006). Confidence intervals for an effect size measure based on the Mann–Whitney statistic. Part 2.
    Statistics in Medicine 25.

    Examples
    --------
    >>> found = newcombe_interval(1.0, Counts(5, 100))
    >>> round(found.low, 2), found.high
    (0.8, 1.0)
    """
    from scipy.optimize import brentq
    from scipy.special import ndtri

    z = float(ndtri(0.5 + level / 2))
    mean = max((counts.events + counts.others) / 2 - 1, 0.0)

    def excess(at: float) -> float:
        spread = at * (1 - at) / (counts.events * counts.others)
        spread *= 1 + mean * ((1 - at) / (2 - at) + at / (1 + at))
        return abs(auc - at) - z * float(np.sqrt(spread))

    low = brentq(excess, 0.0, auc) if auc > 0 and excess(0.0) > 0 > excess(auc) else 0.0
    high = brentq(excess, auc, 1.0) if auc < 1 and excess(1.0) > 0 > excess(auc) else 1.0
    if auc >= 1:
        low = brentq(excess, 0.0, 1 - 1e-9)
    if auc <= 0:
        high = brentq(excess, 1e-9, 1.0)
    return Interval(auc, float(low), float(high))


def _student_interval(y: Floats, p: Floats, weight: Floats, counts: Counts, level: float = 0.95) -> Interval:
    """Return DeLong's interval on the logit scale with Student's t, whose degrees of freedom are Satterthwaite's."""
    from scipy.special import stdtrit

    ranked = RankedSample(y, p, weight)
    value, influence = placements(ranked)
    variances = class_variances(influence, ranked.y)
    nothing = Interval(value, float("nan"), float("nan"))
    total = sum(variances)
    if not np.isfinite(total) or total <= 0 or not 0 < value < 1:
        return nothing
    freedom = degrees_of_freedom(variances, (counts.others, counts.events))
    half = float(stdtrit(freedom, 0.5 + level / 2)) * np.sqrt(total) / (value * (1 - value))
    centre = np.log(value / (1 - value))
    low, high = 1 / (1 + np.exp(-(centre + np.array([-half, half]))))
    return Interval(value, float(low), float(high))


def share_interval(share: float, count: float, *, level: float = 0.95) -> Interval:
    """Return the exact interval of Clopper and Pearson for a share of ``count``, which may be a fraction.

    Parameters
    ----------
    share : the estimate, 0 to 1. count : of rows it is the share of. level : coverage.

    Returns
    -------
    Interval

    References
    ----------
    Clopper, C. J. and Pearson, E. S. (1934). The use of confidence or fiducial limits. Biometrika 26.

    Examples
    --------
    >>> found = share_interval(0.4, 5)
    >>> round(found.low, 3), round(found.high, 3)
    (0.053, 0.853)
    """
    from scipy.special import betaincinv

    if count <= 0 or not np.isfinite(share):
        return Interval(share, float("nan"), float("nan"))
    hits, tail = share * count, (1 - level) / 2
    low = float(betaincinv(hits, count - hits + 1, tail)) if hits > 1e-9 else 0.0
    high = float(betaincinv(hits + 1, count - hits, 1 - tail)) if hits < count - 1e-9 else 1.0
    return Interval(share, low, high)


def ks_interval(sample: Tally, bootstrap: Interval, counts: Counts, level: float = 0.95) -> Interval:
    """Return the KS with an interval that allows for its being the largest of many distances.

    A KS is too large by chance, and its bootstrap by twice that. So the lower end comes from Smirnov's band, which
    holds whatever the curves are, or of a large sample from the bootstrap's bias; below the critical value of the KS
    test it is 0. The upper end is Newcombe's for the two shares at the cut, or the bootstrap's where that is higher.
    """
    value = bootstrap.value
    if not np.isfinite(value) or counts.rarer <= 0:
        return bootstrap
    band = _smirnov_band(counts, level)
    at_cut = _distance_at_cut(sample, counts, level)
    low = value - band
    if not counts.is_small and value > band:
        low = min(2 * value - bootstrap.high, at_cut.low)
    return Interval(value, max(0.0, float(low)), min(1.0, max(bootstrap.high, at_cut.high)))


def _smirnov_band(counts: Counts, level: float = 0.95) -> float:
    """Return what the largest distance of two curves exceeds its true value by with probability (1 − level)/2."""
    from scipy.special import smirnovi

    size = counts.events * counts.others / (counts.events + counts.others)
    return float(smirnovi(max(1, int(size)), (1 - level) / 2))


def _distance_at_cut(sample: Tally, counts: Counts, level: float) -> Interval:
    """Return the distance at the cut with the largest, with the interval of Newcombe's rule for two shares."""
    found = np.cumsum(sample.events) / sample.event_total
    others = np.cumsum(sample.non_events) / sample.non_event_total
    at = int(np.abs(found - others).argmax())
    pairs = [(float(found[at]), counts.events), (float(others[at]), counts.others)]
    (larger, its_count), (smaller, other_count) = sorted(pairs, key=lambda pair: -pair[0])
    one, other = share_interval(larger, its_count, level=level), share_interval(smaller, other_count, level=level)
    value = larger - smaller
    down = float(np.hypot(larger - one.low, other.high - smaller))
    return Interval(value, value - down, value + float(np.hypot(one.high - larger, smaller - other.low)))


def mean_interval_by_outcome(
    values: Floats, y: Floats, weight: Floats, counts: Counts, large: Interval, level: float = 0.95
) -> Interval:
    """Return the interval of a mean loss from those of its two outcomes and of the event rate, joined by MOVER.

    Few events carry most of a loss, and the mean of all rows hides how uncertain their number is.
    """
    from scipy.special import ndtri, stdtrit

    if not counts.is_small or counts.rarer < 2:
        return large
    share = float(weight[y == 1].sum() / weight.sum())
    rate = share_interval(share, counts.events + counts.others, level=level)
    means, halves = [], []
    for label, count in ((1, counts.events), (0, counts.others)):
        own, mass = values[y == label], weight[y == label]
        mean = float(own @ mass / mass.sum())
        deviation = float(np.sqrt(mass @ (own - mean) ** 2 / mass.sum() * count / (count - 1)))
        quantile = float(stdtrit(count - 1, 0.5 + level / 2) if count < LARGE_SAMPLE else ndtri(0.5 + level / 2))
        means.append(mean)
        halves.append(quantile * deviation / np.sqrt(count))
    apart = means[0] - means[1]
    rest = (share * halves[0]) ** 2 + ((1 - share) * halves[1]) ** 2
    ends = [float(np.sqrt(((end - share) * apart) ** 2 + rest)) for end in (rate.low, rate.high)]
    down, up = ends if apart >= 0 else ends[::-1]
    return Interval(large.value, min(large.low, large.value - down), max(large.high, large.value + up))


def widened(large: Interval, counts: Counts, level: float = 0.95) -> Interval:
    """Return an interval of a large-sample error with Student's t, and the error without its small-sample bias."""
    from scipy.special import ndtri, stdtrit

    if not counts.is_small or counts.rarer < 2 or not np.isfinite(large.low):
        return large
    times = float(stdtrit(counts.rarer - 1, 0.5 + level / 2) / ndtri(0.5 + level / 2))
    times *= float(np.sqrt(counts.rarer / max(counts.rarer - 2, 1.0)))
    return Interval(
        large.value, large.value - times * (large.value - large.low), large.value + times * (large.high - large.value)
    )


def counted(y: Floats, weight: Floats, groups: Any = None) -> Counts:
    """Count a labelled sample of which customers may repeat."""
    return Counts.of(y, weight, codes=cluster_codes(groups))
