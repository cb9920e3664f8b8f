"""Directions that columns were given: whether they can be kept, whether they were, and what that costs."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from experiments.errors import BadInput, gettext_noop
from experiments.evaluation.delong import delong_difference
from experiments.evaluation.metrics import ks
from experiments.evaluation.monotonicity import ROWS, ConstraintsChecked, MonotoneCheck, Predicts, check_monotone
from experiments.learners import LEARNERS
from experiments.search.finalist import Finalist
from experiments.search.fit_task import FitTask
from experiments.search.fits import one_after_the_other
from experiments.search.run import Run
from experiments.search.time_policy import SHARE_FOR_TWIN, SHARE_TO_CHECK, OutOfTime, has_time_for_twin
from experiments.search.training_data import TrainingData, sample_rows
from experiments.search.workers import FitFailed
from experiments.spec import ExperimentSpec
from experiments.telling import apart, signed

ROWS_TO_TIME = 25
CODE = "monotone"
UNORDERED = ("categorical", "text")

BAD_DIRECTION = gettext_noop("The monotone constraint on %(column)s must be + or -, not %(direction)s.")
NOT_LEARNT_FROM = gettext_noop("%(column)s cannot have a monotone constraint: the model does not use it.")
NO_ORDER = gettext_noop(
    "%(column)s cannot have a monotone constraint: it holds categories, which have no order. Remove the "
    "constraint, or read the column as a number."
)
AGAINST_CONSTRAINT = gettext_noop(
    "In %(value)s of the checks the probability moves against a monotone constraint; the limit is %(limit)s."
)
CONSTRAINTS_KEPT = gettext_noop(
    "The monotone constraints on %(count)s columns hold, each checked on %(rows)s customers."
)
PRICE_OF_CONSTRAINTS = gettext_noop("Without the monotone constraints KS would change by %(ks)s and AUC by %(auc)s.")
NO_TWIN = gettext_noop("This algorithm has no version without monotone constraints to compare with.")
NO_TIME_FOR_TWIN = gettext_noop(
    "There was no time left to fit the model without monotone constraints, so their price is not known."
)
TWIN_FAILED = gettext_noop("The model without monotone constraints could not be fitted, so their price is not known.")


def require_constraints(spec: ExperimentSpec, frame: pd.DataFrame, types: Mapping[str, str]) -> None:
    """Raise ``BadInput`` where a direction cannot be kept, rather than pass over it.

    Parameters
    ----------
    frame : the whole table; types : ``{column: type}`` of the columns the model learns from, as the encoder reads them.
    """
    for column, direction in spec.monotone.items():
        if direction not in (-1, 0, 1):
            raise BadInput(BAD_DIRECTION, column=column, direction=direction)
        # A column of one value only is not learnt from, and any direction is kept in it.
        is_constant = column in frame.columns and frame[column].nunique(dropna=False) <= 1
        if not direction or is_constant:
            continue
        if column not in types:
            raise BadInput(NOT_LEARNT_FROM, column=column)
        if types[column] in UNORDERED:
            raise BadInput(NO_ORDER, column=column)


def check_constraints(
    model: Predicts, data: TrainingData, run: Run, share: float = SHARE_TO_CHECK, *, of: str = ""
) -> dict[str, Any]:
    """Return how far a model keeps its monotone constraints on a grid of training rows; nothing when it has none.

    Parameters
    ----------
    model : gives calibrated probabilities of original rows.
    share : of the budget that may be used; with less time fewer rows are checked, and their number is stated.
    of : name of the model, under which that number is kept: a repetition checks as many.
    """
    constraints = _constraints(data)
    if not constraints:
        return {}
    timed: list[MonotoneCheck] = []

    def choose() -> int:
        if not run.clock.is_timed:
            return ROWS
        began = run.clock.elapsed
        timed.extend(_checks(model, data, run, constraints, ROWS_TO_TIME))
        spent = max(run.clock.elapsed - began, 1e-3)
        return max(ROWS_TO_TIME, int(min(ROWS, ROWS_TO_TIME * share * run.clock.seconds / spent)))

    rows = run.decisions.decide(f"rows to check {of}", choose)
    checks = timed if timed and rows == ROWS_TO_TIME else _checks(model, data, run, constraints, rows)
    return ConstraintsChecked.of(checks, list(constraints)).to_dict()


def constraint_limits(constraints: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the monotone constraints as one more limit of a finalist; none without constraints."""
    if not constraints:
        return []
    share = constraints["violations"] / max(1, constraints["checked_steps"])
    return [
        {
            "code": CODE, "value": share, "limit": 0.0, "is_kept": constraints["violations"] == 0,
            "message": AGAINST_CONSTRAINT,
            "params": {"value": apart(share, 0.0, digits=2, percent=True)[0], "limit": "0%"},
        }
    ]  # fmt: skip


