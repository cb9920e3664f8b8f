"""Money that goes by an amount: the change is counted by hand, its interval agrees with resampling."""

import numpy as np
import pytest

from experiments.strategy.amount_change import AmountChange, amount_change, amount_values
from experiments.strategy.drawn_change import drawn_changes
from experiments.strategy.stakes import Stakes
from experiments.strategy.swap_set import swap_set


def sample(rows: int = 4_000, seed: int = 3) -> tuple[np.ndarray, ...]:
    random = np.random.default_rng(seed)
    x, other = random.normal(size=rows), random.normal(size=rows)
    y = (random.random(rows) < 1 / (1 + np.exp(1.5 - x - 0.5 * other))).astype(float)
    amount = np.exp(8 + 0.5 * random.normal(size=rows) + 0.3 * x)
    return y, 1 / (1 + np.exp(-x)), 1 / (1 + np.exp(-x - 0.5 * other)), amount


def change_of(
    y: np.ndarray, first: np.ndarray, second: np.ndarray, amount: np.ndarray, groups: np.ndarray | None = None
) -> AmountChange:
    (found,) = drawn_changes(
        y, first, second, None, groups, values=amount_values(y, amount), shares=[(0.7, 0.7)], chosen="lowest"
    )
    return amount_change(found)


def money_of(y: np.ndarray, p: np.ndarray, amount: np.ndarray, *, gain: float, loss: float) -> float:
    """Return what the 70 per cent with the lowest probabilities bring, per customer of all."""
    chosen = np.argsort(p, kind="stable")[: round(0.7 * len(y))]
    return float((amount[chosen] * np.where(y[chosen] == 1, -loss, gain)).sum() / len(y))


def test_the_change_is_what_the_one_choice_brings_less_what_the_other_does() -> None:
    y, first, second, amount = sample()
    found = change_of(y, first, second, amount)
    change = found.money(without_event=0.03, with_event=-0.6)
    by_hand = money_of(y, second, amount, gain=0.03, loss=0.6) - money_of(y, first, amount, gain=0.03, loss=0.6)
    assert change.value == pytest.approx(by_hand)


def test_the_interval_agrees_with_paired_resampling_of_customers() -> None:
    y, first, second, amount = sample()
    found = change_of(y, first, second, amount)
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
    found = change_of(y, first, second, np.ones(len(y)))
    change = found.money(without_event=100.0, with_event=-900.0)
    swap = swap_set(y, first, second, share=0.7, chosen="lowest", stakes=Stakes.of_credit(gain=100, loss=900))
    assert swap.profit_change is not None
    assert change.value == pytest.approx(swap.profit_change.value)
    # The one by the standard deviation of the draws, the other by their percentiles.
    half = (change.high - change.low) / 2
    assert change.low == pytest.approx(swap.profit_change.low, abs=0.1 * half)
    assert change.high == pytest.approx(swap.profit_change.high, abs=0.1 * half)


def test_customers_that_come_twice_widen_the_interval_and_missing_amounts_count_for_nothing() -> None:
    y, first, second, amount = sample(1_000)
    twice = [np.repeat(each, 2) for each in (y, first, second, amount)]
    groups = np.repeat(np.arange(1_000), 2)
    alone = change_of(y, first, second, amount).amounts
    together = change_of(*twice, groups).amounts
    assert together.high - together.low == pytest.approx(alone.high - alone.low, rel=0.01)
    gaps = change_of(y, first, second, np.full(1_000, np.nan))
    assert gaps.amounts.value == 0
    assert AmountChange.from_dict(gaps.to_dict()) == gaps
