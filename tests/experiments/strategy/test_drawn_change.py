"""Changes on customers drawn anew: whole customers, both scores on the same draws, each at its own share."""

import numpy as np
import pytest

from experiments.strategy.drawn_change import drawn_changes
from tests.experiments.strategy.test_swap_set import two_scores


def by_hand(y: np.ndarray, p: np.ndarray, share: float) -> float:
    chosen = np.argsort(p, kind="stable")[: round(share * len(y))]
    return float(y[chosen].sum() / len(y))


@pytest.mark.parametrize("rows", [700, 6_000])
def test_every_pair_of_shares_is_as_drawing_rows_one_by_one_finds(rows: int) -> None:
    # Of 6,000 rows each cell holds six; what that rounds may not be seen.
    y, one, two = two_scores(rows)
    pairs = [(0.7, 0.7), (0.5, 0.6), (0.9, 0.9)]
    found = drawn_changes(y, one, two, values={"events": y}, shares=pairs, chosen="lowest")
    random = np.random.default_rng(11)
    drawn = []
    for _time in range(400):
        rows_drawn = random.integers(0, rows, rows)
        drawn.append([by_hand(y[rows_drawn], two[rows_drawn], other) - by_hand(y[rows_drawn], one[rows_drawn], own)
                      for own, other in pairs])  # fmt: skip
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    for at, (own, other) in enumerate(pairs):
        change = found[at]["events"]
        assert change.value == pytest.approx(by_hand(y, two, other) - by_hand(y, one, own))
        width = high[at] - low[at]
        assert change.interval.low == pytest.approx(low[at], abs=0.12 * width)
        assert change.interval.high == pytest.approx(high[at], abs=0.12 * width)


def test_weights_count_as_so_many_rows_would() -> None:
    y, one, two = two_scores(400)
    weight = np.where(np.arange(400) % 2 == 0, 2.0, 1.0)
    found = drawn_changes(y, one, two, weight, values={"events": y}, shares=[(0.6, 0.6)], chosen="lowest")
    times = weight.astype(int)
    spread = (np.repeat(each, times) for each in (y, one, two))
    whole = drawn_changes(*spread, values={"events": np.repeat(y, times)}, shares=[(0.6, 0.6)], chosen="lowest")
    assert found[0]["events"].value == pytest.approx(whole[0]["events"].value)


def test_the_same_seed_gives_the_same_interval() -> None:
    y, one, two = two_scores(300)
    first, again = (
        drawn_changes(y, one, two, values={"events": y}, shares=[(0.5, 0.5)], chosen="highest")[0]["events"].interval
        for _time in range(2)
    )
    assert first == again
