"""Calibrators, which turn a score into a probability and never change the order."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike

from experiments.evaluation.isotonic import isotonic_blocks
from experiments.evaluation.newton import fit_logistic
from experiments.evaluation.odds import expit, logit
from experiments.evaluation.ranking import Floats, labelled

__all__ = ["BetaCalibrator", "IsotonicCalibrator", "PlattCalibrator", "calibrator_from_dict", "fit_calibrator"]

# With fewer events than this, isotonic steps overfit.
ISOTONIC_MIN_EVENTS = 1_000


@dataclass(frozen=True)
class PlattCalibrator:
    """logit p′ = intercept + slope·logit p.

    References
    ----------
    Platt, J. (1999). Probabilistic outputs for support vector machines. Advances in Large Margin Classifiers.

    Examples
    --------
    >>> PlattCalibrator(0.0, 1.0).apply([0.2, 0.8]).round(3).tolist()
    [0.2, 0.8]
    """

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
    """logit p′ = intercept + a·ln p − b·ln(1−p), with a and b not negative: can bend either end on its own.

    References
    ----------
    Kull, M., Silva Filho, T. and Flach, P. (2017). Beta calibration. AISTATS.

    Examples
    --------
    >>> BetaCalibrator(0.0, 1.0, 1.0).apply([0.2, 0.8]).round(3).tolist()
    [0.2, 0.8]
    """

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

    References
    ----------
    Zadrozny, B. and Elkan, C. (2002). Transforming classifier scores into accurate multiclass probability
    estimates. KDD.

    Examples
    --------
    >>> IsotonicCalibrator((-1.0, 1.0), (0.2, 0.6)).apply([0.5]).round(3).tolist()
    [0.599]
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

    Parameters
    ----------
    plain_data : ``method`` and its numbers.

    Returns
    -------
    PlattCalibrator, IsotonicCalibrator or BetaCalibrator

    Raises
    ------
    ValueError
        For a method that is not known.

    Examples
    --------
    >>> calibrator_from_dict(PlattCalibrator(0.1, 0.9).to_dict())
    PlattCalibrator(intercept=0.1, slope=0.9)
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
    *,
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

    Raises
    ------
    ValueError : ``method`` is not known, or as for ``auc``.

    Examples
    --------
    >>> found = fit_calibrator([0, 0, 0, 1] * 100, [0.2, 0.3, 0.4, 0.6] * 100)
    >>> found.method, round(float(found.apply([0.2, 0.3, 0.4, 0.6]).mean()), 3)
    ('platt', 0.25)
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
    (intercept, slope), _ = fit_logistic(
        np.column_stack([ones, margin]), y, weight, penalty=(1e-9, _PULL), centre=(0.0, 1.0)
    )
    if slope < _LEAST_SLOPE:
        # A falling curve would hide that the score ranks customers the wrong way round.
        slope = _LEAST_SLOPE
        intercept = _level(y, slope * margin, weight)
    return PlattCalibrator(float(intercept), float(slope))


def _level(y: Floats, margin: Floats, weight: Floats) -> float:
    """Return the shift of the margin that makes the expected events equal the observed ones."""
    return float(fit_logistic(np.ones((len(y), 1)), y, weight, offset=margin)[0][0])


def _beta_terms(p: ArrayLike) -> tuple[Floats, Floats]:
    margin = logit(p)
    return -np.logaddexp(0, -margin), np.logaddexp(0, margin)


def _fit_beta(y: Floats, p: Floats, weight: Floats) -> BetaCalibrator:
    ones = np.ones(len(y))
    terms = dict(zip("ab", _beta_terms(p), strict=True))
    kept = ["a", "b"]
    while kept:
        X = np.column_stack([ones, *(terms[name] for name in kept)])
        found, _ = fit_logistic(X, y, weight, penalty=(1e-9, *[_PULL] * len(kept)), centre=(0.0, *[1.0] * len(kept)))
        if found[1:].min() >= 0:
            return BetaCalibrator(**{"a": 0.0, "b": 0.0, "intercept": float(found[0])} | _named(kept, found[1:]))
        kept.pop(int(found[1:].argmin()))
    slope = _LEAST_SLOPE
    return BetaCalibrator(_level(y, slope * logit(p), weight), slope, slope)


def _named(names: Sequence[str], values: Floats) -> dict[str, float]:
    return {name: float(value) for name, value in zip(names, values, strict=True)}


def _fit_isotonic(y: Floats, p: Floats, weight: Floats) -> AnyCalibrator:
    margin, rate, size = isotonic_blocks(logit(p), y, weight)
    # Half an event more keeps the rates of pure blocks off 0 and 1; pooling again keeps them rising.
    events = rate * size
    margin, rate, _ = isotonic_blocks(margin, (events + 0.5) / (size + 1), size)
    if len(margin) < 2:
        return _fit_platt(y, p, weight)
    draft = IsotonicCalibrator(tuple(margin.tolist()), tuple(logit(rate).tolist()))
    shift = _level(y, logit(draft.apply(p)), weight)
    return IsotonicCalibrator(draft.margins, tuple((np.asarray(draft.calibrated) + shift).tolist()))
