"""The shortlist: the best trial of each family and the ensemble, scored on the complete folds."""

from dataclasses import replace

import numpy as np

from experiments.errors import gettext_noop
from experiments.evaluation.calibrators import (
    CalibrationMethod,
    fit_calibrator,
)
from experiments.evaluation.odds import probability_of
from experiments.learners import FAMILIES, LEARNERS, FittedModel
from experiments.learners.scorecard import ScorecardLearner
from experiments.search.candidate import Candidate
from experiments.search.cross_validation import FoldScores, cross_validate
from experiments.search.ensemble import MOST_PARTS, candidates_of, compose
from experiments.search.listener import Listener
from experiments.search.refits import compose_model
from experiments.search.run import Run
from experiments.search.time_policy import SHARE_FOR_ALL_FOLDS, OutOfTime, has_time_for_all_folds
from experiments.search.training_data import TrainingData, rows_besides
from experiments.search.trial import TrialLog, TrialRecord
from experiments.search.workers import FitFailed
from experiments.spec import ExperimentSpec

ALWAYS_SHOWN = ("scorecard", "baseline")
# Of each part of an ensemble; its parts are many, and the held-out rows are read with all of them.
FOLD_MODELS_OF_A_PART = 2
PARTS_OF_A_SAMPLED_SEARCH = 3

LEFT_OUT_FOR_TIME = gettext_noop("There was no time left to validate this algorithm on all folds.")


def shortlist(
    data: TrainingData, run: Run, log: TrialLog, fold_models: dict[int, list[FittedModel]], spec: ExperimentSpec
) -> list[Candidate]:
    """Return each family's best trial, and the ensemble, with out-of-fold predictions on the complete folds.

    The best comes first, then those that always stand on the leaderboard and the ensemble, so that a lack of time hits
    the others.
    """
    best = sorted(log.best_of_each_learner().values(), key=lambda record: -(record.auc or 0.0))
    best = best[:1] + sorted(best[1:], key=lambda record: record.learner not in ALWAYS_SHOWN)
    if run.time.is_hurried:
        # Everything scored on all folds of the search stands; the baseline comes last, as it is never chosen.
        best = sorted(best, key=lambda record: record.learner == "baseline")
    leader = _completed(best[0], data, run, spec.seed) if data.is_sampled and not run.time.is_hurried else None
    if leader is not None:
        complete = {record.number: _completed(record, data, run, spec.seed) for record in best[1:]}
        # Those always shown have their place with what the sample says, where there is no time for more.
        shown = [
            complete[record.number]
            or (_from_search(record, data, log, fold_models) if _is_always_shown(record) else None)
            for record in best[1:]
        ]
        singles = [leader, *(candidate for candidate in shown if candidate is not None)]
        known = [one for one in singles if not one.is_of_sample]
        library = [(one.record, one.margins) for one in known]
        models = {one.record.number: one.fold_models for one in known}
    else:
        # Of a sampled search whose best there is no time to score on all rows, the sample has to speak for all.
        singles = [_from_search(record, data, log, fold_models) for record in best]
        library = [(record, log.margins_of(record)) for record in candidates_of(log)]
        models = fold_models
    ensemble = _ensemble(library, models, data) if spec.ensemble and not run.time.is_hurried else []
    for candidate in ensemble:
        candidate.is_of_sample = data.is_sampled and leader is None
    first = 1 + sum(one.name in ALWAYS_SHOWN for one in singles[1:])
    return [*singles[:first], *ensemble, *singles[first:]]


def _is_always_shown(record: TrialRecord) -> bool:
    return record.learner in ALWAYS_SHOWN


def _from_search(
    record: TrialRecord, data: TrainingData, log: TrialLog, fold_models: dict[int, list[FittedModel]]
) -> Candidate:
    """Return a trial as the search left it: scored on the complete folds, unless the search saw a sample."""
    candidate = calibrated(record, log.margins_of(record), fold_models.get(record.number, []), data)
    candidate.is_of_sample = data.is_sampled
    return candidate


