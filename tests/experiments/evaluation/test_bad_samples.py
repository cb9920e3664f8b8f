"""No sample, however odd, breaks a measure or puts NaN into what is stored."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.evaluation.bootstrap import bootstrap_difference
from experiments.evaluation.by_period import by_period
from experiments.evaluation.calibrators import fit_calibrator
from experiments.evaluation.deciles import decile_table
from experiments.evaluation.delong import delong_difference
from experiments.evaluation.evaluate import evaluate
from experiments.evaluation.metrics import ks_of
from experiments.evaluation.psi_bins import PsiBins
from experiments.evaluation.segments import segment_table


@st.composite
def odd_samples(draw):
    """Any size from one row, any event rate from none to all, ties, pure zeros and ones, weights of 0."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    rows = draw(st.sampled_from([1, 2, 3, 5, 20, 150, 400]))
    y = (rng.random(rows) < draw(st.sampled_from([0, 0.01, 0.1, 0.5, 1]))).astype(float)
    shapes = [rng.random(rows), np.full(rows, 0.3), rng.integers(0, 2, rows).astype(float), rng.random(rows) ** 8]
    weight = draw(st.sampled_from([None, rng.integers(0, 3, rows).astype(float)]))
    return y, draw(st.sampled_from(shapes)), weight, rng


@settings(max_examples=60, deadline=None)
@given(odd_samples())
def test_odd_samples_are_measured_or_said_to_be_unknown(drawn):
    y, p, weight, rng = drawn
    frame = pd.DataFrame({"number": rng.integers(0, 30, len(y)), "level": rng.choice(list("xyz"), len(y))})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        stored = [
            evaluate(y, p, weight=weight, replicates=5),
            decile_table(y, p, weight=weight).to_dict(),
            [row.to_dict() for row in segment_table(y, p, frame=frame, weight=weight)],
            [
                row.to_dict()
                for row in by_period(y, p, period=frame.level, weight=weight, baseline=PsiBins.fit(p, weight))
            ],
        ]
        bootstrap_difference(ks_of, y, first=p, second=rng.random(len(y)), weight=weight, replicates=5)
        delong_difference(y, p, second=rng.random(len(y)), weight=weight)
    json.dumps(stored, allow_nan=False)


@pytest.mark.parametrize("method", ["auto", "platt", "isotonic", "beta"])
@settings(max_examples=30, deadline=None)
@given(odd_samples())
def test_odd_samples_give_a_finite_calibrator(method, drawn):
    y, p, weight, _ = drawn
    assert np.isfinite(fit_calibrator(y, p, weight=weight, method=method).apply(p)).all()
