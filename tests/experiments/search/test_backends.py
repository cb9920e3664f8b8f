"""One contract for everything that proposes configurations."""

import pytest

from experiments.search.flaml_backend import FlamlBackend, portfolio
from experiments.search.learners import LEARNERS
from experiments.search.optuna_backend import OptunaBackend
from experiments.search.space import OneOf

START = {"learning_rate": 0.05, "max_depth": 4, "min_child_weight": 5.0, "subsample": 0.8, "colsample_bytree": 0.5,
         "reg_alpha": 0.1, "reg_lambda": 5.0}  # fmt: skip


def _flaml(seed: int = 1) -> FlamlBackend:
    return FlamlBackend(["xgboost"], rows=1000, columns=10, numeric_share=1.0, seed=seed)


def _optuna(seed: int = 1) -> OptunaBackend:
    return OptunaBackend("xgboost", best_points=[START], seed=seed)


@pytest.mark.parametrize("make", [_flaml, _optuna])
class TestSearchBackendContract:
    def test_every_proposal_lies_inside_the_space(self, make):
        for proposal in _drive(make(), 12):
            for name, domain in LEARNERS["xgboost"].space.items():
                value = proposal.params[name]
                assert value in domain.options if isinstance(domain, OneOf) else domain.low <= value <= domain.high

    def test_the_same_seed_and_outcomes_give_the_same_proposals(self, make):
        first = [proposal.params for proposal in _drive(make(seed=5), 12)]
        second = [proposal.params for proposal in _drive(make(seed=5), 12)]
        assert first == second

    def test_a_failed_trial_does_not_end_the_search(self, make):
        backend = make()
        backend.tell(backend.suggest(), None, 1.0, is_complete=False)
        assert backend.suggest() is not None


def _drive(backend, count: int):
    for _ in range(count):
        proposal = backend.suggest()
        yield proposal
        backend.is_hopeless(proposal, [0.7])
        backend.tell(proposal, 0.8 - abs(proposal.params["learning_rate"] - 0.05), 1.0, is_complete=True)


def test_optuna_begins_with_the_points_it_was_given():
    assert _optuna().suggest().params == START


def test_flaml_lets_the_boosted_families_show_first_and_every_family_in_its_turn():
    families = list(LEARNERS)[:6]
    backend = FlamlBackend(families, rows=1000, columns=10, numeric_share=1.0, seed=1)
    proposals = list(_drive_any(backend, 120))
    assert [proposal.learner for proposal in proposals[:3]] == ["lightgbm", "xgboost", "catboost"]
    assert {proposal.learner for proposal in proposals} == set(families)


def _drive_any(backend, count: int):
    for _ in range(count):
        proposal = backend.suggest()
        yield proposal
        backend.tell(proposal, 0.7, 1.0, is_complete=True)


def test_the_portfolio_of_flaml_is_translated_into_our_settings():
    for settings in portfolio("lightgbm", rows=20_000, columns=20, numeric_share=0.8):
        assert set(settings) == set(LEARNERS["lightgbm"].space)
