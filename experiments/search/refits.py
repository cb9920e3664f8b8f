"""The final fits, on every labelled row: each is made once, whoever needs it, the most useful first."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from experiments.learners import LEARNERS, FittedModel
from experiments.learners.ensemble import EnsembleModel, Part
from experiments.search.candidate import Candidate
from experiments.search.ensemble import Ingredient
from experiments.search.fit_task import FitTask
from experiments.search.fits import each_outcome
from experiments.search.run import Run
from experiments.search.time_policy import OutOfTime, has_time_to_be_thorough
from experiments.search.training_data import TrainingData
from experiments.search.trial import TrialRecord, key_of
from experiments.search.workers import FitFailed

# More seeds lower the variance of what learns with chance; after four of them little is left to gain.
SEEDS = 4
# Seeds of all parts of an ensemble together: it averages already.
SEEDS_OF_ENSEMBLE = 8
# On few rows fits are cheap and vary most.
FEW_ROWS, SEEDS_OF_ENSEMBLE_ON_FEW_ROWS = 5_000, 16
FIRST_SEED = 1000
# Rounds a fit with early stopping makes for each one it keeps, and the largest step boosting may take.
ROUNDS_OF_PATIENCE, LARGEST_STEP = 1.3, 0.25


@dataclass(frozen=True)
class RefitRequest:
    """One final fit: the settings of a trial with one seed."""

    record: TrialRecord
    seed: int

    @property
    def key(self) -> str:
        """Return the text by which equal fits are recognised."""
        return f"{self.seed} {key_of(self.record.learner, self.record.params)}"


@dataclass
class Refits:
    """Models fitted on every labelled row.

    Attributes
    ----------
    seconds_a_fit : what one fit may take; boosting goes in larger steps where it would take longer.
    name : under which the run remembers what was made, for who repeats it.
    """

    data: TrainingData
    run: Run
    first_seed: int
    seconds_a_fit: float | None = None
    models: dict[str, FittedModel] = field(default_factory=dict)
    name: str = "refits"

    def make(self, requests: Sequence[RefitRequest], *, until: float) -> None:
        """Fit what is not there yet, in this order, until ``elapsed`` passes ``until``."""
        made = self.run.decisions.recall(self.name)
        missing = list({request.key: request for request in requests if request.key not in self.models}.values())
        missing = [request for request in missing if made is None or request.key in made]
        tasks = [
            fit_task(one.record, self.data, self.run, self.data.labelled, one.seed, seconds_allowed=self.seconds_a_fit)
            for one in missing
        ]
        try:
            with self.run.time.until(until), each_outcome(tasks, self.data, self.run) as outcomes:
                for request, outcome in zip(missing, outcomes, strict=True):
                    if isinstance(outcome, FitFailed):
                        self.run.listener.skip(request.record.learner, outcome.message, **outcome.params)
                    else:
                        self.models[request.key] = outcome.model
        except OutOfTime:
            pass
        self.run.decisions.note(self.name, list(self.models))

    def members_of(self, candidate: Candidate) -> list[FittedModel]:
        """Return a candidate's shippable model: nothing when a part of it is missing."""
        if candidate.recipe is None:
            return self._seeds_of(candidate.record)
        parts = {one.record.number: self._seeds_of(one.record) for one in candidate.recipe.ingredients}
        if not all(parts.values()):
            return []
        return [compose_model(candidate.recipe.ingredients, parts, candidate.recipe.intercept)]

    def _seeds_of(self, record: TrialRecord) -> list[FittedModel]:
        requests = (self._request(record, number) for number in range(SEEDS_OF_ENSEMBLE_ON_FEW_ROWS))
        return [self.models[request.key] for request in requests if request.key in self.models]

    def first(self, candidate: Candidate) -> list[RefitRequest]:
        """Return the fits without which a candidate cannot be shipped."""
        return [self._request(record, 0) for record in _records_of(candidate)]

    def more(self, candidate: Candidate) -> list[RefitRequest]:
        """Return the fits that only lower the variance, the most useful ones first."""
        if candidate.recipe is None:
            count = SEEDS if candidate.learner.seeds_help else 1
            return [self._request(candidate.record, number) for number in range(1, count)]
        further = [
            (number / one.weight, number, one)
            for one in candidate.recipe.ingredients
            if LEARNERS[one.record.learner].seeds_help
            for number in range(1, max(1, round(one.weight * self._seeds_of_ensemble)))
        ]
        return [self._request(one.record, number) for _, number, one in sorted(further, key=lambda more: more[:2])]

    @property
    def _seeds_of_ensemble(self) -> int:
        return SEEDS_OF_ENSEMBLE_ON_FEW_ROWS if len(self.data.labelled) < FEW_ROWS else SEEDS_OF_ENSEMBLE

    def _request(self, record: TrialRecord, number: int) -> RefitRequest:
        return RefitRequest(record, self.first_seed + FIRST_SEED + number)


