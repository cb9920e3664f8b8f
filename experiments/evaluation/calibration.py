"""Whether 30 % means 30 %: reliability, its summaries, and calibrators that never change the order."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike

from experiments.evaluation.intervals import Interval, cluster_codes, clustered_error, percentile_interval
from experiments.evaluation.metrics import Floats, labelled, plain, quantile_edges
from experiments.evaluation.newton import fit_by_newton
from experiments.evaluation.odds import expit, log_odds

# House rule 1.7: 15 groups of equal frequency; the count is part of what ECE means.
ECE_BINS = 15
# Hosmer and Lemeshow rejects trivial gaps in large samples, so it is not computed there.
HOSMER_LEMESHOW_MAX_ROWS = 25_000
# Fewer events than this cannot carry isotonic steps.
ISOTONIC_MIN_EVENTS = 1_000

_MARGIN_LIMIT = 36.0


def logit(p: ArrayLike) -> Floats:
    """Return ln(p/(1−p)), kept finite for probabilities of 0 and 1."""
    return np.clip(log_odds(np.asarray(p, dtype=np.float64)), -_MARGIN_LIMIT, _MARGIN_LIMIT)


def correct_prior(p: ArrayLike, population_rate: float, sample_rate: float) -> Floats:
    """Return probabilities moved from a sampled event rate to that of the population.

    logit(p′) = logit(p) + ln(r/(1−r)) − ln(w/(1−w)), domain specification 1.6.

    Examples
    --------
    >>> round(float(correct_prior(0.30, population_rate=0.02, sample_rate=0.20)), 4)
    0.0338
    """
    if not (0 < population_rate < 1 and 0 < sample_rate < 1):
        raise ValueError("event rates must lie between 0 and 1")
    shift = prior_shift(population_rate, sample_rate)
    return np.asarray(expit(log_odds(np.asarray(p, dtype=np.float64)) + shift))


def prior_shift(population_rate: float, sample_rate: float) -> float:
    """Return ln(r/(1−r)) − ln(w/(1−w)), by which log-odds move from a sample to its population."""
    return float(log_odds(population_rate) - log_odds(sample_rate))


@dataclass(frozen=True)
class ReliabilityBin:
    """One group of like probabilities: what was said, what happened, and the Jeffreys interval of the latter."""

    rows: int
    events: int
    share: float
    mean_probability: float
    event_rate: float
    low: float
    high: float


@dataclass(frozen=True)
class Reliability:
    """Groups of equal frequency with their two summaries, expected and maximum calibration error."""

    bins: tuple[ReliabilityBin, ...]
    ece: float
    mce: float

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready plain data."""
        return plain(asdict(self))


def _binned(y: Floats, p: Floats, weight: Floats, bins: int) -> tuple[np.ndarray, int]:
    edges = quantile_edges(p, bins, weight)
    return np.searchsorted(edges, p, side="right"), len(edges) + 1


def reliability(y: ArrayLike, p: ArrayLike, weight: ArrayLike | None = None, bins: int = ECE_BINS) -> Reliability:
    """Return the reliability diagram over ``bins`` groups of equal frequency, equal probabilities kept together.

    Parameters
    ----------
    y, p, weight : labels, probabilities and weights; shape (n,).
    """
    labels, scores, weights = labelled(y, p, weight)
    if weights.sum() == 0:
        return Reliability((), float("nan"), float("nan"))
    code, count = _binned(labels, scores, weights, bins)
    total = np.bincount(code, weights, count)
    rows, events = np.bincount(code, minlength=count), np.bincount(code, labels, count)
    filled = np.flatnonzero(total > 0)
    said, happened = np.bincount(code, weights * scores, count), np.bincount(code, weights * labels, count)
    effective = total**2 / np.maximum(np.bincount(code, weights**2, count), np.finfo(float).tiny)
    made: list[ReliabilityBin] = []
    for index in filled:
        rate = happened[index] / total[index]
        low, high = jeffreys_interval(rate * effective[index], effective[index])
        made.append(
            ReliabilityBin(
                rows=int(rows[index]),
                events=int(events[index]),
                share=float(total[index] / total.sum()),
                mean_probability=float(said[index] / total[index]),
                event_rate=float(rate),
                low=low,
                high=high,
            )
        )
    gaps = np.abs(happened - said)
    return Reliability(
        tuple(made), float(gaps.sum() / total.sum()), float((gaps[filled] / total[filled]).max(initial=0.0))
    )


