"""Whether more time is worth it, told from the trials so far."""

import pytest

from experiments.progress import BudgetOutlook
from experiments.search.outlook import ENOUGH, ON_COURSE, STILL_TOO_EARLY, TOO_EARLY, WORTH_MORE, budget_outlook
from experiments.search.trial import FAILED, FINISHED, TrialRecord

FAMILIES = ("lightgbm", "linear")


def _trial(learner: str, auc: float | None, seconds: float) -> TrialRecord:
    state = FAILED if auc is None else FINISHED
    return TrialRecord(1, learner, "flaml", state, auc=auc, seconds=seconds)


def test_before_every_family_was_tried_only_the_necessary_time_is_known():
    outlook = budget_outlook([_trial("lightgbm", 0.7, 4.0)], families=FAMILIES, elapsed=5.0, seconds=60.0, after=3.0)
    # One second before the trial, four of it, half as many for the line that is still to come, three at the end.
    assert outlook == BudgetOutlook(10.0, 14.0, TOO_EARLY, {"necessary": 10, "sufficient": 14})


def test_a_family_is_searched_as_long_again_as_its_last_gain_took():
    records = [_trial("lightgbm", 0.70, 4.0), _trial("linear", 0.60, 2.0), _trial("lightgbm", 0.71, 6.0)]
    outlook = budget_outlook(records, families=FAMILIES, elapsed=12.0, seconds=60.0)
    # LightGBM got better after 10 s of its own, 6 s after its first: 16 s; the line is out of reach: the 2 s it had.
    assert outlook == BudgetOutlook(6.0, 18.0, ON_COURSE, {"necessary": 6, "sufficient": 18})


def test_when_the_time_granted_is_too_short_more_is_worth_it():
    records = [_trial("lightgbm", 0.70, 4.0), _trial("linear", 0.60, 2.0), _trial("lightgbm", 0.71, 6.0)]
    assert budget_outlook(records, families=FAMILIES, elapsed=12.0, seconds=15.0).message == WORTH_MORE


def test_after_long_without_a_gain_more_time_is_not_worth_it():
    records = [_trial("lightgbm", 0.70, 4.0), _trial("linear", 0.60, 2.0)] + [_trial("lightgbm", 0.7001, 3.0)] * 4
    assert budget_outlook(records, families=FAMILIES, elapsed=20.0, seconds=60.0).message == ENOUGH


def test_families_that_only_failed_are_not_waited_for():
    records = [_trial("lightgbm", None, 4.0), _trial("linear", 0.60, 2.0), _trial("linear", 0.60, 2.0)]
    outlook = budget_outlook(records, families=FAMILIES, elapsed=8.0, seconds=None)
    assert (outlook.sufficient_seconds, outlook.message) == (8.0, ENOUGH)


def test_without_a_trial_nothing_is_claimed():
    assert budget_outlook([], families=FAMILIES, elapsed=1.0, seconds=60.0).message == STILL_TOO_EARLY


def test_a_family_that_the_search_never_tries_does_not_keep_the_verdict_open():
    records = [_trial("lightgbm", 0.70, 4.0)] + [_trial("lightgbm", 0.70, 4.0)] * 4
    assert budget_outlook(records, families=FAMILIES, elapsed=20.0, seconds=60.0).message == ENOUGH


@pytest.mark.parametrize(("elapsed", "seconds"), [(3.5, 60.0), (3.5, None)])
def test_a_time_that_has_passed_or_was_never_granted_is_not_named(elapsed: float, seconds: float | None) -> None:
    tried = [_trial("lightgbm", 0.8, 1.0), _trial("lightgbm", 0.8, 2.0)]
    assert budget_outlook(tried, families=FAMILIES, elapsed=elapsed, seconds=seconds).message == STILL_TOO_EARLY
