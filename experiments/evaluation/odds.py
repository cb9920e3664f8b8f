"""Between probabilities and log-odds, without SciPy: a model that only scores should not wait for it."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def expit(margin: ArrayLike) -> NDArray[np.float64]:
    """Return the probability 1/(1 + e^−margin), same shape; 0 and 1 far out."""
    with np.errstate(over="ignore"):
        return np.asarray(1.0 / (1.0 + np.exp(-np.asarray(margin, dtype=np.float64))))


def log_odds(p: ArrayLike) -> NDArray[np.float64]:
    """Return ln(p/(1−p)), same shape; infinite for 0 and 1."""
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
