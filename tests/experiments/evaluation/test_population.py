"""Probabilities are moved to a stated event rate, and only then."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.errors import BadInput
from experiments.evaluation.calibrators import fit_calibrator
from experiments.evaluation.odds import correct_prior
from experiments.evaluation.population import Population

RANDOM = np.random.default_rng(1)
P = RANDOM.beta(2, 3, 4_000)
Y = (RANDOM.random(4_000) < P).astype(float)


def test_without_a_stated_rate_nothing_changes():
    population = Population.of(Y, None, stated_rate=None)
    calibrator = fit_calibrator(Y, P)
    assert not population.is_corrected
    assert population.calibrator(calibrator) is calibrator
    assert population.weights(Y, None) is None
    assert population.facts() == {"event_rate": Y.mean()}


@pytest.mark.parametrize("method", ["platt", "beta", "isotonic"])
@settings(deadline=None, max_examples=25)
@given(rate=st.floats(0.001, 0.999))
def test_every_calibrator_moves_as_the_formula_says(method, rate):
    calibrator = fit_calibrator(Y, P, method=method)
    population = Population.of(Y, None, stated_rate=rate)
    raw = np.linspace(0.01, 0.99, 50)
    np.testing.assert_allclose(
        population.calibrator(calibrator).apply(raw),
        correct_prior(calibrator.apply(raw), rate, sample_rate=Y.mean()),
        atol=1e-12,
    )


def test_corrected_probabilities_hold_in_the_population_the_sample_was_drawn_from():
    everyone = RANDOM.beta(1, 30, 200_000)
    happens = RANDOM.random(200_000) < everyone
    kept = happens | (RANDOM.random(200_000) < 0.05)
    calibrator = fit_calibrator(happens[kept], everyone[kept])
    population = Population.of(happens[kept].astype(float), None, stated_rate=float(happens.mean()))
    said = population.calibrator(calibrator).apply(everyone)
    assert said.mean() == pytest.approx(happens.mean(), rel=0.02)
    top = everyone > np.quantile(everyone, 0.9)
    assert said[top].mean() == pytest.approx(happens[top].mean(), rel=0.05)


def test_weights_make_the_sample_stand_for_the_population():
    weights = Population.of(Y, None, stated_rate=0.02).weights(Y, None)
    assert np.average(Y, weights=weights) == pytest.approx(0.02)


@pytest.mark.parametrize("rate", [0.0, 1.0, 2.0, -0.1])
def test_a_rate_that_is_none_is_refused(rate):
    with pytest.raises(BadInput, match="between 0 and 1, for example"):
        Population.of(Y, None, stated_rate=rate)
