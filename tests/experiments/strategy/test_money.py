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
    assert found.tied_low <= found.share <= found.tied_high
    money = np.array([outcome(curve, share, CALL, 1_000).profit.value for share in curve.shares])
    assert found.profit == pytest.approx(money.max())
    shares = np.asarray(curve.shares)
    inside = (shares >= found.low) & (shares <= found.high)
    assert (money[~inside] < 0.98 * money.max()).all()
    assert (money[inside] >= 0.98 * money.max()).all()


def test_between_two_peaks_no_share_is_called_about_as_good() -> None:
    # Ten groups by score: the profit climbs, falls, and climbs back to almost the same height.
    events = [9, 2, 7, 0, 0, 0, 0, 0, 0, 0]
    y = np.concatenate([np.r_[np.ones(each), np.zeros(10 - each)] for each in events])
    p = np.repeat(np.linspace(0.95, 0.05, 10), 10)
    curve = strategy_curve(y, p, shares=np.arange(11) / 10)
    stakes = Stakes.of_contact(value=10, cost=4.49)
    money = np.array([outcome(curve, share, stakes, 100).profit.value for share in curve.shares])
    assert money[1] >= 0.98 * money[3]
    assert money[2] < 0.5 * money[3]
    found = best(curve, stakes, 100)
    inside = (np.asarray(curve.shares) >= found.low) & (np.asarray(curve.shares) <= found.high)
    assert found.share == pytest.approx(0.3)
    assert found.low <= found.share <= found.high
    assert (money[inside] >= 0.98 * money.max()).all()


def test_ten_rows_agree_with_the_sums_on_paper() -> None:
    y, p = [1, 1, 0, 1, 0, 0, 1, 0, 0, 0], [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.15, 0.1]
    called = outcome(strategy_curve(y, p, shares=np.arange(11) / 10), 0.4, CALL, 10)
    assert (called.events.value, called.false_alarms, called.missed) == pytest.approx((3, 1, 1))
    assert (called.revenue, called.cost, called.profit.value) == pytest.approx((240, 24, 216))
    lent = outcome(strategy_curve(y, p, chosen="lowest", shares=np.arange(11) / 10), 0.5, LOAN, 10)
    assert (lent.events.value, lent.false_alarms, lent.missed) == pytest.approx((1, 4, 3))
    assert (lent.revenue, lent.cost, lent.profit.value) == pytest.approx((400, 900, -500))


@pytest.mark.parametrize("chosen", ["highest", "lowest"])
@pytest.mark.parametrize("seed", range(5))
def test_the_profit_at_a_cut_off_is_the_sum_over_those_chosen(chosen: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = int(rng.integers(200, 400))
    p = rng.permutation(rows) / rows
    y = (rng.random(rows) < p).astype(float)
    stakes = CALL if chosen == "highest" else LOAN
    curve = strategy_curve(y, p, chosen=chosen, shares=np.arange(rows + 1) / rows)  # type: ignore[arg-type]
    for cutoff in rng.choice(p, 10):
        taken = p >= cutoff if chosen == "highest" else p <= cutoff
        money = stakes.with_event * y[taken].sum() + stakes.without_event * (1 - y[taken]).sum()
        found = outcome(curve, curve.share_at(cutoff), stakes, rows)
        assert found.profit.value == pytest.approx(money)
        assert found.revenue - found.cost == pytest.approx(money)


def test_what_cannot_be_told_from_the_best_is_the_wider_the_fewer_the_rows() -> None:
    few, many = (best(strategy_curve(*sample(rows)), CALL, 1_000) for rows in (400, 40_000))
    assert few.tied_high - few.tied_low > many.tied_high - many.tied_low
    assert 0 < many.tied_low < many.tied_high < 1


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
