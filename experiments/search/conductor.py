"""The search: fixed candidates first, then FLAML over every family, then Optuna on the best of them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from experiments.errors import FinishNow, gettext_noop
from experiments.learners import LEARNERS, FittedModel
from experiments.learners.base import PrintsPoints
from experiments.learners.scorecard import MOST_BINNED, columns_to_bin
from experiments.search.attempts import SCORECARD, Attempts
from experiments.search.backend import Proposal, SearchBackend
from experiments.search.outlook import budget_outlook, expect_the_rest
from experiments.search.run import Run
from experiments.search.time_policy import FLAML_SHARE, SearchTime
from experiments.search.training_data import TrainingData
from experiments.search.trial import FAILED, FEWER_COLUMNS, MORE_COLUMNS, TrialLog, TrialRecord
from experiments.spec import BESIDE_TRIALS, ExperimentSpec

FIXED, FIRST_LOOK = BESIDE_TRIALS
# Boosted in large steps: a good model after a second or two, and a better one later.
QUICK, QUICK_SETTINGS = "lightgbm", {"learning_rate": 0.15, "num_leaves": 8, "min_child_samples": 20}
MOST_REPEATS = 40
# Refining ends after so many trials in a row that gained no more than noise.
FEWEST_IN_VAIN, ROWS_A_TRIAL_IN_VAIN, NOISE_OF_A_GAIN = 12, 60, 0.05
# A family is refined where at least so many of its trials go into what is left, and it is not this far behind.
TRIALS_TO_REFINE, GAP_TO_REFINE = 5, 0.004
POINTS_FOR_OPTUNA = 5
ENDLESS = float("inf")

NOW_FLAML = gettext_noop("FLAML searches %(count)s algorithms, the quick settings first.")
NOW_OPTUNA = gettext_noop("Optuna refines %(learner)s, starting from FLAML's best settings (%(count)s).")
NO_CONSTRAINTS = gettext_noop("This algorithm cannot apply monotone constraints and is left out.")
DIFFERS = gettext_noop("%(learner)s, trial %(number)s: AUC %(auc)s; in the original run it was %(before)s.")
WITHOUT_DERIVED_COLUMNS = gettext_noop(
    "The derived columns were removed again: the search ended before the models validated without them could be "
    "validated with them."
)


class Search:
    """One search over the families of a spec; every trial is kept in ``log`` as it ends.

    Parameters
    ----------
    reserve : seconds to leave for what follows the search.
    asked : trials asked of the run in all, where its search is not the only one to make them.
    """

    def __init__(
        self,
        spec: ExperimentSpec,
        data: TrainingData,
        run: Run,
        log: TrialLog,
        *,
        reserve: float,
        asked: int | None = None,
    ) -> None:
        self.spec, self.data, self.run, self.log = spec, data, run, log
        self.asked = asked or spec.budget.trials
        if data.generator.names_:
            log.set_aside([one for one in log.finished if one.backend == FIRST_LOOK], FEWER_COLUMNS)
        self._attempts = Attempts(data, run, log, seed=spec.seed)
        has_twin = any(data.monotone.values())
        self._time = SearchTime(run.clock, reserve=reserve, full_cost=data.full_cost, has_twin=has_twin)
        self._searched: list[str] = []
        self._counted = 0

    @property
    def fold_models(self) -> dict[int, list[FittedModel]]:
        """By trial number, the models of each learner's best trials, one per fold."""
        return self._attempts.fold_models

    def look_first(self) -> None:
        """Try the baseline and a boosted model first, on the original columns, before any are derived."""
        with self.run.listener.searching():
            try:
                self._try_each([one for one in self._fixed() if one.learner != SCORECARD], Fixed(FIRST_LOOK))
            except FinishNow:
                self._make_sure_of_one()

    def conduct(self) -> None:
        """Search until the budget is spent, the proposals run out or the listener asks to finish."""
        with self.run.listener.searching():
            try:
                self._try_fixed()
                if not self.run.listener.is_asked_to_finish:
                    self._try_flaml()
                    self._try_optuna()
            except FinishNow:
                self._make_sure_of_one()

    def repeat(self, trials: Sequence[TrialRecord]) -> None:
        """Make the trials of an earlier run again, in their order, and say where one ends differently."""
        self.run.listener.begin("search")
        for trial in trials:
            if not trial.is_finished:
                self._attempts.keep(replace(trial, number=len(self.log.records) + 1))
                continue
            again = self._try(Proposal(trial.learner, trial.params), Fixed(trial.backend))
            if again.fold_aucs != trial.fold_aucs:
                self.run.listener.say(
                    DIFFERS, number=trial.number, learner=trial.learner, before=trial.auc, auc=again.auc
                )

    def take_in(self, stage: str, record: TrialRecord) -> None:
        """Count a trial that was made for one of the two models of a two-stage question among the run's own."""
        self._attempts.take_in(record, stage)
        self._tell_how_far()

    def has_more_without_derived(self) -> bool:
        """Return whether more families were tried before columns were derived than since.

        Who ends a search shortly after that would otherwise lose what the first look found.
        """
        before = {one.learner for one in self.log.own if one.message == FEWER_COLUMNS}
        after = {one.learner for one in self.log.finished}
        lost = {learner for learner in after - before if self._reads_derived(learner)}
        return len(before - after) > len(lost)

    def go_back(self, plain: TrainingData) -> None:
        """Go back to the original columns, and to the models found on them."""
        self.data = self._attempts.data = plain
        self.log.set_aside([one for one in self.log.finished if self._reads_derived(one.learner)], MORE_COLUMNS)
        known = {one.learner for one in self.log.finished}
        looked = (one for one in self.log.own if one.message == FEWER_COLUMNS and one.learner not in known)
        self.log.bring_back(list(looked))
        self._attempts.recall_models()
        self.run.listener.say(WITHOUT_DERIVED_COLUMNS)

    def _reads_derived(self, learner: str) -> bool:
        """Tell whether models of a family may read derived columns; a card mostly keeps to what came."""
        return not (issubclass(LEARNERS[learner].model, PrintsPoints) and not self.data.derived_on_card)

    # What every run tries.

    def _try_fixed(self) -> None:
        """Try once each what every run includes: the baseline, a boosted model in large steps, and the scorecard."""
        self._try_each(self._fixed(), Fixed(FIXED))

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
        if not self.run.clock.is_timed:
            return usual
        most = columns_to_bin(self.run.clock.seconds, self.run.workers.threads, len(self.data.search_folds))
        return usual if min(columns, MOST_BINNED) <= most else {**usual, "max_binned": most}

    def _try_each(self, proposals: list[Proposal], backend: SearchBackend) -> None:
        self.run.listener.begin("first_model")
        for proposal in proposals:
            if self.run.listener.is_asked_to_finish and self._knows_something():
                return
            self._attempt(proposal, backend)

    def _make_sure_of_one(self) -> None:
        if not self._knows_something():
            self._try_fixed()

    def _knows_something(self) -> bool:
        """Return whether there is a model, if only on the original columns, that the search can fall back on."""
        return any(one.is_finished or one.message == FEWER_COLUMNS for one in self.log.own)

    # What the searchers propose.

    def _try_flaml(self) -> None:
        self.run.listener.begin("search")
        self._tell_of_families_left_out()
        learners = self._searched = self._families()
        if not learners or self._is_over(self.run.clock.seconds, self.spec.budget.trials):
            return
        backend = self._flaml(learners)
        self.run.listener.say(NOW_FLAML, count=len(learners))
        share = self._time.window(self._leader_seconds()) * FLAML_SHARE
        counted = max(len(learners), round((self.spec.budget.trials or 0) * FLAML_SHARE))
        trials = None if self.run.clock.is_timed else counted
        self._drive(backend, end=self.run.clock.elapsed + share, trials=trials)

    def _flaml(self, learners: list[str]) -> SearchBackend:
        # Long to import, and no part of what a first model takes.
        from experiments.search.flaml_backend import FlamlBackend

        columns, codes = self.data.matrix.shape[1], len(self.data.encoder.categorical_ids_)
        known = (one for one in self.log.finished if one.backend in (FIXED, FIRST_LOOK))
        return FlamlBackend(
            learners, rows=len(self.data.split.train), columns=columns, numeric_share=1.0 - codes / max(1, columns),
            seed=self.spec.seed, known={one.learner: one.auc or 0.0 for one in known},
        )  # fmt: skip

    def _try_optuna(self) -> None:
        best = [record for record in self.log.best_of_each_learner().values() if LEARNERS[record.learner].space]
        if not best or self._is_over(self.run.clock.seconds, self.spec.budget.trials):
            return
        from experiments.search.optuna_backend import OptunaBackend

        leader = self._worth_refining(best).learner
        points = self._best_points(leader)
        self.run.listener.say(NOW_OPTUNA, learner=leader, count=len(points))
        has_categories = bool(self.data.encoder.categorical_ids_)
        backend = OptunaBackend(leader, best_points=points, seed=self.spec.seed, has_categories=has_categories)
        # On few rows the best of many trials is the luckiest one.
        patience = max(FEWEST_IN_VAIN, len(self.data.split.train) / ROWS_A_TRIAL_IN_VAIN)
        self._drive(
            backend, end=self._time.deadline(self._leader_seconds()), trials=self.spec.budget.trials,
            patience=patience if self.run.clock.is_timed else ENDLESS,
        )  # fmt: skip

    def _worth_refining(self, best: list[TrialRecord]) -> TrialRecord:
        """Return the best family or, where its trials are too slow to learn from, the best of those nearly as good."""
        ordered = sorted(best, key=lambda record: -(record.auc or 0.0))
        near = [one for one in ordered if (one.auc or 0.0) >= (ordered[0].auc or 0.0) - GAP_TO_REFINE]
        window = self._time.window(self._leader_seconds()) if self.run.clock.is_timed else ENDLESS
        return next((one for one in near if TRIALS_TO_REFINE * one.seconds <= window), ordered[0])

    def _best_points(self, learner: str) -> list[dict[str, Any]]:
        mine = [record for record in self.log.finished if record.learner == learner]
        mine.sort(key=lambda record: -(record.auc or 0.0))
        return [record.params for record in mine[:POINTS_FOR_OPTUNA]]

    def _families(self) -> list[str]:
        names = [name for name in self.spec.learners if name in LEARNERS]
        is_bound = any(self.data.monotone.values())
        return [name for name in names if LEARNERS[name].keeps_monotone or not is_bound]

    def _tell_of_families_left_out(self) -> None:
        for name in self.spec.learners:
            if name in LEARNERS and name not in self._families():
                self.run.listener.skip(name, NO_CONSTRAINTS)

    # How long it goes on.

    def _drive(self, backend: SearchBackend, *, end: float, trials: int | None, patience: float = ENDLESS) -> None:
        repeats, in_vain = 0, 0
        while repeats < MOST_REPEATS and in_vain < patience and not self._is_over(end, trials):
            proposal = backend.suggest()
            if proposal is None:
                return
            before, best = self._counted, self._best_known()
            self._attempt(proposal, backend)
            repeats = 0 if self._counted > before else repeats + 1
            in_vain = 0 if self._best_known() > best + self._noise() else in_vain + 1

    def _is_over(self, end: float, trials: int | None) -> bool:
        clock = self.run.clock
        if not clock.is_timed:
            return self._counted >= min(trials or 0, self.spec.budget.trials or 0)
        if not self._has_essentials():
            return clock.elapsed >= self._time.latest(self._leader_seconds())
        return clock.elapsed >= min(end, self._time.deadline(self._leader_seconds()))

    def _trial_deadline(self) -> float:
        if not self.log.records:
            return self._time.of_first_trial()
        if not self._has_essentials():
            return self._time.of_essential(self._leader_seconds(), is_last=self._has_boosted())
        return self._time.of_trial(self._leader_seconds())

    def _has_essentials(self) -> bool:
        """Return whether there is a boosted model, and a scorecard or the certainty that there will be none."""
        return self._has_boosted() and any(record.learner == SCORECARD for record in self.log.own)

    def _has_boosted(self) -> bool:
        return any(LEARNERS[name].has_rounds for name in self.log.best_of_each_learner())

    def _leader_seconds(self) -> float | None:
        """Return what a trial of the best family takes; None while there is none."""
        best = self.log.best_of_each_learner().values()
        return min(best, key=lambda record: -(record.auc or 0.0)).seconds if best else None

    def _best_known(self) -> float:
        return max((record.auc or 0.0 for record in self.log.best_of_each_learner().values()), default=0.0)

    def _noise(self) -> float:
        """Return a gain in AUC that chance gives among settings that are alike, from the number of events."""
        y = self.data.y[self.data.split.train]
        rarer = min(float(y.sum()), float(len(y) - y.sum()))
        return NOISE_OF_A_GAIN / max(1.0, rarer) ** 0.5

    # One trial.

    def _attempt(self, proposal: Proposal, backend: SearchBackend) -> None:
        """Try a proposal, or recall what came of it before, and tell the backend."""
        if not proposal.params and LEARNERS[proposal.learner].space:
            return
        if self._attempts.is_given_up(proposal.learner):
            backend.tell(proposal, None, 1.0, is_complete=False)
            return
        known = self.log.find(proposal.learner, proposal.params)
        record = known or self._try(proposal, backend)
        if known is None or backend.name == record.backend:
            self._counted += backend.name not in (FIXED, FIRST_LOOK)
        if record.is_finished:
            backend.note_folds(list(record.fold_aucs))
        cost = record.seconds if self.run.clock.is_timed else 1.0
        auc = None if record.state == FAILED else record.auc
        backend.tell(proposal, auc, cost, is_complete=record.is_finished)

    def _try(self, proposal: Proposal, backend: SearchBackend) -> TrialRecord:
        record = self._attempts.make(proposal, backend, deadline=self._trial_deadline())
        self._look_ahead()
        self._tell_how_far()
        return record

    def _look_ahead(self) -> None:
        families = [name for name in self._searched if not self._attempts.is_given_up(name)]
        if families:
            clock = self.run.clock
            self.run.listener.look_ahead(
                budget_outlook(
                    self.log.own, families=families, elapsed=clock.elapsed,
                    seconds=clock.seconds if clock.is_timed else None, after=self._time.reserve,
                )
            )  # fmt: skip

    def _tell_how_far(self) -> None:
        """Where trials are counted, tell by what they took so far how long those that are left will take."""
        if not self.run.clock.is_timed and self.asked:
            expect_the_rest(
                self.run.clock, self.log, asked=self.asked, fixed=len(self._fixed()), full_cost=self.data.full_cost
            )


class Fixed:
    """The backend of candidates that are always tried once."""

    def __init__(self, name: str) -> None:
        self.name = name

    def suggest(self) -> Proposal | None:
        """Propose nothing: what is fixed is tried by the search itself."""
        return None

    def is_hopeless(self, proposal: Proposal, fold_aucs: list[float]) -> bool:
        """Give up nothing."""
        return False

    def tell(self, proposal: Proposal, auc: float | None, cost: float, *, is_complete: bool) -> None:
        """Learn nothing."""

    def note_folds(self, fold_aucs: list[float]) -> None:
        """Learn nothing."""