def jeffreys_interval(events: float, rows: float, level: float = 0.95) -> tuple[float, float]:
    """Return the Jeffreys interval of a rate: quantiles of Beta(events + ½, rows − events + ½)."""
    from scipy.special import betaincinv

    a, b, tail = events + 0.5, rows - events + 0.5, (1 - level) / 2
    low, high = (float(betaincinv(a, b, share)) for share in (tail, 1 - tail))
    return (0.0 if events <= 0 else low), (1.0 if events >= rows else high)


def ece(y: ArrayLike, p: ArrayLike, weight: ArrayLike | None = None, bins: int = ECE_BINS) -> float:
    """Return the expected calibration error Σ(n_b/n)|ȳ_b − p̄_b| over groups of equal frequency."""
    return reliability(y, p, weight, bins).ece


def mce(y: ArrayLike, p: ArrayLike, weight: ArrayLike | None = None, bins: int = ECE_BINS) -> float:
    """Return the largest gap between a group's event rate and its mean probability."""
    return reliability(y, p, weight, bins).mce


def ece_interval(
    y: ArrayLike,
    p: ArrayLike,
    weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    *,
    bins: int = ECE_BINS,
    replicates: int = 500,
    level: float = 0.95,
    seed: int = 1,
) -> Interval:
    """Return ECE with a bootstrap interval over the sample's own groups.

    Notes
    -----
    The gaps of the groups are redrawn from the normal law that the bootstrap of their sums tends to. Redrawing
    adds noise to every gap and so pushes ECE upwards; the replicates are moved down by that bias.
    """
    labels, scores, weights, clusters = labelled(y, p, weight, groups)
    if weights.sum() == 0:
        return Interval(float("nan"), float("nan"), float("nan"))
    code, count = _binned(labels, scores, weights, bins)
    gaps = weights * (labels - scores) / weights.sum()
    sums = np.bincount(code, gaps, count)
    value = float(np.abs(sums).sum())
    law = _covariance(code, count, gaps, cluster_codes(clusters))
    noise = np.random.default_rng(seed).multivariate_normal(np.zeros(count), law, replicates, method="eigh")
    found = np.abs(sums + noise).sum(axis=1)
    return percentile_interval(value, np.maximum(found - (found.mean() - value), 0), level)


def _covariance(code: np.ndarray, count: int, values: Floats, clusters: np.ndarray | None) -> Floats:
    """Return the covariance of the groups' sums when rows, or whole clusters, are drawn again."""
    from scipy import sparse

    units = np.arange(len(code)) if clusters is None else clusters
    by_unit = sparse.csr_matrix((values, (units, code)), shape=(int(units.max()) + 1, count))
    sums = np.asarray(by_unit.sum(axis=0)).ravel()
    return np.asarray((by_unit.T @ by_unit).todense()) - np.outer(sums, sums) / by_unit.shape[0]


def observed_expected(
    y: ArrayLike,
    p: ArrayLike,
    weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    level: float = 0.95,
) -> Interval:
    """Return events observed over events expected (O/E), with an interval on the log scale, robust to clusters.

    Above 1 the model says too little, below 1 too much.
    """
    from scipy.special import ndtri

    labels, scores, weights, clusters = labelled(y, p, weight, groups)
    observed, expected = float(weights @ labels), float(weights @ scores)
    if expected == 0:
        return Interval(float("nan"), float("nan"), float("nan"))
    value = observed / expected
    if observed == 0:
        return Interval(0.0, 0.0, float(-np.log((1 - level) / 2) / expected))
    error = clustered_error(weights * (labels - value * scores) / observed, cluster_codes(clusters))
    half = float(ndtri(0.5 + level / 2)) * error
    return Interval(value, float(value * np.exp(-half)), float(value * np.exp(half)))


