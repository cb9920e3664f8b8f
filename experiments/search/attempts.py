"""Trials, one after another: each is validated on the folds, stored as it ends, and reported."""

from collections import Counter
from dataclasses import replace
from time import monotonic
from typing import Any

import numpy as np

from experiments.errors import gettext_noop
from experiments.evaluation.metrics import ks, log_loss
from experiments.evaluation.odds import probability_of
from experiments.learners import LEARNERS, FittedModel
from experiments.search.backend import Proposal, SearchBackend
from experiments.search.cross_validation import FoldScores, Hopeless, cross_validate
from experiments.search.ensemble import MOST_OF_A_FAMILY
from experiments.search.run import Run
from experiments.search.time_policy import OutOfTime
from experiments.search.training_data import TrainingData
from experiments.search.trial import FAILED, FINISHED, OTHER_COLUMNS, PRUNED, TrialLog, TrialRecord
from experiments.search.workers import HUNG, FitFailed

SCORECARD = "scorecard"
MOST_DEATHS = 2

FIRST_SCORE = gettext_noop("First result, %(learner)s: AUC %(auc)s")
FIRST_WITH_DERIVED = gettext_noop("%(learner)s, with derived columns: AUC %(auc)s")
BETTER_SCORE = gettext_noop("%(learner)s, trial %(number)s: AUC %(before)s → %(auc)s")
BETTER_BESIDE = gettext_noop("%(learner)s, always run: AUC %(before)s → %(auc)s")
TRIAL_FAILED = gettext_noop("A trial of this algorithm failed: %(error)s")
TOO_SLOW = gettext_noop("It did not finish its folds in the time allowed.")
LEFT_OUT = gettext_noop("Its fits crash, hang or need too much memory; this algorithm is no longer tried.")
GAVE_UP = gettext_noop("It was clearly behind on the first folds.")