def _records_of(candidate: Candidate) -> list[TrialRecord]:
    """Return the trials a candidate is made of."""
    if candidate.recipe is None:
        return [candidate.record]
    return [one.record for one in candidate.recipe.ingredients]


def compose_model(
    ingredients: Sequence[Ingredient], models: dict[int, list[FittedModel]], intercept: float
) -> EnsembleModel:
    """Return the weighted sum of the models of each ingredient's trial, which share its slope."""
    parts = [
        Part(one.record.learner, model, one.slope / len(models[one.record.number]))
        for one in ingredients
        for model in models[one.record.number]
    ]
    return EnsembleModel(parts, intercept)


def fit_task(
    record: TrialRecord, data: TrainingData, run: Run, rows: Any, seed: int, *, seconds_allowed: float | None = None
) -> FitTask:
    """Return the fit of a trial's settings on ``rows``, with the rounds that its folds chose."""
    learner, params = LEARNERS[record.learner], record.params
    iterations = None
    if learner.has_rounds:
        folds = data.search_folds if len(record.fold_aucs) == len(data.search_folds) else data.folds
        growth = len(rows) * len(folds) / sum(len(fit) for fit, _ in folds)
        # More rows bear more rounds, but by far not in proportion, and ever fewer.
        mean = sum(record.iterations) / max(1, len(record.iterations))
        iterations = max(1, round(mean * min(growth, 1.6) ** 0.5 * max(growth / 1.6, 1.0) ** 0.25))
        if seconds_allowed is not None:
            expected = _seconds_of_a_fit(record, run) * growth * iterations / max(1.0, ROUNDS_OF_PATIENCE * mean)
            params, iterations = _in_larger_steps(params, iterations, expected / seconds_allowed)
    has_time = run.decisions.decide("thorough fits", lambda: has_time_to_be_thorough(run.clock))
    is_thorough = bool(has_time) and not run.time.is_hurried
    return FitTask(learner, params, rows, seed=seed, more={"iterations": iterations, "is_thorough": is_thorough})


def _seconds_of_a_fit(record: TrialRecord, run: Run) -> float:
    folds = max(1, len(record.fold_aucs))
    # How long the trial took here says nothing of a run that is repeated, whose last fits must be the same.
    seconds = float(run.decisions.decide(f"seconds of trial {record.number}", lambda: record.seconds))
    return seconds * min(run.workers.threads, folds) / folds


def _in_larger_steps(params: dict[str, Any], iterations: int, excess: float) -> tuple[dict[str, Any], int]:
    """Return settings whose fit takes ``excess`` times less: fewer and larger steps, as far as steps may grow."""
    if excess <= 1.0 or "learning_rate" not in params:
        return params, iterations
    rate = min(LARGEST_STEP, params["learning_rate"] * excess)
    return {**params, "learning_rate": float(f"{rate:.4g}")}, max(1, round(iterations / excess))
