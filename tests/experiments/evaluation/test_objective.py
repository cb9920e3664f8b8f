"""The ranking value: KS less penalties for default, lift and then AUC for marketing."""

import numpy as np
import pytest

from experiments.evaluation.by_period import volatility
from experiments.evaluation.metrics import ks, lift_at
from experiments.evaluation.objective import objective


def sample(rows=6000):
    rng = np.random.default_rng(1)
    p = rng.beta(2, 6, rows)
    return (rng.random(rows) < p).astype(float), p, np.array(["2024-01", "2024-02", "2024-03"] * (rows // 3))


def test_default_is_ranked_by_ks_when_nothing_is_known_against_it():
    y, p, _ = sample()
    assert objective("default", y, p=p) == ks(y, p).value
    assert objective("default", y, p=p, train_ks=ks(y, p).value + 0.02) == pytest.approx(ks(y, p).value)


def test_default_pays_half_of_overfit_beyond_two_points_and_half_of_the_monthly_spread():
    y, p, period = sample()
    reached = ks(y, p).value
    expected = reached - 0.5 * (0.10 - 0.02) - 0.5 * volatility(y, p, period=period)
    assert objective("default", y, p=p, train_ks=reached + 0.10, period=period) == pytest.approx(expected)


@pytest.mark.parametrize("kind", ["response", "conversion", "attrition"])
def test_marketing_is_ranked_by_lift_in_the_contact_share(kind):
    y, p, _ = sample()
    assert objective(kind, y, p=p, contact_share=0.2) == pytest.approx(lift_at(y, p, share=0.2), abs=1e-4)


def test_equal_lifts_are_parted_by_auc():
    y = np.array([1.0, 1, 0, 0, 0, 0, 1, 0, 0, 0])
    better, worse = np.array([9, 8, 7, 3, 2, 1, 6, 4, 3, 2]) / 10, np.array([9, 8, 7, 3, 2, 1, 0, 4, 3, 2]) / 10
    assert lift_at(y, better, share=0.2) == lift_at(y, worse, share=0.2)
    assert objective("response", y, p=better, contact_share=0.2) > objective("response", y, p=worse, contact_share=0.2)


@pytest.mark.parametrize("kind", ["default", "response"])
def test_a_missing_class_ranks_last(kind):
    assert objective(kind, np.zeros(5), p=np.linspace(0, 1, 5)) == -np.inf


@pytest.mark.parametrize(("ranking", "value"), [("auc", 0.75), ("log_loss", -0.6122)])
def test_another_ranking_than_that_of_the_kind_can_be_asked_for(ranking: str, value: float) -> None:
    scores = [0.1, 0.3, 0.2, 0.4] if ranking == "auc" else [0.1, 0.2, 0.3, 0.4]

    assert objective("default", [0, 0, 1, 1], p=scores, ranking=ranking) == pytest.approx(value, abs=1e-4)
