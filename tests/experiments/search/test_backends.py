"""Everything that proposes configurations keeps one contract; below it, what each does of its own."""

from experiments.learners import LEARNERS
from experiments.search.flaml_backend import FlamlBackend, portfolio
from experiments.search.optuna_backend import OptunaBackend
from tests.experiments.search.backend_contract import START, SearchBackendContract


class TestFlamlBackend(SearchBackendContract):
    @staticmethod
    def make(start: dict, seed: int) -> FlamlBackend:
        return FlamlBackend(["xgboost"], rows=1000, columns=10, numeric_share=1.0, seed=seed)


class TestOptunaBackend(SearchBackendContract):
    @staticmethod
    def make(start: dict, seed: int) -> OptunaBackend:
        return OptunaBackend("xgboost", best_points=[start], seed=seed)


def test_optuna_begins_with_the_points_it_was_given():
    assert TestOptunaBackend.make(START, 1).suggest().params == START


def test_flaml_lets_the_boosted_families_show_first_and_every_family_in_its_turn():
    families = list(LEARNERS)[:6]
    backend = FlamlBackend(families, rows=1000, columns=10, numeric_share=1.0, seed=1)
    proposals = list(_drive_any(backend, 120))
    assert [proposal.learner for proposal in proposals[:3]] == ["lightgbm", "xgboost", "catboost"]
    assert {proposal.learner for proposal in proposals} == set(families)


def test_flaml_leaves_a_family_that_only_fails_for_the_others():
    backend = FlamlBackend(["lightgbm", "linear"], rows=1000, columns=10, numeric_share=1.0, seed=1)
    learners = []
    for _ in range(10):
        proposal = backend.suggest()
        learners.append(proposal.learner)
        auc = None if proposal.learner == "lightgbm" else 0.7
        backend.tell(proposal, auc, 1.0, is_complete=auc is not None)
    assert learners == ["lightgbm"] + ["linear"] * 9


def _drive_any(backend, count: int):
    for _ in range(count):
        proposal = backend.suggest()
        yield proposal
        backend.tell(proposal, 0.7, 1.0, is_complete=True)


def test_the_portfolio_of_flaml_is_translated_into_our_settings():
    for settings in portfolio("lightgbm", rows=20_000, columns=20, numeric_share=0.8):
        assert set(settings) == set(LEARNERS["lightgbm"].space)
