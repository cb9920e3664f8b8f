"""The score table cuts evenly, counts and orders, and keeps frozen edges."""

import json

import numpy as np
import pytest

from experiments.evaluation.deciles import decile_table, quantile_edges
from tests.experiments.evaluation.samples import weighted_sample


def test_quantile_edges_cut_evenly_and_never_split_a_value():
    assert quantile_edges(np.arange(100)).tolist() == [10, 20, 30, 40, 50, 60, 70, 80, 90]
    assert quantile_edges([0] * 98 + [1, 2]).tolist() == [1]
    assert quantile_edges([5, 5, 5]).tolist() == []


def test_the_decile_table_counts_and_orders():
    y = np.array([1, 1, 0, 1, 0, 0, 0, 0, 0, 0], dtype=float)
    p = np.linspace(0.95, 0.05, 10)
    table = decile_table(y, p, groups=5)
    assert [row.rows for row in table.rows] == [2, 2, 2, 2, 2]
    assert [row.event_rate for row in table.rows] == [1.0, 0.5, 0, 0, 0]
    assert [row.low for row in table.rows] == pytest.approx([0.85, 0.65, 0.45, 0.25, None])
    assert table.rows[0].lift == pytest.approx(1 / 0.3)
    assert table.rows[1].cumulative_event_share == pytest.approx(1)
    assert (table.inversions, table.event_count, table.ks_bin) == (0, 3, pytest.approx(1 - 1 / 7))
    json.dumps(table.to_dict(), allow_nan=False)


def test_frozen_edges_are_used_as_they_are():
    y, p, weight = weighted_sample()
    edges = quantile_edges(p, 10, weight=weight)
    shifted = decile_table(y, (p * 0.5), weight=weight, edges=edges)
    assert shifted.edges == tuple(edges)
    assert shifted.rows[0].share < 0.05
