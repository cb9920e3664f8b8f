"""Optuna as a search backend: refines one learner with TPE, starting from the best points of another backend."""

import math
from typing import Any

import optuna

from experiments.learners import LEARNERS
from experiments.learners.space import Domain, OneOf, Real, Space, clip, without_choice
from experiments.search.backend import Proposal


class OptunaBackend:
    """A TPE study over one learner's space, with median pruning between folds.

    Parameters
    ----------
    best_points : settings to try first, best first; known ones cost nothing, for the loop remembers their outcome.
    has_categories : whether the table has columns whose reading can be chosen.
    """

    name = "optuna"

    def __init__(
        self, learner: str, *, best_points: list[dict[str, Any]], seed: int, has_categories: bool = True
    ) -> None:
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.learner = learner
        space = LEARNERS[learner].space
        self._space = space if has_categories else without_choice(space, "categories")
        self._distributions = _optuna_space(self._space)
        sampler = optuna.samplers.TPESampler(
            seed=seed, multivariate=True, n_startup_trials=min(8, max(len(best_points), 1))
        )
        pruner = optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=0)
        self._study = optuna.create_study(direction="maximize", sampler=sampler, pruner=pruner)
        for point in best_points:
            self._study.enqueue_trial(clip(point, self._space))

    def suggest(self) -> Proposal | None:
        """Return the next point of the study."""
        trial = self._study.ask(self._distributions)
        return Proposal(self.learner, clip(trial.params, self._space), trial)

    def is_hopeless(self, proposal: Proposal, fold_aucs: list[float]) -> bool:
        """Report the mean so far and let the pruner compare it with other trials on the same folds."""
        proposal.token.report(math.fsum(fold_aucs) / len(fold_aucs), step=len(fold_aucs))
        return proposal.token.should_prune()

    def tell(self, proposal: Proposal, auc: float | None, cost: float, *, is_complete: bool) -> None:
        """Close the trial."""
        states = optuna.trial.TrialState
        if auc is None:
            self._study.tell(proposal.token, state=states.FAIL)
        elif is_complete:
            self._study.tell(proposal.token, auc)
        else:
            self._study.tell(proposal.token, state=states.PRUNED)

    def note_folds(self, fold_aucs: list[float]) -> None:
        """Leave it: what pruning compares, each trial has reported itself."""


def _optuna_space(space: Space) -> dict[str, Any]:
    return {name: _optuna_domain(domain) for name, domain in space.items()}


def _optuna_domain(domain: Domain) -> Any:
    if isinstance(domain, OneOf):
        return optuna.distributions.CategoricalDistribution(domain.options)
    if isinstance(domain, Real):
        return optuna.distributions.FloatDistribution(domain.low, domain.high, log=domain.is_log)
    return optuna.distributions.IntDistribution(domain.low, domain.high, log=domain.is_log)
