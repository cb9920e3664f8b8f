"""From the best trial of each family to a measured finalist and a model that can be shipped."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from experiments.artifact.model import ModelArtifact, quantile_reference
from experiments.errors import gettext_noop
from experiments.evaluation.calibrators import (
    NO_CALIBRATION,
    AnyCalibrator,
    CalibrationMethod,
    PlattCalibrator,
    fit_calibrator,
)
from experiments.evaluation.delong import delong_difference
from experiments.evaluation.evaluate import evaluate
from experiments.evaluation.holm import judged_together
from experiments.evaluation.intervals import Difference
from experiments.evaluation.limits import Readings, check_limits
from experiments.evaluation.objective import objective
from experiments.evaluation.odds import probability_of
from experiments.evaluation.population import Population
from experiments.evaluation.psi_bins import PsiBins
from experiments.explanation.reason_codes.book import ReasonBook
from experiments.generation import FeatureGenerator
from experiments.house_rules import MIN_ROWS, counts_of, has_too_few
from experiments.kinds import KINDS
from experiments.learners import FAMILIES, LEARNERS, FittedModel
from experiments.learners.base import portable
from experiments.learners.interactions import pairs_read
from experiments.learners.scorecard import ScorecardLearner, ScorecardModel
from experiments.search.baselines import fit_baselines
from experiments.search.budget import OutOfTime, Run
from experiments.search.candidate import Candidate, MeasuredReference
from experiments.search.columns_read import columns_read
from experiments.search.constraint_check import UnshippedModel, check_directions, direction_limits
from experiments.search.cross_validation import FoldScores, cross_validate
from experiments.search.ensemble import MOST_PARTS, candidates_of, compose
from experiments.search.finalist import Finalist
from experiments.search.fit_task import FitTask
from experiments.search.leaderboard import PRICE_OF_SIMPLICITY
from experiments.search.reference import REFERENCE_ROWS, reference_rows, unseen_rows
from experiments.search.refits import compose_model, fit_task
from experiments.search.training_data import TrainingData, rows_besides, sample_rows
from experiments.search.trial import TrialLog, TrialRecord
from experiments.search.workers import FitFailed, each_outcome
from experiments.spec import ExperimentSpec

ALWAYS_SHOWN = ("scorecard", "baseline")
# Walking many or deep trees for an explanation is slow, so a run under the clock looks how slow before it goes on.
FEWEST_ROWS_TO_EXPLAIN, MOST_ROWS_TO_EXPLAIN = 60, 600
ROWS_TO_EXPLAIN_WITHOUT_CLOCK, ROWS_TO_EXPLAIN_A_FOREST = 300, 60
SHARE_LEFT_TO_EXPLAIN = 0.3
TRAIN_ROWS_TO_MEASURE, EVENTS_TO_MEASURE = 4_000, 300
# Of each part of an ensemble; its parts are many, and the held-out rows are read with all of them.
FOLD_MODELS_OF_A_PART = 2
PARTS_OF_A_SAMPLED_SEARCH = 3
ROWS_TO_SEE_COLUMNS = 30
# A fit this short is worth doing also after someone asked to finish.
QUICK_FIT_SECONDS = 1.2
# Within so many seconds of the wish to finish a model shall be there to use; what is measured later comes behind it.
# Saving one takes about so many times as long as measuring it.
SECONDS_TO_A_MODEL, SAVED_FOR_EACH_MEASURED = 3.0, 2.0
# In haste: rows times models to score, and rows of training against which shifts are measured.
CELLS_TO_MEASURE_IN_HASTE, REFERENCE_ROWS_IN_HASTE = 80_000, 6_000
FEW_REPLICATES = 100

LEFT_OUT_FOR_TIME = gettext_noop("There was no time left to validate this algorithm on all folds.")
TRAINED_ON_TRAINING = "training"
TRAINED_ON_ALL = "all"


@dataclass(frozen=True)
class Explained:
    """A sample of original rows, their contributions of shape (rows, columns) and bases of shape (rows,).

    Contributions are those of the file's own columns: what derived ones add is told by the columns they are made of.
    """

    sample: pd.DataFrame
    phi: pd.DataFrame
    base: np.ndarray


def shortlist(
    data: TrainingData, run: Run, log: TrialLog, fold_models: dict[int, list[FittedModel]], spec: ExperimentSpec
) -> list[Candidate]:
    """Return each family's best trial, and the ensemble, with out-of-fold predictions on the complete folds.

    The best comes first, then those that always stand on the leaderboard and the ensemble, so that a lack of time hits
    the others.
    """
    best = sorted(log.best_of_each_learner().values(), key=lambda record: -(record.auc or 0.0))
    best = best[:1] + sorted(best[1:], key=lambda record: record.learner not in ALWAYS_SHOWN)
    if run.is_hurried:
        # Whatever was scored on all folds of the search stands; the bar to clear comes last, as nobody takes it.
        best = sorted(best, key=lambda record: record.learner == "baseline")
    leader = _completed(best[0], data, run, spec.seed) if data.is_sampled and not run.is_hurried else None
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
    ensemble = _ensemble(library, models, data) if spec.ensemble and not run.is_hurried else []
    for candidate in ensemble:
        candidate.is_of_sample = data.is_sampled and leader is None
    first = 1 + sum(one.name in ALWAYS_SHOWN for one in singles[1:])
    return [*singles[:first], *ensemble, *singles[first:]]


def _is_always_shown(record: TrialRecord) -> bool:
    return record.learner in ALWAYS_SHOWN


def _from_search(
    record: TrialRecord, data: TrainingData, log: TrialLog, fold_models: dict[int, list[FittedModel]]
) -> Candidate:
    """Return a trial as the search left it: on the complete folds, unless the search saw a sample."""
    candidate = _calibrated(record, log.margins_of(record), fold_models.get(record.number, []), data)
    candidate.is_of_sample = data.is_sampled
    return candidate


def _ensemble(
    library: list[tuple[TrialRecord, np.ndarray]], models: dict[int, list[FittedModel]], data: TrainingData
) -> list[Candidate]:
    """Return the ensemble, if there is anything to add up of which the models are still known."""
    known = [entry for entry in library if models.get(entry[0].number)]
    if any(data.monotone.values()):
        # The baseline is tried whatever is asked, and one part that turns makes the sum turn.
        known = [entry for entry in known if LEARNERS[entry[0].learner].keeps_monotone]
    # Of a long table each part costs dearly to fit on all rows.
    recipe = compose(known, data, most_parts=PARTS_OF_A_SAMPLED_SEARCH if data.is_sampled else MOST_PARTS)
    if recipe is None:
        return []
    few = {one.record.number: models[one.record.number][:FOLD_MODELS_OF_A_PART] for one in recipe.ingredients}
    whole = compose_model(recipe.ingredients, few, recipe.intercept)
    candidate = _calibrated(recipe.record, recipe.margins, [whole], data)
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
        if run.recall(name) is False or (run.is_timed and 0.5 * run.spare < record.seconds * data.full_cost):
            raise OutOfTime
        with run.until(run.elapsed + 0.7 * run.spare):
            cross_validate(
                LEARNERS[record.learner], record.params, data, run, seed=seed, folds=data.folds, scores=scores,
                on_fold=lambda so_far: None,
            )  # fmt: skip
    except OutOfTime:
        run.note(name, False)
        run.skip(record.learner, LEFT_OUT_FOR_TIME)
        return None
    except FitFailed as failure:
        run.note(name, False)
        run.skip(record.learner, failure.message, **failure.params)
        return None
    complete = replace(record, iterations=tuple(scores.iterations))
    return _calibrated(complete, scores.margins, scores.models, data)


def fit_members(candidates: list[Candidate], data: TrainingData, run: Run, seed: int) -> list[Candidate]:
    """Return the candidates that have models which saw the training rows only, each with its own.

    Of somebody in haste nothing is fitted here that has models of its folds to fall back on: see ``measure``.
    """
    tasks, owners, late = [], [], []
    for candidate in candidates:
        is_readable = candidate.learner.simplicity <= 1
        has_seen_all = data.split.folds_cover_train and not is_readable
        # Where what was measured is shipped, models of a sample would be a waste of the other rows.
        has_to_do = run.is_hurried or (candidate.is_of_sample and not data.split.ships_what_was_measured)
        if has_to_do and is_readable and _is_quick(candidate, data, run):
            # What is printed should count all rows, not those of all folds but one.
            has_to_do = False
        # An ensemble is made of its parts' folds; there is nothing to fit of its own.
        has_own = candidate.recipe is not None or has_to_do or (has_seen_all and not candidate.is_of_sample)
        if candidate.fold_models and has_own:
            # Of what one can read there is one: the average of several cards is no card.
            candidate.members = candidate.fold_models[: 1 if is_readable else _members_to_measure(data, run)]
            continue
        if candidate.fold_models and run.is_hurried:
            late.append(candidate)
            continue
        count = 2 if candidate.learner.has_rounds and not run.is_hurried else 1
        rows = data.split.train
        tasks += [fit_task(candidate.record, data, run, rows, seed + number) for number in range(count)]
        owners += [candidate] * count
    _fit_them(tasks, owners, data, run)
    if not late and not any(candidate.members for candidate in candidates):
        _fit_first(tasks, owners, data, run)  # However great the haste is, there shall be one.
    ready = [candidate for candidate in candidates if candidate.members or candidate in late]
    _skip_the_rest([candidate for candidate in candidates if candidate not in ready], run)
    return ready


def _members_to_measure(data: TrainingData, run: Run) -> int | None:
    """Return how many models of folds stand for a candidate: in haste only so many as score the rows in no time."""
    if not run.is_hurried:
        return None
    return max(1, CELLS_TO_MEASURE_IN_HASTE // (len(data.split.held_out) + rows_of_reference(run)))


def _fit_late(candidate: Candidate, data: TrainingData, run: Run, seed: int) -> None:
    """Fit on all training rows what was left until somebody in haste had something; its folds have to do otherwise."""
    _fit_them([fit_task(candidate.record, data, run, data.split.train, seed)], [candidate], data, run)


def _seconds_of_a_fit(candidate: Candidate, data: TrainingData) -> float:
    return candidate.record.seconds / max(1, len(data.folds)) * (data.full_cost if candidate.is_of_sample else 1.0)


def _is_quick(candidate: Candidate, data: TrainingData, run: Run) -> bool:
    """Tell whether fitting a candidate once more, on all training rows, takes no time that anyone would notice."""
    seconds = _seconds_of_a_fit(candidate, data)
    return run.decide(f"quick {candidate.name}", lambda: seconds < QUICK_FIT_SECONDS)


def _fit_them(tasks: list[FitTask], owners: list[Candidate], data: TrainingData, run: Run) -> None:
    """Give each owner the models of its tasks; where one fails or time runs out, what the folds gave has to do."""
    known = run.recall("members")
    wanted = [number for number in range(len(tasks)) if known is None or number in known]
    made = []
    try:
        chosen = [tasks[number] for number in wanted]
        most = QUICK_FIT_SECONDS * 1.5 if run.is_hurried else 0.6 * run.spare
        deadline = run.until(run.elapsed + most, in_haste=run.is_hurried)
        with deadline, each_outcome(chosen, data, run) as outcomes:
            for number, outcome in zip(wanted, outcomes, strict=True):
                owner = owners[number]
                if isinstance(outcome, FitFailed):
                    run.skip(owner.name, outcome.message, **outcome.params)
                else:
                    owner.members = [*owner.members, outcome.model]
                    made.append(number)
    except OutOfTime:
        pass
    run.note("members", made)
    for owner in owners:
        owner.members = owner.members or owner.fold_models[:1]


def _fit_first(tasks: list[FitTask], owners: list[Candidate], data: TrainingData, run: Run) -> None:
    for task, owner in zip(tasks, owners, strict=True):
        with each_outcome([task], data, run) as outcomes:
            (outcome,) = outcomes
        if not isinstance(outcome, FitFailed):
            owner.members = [outcome.model]
            return


def measure(
    candidates: list[Candidate],
    data: TrainingData,
    run: Run,
    spec: ExperimentSpec,
    *,
    on_standing: Callable[[list[Finalist]], None] = lambda _finalists: None,
) -> list[Finalist]:
    """Read each candidate on validation, training and (once, here) the held-out rows.

    Parameters
    ----------
    on_standing : given those measured when somebody who asked to finish should wait no longer for the others.
    """
    data.held_out.open_for([candidate.name for candidate in candidates])
    finalists: list[Finalist] = []
    longest, stands = 0.0, False
    for candidate in _in_order_of_haste(candidates, spec, run):
        fit = 0.0 if candidate.members else _seconds_of_a_fit(candidate, data)
        stands_before = partial(_stands, finalists, run, longest, fit)
        run.hear_of_haste(f"measuring {candidate.name}")
        if run.is_hurried and not stands and run.decide(f"stands before {candidate.name}", stands_before):
            on_standing(finalists)
            stands = True
        # The first is the best in the search; those always shown are quick.
        is_optional = bool(finalists) and candidate.name not in ALWAYS_SHOWN
        if is_optional and run.decide(f"no time to measure {candidate.name}", partial(_is_late, run, longest)):
            _skip_the_rest([candidate], run)
            continue
        if not candidate.members:
            _fit_late(candidate, data, run, spec.seed)
        began = run.elapsed
        finalists.append(_measured(candidate, candidates, data, run, spec))
        longest = max(longest, run.elapsed - began)
        # Each that is left has to be measured, and every one to be saved, which takes about as long again.
        run.expect(longest * (2 * len(candidates) - len(finalists)))
        run.pulse()
    if run.is_hurried and not stands:
        on_standing(finalists)
    return finalists


def _in_order_of_haste(candidates: list[Candidate], spec: ExperimentSpec, run: Run) -> list[Candidate]:
    """Return the candidates, in haste with what is likeliest to be taken before all that has still to be fitted."""
    if not run.is_hurried:
        return candidates
    best = max(candidate.record.auc or 0.0 for candidate in candidates)

    def is_asked_for(candidate: Candidate) -> bool:
        is_card = candidate.name == ScorecardLearner.name
        return spec.explainable_first and is_card and (candidate.record.auc or 0.0) >= best - PRICE_OF_SIMPLICITY

    return sorted(candidates, key=lambda one: (not is_asked_for(one), not one.members))


def _stands(finalists: list[Finalist], run: Run, longest: float, fit: float) -> bool:
    """Tell whether one more candidate, fitted in ``fit`` seconds, would keep somebody in haste waiting for a model."""
    expected = fit + longest * (1.0 + SAVED_FOR_EACH_MEASURED)
    return bool(finalists) and run.seconds_since_wish + expected > SECONDS_TO_A_MODEL


def _is_late(run: Run, seconds: float) -> bool:
    """Tell whether measuring one more candidate, for so many seconds, would take too long: it is saved as well."""
    return run.is_timed and run.latest_end_of_choice < run.elapsed + 1.5 * seconds


def _skip_the_rest(candidates: list[Candidate], run: Run) -> None:
    for candidate in candidates:
        run.skip(candidate.name, LEFT_OUT_FOR_TIME)


def to_artifact(
    candidate: Candidate,
    members: list[FittedModel],
    data: TrainingData,
    run: Run,
    spec: ExperimentSpec,
    *,
    trained_on: str,
    share: float,
) -> tuple[ModelArtifact, Explained]:
    """Put members, encoder, calibrator and what scoring needs into one artifact; return it with a sample explained."""
    population = Population.of(data.y[candidate.rows], data.weights(candidate.rows), spec.population_rate)
    members, calibrator = _taken_in(members, population.calibrator(candidate.calibrator), spec)
    # A card that keeps to the columns as they came has no use for the others.
    is_plain = len(data.columns_for(candidate.learner)) < len(data.encoder.columns_)
    encoder = data.encoder.without(data.generator.names_) if is_plain else data.encoder
    generator = FeatureGenerator("off") if is_plain else data.generator
    artifact = ModelArtifact(
        learner=candidate.name,
        members=[portable(member) for member in members],
        encoder=encoder,
        calibrator=calibrator,
        importance={},
        reference=[],
        psi_bins=PsiBins.of_scores([]),
        reason_book=ReasonBook(),
        generator=generator,
        readings=data.readings,
        facts={
            "candidate": candidate.name,
            "kind": spec.kind,
            **spec.own_words,
            "target": spec.target,
            "event": data.event,
            "id_column": spec.id_column,
            **population.facts(),
            "trained_on": trained_on,
            "training_rows": len(data.labelled if trained_on == TRAINED_ON_ALL else data.split.train),
            "params": candidate.record.params,
            "iterations": [member.iterations for member in members],
            "seed": spec.seed,
            "spec": spec.to_dict(),
            "labels": {**generator.labels(spec.labels), **spec.labels},
        },
    )
    _freeze_reference(artifact, candidate, data, population, rows_of_reference(run))
    explained = _learn_to_explain(artifact, data, run, share)
    artifact.baselines = fit_baselines(artifact.columns_heard, data, population, is_hurried=run.is_hurried)
    return artifact, explained


def _taken_in(
    members: list[FittedModel], calibrator: AnyCalibrator, spec: ExperimentSpec
) -> tuple[list[FittedModel], AnyCalibrator]:
    """Fold the calibrator of a card into its points, so that what is printed is what is scored."""
    if len(members) != 1 or not isinstance(members[0], ScorecardModel) or not isinstance(calibrator, PlattCalibrator):
        return members, calibrator
    direction = 1 if KINDS[spec.kind].is_risk else -1
    return [members[0].calibrated(calibrator, direction)], NO_CALIBRATION


def _freeze_reference(
    artifact: ModelArtifact, candidate: Candidate, data: TrainingData, population: Population, count: int
) -> None:
    """Keep with the model its own scores of the rows it was built on, which files will be compared with."""
    # Rows without an outcome are scored as well, where rows were parted by chance.
    is_of_all = artifact.facts["trained_on"] == TRAINED_ON_ALL
    rows = reference_rows(np.arange(len(data.y)) if is_of_all else data.split.train, count)
    p = artifact.predict(data.table.iloc[rows])
    stand_for = population.weights(data.y[rows], data.weights(rows))
    unseen = candidate.reference.unseen if candidate.reference else unseen_rows(candidate, data)
    unseen_weight = stand_for if unseen is None else unseen.weights(p, stand_for)
    artifact.psi_bins = PsiBins.of_scores(p, stand_for, None if unseen is None else unseen_weight)
    # Customers to come are new ones: what share of them scores higher is told by rows not learnt from.
    artifact.reference = quantile_reference(p, unseen_weight)


def _learn_to_explain(artifact: ModelArtifact, data: TrainingData, run: Run, share: float) -> Explained:
    """Learn importance and the book of reasons from a sample of training rows."""
    count = run.decide(f"rows to explain {artifact.learner}", lambda: _rows_to_explain(artifact, data, run, share))
    rows = sample_rows(data.split.train, count)
    sample = data.table.iloc[rows].reset_index(drop=True)
    phi, base = artifact.contributions(sample)
    mean = np.abs(phi).mean(axis=0)
    shares = mean / max(mean.sum(), 1e-300)
    artifact.importance = {name: float(share) for name, share in zip(artifact.columns, shares, strict=True)}
    types = {column.name: column.type for column in artifact.encoder.columns_}
    told = artifact.generator.told_by_sources(phi, artifact.columns, sample)
    parts = pd.DataFrame(told, columns=artifact.own_columns)
    spec = artifact.facts["spec"]
    artifact.reason_book.fit(
        sample, parts, types=types, withheld=spec["protected"], meanings=spec["value_labels"],
        special_values=spec["special_values"],
    )  # fmt: skip
    return Explained(sample, parts, base)


def _rows_to_explain(artifact: ModelArtifact, data: TrainingData, run: Run, share: float) -> int:
    """Return how many rows to explain within a share of the budget; a fixed number when trials are counted."""
    if run.is_hurried:
        return FEWEST_ROWS_TO_EXPLAIN
    if not run.is_timed:
        is_forest = artifact.margin_unit == "probability"
        return ROWS_TO_EXPLAIN_A_FOREST if is_forest else ROWS_TO_EXPLAIN_WITHOUT_CLOCK
    few = data.table.iloc[sample_rows(data.split.train, 10)]
    began = run.elapsed
    artifact.contributions(few)
    seconds_a_row = max((run.elapsed - began) / len(few), 1e-6)
    # Late in a run, too few rows are better than a budget that is not kept.
    fewest = np.clip(SHARE_LEFT_TO_EXPLAIN * run.remaining / seconds_a_row, len(few), FEWEST_ROWS_TO_EXPLAIN)
    return int(np.clip(share * run.seconds / seconds_a_row, fewest, MOST_ROWS_TO_EXPLAIN))


def _calibrated(record: TrialRecord, margins: np.ndarray, models: list[FittedModel], data: TrainingData) -> Candidate:
    rows = np.flatnonzero(~np.isnan(margins))
    raw = np.full(len(margins), np.nan)
    raw[rows] = probability_of(margins[rows], FAMILIES[record.learner].margin_unit)
    calibrated = np.full(len(margins), np.nan)
    # A card takes its calibrator into its points, which only slope and intercept allow.
    method: CalibrationMethod = "platt" if record.learner == ScorecardLearner.name else "auto"
    is_known = ~np.isnan(margins)
    for valid_rows in (part[is_known[part]] for part in data.validated_parts):
        others = rows_besides(is_known, valid_rows)
        calibrator = fit_calibrator(data.y[others], raw[others], data.weights(others), method)
        calibrated[valid_rows] = calibrator.apply(raw[valid_rows])
    final = fit_calibrator(data.y[rows], raw[rows], data.weights(rows), method)
    return Candidate(record, margins, models, rows, final, calibrated[rows])


def _measured(
    candidate: Candidate, candidates: list[Candidate], data: TrainingData, run: Run, spec: ExperimentSpec
) -> Finalist:
    held_out = data.held_out.rows
    train = sample_rows(data.split.train, min(_rows_to_measure(data), rows_of_reference(run)))
    reference = candidate.reference = _measured_reference(candidate, data, train, run)
    p_train = reference.p[np.searchsorted(reference.rows, train)]
    started = time.perf_counter()
    p_held_out = candidate.p_held_out = candidate.predict(data, held_out)
    # A limit on it may decide who is recommended.
    milliseconds = run.decide(
        f"milliseconds {candidate.name}",
        lambda: 1000 * (time.perf_counter() - started) / max(1, len(held_out)),
    )
    metrics = {
        "validation": _evaluate(data, candidate.rows, candidate.p_valid, spec, FEW_REPLICATES),
        data.split.held_out_kind: _evaluate(data, held_out, p_held_out, spec, FEW_REPLICATES),
        "train": _evaluate(data, train, p_train, spec, 20),
    }
    run.pulse()
    train_ks = metrics["train"]["ks"]["value"]
    periods = None if data.split.period_of_row is None else data.split.period_of_row[candidate.rows]
    value = objective(
        spec.kind, data.y[candidate.rows], candidate.p_valid, data.weights(candidate.rows),
        contact_share=spec.contact_share, train_ks=train_ks, period=periods,
    )  # fmt: skip
    psi = reference.bins.compare(p_held_out, data.weights(held_out))
    held_out_ks = metrics[data.split.held_out_kind]["ks"]["value"]
    directions = check_directions(UnshippedModel(candidate, data), data, run)
    features = columns_read(candidate.members, data.features(candidate.learner, train[:ROWS_TO_SEE_COLUMNS]))
    readings = Readings(
        train_ks, held_out_ks, metrics[data.split.held_out_kind]["ks"]["high"], psi.psi, psi.limit, features,
        milliseconds,
        has_enough_events=not any(has_too_few(metrics[name]) for name in (data.split.held_out_kind, "train")),
        has_enough_rows=len(held_out) >= MIN_ROWS, held_out_kind=data.split.held_out_kind,
    )  # fmt: skip
    return Finalist(
        candidate=candidate.name,
        learner=candidate.name,
        objective=float(value),
        metrics=metrics,
        evidence={
            "train_auc": metrics["train"]["auc"]["value"],
            "gap": train_ks - held_out_ks,
            "score_psi": psi.psi,
            "score_psi_limit": psi.limit,
            "ranking_value": float(value),
            "features": features,
            "ms_per_row": milliseconds,
            "limits": check_limits(spec.limits, readings) + direction_limits(directions),
            "constraints": directions or None,
            "interactions": pairs_read(candidate.members, data.encoder.names_),
            "difference": _differences(candidate, candidates, data),
            "trial": candidate.record.number,
        },
    )


def _rows_to_measure(data: TrainingData) -> int:
    """Return how many training rows to measure on: enough for the rarer outcome to say something of the fit."""
    y = data.y[data.split.train]
    rarer = max(min(float(y.mean()), 1 - float(y.mean())), 1e-9)
    return int(np.clip(EVENTS_TO_MEASURE / rarer, TRAIN_ROWS_TO_MEASURE, REFERENCE_ROWS))


def rows_of_reference(run: Run) -> int:
    """Return how many rows of training a reference takes: fewer where somebody waits, as chance in it is known."""
    return REFERENCE_ROWS_IN_HASTE if run.is_hurried else REFERENCE_ROWS


def _measured_reference(candidate: Candidate, data: TrainingData, train: np.ndarray, run: Run) -> MeasuredReference:
    """Score training rows with the models that are measured: ``train`` and as many more as a reference takes."""
    rows = np.union1d(train, reference_rows(data.split.train, rows_of_reference(run)))
    p, weight = candidate.predict(data, rows), data.weights(rows)
    unseen = unseen_rows(candidate, data)
    bins = PsiBins.of_scores(p, weight, None if unseen is None else unseen.weights(p, weight))
    return MeasuredReference(rows, p, bins, unseen)


def _evaluate(
    data: TrainingData, rows: np.ndarray, p: np.ndarray, spec: ExperimentSpec, replicates: int
) -> dict[str, Any]:
    groups = None if data.groups is None else data.groups[rows]
    measures = evaluate(
        data.y[rows], p, data.weights(rows), groups, contact_share=spec.contact_share, seed=spec.seed,
        replicates=replicates,
    )  # fmt: skip
    return {**measures, "counts": counts_of(len(rows), int(np.nansum(data.y[rows])))}


def _differences(candidate: Candidate, candidates: list[Candidate], data: TrainingData) -> dict[str, Any]:
    """Return the paired difference in AUC to each other candidate on the rows both were validated on.

    ``p_holm`` is the p-value adjusted for this candidate being set against all of them, ``low`` and ``high`` bound the
    interval at the ``level`` at which Holm's step judged the pair.
    """
    found: dict[str, Difference] = {}
    for other in candidates:
        if other is candidate or not np.array_equal(other.rows, candidate.rows):
            continue
        found[other.name] = delong_difference(
            data.y[candidate.rows], candidate.p_valid, other.p_valid, data.weights(candidate.rows),
            groups=None if data.groups is None else data.groups[candidate.rows],
        )  # fmt: skip
    judged = zip(found, judged_together(list(found.values())), strict=True)
    return {
        name: {
            "value": each.difference.value, "low": each.difference.low, "high": each.difference.high,
            "level": each.level, "p_value": each.difference.p_value, "p_holm": each.p_holm,
        }
        for name, each in judged
    }  # fmt: skip
