"""What a choice brings: by hand, at its best, and how far around the best hardly matters."""

import numpy as np
import pytest

from experiments.errors import BadInput
from experiments.strategy.curve import strategy_curve
from experiments.strategy.money import best, outcome
from experiments.strategy.stakes import Stakes
from tests.experiments.strategy.test_curve import sample

CALL = Stakes.of_contact(value=80, cost=6)
LOAN = Stakes.of_credit(gain=100, loss=900)


def test_money_agrees_with_adding_up_by_hand() -> None:
    y, p = sample()
    curve, taken = strategy_curve(y, p), np.argsort(-p)[:400]
    found = outcome(curve, 0.1, CALL, len(y))
    assert found.customers == pytest.approx(400)
    assert found.events.value == pytest.approx(y[taken].sum())
    assert found.profit.value == pytest.approx(80 * y[taken].sum() - 6 * 400)
    assert found.predicted_profit == pytest.approx(80 * p[taken].sum() - 6 * 400)
    assert found.cost == pytest.approx(2_400)
    assert found.capture == pytest.approx(y[taken].sum() / y.sum())
    assert found.lift == pytest.approx(y[taken].mean() / y.mean())
    assert found.profit.low < found.profit.value < found.profit.high


def test_the_best_share_ends_where_a_customer_breaks_even() -> None:
    y, p = sample(60_000)
    curve = strategy_curve(y, p)
    found = best(curve, CALL, 1_000)
    assert found.share == pytest.approx((p >= CALL.break_even).mean(), abs=0.06)
    assert found.low < found.share < found.high
    assert found.uncertain.low <= found.share <= found.uncertain.high
    money = np.array([outcome(curve, share, CALL, 1_000).profit.value for share in curve.shares])
    assert found.profit == pytest.approx(money.max())
    inside = (np.asarray(curve.shares) >= found.low) & (np.asarray(curve.shares) <= found.high)
    assert (money[~inside] < 0.98 * money.max()).all()


def test_loans_are_granted_from_the_safest_on() -> None:
    y, p = sample(60_000)
    curve = strategy_curve(y, p, chosen="lowest")
    found = best(curve, LOAN, 10_000)
    assert curve.cutoff_at(found.share) == pytest.approx(LOAN.break_even, abs=0.03)
    assert outcome(curve, found.share, LOAN, 10_000).profit.value == pytest.approx(found.profit)


def test_nobody_is_chosen_where_everybody_loses_money() -> None:
    y, p = sample()
    found = best(strategy_curve(y, p), Stakes.of_contact(value=1, cost=6), 1_000)
    assert (found.share, found.profit, found.low, found.high) == (0, 0, 0, 0)


def test_choosing_nobody_brings_nothing() -> None:
    y, p = sample()
    found = outcome(strategy_curve(y, p), 0.0, CALL, 1_000)
    assert (found.customers, found.events.value, found.profit.value, found.cost) == (0, 0, 0, 0)


@pytest.mark.parametrize(("value", "cost"), [(-1, 6), (80, -6), (float("nan"), 6), (80, float("inf"))])
def test_amounts_that_are_none_are_refused(value: float, cost: float) -> None:
    with pytest.raises(BadInput):
        Stakes.of_contact(value=value, cost=cost)
