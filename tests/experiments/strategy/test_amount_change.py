"""Money that goes by an amount: the change is counted by hand, its interval agrees with resampling."""

import numpy as np
import pytest

from experiments.strategy.amount_change import AmountChange, amount_change
from experiments.strategy.stakes import Stakes
from experiments.strategy.swap_set import swap_set


def sample(rows: int = 4_000, seed: int = 3) -> tuple[np.ndarray, ...]:
    random = np.random.default_rng(seed)
    x, other = random.normal(size=rows), random.normal(size=rows)
    y = (random.random(rows) < 1 / (1 + np.exp(1.5 - x - 0.5 * other))).astype(float)
    amount = np.exp(8 + 0.5 * random.normal(size=rows) + 0.3 * x)
    return y, 1 / (1 + np.exp(-x)), 1 / (1 + np.exp(-x - 0.5 * other)), amount


def money_of(y: np.ndarray, p: np.ndarray, amount: np.ndarray, *, gain: float, loss: float) -> float:
    """Return what the 70 per cent with the lowest probabilities bring, per customer of all."""
    chosen = np.argsort(p, kind="stable")[: round(0.7 * len(y))]
    return float((amount[chosen] * np.where(y[chosen] == 1, -loss, gain)).sum() / len(y))


def test_the_change_is_what_the_one_choice_brings_less_what_the_other_does() -> None:
    y, first, second, amount = sample()
    found = amount_change(y, first, second, amount=amount, share=0.7, chosen="lowest")
    change = found.money(without_event=0.03, with_event=-0.6)
    by_hand = money_of(y, second, amount, gain=0.03, loss=0.6) - money_of(y, first, amount, gain=0.03, loss=0.6)
    assert change.value == pytest.approx(by_hand)


def test_the_interval_agrees_with_paired_resampling_of_customers() -> None:
    y, first, second, amount = sample()
    found = amount_change(y, first, second, amount=amount, share=0.7, chosen="lowest")
    change = found.money(without_event=0.03, with_event=-0.6)
    random = np.random.default_rng(4)
    drawn = []
    for _time in range(600):
        rows = random.integers(0, len(y), len(y))
        one, other = (
            money_of(y[rows], p[rows], amount[rows], gain=0.03, loss=0.6) for p in (first, second)
        )  # fmt: skip
        drawn.append(other - one)
    assert (change.high - change.low) / 2 == pytest.approx(1.96 * np.std(drawn), rel=0.12)


def test_with_one_amount_for_all_it_is_the_money_of_the_swap_set() -> None:
    y, first, second, _amount = sample()
    found = amount_change(y, first, second, amount=np.ones(len(y)), share=0.7, chosen="lowest")
    change = found.money(without_event=100.0, with_event=-900.0)
    swap = swap_set(y, first, second, share=0.7, chosen="lowest", stakes=Stakes.of_credit(gain=100, loss=900))
    assert swap.profit_change is not None
    assert change.value == pytest.approx(swap.profit_change.value)
    assert change.low == pytest.approx(swap.profit_change.low)
    assert change.high == pytest.approx(swap.profit_change.high)


def test_customers_that_come_twice_widen_the_interval_and_missing_amounts_count_for_nothing() -> None:
    y, first, second, amount = sample(1_000)
    twice = [np.repeat(each, 2) for each in (y, first, second, amount)]
    groups = np.repeat(np.arange(1_000), 2)
    alone = amount_change(y, first, second, amount=amount, share=0.7, chosen="lowest").amounts
    together = amount_change(
        twice[0], twice[1], twice[2], groups=groups, amount=twice[3], share=0.7, chosen="lowest"
    ).amounts
    assert together.high - together.low == pytest.approx(alone.high - alone.low, rel=0.01)
    gaps = amount_change(y, first, second, amount=np.full(1_000, np.nan), share=0.7, chosen="lowest")
    assert gaps.amounts.value == 0
    assert AmountChange.from_dict(gaps.to_dict()) == gaps
