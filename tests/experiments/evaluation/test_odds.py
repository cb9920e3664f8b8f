"""Probabilities move from a sampled event rate to the population's and back."""

import numpy as np
import pytest

from experiments.evaluation.odds import correct_prior


def test_prior_correction_gives_the_reference_number():
    assert correct_prior(0.30, population_rate=0.02, sample_rate=0.20) == pytest.approx(0.0338, abs=5e-5)


def test_prior_correction_there_and_back_changes_nothing():
    p = np.linspace(0.001, 0.999, 50)
    assert correct_prior(correct_prior(p, 0.02, sample_rate=0.3), 0.3, sample_rate=0.02) == pytest.approx(p, abs=1e-12)
