"""The whole set of measures of a candidate: complete, repeatable, honest about what it cannot tell."""

import json

import numpy as np
import pandas as pd
import pytest

from experiments.evaluation import metrics
from experiments.evaluation.calibration import observed_expected
from experiments.evaluation.evaluate import METRICS, describe_sample, evaluate
from experiments.evaluation.reliability import ece


def sample(seed=0, rows=4000):
    rng = np.random.default_rng(seed)
    p = rng.beta(1, 6, rows).clip(1e-4, 1 - 1e-4)
    return (rng.random(rows) < p).astype(float), p, rng


def test_every_measure_comes_with_an_interval_around_it():
    y, p, _ = sample()
    found = evaluate(y, p)
    assert tuple(found) == METRICS
    assert all(of["low"] < of["value"] < of["high"] for of in found.values())
    json.dumps(found, allow_nan=False)


def test_values_are_those_of_the_single_measures():
    y, p, rng = sample()
    weight = rng.integers(1, 4, len(y)).astype(float)
    found = {name: of["value"] for name, of in evaluate(y, p, weight=weight, contact_share=0.2, replicates=20).items()}
    assert found == pytest.approx(
        {
            "auc": metrics.auc(y, p, weight=weight),
            "ks": metrics.ks(y, p, weight=weight).value,
            "gini": metrics.gini(y, p, weight=weight),
            "lift": metrics.lift_at(y, p, share=0.2, weight=weight),
            "capture": metrics.capture_at(y, p, share=0.2, weight=weight),
            "log_loss": metrics.log_loss(y, p, weight=weight),
            "brier": metrics.brier(y, p, weight=weight),
            "ece": ece(y, p, weight=weight),
            "calibration_slope": found["calibration_slope"],
            "observed_expected": observed_expected(y, p, weight=weight).value,
        }
    )


def test_the_same_seed_gives_the_same_numbers():
    y, p, _ = sample()
    assert evaluate(y, p, seed=3) == evaluate(y, p, seed=3)
    assert evaluate(y, p, seed=3) != evaluate(y, p, seed=4)


def test_a_perfectly_calibrated_score_is_seen_as_such():
    found = evaluate(*sample(rows=20_000)[:2])
    assert found["calibration_slope"]["low"] < 1 < found["calibration_slope"]["high"]
    assert found["observed_expected"]["low"] < 1 < found["observed_expected"]["high"]
    assert found["ece"]["value"] < 0.01


def test_repeated_customers_widen_every_interval():
    y, p, _ = sample(rows=400)
    y, p, groups = np.repeat(y, 9), np.repeat(p, 9), np.repeat(np.arange(400), 9)
    alone, clustered = evaluate(y, p), evaluate(y, p, groups=groups)
    for name in METRICS:
        assert clustered[name]["value"] == pytest.approx(alone[name]["value"])
        assert clustered[name]["high"] - clustered[name]["low"] > 1.8 * (alone[name]["high"] - alone[name]["low"])


def test_a_shuffled_label_has_an_auc_around_one_half():
    y, p, rng = sample()
    found = evaluate(rng.permutation(y), p)["auc"]
    assert abs(found["value"] - 0.5) < 3 * (found["high"] - found["low"]) / 3.92


def test_one_class_gives_none_where_nothing_can_be_told():
    found = evaluate(np.zeros(50), np.linspace(0.01, 0.2, 50))
    unknown = [name for name, of in found.items() if of["value"] is None]
    assert unknown == ["auc", "ks", "gini", "lift", "capture", "calibration_slope"]
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize(("y", "p"), [([], []), ([1.0], [0.3]), ([1.0, 0.0], [0.3, 0.3])])
def test_tiny_samples_do_not_break(y, p):
    json.dumps(evaluate(y, p), allow_nan=False)


def test_points_in_place_of_probabilities_are_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        evaluate([0, 1], [600, 580])


def test_the_sample_is_described_by_raw_counts():
    assert describe_sample([1, 0, np.nan, 0], [2, 1, 5, 1]) == {
        "rows": 3,
        "events": 1,
        "unlabelled": 1,
        "weight": 4.0,
        "event_rate": 0.5,
    }


def test_tables_columns_are_taken_as_they_come():
    y, p, _ = sample(rows=500)
    plain = evaluate(y, p, groups=np.repeat(np.arange(250), 2), replicates=20)
    labels = pd.Series(y.astype(int), index=range(7, 507)).astype("Int64")
    names = pd.Series([f"客户 {number // 2}" for number in range(500)], dtype="string")
    assert evaluate(labels, pd.Series(p), weight=pd.Series(np.ones(500)), groups=names, replicates=20) == plain
    assert describe_sample(pd.concat([labels, pd.Series([pd.NA], dtype="Int64")]))["unlabelled"] == 1


@pytest.mark.parametrize("share", [0, -0.1, 1.5])
def test_a_contact_share_that_cannot_be_is_refused(share):
    with pytest.raises(ValueError, match="share must be above 0"):
        evaluate([0, 1], [0.1, 0.2], contact_share=share)
