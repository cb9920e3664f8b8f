"""Two scores of the same rows are told apart by what differs between them, never by whether their intervals touch."""

import numpy as np
import pytest

from experiments.evaluation.evaluate import evaluate
from experiments.evaluation.intervals import Difference
from experiments.evaluation.paired import compare_scores, overall, verdict_of


def two_scores(rows: int, noise: float, seed: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return outcomes, a score and the same score with noise on it."""
    rng = np.random.default_rng(seed)
    y = (rng.random(rows) < 0.2).astype(float)
    good = y + rng.normal(scale=1.2, size=rows)
    return y, good, good + rng.normal(scale=noise, size=rows)


def within_unit(score: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-score))


def test_a_clearly_worse_score_is_worse_though_the_intervals_touch() -> None:
    y, good, noisy = two_scores(1500, noise=0.7)
    first, second = (evaluate(y, within_unit(p), replicates=200)["auc"] for p in (noisy, good))
    assert first["high"] > second["low"], "the two intervals touch: that was the verdict"

    found = compare_scores(y, noisy, second=good, replicates=400)

    assert found["verdict"] == "worse"
    assert found["measures"]["auc"]["high"] < 0
    assert (found["rows"], found["events"]) == (1500, y.sum())
    assert compare_scores(y, good, second=noisy, replicates=400)["verdict"] == "better"


@pytest.mark.parametrize("transform", [lambda p: 3 * p + 1, np.exp, lambda p: p])
def test_scores_of_one_order_are_alike_on_any_scale(transform) -> None:
    y, good, _ = two_scores(800, noise=1)

    found = compare_scores(y, transform(good), second=good, replicates=100)

    assert found["verdict"] == "alike"
    assert all(told["difference"] == pytest.approx(0) for told in found["measures"].values())


def test_a_difference_by_chance_is_alike_and_a_certain_one_too_small_to_matter_is_slight() -> None:
    y, first, second = two_scores(300, noise=0.05)
    assert compare_scores(y, first, second=second, replicates=200)["verdict"] == "alike"
    assert verdict_of(Difference(0.003, 0.001, 0.005, 0.01), 0.005) == "slight"
    assert verdict_of(Difference(-0.003, -0.005, -0.001, 0.01), 0.005) == "slight"
    assert verdict_of(Difference(float("nan"), float("nan"), float("nan"), float("nan"))) == "alike"


def test_too_few_events_conclude_nothing_however_large_the_difference() -> None:
    y = np.zeros(2000)
    y[:29] = 1

    found = compare_scores(y, y, second=1 - y, replicates=50)

    assert found["verdict"] == "too_few"
    assert {told["verdict"] for told in found["measures"].values()} == {"too_few"}
    assert compare_scores(np.zeros(500), y[:500], second=y[:500])["verdict"] == "too_few"


def test_both_scores_are_drawn_together_so_that_what_they_share_cancels() -> None:
    y, good, noisy = two_scores(1500, noise=0.3)
    ks = compare_scores(y, noisy, second=good, replicates=400)["measures"]["ks"]
    alone = evaluate(y, within_unit(good), replicates=400)["ks"]

    assert ks["high"] - ks["low"] < 0.8 * (alone["high"] - alone["low"])


def test_a_customer_with_many_rows_is_one_customer() -> None:
    y, good, noisy = (np.repeat(values, 8) for values in two_scores(300, noise=0.8))
    apart = compare_scores(y, noisy, second=good, replicates=300)["measures"]["ks"]
    whole = compare_scores(y, noisy, second=good, groups=np.repeat(np.arange(300), 8), replicates=300)["measures"]["ks"]

    assert whole["high"] - whole["low"] > 1.8 * (apart["high"] - apart["low"])


def test_measures_that_contradict_each_other_are_told_as_mixed() -> None:
    assert overall({"auc": "better", "ks": "worse", "lift": "alike"}) == "mixed"
    assert overall({"auc": "alike", "ks": "worse"}) == "worse"
    assert overall({"auc": "alike", "ks": "alike", "lift": "better"}) == "alike"