@dataclass(frozen=True)
class Recalibration:
    """The regression logit P(y) = a + b·logit p: ``intercept`` with b fixed at 1, and the ``slope`` b."""

    intercept: Interval
    slope: Interval


def recalibration(
    y: ArrayLike,
    p: ArrayLike,
    weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    level: float = 0.95,
) -> Recalibration:
    """Return calibration intercept (target |a| < 0.1) and slope (target 0.9 to 1.1), intervals robust to clusters.

    Domain specification 1.7. A slope below 1 says the model is too sure of itself.
    """
    labels, scores, weights, clusters = labelled(y, p, weight, groups)
    nothing = Interval(float("nan"), float("nan"), float("nan"))
    if len(np.unique(labels[weights > 0])) < 2:
        return Recalibration(nothing, nothing)
    margin, codes = logit(scores), cluster_codes(clusters)
    ones = np.ones((len(margin), 1))
    intercept, intercept_error = _logistic(ones, labels, weights, offset=margin, codes=codes)
    if np.ptp(margin) == 0:
        slope = nothing
    else:
        both, errors = _logistic(np.column_stack([ones, margin]), labels, weights, codes=codes)
        slope = _wald(both[1], errors[1], level)
    return Recalibration(_wald(intercept[0], intercept_error[0], level), slope)


def _wald(value: float, error: float, level: float) -> Interval:
    from scipy.special import ndtri

    half = float(ndtri(0.5 + level / 2)) * float(error)
    return Interval(float(value), float(value) - half, float(value) + half)


def _logistic(
    X: Floats,
    y: Floats,
    weight: Floats,
    *,
    offset: Floats | float = 0.0,
    penalty: Sequence[float] = (),
    centre: Sequence[float] = (),
    codes: np.ndarray | None = None,
) -> tuple[Floats, Floats]:
    """Fit a small logistic regression; return coefficients and sandwich errors.

    ``penalty`` is a quadratic pull of each coefficient to ``centre``, which keeps separable data finite.
    """
    size = X.shape[1]
    pull = np.asarray(penalty, dtype=float) if len(penalty) else np.zeros(size)
    start = np.asarray(centre, dtype=float) if len(centre) else np.zeros(size)
    # A trace of a penalty, so that columns that say the same thing have an answer.
    fit = fit_by_newton(X, y, weight, penalty=pull + 1e-12, start=start, centre=start, offset=offset)
    rest = weight * (y - expit(offset + X @ fit.coefficients))
    influence = np.linalg.solve(fit.information, (X * rest[:, None]).T)
    return fit.coefficients, np.array([clustered_error(row, codes) for row in influence])


@dataclass(frozen=True)
class HosmerLemeshow:
    """The Hosmer and Lemeshow test; ``p_value`` is NaN where the test is suppressed."""

    statistic: float
    degrees: int
    p_value: float


def hosmer_lemeshow(y: ArrayLike, p: ArrayLike, *, is_development: bool, groups: int = 10) -> HosmerLemeshow:
    """Return Σ(O−E)²/(n p̄(1−p̄)) over deciles, with g−2 degrees on development data and g elsewhere.

    Suppressed above 25,000 rows, where it rejects trivial gaps (domain specification 1.7).
    """
    from scipy.special import chdtrc

    labels, scores, weights = labelled(y, p)
    if len(labels) > HOSMER_LEMESHOW_MAX_ROWS or not len(labels):
        return HosmerLemeshow(float("nan"), 0, float("nan"))
    code, count = _binned(labels, scores, weights, groups)
    rows = np.bincount(code, minlength=count)
    expected = np.bincount(code, scores, count)
    observed = np.bincount(code, labels, count)
    spread = expected * (1 - expected / rows)
    statistic = float(np.sum((observed - expected) ** 2 / np.maximum(spread, np.finfo(float).tiny)))
    degrees = count - 2 if is_development else count
    return HosmerLemeshow(statistic, degrees, float(chdtrc(degrees, statistic)) if degrees > 0 else float("nan"))