def _ensemble(
    library: list[tuple[TrialRecord, np.ndarray]], models: dict[int, list[FittedModel]], data: TrainingData
) -> list[Candidate]:
    """Return the ensemble, if there are trials to combine whose models are still stored."""
    known = [entry for entry in library if models.get(entry[0].number)]
    if any(data.monotone.values()):
        # The baseline is always tried, and one part that violates a constraint makes the sum violate it.
        known = [entry for entry in known if LEARNERS[entry[0].learner].keeps_monotone]
    # On a long table each part is expensive to fit on all rows.
    recipe = compose(known, data, most_parts=PARTS_OF_A_SAMPLED_SEARCH if data.is_sampled else MOST_PARTS)
    if recipe is None:
        return []
    few = {one.record.number: models[one.record.number][:FOLD_MODELS_OF_A_PART] for one in recipe.ingredients}
    whole = compose_model(recipe.ingredients, few, recipe.intercept)
    candidate = calibrated(recipe.record, recipe.margins, [whole], data)
    candidate.recipe = recipe
    known_folds = min(len(models[one.record.number]) for one in recipe.ingredients)
    candidate.models_of_folds = [
        compose_model(
            recipe.ingredients,
            {one.record.number: [models[one.record.number][fold]] for one in recipe.ingredients},
            recipe.intercept,
        )
        for fold in range(known_folds)
    ]
    return [candidate]


def _completed(record: TrialRecord, data: TrainingData, run: Run, seed: int) -> Candidate | None:
    """Score a trial of a sampled search on the complete folds, unless there is no time for it."""
    scores, name = FoldScores(np.full(len(data.y), np.nan)), f"on all folds {record.number}"
    try:
        if run.decisions.recall(name) is False or not has_time_for_all_folds(run.time, record.seconds * data.full_cost):
            raise OutOfTime
        with run.time.until(run.time.after(SHARE_FOR_ALL_FOLDS)):
            cross_validate(
                LEARNERS[record.learner], record.params, data, run, seed=seed, folds=data.folds, scores=scores,
                on_fold=lambda so_far: None,
            )  # fmt: skip
    except OutOfTime:
        run.decisions.note(name, False)
        run.listener.skip(record.learner, LEFT_OUT_FOR_TIME)
        return None
    except FitFailed as failure:
        run.decisions.note(name, False)
        run.listener.skip(record.learner, failure.message, **failure.params)
        return None
    complete = replace(record, iterations=tuple(scores.iterations))
    return calibrated(complete, scores.margins, scores.models, data)


def calibrated(record: TrialRecord, margins: np.ndarray, models: list[FittedModel], data: TrainingData) -> Candidate:
    """Return a candidate of a trial's margins, each fold calibrated on the others."""
    rows = np.flatnonzero(~np.isnan(margins))
    raw = np.full(len(margins), np.nan)
    raw[rows] = probability_of(margins[rows], FAMILIES[record.learner].margin_unit)
    calibrated = np.full(len(margins), np.nan)
    # A scorecard absorbs its calibrator into its points, which only slope and intercept allow.
    method: CalibrationMethod = "platt" if record.learner == ScorecardLearner.name else "auto"
    is_known = ~np.isnan(margins)
    for valid_rows in (part[is_known[part]] for part in data.validated_parts):
        others = rows_besides(is_known, valid_rows)
        calibrator = fit_calibrator(data.y[others], raw[others], weight=data.weights(others), method=method)
        calibrated[valid_rows] = calibrator.apply(raw[valid_rows])
    final = fit_calibrator(data.y[rows], raw[rows], weight=data.weights(rows), method=method)
    return Candidate(record, margins, models, rows, final, calibrated[rows])


def skip_for_time(candidates: list[Candidate], listener: Listener) -> None:
    """Report which candidates were left out for lack of time."""
    for candidate in candidates:
        listener.skip(candidate.name, LEFT_OUT_FOR_TIME)
