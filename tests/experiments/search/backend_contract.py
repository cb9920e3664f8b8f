"""What the search asks of everything that proposes configurations: written once, run for each backend."""

import math
from collections.abc import Callable, Iterator

import numpy as np

from experiments.learners import LEARNERS
from experiments.learners.linear import Linear
from experiments.learners.space import Domain, OneOf, Whole
from experiments.search.backend import Proposal, SearchBackend

START = {"learning_rate": 0.05, "max_depth": 4, "min_child_weight": 5.0, "subsample": 0.8, "colsample_bytree": 0.5,
         "reg_alpha": 0.1, "reg_lambda": 5.0}  # fmt: skip
TRIALS, SEEDS = 40, (1, 2, 3)


class Tiny(Linear):
    """A family with three configurations in all."""

    name = "xgboost"
    space = {"knots": Whole(0, 2)}
    low_cost = {"knots": 0}

    def first_configurations(self, rows: int, columns: int) -> list[dict[str, int]]:
        """Return one of them."""
        return [{"knots": 1}]


class SearchBackendContract:
    """Subclass it with a ``make`` that returns a backend of one family, begun at one point, for a seed."""

    @staticmethod
    def make(start: dict, seed: int) -> SearchBackend:
        raise NotImplementedError

    def test_it_has_a_name_for_its_trials(self):
        assert self.make(START, 1).name in ("flaml", "optuna")

    def test_every_proposal_lies_inside_the_space(self):
        for proposal in ask_and_tell(self.make(START, 1), 12, toy):
            assert proposal.learner == "xgboost"
            assert set(proposal.params) == set(LEARNERS["xgboost"].space)
            assert all(is_inside(proposal.params[name], domain) for name, domain in LEARNERS["xgboost"].space.items())

    def test_the_same_seed_and_outcomes_give_the_same_proposals(self):
        first, again, other = (
            [proposal.params for proposal in ask_and_tell(self.make(START, seed), 12, toy)] for seed in (5, 5, 6)
        )
        assert first == again
        assert first != other

    def test_failed_and_pruned_trials_do_not_end_the_search(self):
        backend = self.make(START, 1)
        for number in range(15):
            proposal = backend.suggest()
            assert proposal is not None
            backend.is_hopeless(proposal, [0.6])
            auc = None if number % 3 == 0 else 0.6
            backend.tell(proposal, auc, 1.0, is_complete=number % 3 == 2)
        assert backend.suggest() is not None

    def test_it_does_not_give_up_a_trial_that_is_the_best_so_far(self):
        backend = self.make(START, 1)
        for _ in ask_and_tell(backend, 8, lambda params: 0.7):
            pass
        assert not backend.is_hopeless(backend.suggest(), [0.75])

    def test_a_space_that_is_used_up_ends_or_repeats_itself_harmlessly(self, monkeypatch):
        monkeypatch.setitem(LEARNERS, "xgboost", Tiny())
        backend = self.make({"knots": 1}, 1)
        for _ in range(20):
            proposal = backend.suggest()
            if proposal is None:
                return
            assert not proposal.params or proposal.params["knots"] in (0, 1, 2)
            backend.tell(proposal, 0.7, 1.0, is_complete=True)

    def test_it_finds_better_than_chance_does_in_as_many_trials(self):
        found = [
            max(toy(proposal.params) for proposal in ask_and_tell(self.make(START, seed), TRIALS, toy))
            for seed in SEEDS
        ]
        assert np.mean(found) > np.mean([best_by_chance(seed) for seed in SEEDS])


def ask_and_tell(backend: SearchBackend, count: int, objective: Callable[[dict], float]) -> Iterator[Proposal]:
    """Play the search's part for so many proposals."""
    for _ in range(count):
        proposal = backend.suggest()
        assert proposal is not None
        if not proposal.params:  # Nothing new on this step; the next one may have something.
            backend.tell(proposal, None, 1.0, is_complete=False)
            continue
        yield proposal
        auc = objective(proposal.params)
        backend.is_hopeless(proposal, [auc])
        backend.tell(proposal, auc, 1.0, is_complete=True)


def toy(params: dict) -> float:
    """Return an AUC that is best at slow learning of deep trees on few columns, and falls away from there."""
    distance = (
        (math.log(params["learning_rate"] / 0.03) / 2) ** 2
        + ((params["max_depth"] - 6) / 4) ** 2
        + ((params["colsample_bytree"] - 0.3) / 0.8) ** 2
        + (math.log(params["reg_lambda"] / 50.0) / 7) ** 2
    )
    return 0.8 - 0.1 * distance


def best_by_chance(seed: int) -> float:
    """Return the best of as many random points, the start among them."""
    random = np.random.default_rng(seed)
    space = LEARNERS["xgboost"].space
    points = [{name: drawn(domain, random) for name, domain in space.items()} for _ in range(TRIALS - 1)]
    return max(toy(point) for point in [START, *points])


def drawn(domain: Domain, random: np.random.Generator) -> float:
    """Return a random value of a domain."""
    if isinstance(domain, OneOf):
        return random.choice(domain.options)
    if domain.is_log:
        return float(np.exp(random.uniform(np.log(domain.low), np.log(domain.high))))
    return float(random.uniform(domain.low, domain.high))


def is_inside(value: float, domain: Domain) -> bool:
    """Tell whether a value may be taken."""
    return value in domain.options if isinstance(domain, OneOf) else domain.low <= value <= domain.high
