"""Weighted logistic regression by Newton's method, with the standard errors that selection needs."""

from dataclasses import dataclass

import numpy as np

from experiments.evaluation.odds import expit


@dataclass(frozen=True)
class LogisticFit:
    """``intercept``, ``coefficients`` of shape (columns,) and their two-sided ``p_values``."""

    intercept: float
    coefficients: np.ndarray
    p_values: np.ndarray


def fit_logistic(
    matrix: np.ndarray, y: np.ndarray, weight: np.ndarray, ridge: float = 1.0, max_steps: int = 50
) -> LogisticFit:
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
    loss = _loss(design, y, weight, penalty, beta)
    for _ in range(max_steps):
        probability = expit(design @ beta)
        gradient = design.T @ (weight * (y - probability)) - penalty * beta
        step = np.linalg.solve(_information(design, weight, probability, penalty), gradient)
        beta, loss, size = _damped(design, y, weight, penalty, beta, step, loss)
        if size < 1e-10:
            break
    information = _information(design, weight, expit(design @ beta), penalty)
    errors = np.sqrt(np.maximum(np.diag(np.linalg.inv(information)), 1e-300))
    p_values = 2 * ndtr(-np.abs(beta / errors))
    return LogisticFit(float(beta[0]), beta[1:], p_values[1:])


def _information(design: np.ndarray, weight: np.ndarray, probability: np.ndarray, penalty: np.ndarray) -> np.ndarray:
    curvature = weight * np.maximum(probability * (1 - probability), 1e-12)
    return (design * curvature[:, None]).T @ design + np.diag(penalty)


def _loss(design: np.ndarray, y: np.ndarray, weight: np.ndarray, penalty: np.ndarray, beta: np.ndarray) -> float:
    margin = design @ beta
    return float(np.sum(weight * (np.logaddexp(0, margin) - y * margin)) + 0.5 * np.sum(penalty * beta**2))


def _damped(
    design: np.ndarray, y: np.ndarray, weight: np.ndarray, penalty: np.ndarray, beta: np.ndarray, step: np.ndarray,
    loss: float,
) -> tuple[np.ndarray, float, float]:  # fmt: skip
    """Take the Newton step, halved while it would make things worse; return point, loss and largest change."""
    for halving in range(30):
        shorter = step * 0.5**halving
        candidate = _loss(design, y, weight, penalty, beta + shorter)
        if candidate <= loss:
            return beta + shorter, candidate, float(np.abs(shorter).max())
    return beta, loss, 0.0


def _log_odds(rate: float) -> float:
    rate = min(max(rate, 1e-6), 1 - 1e-6)
    return float(np.log(rate / (1 - rate)))
