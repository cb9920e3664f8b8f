"""The search: fixed candidates first, then FLAML over every family, then Optuna on the best of them."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from experiments.errors import FinishNow, gettext_noop
from experiments.evaluation.metrics import ks, log_loss
from experiments.evaluation.odds import probability_of
from experiments.learners import LEARNERS, FittedModel
from experiments.learners.base import PrintsPoints
from experiments.learners.scorecard import MOST_BINNED, columns_to_bin
from experiments.search.backend import Proposal, SearchBackend
from experiments.search.budget import OutOfTime, Run
from experiments.search.cross_validation import FoldScores, Hopeless, cross_validate
from experiments.search.ensemble import MOST_OF_A_FAMILY
from experiments.search.outlook import budget_outlook
from experiments.search.training_data import TrainingData
from experiments.search.trial import (
    FAILED,
    FEWER_COLUMNS,
    FINISHED,
    MORE_COLUMNS,
    OTHER_COLUMNS,
    PRUNED,
    TrialLog,
    TrialRecord,
)
from experiments.search.workers import HUNG, FitFailed
from experiments.spec import BESIDE_TRIALS, ExperimentSpec

FIXED, FIRST_LOOK = BESIDE_TRIALS
SCORECARD = "scorecard"
FLAML_SHARE = 0.6
LONGEST_TRIAL_SHARE = 0.4
# Boosted in large steps: a good model after a second or two, and a better one later.
QUICK, QUICK_SETTINGS = "lightgbm", {"learning_rate": 0.15, "num_leaves": 8, "min_child_samples": 20}
LONGEST_FIRST_SHARE = 0.5
MOST_REPEATS = 40
LONGEST_BASELINE = 600.0
# Refining ends after so many trials in a row that gained no more than noise.
FEWEST_IN_VAIN, ROWS_A_TRIAL_IN_VAIN, NOISE_OF_A_GAIN = 12, 60, 0.05
LARGEST_RESERVE = 0.55
LARGEST_REFIT, LARGEST_REFIT_OF_SAMPLED = 0.2, 0.45
# However short the budget is, there shall be a scorecard and a boosted model; they may take until then. What follows is
# quick for so few.
LATEST_ESSENTIALS, LATEST_OF_SHORT, SHORT_BUDGET = 0.75, 0.95, 15.0
# A family is refined where at least so many of its trials go into what is left, and it is not this far behind.
TRIALS_TO_REFINE, GAP_TO_REFINE = 5, 0.004
POINTS_FOR_OPTUNA = 5
MOST_DEATHS = 2
# Of a run that counts trials, the shares of the whole that its parts are shown as; and what follows, in fits.
SHARE_OF_PREPARING, SHARE_OF_FIRST, SHARE_OF_TRIALS, LAST_FITS = 0.03, 0.12, 0.6, 2.5

FIRST_SCORE = gettext_noop("First result, %(learner)s: AUC %(auc)s")
FIRST_WITH_MADE = gettext_noop("%(learner)s, with derived columns: AUC %(auc)s")
BETTER_SCORE = gettext_noop("%(learner)s, trial %(number)s: AUC %(before)s → %(auc)s")
BETTER_BESIDE = gettext_noop("%(learner)s, always run: AUC %(before)s → %(auc)s")
NOW_FLAML = gettext_noop("FLAML searches %(count)s algorithms, the quick settings first.")
NOW_OPTUNA = gettext_noop("Optuna refines %(learner)s, starting from FLAML's best settings (%(count)s).")
TRIAL_FAILED = gettext_noop("A trial of this algorithm failed: %(error)s")
TOO_SLOW = gettext_noop("It did not finish its folds in the time allowed.")
LEFT_OUT = gettext_noop("Its fits crash, hang or need too much memory; this algorithm is no longer tried.")
NO_DIRECTIONS = gettext_noop("This algorithm cannot keep the required directions and is left out.")
DIFFERS = gettext_noop("%(learner)s, trial %(number)s: AUC %(auc)s; in the original run it was %(before)s.")
GAVE_UP = gettext_noop("It was clearly behind on the first folds.")
WITHOUT_MADE = gettext_noop(
    "The derived columns were removed again: the search ended before the models validated without them could be "
    "validated with them."
)


@dataclass
class Search:
    """One search over the families of a spec; every trial is kept in ``log`` as it ends.

    Attributes
    ----------
    reserve : seconds to leave for what follows the search.
    asked : trials asked of the run in all, where its search is not the only one to make them.
    fold_models : by trial number, the models of each learner's best trials, one per fold.
    """

    spec: ExperimentSpec
    data: TrainingData
    run: Run
    log: TrialLog
    reserve: float
    asked: int | None = None
    fold_models: dict[int, list[FittedModel]] = field(default_factory=dict)
    _searched: list[str] = field(default_factory=list)
    _deaths: Counter[str] = field(default_factory=Counter)
    _best_auc: float = 0.0
    _counted: int = 0

    def __post_init__(self) -> None:
        if self.data.generator.names_:
            self.log.set_aside([one for one in self.log.finished if one.backend == FIRST_LOOK], FEWER_COLUMNS)
        # Of a run that goes on, what its earlier part found counts in the ensemble as well.
        self._recall_models()

    def _recall_models(self) -> None:
        for record in self.log.finished:
            if models := self.log.models_of(record, LEARNERS[record.learner].model):
                self.fold_models[record.number] = models

    def has_more_without_made(self) -> bool:
        """Tell whether more kinds of model are known from before columns were made than from after it.

        Who ends a search shortly after that would otherwise lose what the first look found.
        """
        before = {one.learner for one in self.log.own if one.message == FEWER_COLUMNS}
        after = {one.learner for one in self.log.finished}
        lost = {learner for learner in after - before if self._reads_made(learner)}
        return len(before - after) > len(lost)

    def go_back(self, plain: TrainingData) -> None:
        """Go on with the columns as they came, and with what was found on them."""
        self.data = plain
        self.log.set_aside([one for one in self.log.finished if self._reads_made(one.learner)], MORE_COLUMNS)
        known = {one.learner for one in self.log.finished}
        looked = (one for one in self.log.own if one.message == FEWER_COLUMNS and one.learner not in known)
        self.log.bring_back(list(looked))
        self.fold_models.clear()
        self._recall_models()
        self.run.say(WITHOUT_MADE)

    def _reads_made(self, learner: str) -> bool:
        """Tell whether models of a family may read columns made from others; a card mostly keeps to what came."""
        return not (issubclass(LEARNERS[learner].model, PrintsPoints) and not self.data.derived_on_card)

    def conduct(self) -> None:
        """Search until the budget, the proposals or the listener's patience end."""
        self.run.is_searching = not self.run.is_asked_to_finish
        try:
            self._try_fixed()
            if not self.run.is_asked_to_finish:
                self._try_flaml()
                self._try_optuna()
        except FinishNow:
            self._make_sure_of_one()
        finally:
            self.run.is_searching = False

    def look_first(self) -> None:
        """Try the baseline and something boosted at once, on the columns as they came, while none has been made yet."""
        self.run.is_searching = not self.run.is_asked_to_finish
        try:
            self._try_each([one for one in self._fixed() if one.learner != SCORECARD], _Fixed(FIRST_LOOK))
        except FinishNow:
            self._make_sure_of_one()
        finally:
            self.run.is_searching = False

    def repeat(self, trials: Sequence[TrialRecord]) -> None:
        """Make the trials of an earlier run again, in their order, and say where one ends differently."""
        self.run.begin("search")
        for trial in trials:
            if not trial.is_finished:
                self._keep(replace(trial, number=len(self.log.records) + 1))
                continue
            again = self._try(Proposal(trial.learner, trial.params), _Fixed(trial.backend))
            if again.fold_aucs != trial.fold_aucs:
                self.run.say(DIFFERS, number=trial.number, learner=trial.learner, before=trial.auc, auc=again.auc)

    def _try_fixed(self) -> None:
        """Try what every run shows, each once: the baseline, something boosted at once, and the scorecard."""
        self._try_each(self._fixed(), _Fixed(FIXED))

    def _fixed(self) -> list[Proposal]:
        rows, columns = len(self.data.y), self.data.table.shape[1]
        quick = LEARNERS[QUICK].first_configurations(rows, columns)[0] | QUICK_SETTINGS
        proposals = [
            Proposal("baseline", LEARNERS["baseline"].first_configurations(rows, columns)[0]),
            *([Proposal(QUICK, quick)] if QUICK in self._families() else []),
            Proposal(SCORECARD, self._scorecard_within(columns)),
        ]
        return sorted(proposals, key=lambda one: self.spec.explainable_first and one.learner != SCORECARD)

    def _scorecard_within(self, columns: int) -> dict[str, Any]:
        """Return the scorecard's settings: in a short run it bins the most promising columns of a wide table only."""
        usual = LEARNERS[SCORECARD].first_configurations(len(self.data.y), columns)[0]
        if not self.run.is_timed:
            return usual
        most = columns_to_bin(self.run.seconds, self.run.threads, len(self.data.search_folds))
        return usual if min(columns, MOST_BINNED) <= most else {**usual, "max_binned": most}

    def _try_each(self, proposals: list[Proposal], backend: SearchBackend) -> None:
        self.run.begin("first_model")
        for proposal in proposals:
            if self.run.is_asked_to_finish and self._knows_something():
                return
            self._attempt(proposal, backend)

    def _make_sure_of_one(self) -> None:
        if not self._knows_something():
            self._try_fixed()

    def _knows_something(self) -> bool:
        """Tell whether a model is known, if only on the columns as they came: to that a search can go back."""
        return any(one.is_finished or one.message == FEWER_COLUMNS for one in self.log.own)

    def _try_flaml(self) -> None:
        self.run.begin("search")
        self._tell_of_families_left_out()
        learners = self._searched = self._families()
        if not learners or self._is_over(self.run.seconds, self.spec.budget.trials):
            return
        # Long to import, and no part of what a first model takes.
        from experiments.search.flaml_backend import FlamlBackend

        codes = len(self.data.encoder.categorical_ids_)
        backend = FlamlBackend(
            learners, rows=len(self.data.split.train), columns=self.data.matrix.shape[1],
            numeric_share=1.0 - codes / max(1, self.data.matrix.shape[1]), seed=self.spec.seed,
            known={
                one.learner: one.auc or 0.0 for one in self.log.finished if one.backend in (FIXED, FIRST_LOOK)
            },
        )  # fmt: skip
        self.run.say(NOW_FLAML, count=len(learners))
        share = self._window() * FLAML_SHARE
        trials = None if self.run.is_timed else max(len(learners), round((self.spec.budget.trials or 0) * FLAML_SHARE))
        self._drive(backend, end=self.run.elapsed + share, trials=trials)

    def _try_optuna(self) -> None:
        best = [record for record in self.log.best_of_each_learner().values() if LEARNERS[record.learner].space]
        if not best or self._is_over(self.run.seconds, self.spec.budget.trials):
            return
        from experiments.search.optuna_backend import OptunaBackend

        leader = self._worth_refining(best).learner
        points = self._best_points(leader)
        self.run.say(NOW_OPTUNA, learner=leader, count=len(points))
        has_categories = bool(self.data.encoder.categorical_ids_)
        backend = OptunaBackend(leader, best_points=points, seed=self.spec.seed, has_categories=has_categories)
        # On few rows the best of many trials is the luckiest one.
        patience = max(FEWEST_IN_VAIN, len(self.data.split.train) / ROWS_A_TRIAL_IN_VAIN)
        patience = patience if self.run.is_timed else float("inf")
        self._drive(backend, end=self._deadline(), trials=self.spec.budget.trials, patience=patience)

    def _worth_refining(self, best: list[TrialRecord]) -> TrialRecord:
        """Return the best family or, where its trials are too slow to learn from, the best of those nearly as good."""
        ordered = sorted(best, key=lambda record: -(record.auc or 0.0))
        near = [one for one in ordered if (one.auc or 0.0) >= (ordered[0].auc or 0.0) - GAP_TO_REFINE]
        window = self._window() if self.run.is_timed else float("inf")
        return next((one for one in near if TRIALS_TO_REFINE * one.seconds <= window), ordered[0])

    def _families(self) -> list[str]:
        names = [name for name in self.spec.learners if name in LEARNERS]
        is_bound = any(self.data.monotone.values())
        return [name for name in names if LEARNERS[name].keeps_monotone or not is_bound]

    def _tell_of_families_left_out(self) -> None:
        for name in self.spec.learners:
            if name in LEARNERS and name not in self._families():
                self.run.skip(name, NO_DIRECTIONS)

    def _best_points(self, learner: str) -> list[dict[str, Any]]:
        mine = [record for record in self.log.finished if record.learner == learner]
        mine.sort(key=lambda record: -(record.auc or 0.0))
        return [record.params for record in mine[:POINTS_FOR_OPTUNA]]

    def _drive(self, backend: SearchBackend, *, end: float, trials: int | None, patience: float = float("inf")) -> None:
        repeats, in_vain = 0, 0
        while repeats < MOST_REPEATS and in_vain < patience and not self._is_over(end, trials):
            proposal = backend.suggest()
            if proposal is None:
                return
            before, best = self._counted, self._best_known()
            self._attempt(proposal, backend)
            repeats = 0 if self._counted > before else repeats + 1
            in_vain = 0 if self._best_known() > best + self._noise() else in_vain + 1

    def _best_known(self) -> float:
        return max((record.auc or 0.0 for record in self.log.best_of_each_learner().values()), default=0.0)

    def _noise(self) -> float:
        """Return a gain in AUC that chance gives among settings that are alike, from the number of events."""
        y = self.data.y[self.data.split.train]
        rarer = min(float(y.sum()), float(len(y) - y.sum()))
        return NOISE_OF_A_GAIN / max(1.0, rarer) ** 0.5

    def _is_over(self, end: float, trials: int | None) -> bool:
        if not self.run.is_timed:
            return self._counted >= min(trials or 0, self.spec.budget.trials or 0)
        if not self._has_essentials():
            return self.run.elapsed >= self._latest()
        return self.run.elapsed >= min(end, self._deadline())

    def _has_essentials(self) -> bool:
        """Tell whether there is something boosted, and a scorecard or the knowledge that there will be none."""
        has_boosted = any(LEARNERS[name].has_rounds for name in self.log.best_of_each_learner())
        return has_boosted and any(record.learner == SCORECARD for record in self.log.own)

    def _latest(self) -> float:
        """Return when a search without the essentials ends."""
        share = LATEST_ESSENTIALS if self.run.seconds > SHORT_BUDGET else LATEST_OF_SHORT
        return max(self._deadline(), share * self.run.seconds)

    def _deadline(self) -> float:
        leaders = sorted(self.log.best_of_each_learner().values(), key=lambda record: -(record.auc or 0.0))
        # Four seeds of the best, as much again for the ensemble; of a sampled search its folds on all rows too.
        rounds = self.data.full_cost * (3.5 if self.data.is_sampled else 2.5)
        # What there is no time for, is left out seed by seed.
        most = LARGEST_REFIT_OF_SAMPLED if self.data.is_sampled else LARGEST_REFIT
        refit = min(most * self.run.seconds, rounds * leaders[0].seconds) if leaders else 0.0
        if leaders and any(self.data.monotone.values()):
            # What directions cost is seen in a twin without them.
            refit += self.data.full_cost * leaders[0].seconds
        # On a busy machine everything that follows takes longer too.
        kept = min(LARGEST_RESERVE * self.run.seconds, self.reserve * self.run.slowness + refit)
        return self.run.seconds - kept

    def _window(self) -> float:
        return max(0.0, self._deadline() - self.run.elapsed)

    def _attempt(self, proposal: Proposal, backend: SearchBackend) -> None:
        """Try a proposal, or recall what came of it before, and tell the backend."""
        if not proposal.params and LEARNERS[proposal.learner].space:
            return
        if self._deaths[proposal.learner] >= MOST_DEATHS:
            backend.tell(proposal, None, 1.0, is_complete=False)
            return
        known = self.log.find(proposal.learner, proposal.params)
        record = known or self._try(proposal, backend)
        if known is None or backend.name == record.backend:
            self._counted += backend.name not in (FIXED, FIRST_LOOK)
        self._note(record, backend)
        cost = record.seconds if self.run.is_timed else 1.0
        auc = None if record.state == FAILED else record.auc
        backend.tell(proposal, auc, cost, is_complete=record.is_finished)

    def _try(self, proposal: Proposal, backend: SearchBackend) -> TrialRecord:
        started = time.monotonic()
        self.run.begun.setdefault(proposal.learner)
        scores = FoldScores(np.full(len(self.data.y), np.nan))
        state, message = FINISHED, ""

        def judge(so_far: FoldScores) -> None:
            if len(so_far.aucs) < len(self.data.search_folds) and backend.is_hopeless(proposal, so_far.aucs):
                raise Hopeless

        try:
            with self.run.until(self._trial_deadline()):
                cross_validate(
                    LEARNERS[proposal.learner], proposal.params, self.data, self.run, seed=self.spec.seed,
                    folds=self.data.search_folds, scores=scores, on_fold=judge,
                )  # fmt: skip
        except Hopeless:
            state, message = PRUNED, GAVE_UP
        except OutOfTime:
            state, message = PRUNED, TOO_SLOW
            if proposal.learner == SCORECARD:  # It is looked for on every leaderboard.
                self.run.skip(SCORECARD, TOO_SLOW)
        except FitFailed as failure:  # It costs only itself.
            state, message = FAILED, str(failure)
            self._tell_of(failure, proposal.learner)
        record = self._record(proposal, backend, state, message, scores, time.monotonic() - started)
        self._keep_models(record, scores)
        self._keep(record, scores.margins if record.is_finished else None)
        self._say_if_better(record)
        self._look_ahead()
        self._tell_how_far()
        return record

    def _keep(self, record: TrialRecord, margins: np.ndarray | None = None) -> None:
        self.log.add(record, margins)
        self.run.finished(record)

    def take_in(self, link: str, record: TrialRecord) -> None:
        """Count a trial that was made for one of the two models of a chain among the run's own."""
        elapsed = round(self.run.elapsed, 3)
        self._keep(replace(record, link=link, number=len(self.log.records) + 1, elapsed=elapsed))
        self._tell_how_far()

    def _tell_how_far(self) -> None:
        """Where trials are counted, tell by what they took so far how long those that are left will take."""
        asked = self.asked or self.spec.budget.trials
        if self.run.is_timed or not asked:
            return
        took = [record.seconds for record in self.log.records if record.is_counted]
        took = took or [record.seconds for record in self.log.records]
        leader = max(self.log.finished, key=lambda one: one.auc or 0.0, default=None)
        # The last fits, by far the largest part of what follows.
        after = LAST_FITS * self.data.full_cost * (leader.seconds if leader else 0.0)
        # The one that has just ended is counted a moment later.
        done = min(asked, sum(record.is_counted for record in self.log.records))
        first = SHARE_OF_FIRST * min(1.0, len(self.log.records) / len(self._fixed()))
        share = SHARE_OF_PREPARING + first + (SHARE_OF_TRIALS * done / asked)
        self.run.expect((asked - done) * sum(took) / len(took) + after, share)

    def _look_ahead(self) -> None:
        families = [name for name in self._searched if self._deaths[name] < MOST_DEATHS]
        if families:
            seconds = self.run.seconds if self.run.is_timed else None
            self.run.look_ahead(
                budget_outlook(
                    self.log.own, families=families, elapsed=self.run.elapsed, seconds=seconds, after=self.reserve
                )
            )

    def _tell_of(self, failure: FitFailed, learner: str) -> None:
        """Say why a trial has no result; a family that keeps taking its process along is left out from then on."""
        if failure.params:
            self.run.skip(learner, failure.message, **failure.params)
        else:
            self.run.skip(learner, TRIAL_FAILED, error=failure.message)
        self._deaths[learner] += failure.is_grave
        if failure.message == HUNG and learner not in self.log.best_of_each_learner():
            self._deaths[learner] = MOST_DEATHS  # To wait for it once is enough.
        if failure.is_grave and self._deaths[learner] >= MOST_DEATHS:
            self.run.skip(learner, LEFT_OUT)

    def _trial_deadline(self) -> float:
        # However short the budget is, the baseline is finished: a run never ends with nothing.
        if not self.log.records:
            return self.run.seconds + LONGEST_BASELINE
        # Until something boosted is known there is little better to spend the time on; but one may never end.
        if not self._has_essentials():
            window = self._latest() - self.run.elapsed
            # Of a short budget each may take all that is left, and the scorecard where it alone is missing.
            is_last = any(LEARNERS[name].has_rounds for name in self.log.best_of_each_learner())
            share = LONGEST_FIRST_SHARE if self.run.seconds > SHORT_BUDGET and not is_last else 1.0
            return self.run.elapsed + share * window
        longest = LONGEST_TRIAL_SHARE * self._deadline()
        return min(self._deadline(), self.run.elapsed + longest)

    def _record(
        self, proposal: Proposal, backend: SearchBackend, state: str, message: str, scores: FoldScores, seconds: float
    ) -> TrialRecord:
        measured: dict[str, Any] = {}
        if state == FINISHED:
            rows = np.flatnonzero(~np.isnan(scores.margins))
            p = probability_of(scores.margins[rows], LEARNERS[proposal.learner].margin_unit)
            y, weight = self.data.y[rows], self.data.weights(rows)
            measured = {"ks": float(ks(y, p, weight).value), "log_loss": float(log_loss(y, p, weight))}
        auc = float(np.mean(scores.aucs)) if scores.aucs and state != FAILED else None
        return TrialRecord(
            number=len(self.log.records) + 1, learner=proposal.learner, backend=backend.name, state=state,
            params=proposal.params, auc=auc, objective=auc, seconds=round(seconds, 3),
            elapsed=round(self.run.elapsed, 3), peak_mb=round(scores.peak_mb, 1), message=message,
            fold_aucs=tuple(scores.aucs), iterations=tuple(scores.iterations), **measured,
        )  # fmt: skip

    def _keep_models(self, record: TrialRecord, scores: FoldScores) -> None:
        """Keep the models of the family's best trials, from which a finalist or a part of the ensemble may be made."""
        if not record.is_finished:
            return
        self.fold_models[record.number] = scores.models
        self.log.keep_models(record.number, scores.models)
        family = [one for one in [*self.log.finished, record] if one.learner == record.learner]
        family.sort(key=lambda one: -(one.auc or 0.0))
        for one in family[MOST_OF_A_FAMILY:]:
            self.fold_models.pop(one.number, None)
            self.log.drop_models(one.number)

    def _note(self, record: TrialRecord, backend: SearchBackend) -> None:
        if record.is_finished:
            backend.note_folds(list(record.fold_aucs))

    def _say_if_better(self, record: TrialRecord) -> None:
        # Trials of a run that was interrupted count as well, and those of a first look: a run has one first score.
        told = (one for one in self.log.own if one.is_finished or one.message in OTHER_COLUMNS)
        earlier = [one.auc or 0.0 for one in told if one.number < record.number]
        self._best_auc = max([self._best_auc, *earlier])
        if not record.is_finished or (record.auc or 0.0) <= self._best_auc:
            return
        better = BETTER_SCORE if record.is_counted else BETTER_BESIDE
        is_again = any(one.message in OTHER_COLUMNS for one in self.log.own)
        message = better if self._best_auc else FIRST_WITH_MADE if is_again else FIRST_SCORE
        self.run.say(
            message,
            learner=record.learner,
            number=sum(one.is_counted and one.number <= record.number for one in self.log.records),
            auc=f"{record.auc:.4f}",
            before=f"{self._best_auc:.4f}",
        )
        self._best_auc = record.auc or 0.0


class _Fixed:
    """The backend of candidates that are always tried once."""

    def __init__(self, name: str) -> None:
        self.name = name

    def suggest(self) -> Proposal | None:
        return None

    def is_hopeless(self, proposal: Proposal, fold_aucs: list[float]) -> bool:
        return False

    def tell(self, proposal: Proposal, auc: float | None, cost: float, *, is_complete: bool) -> None:
        return None

    def note_folds(self, fold_aucs: list[float]) -> None:
        return None
