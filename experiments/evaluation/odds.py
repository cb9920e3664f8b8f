"""Log-odds, and the shift from a sample's event rate to the population's; without SciPy, for a quick start."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["correct_prior", "expit", "log_odds", "logit"]


def expit(margin: ArrayLike) -> NDArray[np.float64]:
    """Return the probability 1/(1 + e^−margin), same shape; 0 and 1 far out.

    Parameters
    ----------
    margin : log-odds, of any shape.

    Returns
    -------
    numpy.ndarray
        Probabilities of the same shape.

    Examples
    --------
    >>> expit([0.0, 100.0]).tolist()
    [0.5, 1.0]
    """
    with np.errstate(over="ignore"):
        return np.asarray(1.0 / (1.0 + np.exp(-np.asarray(margin, dtype=np.float64))))


def log_odds(p: ArrayLike) -> NDArray[np.float64]:
    """Return ln(p/(1−p)), same shape; infinite for 0 and 1.

    Parameters
    ----------
    p : probabilities, of any shape.

    Returns
    -------
    numpy.ndarray
        Log-odds of the same shape.

    Examples
    --------
    >>> log_odds([0.5, 0.75]).round(4).tolist()
    [0.0, 1.0986]
    """
    probability = np.asarray(p, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(probability) - np.log1p(-probability))


def probability_of(margin: np.ndarray, unit: str) -> np.ndarray:
    """Turn a learner's margin into its uncalibrated probability."""
    if unit == "log-probability":
        return np.exp(np.minimum(margin, 0.0))
    if unit == "probability":
        return np.clip(margin, 1e-6, 1 - 1e-6)
    return 1.0 / (1.0 + np.exp(-np.clip(margin, -30.0, 30.0)))


_MARGIN_LIMIT = 36.0


def logit(p: ArrayLike) -> NDArray[np.float64]:
    """Return ln(p/(1−p)), kept finite for probabilities of 0 and 1.

    Parameters
    ----------
    p : probabilities, of any shape.

    Returns
    -------
    numpy.ndarray
        Finite log-odds of the same shape.

    Examples
    --------
    >>> bool(np.isfinite(logit([0.0, 1.0])).all())
    True
    """
    return np.clip(log_odds(np.asarray(p, dtype=np.float64)), -_MARGIN_LIMIT, _MARGIN_LIMIT)


def correct_prior(p: ArrayLike, population_rate: float, *, sample_rate: float) -> NDArray[np.float64]:
    """Return probabilities moved from a sampled event rate to that of the population.

    logit(p′) = logit(p) + ln(r/(1−r)) − ln(w/(1−w)).

    Parameters
    ----------
    p : probabilities, of any shape. population_rate, sample_rate : event rates, 0 to 1.

    Returns
    -------
    numpy.ndarray
        Probabilities of the same shape.

    References
    ----------
    King, G. and Zeng, L. (2001). Logistic regression in rare events data. Political Analysis 9.

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