def jeffreys_test(events: int, rows: int, stated: float) -> float:
    """Return P(PD ≤ stated) under Beta(D+½, N−D+½): below .05 amber, below .01 red (domain specification 1.7)."""
    from scipy.special import betainc

    return float(betainc(events + 0.5, rows - events + 0.5, stated))


class Calibrator(Protocol):
    """Turns a model's probability into one that can be read as a rate; rising, so the order stays."""

    def apply(self, p: ArrayLike) -> Floats:
        """Return calibrated probabilities, same shape as ``p``."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready plain data with the ``method``."""
        ...


@dataclass(frozen=True)
class PlattCalibrator:
    """logit p′ = intercept + slope·logit p."""

    intercept: float
    slope: float
    method: ClassVar[str] = "platt"

    def apply(self, p: ArrayLike) -> Floats:
        """Return calibrated probabilities, same shape as ``p``."""
        return np.asarray(expit(self.intercept + self.slope * logit(p)))

    def shifted(self, by: float) -> "PlattCalibrator":
        """Return the calibrator whose log-odds are higher by a number."""
        return replace(self, intercept=self.intercept + by)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready plain data."""
        return {"method": self.method, **asdict(self)}


@dataclass(frozen=True)
class BetaCalibrator:
    """logit p′ = intercept + a·ln p − b·ln(1−p), with a and b not negative: can bend either end on its own."""

    intercept: float
    a: float
    b: float
    method: ClassVar[str] = "beta"

    def apply(self, p: ArrayLike) -> Floats:
        """Return calibrated probabilities, same shape as ``p``."""
        of_low, of_high = _beta_terms(p)
        return np.asarray(expit(self.intercept + self.a * of_low + self.b * of_high))

    def shifted(self, by: float) -> "BetaCalibrator":
        """Return the calibrator whose log-odds are higher by a number."""
        return replace(self, intercept=self.intercept + by)

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready plain data."""
        return {"method": self.method, **asdict(self)}


