"""Samples whose truth is known, for the tests of measures."""

import numpy as np


def calibrated_sample(seed=0, rows=20_000, rate_margin=-2.0):
    rng = np.random.default_rng(seed)
    truth = 1 / (1 + np.exp(-(rng.normal(size=rows) + rate_margin)))
    return (rng.random(rows) < truth).astype(float), truth, rng


def scored_sample(seed=0, rows=3000, strength=1.0):
    rng = np.random.default_rng(seed)
    margin = strength * rng.normal(size=rows) - 2
    p = 1 / (1 + np.exp(-margin))
    return (rng.random(rows) < p).astype(float), p, rng


def weighted_sample(seed=0, rows=2000, decimals=3):
    rng = np.random.default_rng(seed)
    p = np.round(rng.beta(1, 6, rows), decimals).clip(0.001, 0.999)
    return (rng.random(rows) < p).astype(float), p, rng.integers(1, 4, rows).astype(float)
