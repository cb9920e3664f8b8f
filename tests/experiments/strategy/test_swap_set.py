"""Who changes sides between two scores: counts by hand, and an interval that is as wide as drawing anew shows."""

import numpy as np
import pytest

from experiments.errors import BadInput
from experiments.strategy.stakes import Stakes
from experiments.strategy.swap_set import SwapSet, swap_set

LOAN = Stakes.of_credit(gain=100, loss=900)


def two_scores(rows: int = 4_000, seed: int = 6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    margin = random.normal(-2, 1.2, rows)
    y = (random.random(rows) < 1 / (1 + np.exp(-margin))).astype(float)
    noisy, clear = margin + random.normal(0, 1.5, rows), margin + random.normal(0, 0.6, rows)
    return y, 1 / (1 + np.exp(-noisy)), 1 / (1 + np.exp(-clear))


def test_the_four_groups_are_those_that_two_lists_have_by_hand() -> None:
    y, champion, challenger = two_scores()
    amount = np.arange(len(y), dtype=float)
    found = swap_set(y, champion, challenger, share=0.7, chosen="lowest", amount=amount, stakes=LOAN)
    taken = round(0.7 * len(y))
    own, other = (np.isin(np.arange(len(y)), np.argsort(each)[:taken]) for each in (champion, challenger))
    for cell, rows in (
        (found.both, own & other), (found.swap_in, other & ~own),
        (found.swap_out, own & ~other), (found.neither, ~own & ~other),
    ):  # fmt: skip
        assert cell.customers == pytest.approx(rows.sum())
        assert cell.event_rate.value == pytest.approx(y[rows].mean())
        assert cell.mean_amount == pytest.approx(amount[rows].mean())
    money = np.where(y == 1, -900, 100)
    assert found.profit_change is not None
    assert found.profit_change.value == pytest.approx((money * other).mean() - (money * own).mean())
    assert found.event_rate_change == pytest.approx(y[other].mean() - y[own].mean())
    assert found.event_rate_change < 0


def test_the_interval_is_that_of_drawing_the_customers_anew() -> None:
    y, champion, challenger = two_scores(3_000)
    found = swap_set(y, champion, challenger, share=0.7, chosen="lowest", stakes=LOAN).profit_change
    random = np.random.default_rng(2)

    def change(rows: np.ndarray) -> float:
        drawn = swap_set(y[rows], champion[rows], challenger[rows], share=0.7, chosen="lowest", stakes=LOAN)
        assert drawn.profit_change is not None
        return drawn.profit_change.value

    spread = np.std([change(random.integers(0, len(y), len(y))) for _ in range(150)])
    assert found is not None
    assert (found.high - found.low) / (2 * 1.96) == pytest.approx(spread, rel=0.2)


def test_at_an_equal_event_rate_the_better_score_chooses_more() -> None:
    y, champion, challenger = two_scores()
    found = swap_set(y, champion, challenger, share=0.5, chosen="lowest", at_equal_event_rate=True)
    assert found.challenger_share > 0.52
    assert found.event_rate_change == pytest.approx(0, abs=0.003)
    assert found.event_rate_change <= 1e-9


def test_a_score_against_itself_swaps_nobody() -> None:
    y, champion, _ = two_scores(503)
    found = swap_set(y, np.round(champion, 1), np.round(champion, 1), share=0.3, stakes=LOAN)
    assert found.swap_in.customers == found.swap_out.customers == 0
    assert found.profit_change is not None
    assert (found.profit_change.value, found.profit_change.low, found.profit_change.high) == (0, 0, 0)


def test_few_customers_are_not_judged() -> None:
    y, champion, challenger = two_scores(200)
    found: SwapSet = swap_set(y, champion, challenger, share=0.1)
    assert not found.swap_in.is_enough
    assert np.isnan(found.swap_in.event_rate.low)


@pytest.mark.parametrize("share", [0, 1, -0.1, float("nan")])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(BadInput):
        swap_set([0, 1], [0.1, 0.2], [0.2, 0.1], share=share)
