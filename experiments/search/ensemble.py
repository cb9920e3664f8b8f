"""Which trials to add up, and with what weights: greedy selection on out-of-fold rows, with a stacker as its rival."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from experiments.evaluation.metrics import auc
from experiments.learners import LEARNERS
from experiments.search.training_data import TrainingData, rows_besides, sample_rows
from experiments.search.trial import FINISHED, TrialLog, TrialRecord

NAME = "ensemble"
MOST_OF_A_FAMILY = 4
MOST_CANDIDATES = 24
MOST_PARTS = 7
STEPS = 24
LEAST_WEIGHT = 0.04
# With more rows the weights barely change; finding them only takes longer.
ROWS_TO_WEIGH = 12_000
STACKER_RIDGE = 0.002
Weigh = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Ingredient:
    """A trial in the sum; its margin is multiplied by ``slope``, of which ``weight`` is the share of the vote."""

    record: TrialRecord
    weight: float
    slope: float


@dataclass(frozen=True)
class Recipe:
    """A weighted sum of trials.

    Attributes
    ----------
    margins : out-of-fold log-odds of the sum, shape (rows of the table,), NaN outside the training part. The rows of
        each fold are weighed by what the other folds say, so that the weights' own luck does not flatter them.
    """

    ingredients: tuple[Ingredient, ...]
    intercept: float
    margins: np.ndarray
    record: TrialRecord


def compose(
    library: list[tuple[TrialRecord, np.ndarray]], data: TrainingData, most_parts: int = MOST_PARTS
) -> Recipe | None:
    """Return the best sum of at least two trials, or None where there are not two to add up.

    Parameters
    ----------
    library : trials with their out-of-fold margins of shape (rows of the table,), NaN where not validated.
    """
    library = [entry for entry in library if not LEARNERS[entry[0].learner].reads_table]
    if len(library) < 2:
        return None
    records, margins = [record for record, _ in library], [margin for _, margin in library]
    rows = np.flatnonzero(~np.isnan(np.sum(margins, axis=0)))
    fits = [
        _line(margin[rows], record, data.y[rows], data.weights(rows))
        for margin, record in zip(margins, records, strict=True)
    ]
    scaled = np.column_stack([shift + slope * margin for margin, (shift, slope) in zip(margins, fits, strict=True)])
    is_known = np.zeros(len(data.y), dtype=bool)
    is_known[rows] = True
    parts = [part[is_known[part]] for part in data.validated_parts]
    weigh, honest = _best_way(scaled, data, parts, most_parts)
    weights = _simplified(weigh(*_sampled(scaled, data, rows)), most_parts)
    chosen = [number for number in np.argsort(-weights, kind="stable") if weights[number] > 0]
    if len(chosen) < 2:
        return None
    ingredients = tuple(
        Ingredient(records[number], float(weights[number]), float(weights[number] * fits[number][1]))
        for number in chosen
    )
    intercept = float(sum(weights[number] * fits[number][0] for number in chosen))
    return Recipe(ingredients, intercept, honest, _record(ingredients, honest, data, parts))


def candidates_of(log: TrialLog) -> list[TrialRecord]:
    """Return the best few finished trials of every family that reads the encoded matrix, best first."""
    finished = [record for record in log.finished if not LEARNERS[record.learner].reads_table and record.auc]
    finished.sort(key=lambda record: -(record.auc or 0.0))
    kept: list[TrialRecord] = []
    for record in finished:
        if sum(one.learner == record.learner for one in kept) < MOST_OF_A_FAMILY:
            kept.append(record)
    return kept[:MOST_CANDIDATES]


def greedy_weights(margins: np.ndarray, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Add one model at a time, the one that lowers the log loss of the mean margin most, with replacement.

    Caruana et al., "Ensemble selection from libraries of models", 2004, on margins; the prefix with the lowest loss is
    kept. Returns weights of shape (models,) that sum to 1.
    """
    share = weight / weight.sum()
    total, counts = np.zeros(len(y)), np.zeros(margins.shape[1])
    best_loss, best_counts = np.inf, counts
    for step in range(STEPS):
        means = (total[:, None] + margins) / (step + 1)
        losses = share @ (np.logaddexp(0.0, means) - y[:, None] * means)
        chosen = int(np.argmin(losses))
        total += margins[:, chosen]
        counts = counts.copy()
        counts[chosen] += 1
        if losses[chosen] < best_loss:
            best_loss, best_counts = float(losses[chosen]), counts
        elif step > 2 * np.count_nonzero(best_counts) + 3:
            break
    return best_counts / best_counts.sum()