def price_of_constraints(candidate: Any, data: TrainingData, run: Run, spec: ExperimentSpec) -> dict[str, Any]:
    """Return what the monotone constraints cost: the same settings fitted without them on the same folds.

    Returns
    -------
    ``ks_price`` and ``auc_price`` (with ``low`` and ``high``, DeLong's paired interval), both above zero when the model
    without directions ranks better on the out-of-fold rows; or ``skipped`` with the reason as ``message, params``.

    Parameters
    ----------
    candidate : has ``learner``, ``record`` (of its trial) and out-of-fold ``margins``, NaN where not validated.
    """
    if candidate.learner.name not in LEARNERS or not candidate.learner.keeps_monotone:
        return _skipped(NO_TWIN)
    is_complete = not np.isnan(candidate.margins[np.concatenate([valid for _, valid in data.folds])]).any()
    folds = data.folds if is_complete else data.search_folds
    expected = candidate.record.seconds * (data.full_cost if is_complete else 1.0) * run.clock.slowness
    # A repetition has no clock: it fits a twin where the original did, and nowhere else.
    decision = f"twin of {candidate.name}"
    if not run.decisions.decide(decision, lambda: bool(has_time_for_twin(run.time, expected))):
        return _skipped(NO_TIME_FOR_TWIN)
    margins = np.full(len(data.y), np.nan)
    tasks = [
        FitTask(
            candidate.learner, candidate.record.params, fit_rows, valid_rows=valid_rows, predict_rows=valid_rows,
            seed=spec.seed, more={"monotone": {}},
        )
        for fit_rows, valid_rows in folds
    ]  # fmt: skip
    try:
        # The rest is for fitting the model that is kept.
        with run.time.until(run.time.after(SHARE_FOR_TWIN)), one_after_the_other(tasks, data, run) as results:
            for (_, valid_rows), result in zip(folds, results, strict=True):
                margins[valid_rows] = result.margins
    except OutOfTime:
        run.decisions.note(decision, False)
        return _skipped(NO_TIME_FOR_TWIN)
    except FitFailed:
        return _skipped(TWIN_FAILED)
    return _price(candidate.margins, margins, data)


def _price(constrained: np.ndarray, free: np.ndarray, data: TrainingData) -> dict[str, Any]:
    rows = np.flatnonzero(~np.isnan(constrained) & ~np.isnan(free))
    y, weight = data.y[rows], data.weights(rows)
    groups = None if data.groups is None else data.groups[rows]
    difference = delong_difference(y, free[rows], second=constrained[rows], weight=weight, groups=groups)
    return {
        "ks_price": float(ks(y, free[rows], weight=weight).value - ks(y, constrained[rows], weight=weight).value),
        "auc_price": {"value": difference.value, "low": difference.low, "high": difference.high},
    }


def with_price(
    finalists: list[Finalist], candidates: list[Any], data: TrainingData, run: Run, spec: ExperimentSpec
) -> list[Finalist]:
    """Add the cost of its monotone constraints to the recommended finalist's evidence; nothing without constraints."""
    chosen = next(row for row in finalists if row.is_recommended)
    if not chosen.evidence.get("constraints"):
        return finalists
    candidate = next(candidate for candidate in candidates if candidate.name == chosen.candidate)
    constraints = {**chosen.evidence["constraints"], **price_of_constraints(candidate, data, run, spec)}
    _tell(constraints, run)
    priced = replace(chosen, evidence={**chosen.evidence, "constraints": constraints})
    return [priced if row is chosen else row for row in finalists]


def check_shipped(finalist: Finalist, model: Predicts, data: TrainingData, run: Run) -> Finalist:
    """Return the finalist with the grid of the model that is kept, which may have learnt from more rows."""
    before = finalist.evidence.get("constraints")
    if not before:
        return finalist
    found = check_constraints(model, data, run, of=f"{finalist.candidate}, as kept")
    limits = [limit for limit in finalist.evidence["limits"] if limit["code"] != CODE] + constraint_limits(found)
    return replace(finalist, evidence={**finalist.evidence, "constraints": {**before, **found}, "limits": limits})


def _tell(constraints: Mapping[str, Any], run: Run) -> None:
    if not constraints["violations"]:
        run.listener.say(CONSTRAINTS_KEPT, count=len(constraints["features"]), rows=constraints["checked_rows"])
    if "skipped" in constraints:
        run.listener.say(constraints["skipped"]["message"])
    elif "ks_price" in constraints:
        auc = constraints["auc_price"]["value"]
        run.listener.say(PRICE_OF_CONSTRAINTS, ks=signed(constraints["ks_price"]), auc=signed(auc))


class UnshippedModel:
    """A candidate's members as something that predicts from original rows, before there is an artifact."""

    def __init__(self, candidate: Any, data: TrainingData) -> None:
        self.candidate = candidate
        self.data = data

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        """Return calibrated probabilities of shape (rows,)."""
        candidate = self.candidate
        # Columns made of a moved one must move with it.
        frame = self.data.generator.extend(frame)
        table = frame if candidate.learner.reads_table else self.data.encoder.transform(frame)[0]
        margin = np.mean([member.margin(table) for member in candidate.members], axis=0)
        return np.asarray(candidate.calibrator.apply(candidate.raw(margin)))


def _constraints(data: TrainingData) -> dict[str, int]:
    return {name: sign for name, sign in data.monotone.items() if sign and name in data.table.columns}


def _checks(
    model: Predicts, data: TrainingData, run: Run, constraints: dict[str, int], rows: int
) -> list[MonotoneCheck]:
    return check_monotone(
        model, data.table.iloc[sample_rows(data.split.train, 20 * ROWS)], constraints=constraints, rows=rows,
        types={column.name: column.type for column in data.encoder.columns_}, special_values=data.special_values,
        pulse=run.time.pulse,
    )  # fmt: skip


def _skipped(message: str) -> dict[str, Any]:
    return {"skipped": {"message": message, "params": {}}}
