"""Weighted logistic regression by Newton's method, with the standard errors that selection needs."""

from dataclasses import dataclass

import numpy as np

from experiments.evaluation.newton import fit_by_newton


@dataclass(frozen=True)
class LogisticFit:
    """``intercept``, ``coefficients`` of shape (columns,) and their two-sided ``p_values``."""

    intercept: float
    coefficients: np.ndarray
    p_values: np.ndarray


def fit_logistic(matrix: np.ndarray, y: np.ndarray, weight: np.ndarray, ridge: float = 1.0) -> LogisticFit:
    """Fit ``P(y=1) = 1/(1+exp(−(a + Xb)))`` with ``ridge/2·Σb²`` against separation; the intercept is free.

    Parameters
    ----------
    matrix : shape (rows, columns); y : 0/1; weight : at least 0; both of shape (rows,).
    """
    from scipy.special import ndtr

    weight = weight / weight.mean()
    design = np.column_stack([np.ones(len(matrix)), matrix])
    penalty = np.full(design.shape[1], ridge)
    penalty[0] = 1e-9  # a trace, so that a sample of one class still has a finite answer
    beta = np.zeros(design.shape[1])
    beta[0] = _log_odds(float(np.average(y, weights=weight)))
    fit = fit_by_newton(design, y, weight, penalty=penalty, start=beta)
    beta, errors = fit.coefficients, np.sqrt(np.maximum(np.diag(np.linalg.inv(fit.information)), 1e-300))
    p_values = 2 * ndtr(-np.abs(beta / errors))
    return LogisticFit(float(beta[0]), beta[1:], p_values[1:])


def _log_odds(rate: float) -> float:
    rate = min(max(rate, 1e-6), 1 - 1e-6)
    return float(np.log(rate / (1 - rate)))