class Attempts:
    """The trials of one search, and the models of the best of them.

    Attributes
    ----------
    fold_models : by trial number, the models of each learner's best trials, one per fold.
    """

    def __init__(self, data: TrainingData, run: Run, log: TrialLog, *, seed: int) -> None:
        self.data, self.run, self.log, self.seed = data, run, log, seed
        self.fold_models: dict[int, list[FittedModel]] = {}
        self._deaths: Counter[str] = Counter()
        self._best_auc = 0.0
        # When a run is continued, the trials of its earlier part count towards the ensemble too.
        self.recall_models()

    def recall_models(self) -> None:
        """Read the models of earlier trials that were kept."""
        self.fold_models.clear()
        for record in self.log.finished:
            if models := self.log.models_of(record, LEARNERS[record.learner].model):
                self.fold_models[record.number] = models

    def is_given_up(self, learner: str) -> bool:
        """Tell whether a family has crashed its process too often to be tried again."""
        return self._deaths[learner] >= MOST_DEATHS

    def make(self, proposal: Proposal, backend: SearchBackend, *, deadline: float) -> TrialRecord:
        """Try a configuration until ``deadline``, store the outcome and report it."""
        started = monotonic()
        self.log.begin(proposal.learner)
        scores = FoldScores(np.full(len(self.data.y), np.nan))
        state, message, frames = self._validate(proposal, backend, scores, deadline)
        record = self._record(proposal, backend, state, message, scores, monotonic() - started)
        record = replace(record, frames=frames)
        self._keep_models(record, scores)
        self.keep(record, scores.margins if record.is_finished else None)
        self._say_if_better(record)
        return record

    def keep(self, record: TrialRecord, margins: np.ndarray | None = None) -> None:
        """Log a trial and report that it has ended."""
        self.log.add(record, margins)
        self.run.listener.finished(record)

    def take_in(self, record: TrialRecord, stage: str) -> None:
        """Keep a trial that was made for one of the two models of a two-stage question among the run's own."""
        elapsed = round(self.run.clock.elapsed, 3)
        self.keep(replace(record, stage=stage, number=len(self.log.records) + 1, elapsed=elapsed))

    def _validate(
        self, proposal: Proposal, backend: SearchBackend, scores: FoldScores, deadline: float
    ) -> tuple[str, str, str]:
        """Fill in the scores fold by fold; return the trial's final state, the reason for it, and where it failed."""

        def judge(so_far: FoldScores) -> None:
            if len(so_far.aucs) < len(self.data.search_folds) and backend.is_hopeless(proposal, so_far.aucs):
                raise Hopeless

        try:
            with self.run.time.until(deadline):
                cross_validate(
                    LEARNERS[proposal.learner], proposal.params, self.data, self.run, seed=self.seed,
                    folds=self.data.search_folds, scores=scores, on_fold=judge,
                )  # fmt: skip
        except Hopeless:
            return PRUNED, GAVE_UP, ""
        except OutOfTime:
            if proposal.learner == SCORECARD:  # Readers expect it on every leaderboard.
                self.run.listener.skip(SCORECARD, TOO_SLOW)
            return PRUNED, TOO_SLOW, ""
        except FitFailed as failure:  # It costs only itself.
            self._tell_of(failure, proposal.learner)
            scores.peak_mb = max(scores.peak_mb, failure.peak_mb)
            return FAILED, str(failure), failure.frames
        return FINISHED, "", ""

    def _tell_of(self, failure: FitFailed, learner: str) -> None:
        """Say why a trial has no result; a family that keeps crashing its process is dropped."""
        if failure.params:
            self.run.listener.skip(learner, failure.message, **failure.params)
        else:
            self.run.listener.skip(learner, TRIAL_FAILED, error=failure.message)
        self._deaths[learner] += failure.is_grave
        if failure.message == HUNG and learner not in self.log.best_of_each_learner():
            self._deaths[learner] = MOST_DEATHS  # One wait for it is enough.
        if failure.is_grave and self.is_given_up(learner):
            self.run.listener.skip(learner, LEFT_OUT)

    def _record(
        self, proposal: Proposal, backend: SearchBackend, state: str, message: str, scores: FoldScores, seconds: float
    ) -> TrialRecord:
        auc = float(np.mean(scores.aucs)) if scores.aucs and state != FAILED else None
        return TrialRecord(
            number=len(self.log.records) + 1, learner=proposal.learner, backend=backend.name, state=state,
            params=proposal.params, auc=auc, objective=auc, seconds=round(seconds, 3),
            elapsed=round(self.run.clock.elapsed, 3), peak_mb=round(scores.peak_mb, 1), message=message,
            fold_aucs=tuple(scores.aucs), iterations=tuple(scores.iterations),
            **(self._measured(proposal, scores) if state == FINISHED else {}),
        )  # fmt: skip

    def _measured(self, proposal: Proposal, scores: FoldScores) -> dict[str, Any]:
        rows = np.flatnonzero(~np.isnan(scores.margins))
        p = probability_of(scores.margins[rows], LEARNERS[proposal.learner].margin_unit)
        y, weight = self.data.y[rows], self.data.weights(rows)
        return {"ks": float(ks(y, p, weight=weight).value), "log_loss": float(log_loss(y, p, weight=weight))}

    def _keep_models(self, record: TrialRecord, scores: FoldScores) -> None:
        """Keep the models of the family's best trials, which may become finalists or parts of the ensemble."""
        if not record.is_finished:
            return
        self.fold_models[record.number] = scores.models
        self.log.keep_models(record.number, scores.models)
        family = [one for one in [*self.log.finished, record] if one.learner == record.learner]
        family.sort(key=lambda one: -(one.auc or 0.0))
        for one in family[MOST_OF_A_FAMILY:]:
            self.fold_models.pop(one.number, None)
            self.log.drop_models(one.number)

    def _say_if_better(self, record: TrialRecord) -> None:
        # Trials of a run that was interrupted count as well, and those of a first look: a run has one first score.
        told = (one for one in self.log.own if one.is_finished or one.message in OTHER_COLUMNS)
        earlier = [one.auc or 0.0 for one in told if one.number < record.number]
        self._best_auc = max([self._best_auc, *earlier])
        if not record.is_finished or (record.auc or 0.0) <= self._best_auc:
            return
        self.run.listener.say(
            self._words_for_better(record),
            learner=record.learner,
            number=sum(one.is_counted and one.number <= record.number for one in self.log.records),
            auc=f"{record.auc:.4f}",
            before=f"{self._best_auc:.4f}",
        )
        self._best_auc = record.auc or 0.0

    def _words_for_better(self, record: TrialRecord) -> str:
        if self._best_auc:
            return BETTER_SCORE if record.is_counted else BETTER_BESIDE
        is_again = any(one.message in OTHER_COLUMNS for one in self.log.own)
        return FIRST_WITH_DERIVED if is_again else FIRST_SCORE