@dataclass(frozen=True)
class IsotonicCalibrator:
    """Isotonic blocks joined by straight lines in log-odds.

    Between the blocks' means the curve rises, and beyond the ends it goes on with slope 1, so no ties appear
    and AUC and KS stay what they were.
    """

    margins: tuple[float, ...]
    calibrated: tuple[float, ...]
    method: ClassVar[str] = "isotonic"

    def apply(self, p: ArrayLike) -> Floats:
        """Return calibrated probabilities, same shape as ``p``."""
        margin = logit(p)
        inside = np.interp(margin, self.margins, self.calibrated)
        beyond = np.minimum(margin - self.margins[0], 0) + np.maximum(margin - self.margins[-1], 0)
        return np.asarray(expit(inside + beyond))

    def shifted(self, by: float) -> "IsotonicCalibrator":
        """Return the calibrator whose log-odds are higher by a number."""
        return replace(self, calibrated=tuple(value + by for value in self.calibrated))

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready plain data."""
        return {"method": self.method, "margins": list(self.margins), "calibrated": list(self.calibrated)}


AnyCalibrator = PlattCalibrator | IsotonicCalibrator | BetaCalibrator
CalibrationMethod = Literal["auto", "platt", "isotonic", "beta"]
NO_CALIBRATION = PlattCalibrator(0.0, 1.0)
CALIBRATORS: dict[str, type[AnyCalibrator]] = {
    made.method: made for made in (PlattCalibrator, IsotonicCalibrator, BetaCalibrator)
}


def calibrator_from_dict(plain_data: dict[str, Any]) -> AnyCalibrator:
    """Build a calibrator from what its ``to_dict`` gave.

    Raises
    ------
    ValueError
        For a method that is not known.
    """
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in plain_data.items()
    }
    method = values.pop("method", None)
    if method not in CALIBRATORS:
        raise ValueError(f"unknown calibrator: {method}")
    return CALIBRATORS[method](**values)


def fit_calibrator(
    y: ArrayLike,
    p: ArrayLike,
    weight: ArrayLike | None = None,
    method: CalibrationMethod = "auto",
) -> AnyCalibrator:
    """Fit a calibrator on rows the model has not seen.

    Parameters
    ----------
    y, p, weight : labels, raw probabilities and weights of out-of-fold rows; shape (n,).
    method : ``auto`` takes isotonic from 1,000 events on, Platt below.

    Returns
    -------
    PlattCalibrator, IsotonicCalibrator or BetaCalibrator
        Rising everywhere; on the rows it was fitted on O/E is 1. With one class only it changes nothing.
    """
    labels, scores, weights = labelled(y, p, weight)
    if len(np.unique(labels[weights > 0])) < 2:
        return NO_CALIBRATION
    weights = weights / weights.mean()
    if method == "auto":
        method = "isotonic" if labels.sum() >= ISOTONIC_MIN_EVENTS else "platt"
    return {"platt": _fit_platt, "isotonic": _fit_isotonic, "beta": _fit_beta}[method](labels, scores, weights)


# A pull as weak as this is invisible unless the classes are separable, where it keeps the slope finite.
_PULL = 0.01
_LEAST_SLOPE = 0.01


def _fit_platt(y: Floats, p: Floats, weight: Floats) -> PlattCalibrator:
    margin = logit(p)
    ones = np.ones((len(margin), 1))
    (intercept, slope), _ = _logistic(
        np.column_stack([ones, margin]), y, weight, penalty=(1e-9, _PULL), centre=(0.0, 1.0)
    )
    if slope < _LEAST_SLOPE:
        # A falling curve would hide that the score ranks the wrong way round.
        slope = _LEAST_SLOPE
        intercept = _level(y, slope * margin, weight)
    return PlattCalibrator(float(intercept), float(slope))


def _level(y: Floats, margin: Floats, weight: Floats) -> float:
    """Return the shift of the margin that makes the expected events equal the observed ones."""
    return float(_logistic(np.ones((len(y), 1)), y, weight, offset=margin)[0][0])


def _beta_terms(p: ArrayLike) -> tuple[Floats, Floats]:
    margin = logit(p)
    return -np.logaddexp(0, -margin), np.logaddexp(0, margin)


def _fit_beta(y: Floats, p: Floats, weight: Floats) -> BetaCalibrator:
    ones = np.ones(len(y))
    terms = dict(zip("ab", _beta_terms(p), strict=True))
    kept = ["a", "b"]
    while kept:
        X = np.column_stack([ones, *(terms[name] for name in kept)])
        found, _ = _logistic(X, y, weight, penalty=(1e-9, *[_PULL] * len(kept)), centre=(0.0, *[1.0] * len(kept)))
        if found[1:].min() >= 0:
            return BetaCalibrator(**{"a": 0.0, "b": 0.0, "intercept": float(found[0])} | _named(kept, found[1:]))
        kept.pop(int(found[1:].argmin()))
    slope = _LEAST_SLOPE
    return BetaCalibrator(_level(y, slope * logit(p), weight), slope, slope)


def _named(names: Sequence[str], values: Floats) -> dict[str, float]:
    return {name: float(value) for name, value in zip(names, values, strict=True)}


def _fit_isotonic(y: Floats, p: Floats, weight: Floats) -> AnyCalibrator:
    margin, rate, size = _isotonic_blocks(logit(p), y, weight)
    # Half an event more keeps the rates of pure blocks off 0 and 1; pooling again keeps them rising.
    events = rate * size
    margin, rate, _ = _isotonic_blocks(margin, (events + 0.5) / (size + 1), size)
    if len(margin) < 2:
        return _fit_platt(y, p, weight)
    draft = IsotonicCalibrator(tuple(margin.tolist()), tuple(logit(rate).tolist()))
    shift = _level(y, logit(draft.apply(p)), weight)
    return IsotonicCalibrator(draft.margins, tuple((np.asarray(draft.calibrated) + shift).tolist()))


def _isotonic_blocks(x: Floats, values: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
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
