"""Logistic regression by damped Newton steps: the one fit that calibration and scorecards share."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.evaluation.clusters import clustered_error
from experiments.evaluation.odds import expit
from experiments.evaluation.ranking import Floats

STEPS, HALVINGS = 50, 30
SMALL_ENOUGH = 1e-10
# Where every probability is 0 or 1 the curve is flat, and a step would have no end.
LEAST_CURVATURE = 1e-12


@dataclass(frozen=True)
class NewtonFit:
    """Coefficients and the information matrix there, of shape (columns,) and (columns, columns)."""

    coefficients: np.ndarray
    information: np.ndarray


def fit_by_newton(
    design: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray,
    *,
    penalty: np.ndarray,
    start: np.ndarray,
    centre: np.ndarray | float = 0.0,
    offset: np.ndarray | float = 0.0,
) -> NewtonFit:
    """Fit ``P(y=1) = 1/(1+exp(−(offset + Xb)))`` with a quadratic pull of each coefficient to its centre.

    Parameters
    ----------
    design : X, of shape (rows, columns), with a column of ones where an intercept is wanted. y : 0/1. weight : at
        least 0. offset : added to the margin of each row.
    penalty : ``penalty/2·(b − centre)²`` keeps separable data finite, of shape (columns,). start : first coefficients.

    Examples
    --------
    >>> ones = np.ones((4, 1))
    >>> fit = fit_by_newton(ones, np.array([1.0, 0, 0, 0]), np.ones(4), penalty=np.zeros(1), start=np.zeros(1))
    >>> round(float(fit.coefficients[0]), 4)  # ln(1/3)
    -1.0986
    """
    problem = _Problem(design, y, weight, penalty, centre, offset)
    coefficients = np.array(start, dtype=float)
    loss = problem.loss(coefficients)
    for _ in range(STEPS):
        step = np.linalg.solve(problem.information(coefficients), problem.gradient(coefficients))
        coefficients, loss, size = problem.damped(coefficients, step, loss)
        if size < SMALL_ENOUGH:
            break
    return NewtonFit(coefficients, problem.information(coefficients))


@dataclass(frozen=True)
class _Problem:
    design: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    penalty: np.ndarray
    centre: np.ndarray | float
    offset: np.ndarray | float

    def loss(self, b: np.ndarray) -> float:
        margin = self.offset + self.design @ b
        misfit = self.weight @ (np.logaddexp(0, margin) - self.y * margin)
        return float(misfit + 0.5 * self.penalty @ (b - self.centre) ** 2)

    def gradient(self, b: np.ndarray) -> np.ndarray:
        probability = expit(self.offset + self.design @ b)
        return self.design.T @ (self.weight * (self.y - probability)) - self.penalty * (b - self.centre)

    def information(self, b: np.ndarray) -> np.ndarray:
        probability = expit(self.offset + self.design @ b)
        curvature = self.weight * np.maximum(probability * (1 - probability), LEAST_CURVATURE)
        return (self.design * curvature[:, None]).T @ self.design + np.diag(self.penalty)

    def damped(self, b: np.ndarray, step: np.ndarray, loss: float) -> tuple[np.ndarray, float, float]:
        """Take the step, halved while it would make things worse; return point, loss and largest change."""
        # A loss of many rows is known to some digits only, and no step near its lowest point can better the last.
        allowed = loss + 1e-12 * abs(loss)
        for halving in range(HALVINGS):
            shorter = step * 0.5**halving
            ahead = self.loss(b + shorter)
            if ahead <= allowed:
                return b + shorter, ahead, float(np.abs(shorter).max())
        return b, loss, 0.0


def fit_logistic(
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