def stacked_weights(margins: np.ndarray, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the weights, none below zero, of a logistic regression on the margins, shrunk towards the greedy ones."""
    start = greedy_weights(margins, y, weight)
    share = weight / weight.sum()

    def loss_and_slope(weights: np.ndarray) -> tuple[float, np.ndarray]:
        total = margins @ weights
        error = share * (1.0 / (1.0 + np.exp(-total)) - y)
        distance = weights - start
        return (
            log_loss_of(total, y, weight) + STACKER_RIDGE * float(distance @ distance),
            margins.T @ error + 2 * STACKER_RIDGE * distance,
        )

    found = minimize(loss_and_slope, start, jac=True, method="L-BFGS-B", bounds=[(0.0, None)] * len(start))
    return np.asarray(found.x)


def log_loss_of(margin: np.ndarray, y: np.ndarray, weight: np.ndarray) -> float:
    """Return the weighted mean log loss of log-odds."""
    return float(np.average(np.logaddexp(0.0, margin) - y * margin, weights=weight))


def _best_way(
    scaled: np.ndarray, data: TrainingData, parts: list[np.ndarray], most_parts: int
) -> tuple[Weigh, np.ndarray]:
    """Return the way of weighing with the lowest loss on folds it has not seen, and its margins there."""
    rows = np.sort(np.concatenate(parts))
    is_known = np.zeros(len(data.y), dtype=bool)
    is_known[rows] = True
    trials = []
    for weigh in (greedy_weights, stacked_weights):
        honest = np.full(len(data.y), np.nan)
        for part in parts:
            others = rows_besides(is_known, part)
            honest[part] = scaled[part] @ _simplified(weigh(*_sampled(scaled, data, others)), most_parts)
        trials.append((log_loss_of(honest[rows], data.y[rows], _ones(data, rows)), weigh, honest))
    # A tie goes to the greedy one, which comes first.
    _, weigh, honest = min(trials, key=lambda trial: trial[0])
    return weigh, honest


def _sampled(scaled: np.ndarray, data: TrainingData, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    few = sample_rows(rows, ROWS_TO_WEIGH)
    return scaled[few], data.y[few], _ones(data, few)


def _ones(data: TrainingData, rows: np.ndarray) -> np.ndarray:
    weight = data.weights(rows)
    return np.ones(len(rows)) if weight is None else weight


def _simplified(weights: np.ndarray, most_parts: int) -> np.ndarray:
    """Drop negligible weights and keep the sum."""
    order = np.argsort(-weights, kind="stable")
    kept = np.zeros_like(weights)
    large = [number for number in order[:most_parts] if weights[number] >= LEAST_WEIGHT * weights.sum()]
    kept[large] = weights[large]
    return kept * (weights.sum() / kept.sum())


def _line(margin: np.ndarray, record: TrialRecord, y: np.ndarray, weight: np.ndarray | None) -> tuple[float, float]:
    """Return shift and slope that turn a margin into log-odds: (0, 1) where it is that already."""
    if LEARNERS[record.learner].margin_unit == "log-odds":
        return 0.0, 1.0
    w = np.ones(len(y)) if weight is None else weight
    share = w / w.sum()

    def loss_and_slope(line: np.ndarray) -> tuple[float, np.ndarray]:
        total = line[0] + line[1] * margin
        error = share * (1.0 / (1.0 + np.exp(-total)) - y)
        return log_loss_of(total, y, w), np.array([error.sum(), error @ margin])

    found = minimize(loss_and_slope, np.array([-2.0, 5.0]), jac=True, method="L-BFGS-B")
    return float(found.x[0]), float(found.x[1])


def _record(
    ingredients: tuple[Ingredient, ...], margins: np.ndarray, data: TrainingData, parts: list[np.ndarray]
) -> TrialRecord:
    aucs = [float(auc(data.y[part], margins[part], weight=data.weights(part))) for part in parts]
    members = [
        {"trial": one.record.number, "learner": one.record.learner, "weight": round(one.weight, 4)}
        for one in ingredients
    ]
    return TrialRecord(
        number=0, learner=NAME, backend=NAME, state=FINISHED, params={"members": members}, auc=float(np.mean(aucs)),
        objective=float(np.mean(aucs)), fold_aucs=tuple(aucs), seconds=sum(one.record.seconds for one in ingredients),
    )  # fmt: skip
