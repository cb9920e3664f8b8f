"""What a score chooses at every share: counts by hand, ties as the mean of orders, errors as in the bootstrap."""

import numpy as np
import pytest

from experiments.strategy.curve import StrategyCurve, strategy_curve


def sample(rows: int = 4_000, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    p = 1 / (1 + np.exp(-random.normal(-2, 1.2, rows)))
    return (random.random(rows) < p).astype(float), p


def test_the_safest_are_chosen_first_where_the_lowest_are_wanted() -> None:
    curve = strategy_curve([1, 1, 0, 0], [0.9, 0.8, 0.2, 0.1], chosen="lowest")
    assert curve.events_at(0.5) == 0
    assert curve.events_at(0.75) == 0.25
    assert curve.cutoff_at(0.5) == 0.2
    assert curve.share_at(0.2) == 0.5
    assert curve.share_at(0.05) == 0.0


def test_counts_agree_with_sorting_by_hand() -> None:
    y, p = sample()
    curve = strategy_curve(y, p)
    order = np.argsort(-p)
    for share in (0.05, 0.1, 0.5, 1.0):
        taken = order[: round(share * len(y))]
        assert curve.events_at(share) == pytest.approx(y[taken].sum() / len(y), abs=1e-9)
        assert curve.cutoff_at(share) == pytest.approx(p[taken].min())


def test_equal_scores_are_taken_at_random() -> None:
    y, p = sample(400)
    p = np.round(p, 1)
    curve = strategy_curve(y, p)
    random = np.random.default_rng(1)
    found = []
    for _ in range(4_000):
        order = np.lexsort([random.random(len(p)), -p])
        found.append(y[order[:100]].sum() / len(y))
    assert curve.events_at(0.25) == pytest.approx(np.mean(found), abs=4 * np.std(found) / np.sqrt(4_000))


def test_whole_weights_are_repeated_rows() -> None:
    y, p = sample(500)
    weight = np.random.default_rng(2).integers(1, 4, 500)
    weighted, repeated = strategy_curve(y, p, weight), strategy_curve(np.repeat(y, weight), np.repeat(p, weight))
    assert weighted.events == pytest.approx(repeated.events)
    assert weighted.predicted == pytest.approx(repeated.predicted)


@pytest.mark.parametrize("share", [0.05, 0.2, 0.6, 1.0])
def test_the_error_is_that_of_drawing_the_customers_anew(share: float) -> None:
    y, p = sample(3_000)
    curve = strategy_curve(y, p)
    random = np.random.default_rng(4)
    found = []
    for _ in range(600):
        rows = random.integers(0, len(y), len(y))
        found.append(strategy_curve(y[rows], p[rows], shares=[0, share, 1]).events_at(share))
    error = float(np.interp(share, curve.shares, curve.errors))
    assert error == pytest.approx(np.std(found), rel=0.12)


def test_a_customer_in_many_rows_tells_less() -> None:
    y, p = sample(1_000)
    once = strategy_curve(y, p)
    customers = np.repeat(np.arange(1_000), 5)
    often = strategy_curve(np.repeat(y, 5), np.repeat(p, 5), None, customers)
    assert np.asarray(often.errors)[::4] == pytest.approx(np.asarray(once.errors)[::4], rel=1e-3, abs=1e-5)
    assert often.effective_rows == pytest.approx(1_000)


def test_rows_without_an_outcome_are_left_out() -> None:
    y, p = sample(500)
    curve = strategy_curve(np.concatenate([y, [np.nan] * 50]), np.concatenate([p, [0.99] * 50]))
    assert curve == strategy_curve(y, p)


def test_it_comes_back_from_plain_data() -> None:
    curve = strategy_curve(*sample(300))
    assert StrategyCurve.from_dict(curve.to_dict()) == curve


def test_the_interval_of_a_list_holds_what_lists_show() -> None:
    """Of many lists with outcomes drawn from the truth, 95 in 100 lie within the interval."""
    y, p = sample(3_000)
    curve = strategy_curve(y, p)
    bounds = curve.events_among(0.2, 1_000)
    random = np.random.default_rng(8)
    inside = 0
    for _ in range(600):
        truth = 1 / (1 + np.exp(-random.normal(-2, 1.2, 1_000)))
        outcomes = random.random(1_000) < truth
        inside += bounds.low <= outcomes[np.argsort(-truth)[:200]].sum() <= bounds.high
    assert inside / 600 > 0.9
