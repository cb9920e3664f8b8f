"""Rows of one customer count as one, and rows without an id stand alone."""

import numpy as np
import pytest

from experiments.evaluation.bootstrap import bootstrap_difference
from experiments.evaluation.clusters import cluster_codes, mean_interval
from experiments.evaluation.delong import delong_difference
from experiments.evaluation.metrics import auc_of
from tests.experiments.evaluation.samples import scored_sample


def test_rows_without_an_id_each_stand_alone():
    codes = cluster_codes(np.array(["a", None, "b", None, "a", None], dtype=object))
    assert codes.tolist() == [0, 2, 1, 3, 0, 4]
    assert cluster_codes([1.0, np.nan, 2.0, np.nan]) is None


def test_the_interval_of_a_mean_is_the_textbook_one():
    values = np.array([0.1, 0.4, 0.2, 0.9])
    found = mean_interval(values)
    half = 1.959964 * values.std(ddof=1) / 2
    assert (found.value, found.low, found.high) == pytest.approx((0.4, 0.4 - half, 0.4 + half))


def test_whole_customers_give_the_interval_of_the_cluster_bootstrap():
    y, p, rng = scored_sample(rows=900)
    customers = rng.integers(0, 300, len(y))
    other = p + rng.normal(scale=1.0, size=300)[customers]
    exact = delong_difference(y, p, second=other, groups=customers)
    drawn = bootstrap_difference(auc_of, y, first=p, second=other, groups=customers, replicates=1000)

    assert exact.high - exact.low == pytest.approx(drawn.high - drawn.low, rel=0.15)
