"""What is told of a model's factors and segments rests on what the model does."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from experiments.artifact.explanation import Extremes
from experiments.explanation.reason_codes.quality import ReasonQuality
from experiments.report import evidence
from experiments.search.shipping import Explained
from experiments.spec import ExperimentSpec

LEVELS = np.repeat(["app", "branch", "broker", "partner"], 50)


def _explained(effects):
    phi = pd.DataFrame({"channel": [effects[level] for level in LEVELS]})
    return Explained(pd.DataFrame({"channel": LEVELS}), phi, np.zeros(200), ReasonQuality())


def test_a_level_that_raises_the_probability_is_not_the_lowest_whatever_else_its_customers_are():
    mean = {"app": 0.19, "branch": 0.21, "broker": 0.18, "partner": 0.24}
    table, rows = pd.DataFrame({"channel": LEVELS}), np.arange(200)
    artifact = SimpleNamespace(encoder=SimpleNamespace(columns_=[SimpleNamespace(name="channel", type="categorical")]))
    candidate = SimpleNamespace(rows=rows, p_valid=np.array([mean[level] for level in LEVELS]))
    explained = _explained({"app": -0.04, "branch": 0.0, "broker": 0.06, "partner": 0.06})

    found = evidence.extremes_of(["channel"], candidate, SimpleNamespace(table=table), artifact, explained)

    assert found == {"channel": Extremes(best="partner", worst="app")}


def test_strong_factors_are_judged_by_calibration_and_weaker_ones_are_cut_as_well():
    random = np.random.default_rng(1)
    weights = {"a": 0.3, "b": 0.2, "c": 0.15, "d": 0.12, "e": 0.11, "f": 0.02, "g": 0.01, "h": 0.006, "i": 0.004}
    rows = np.arange(600)
    table = pd.DataFrame({name: random.choice(["x", "y"], 600) for name in weights})
    phi = pd.DataFrame({name: np.full(600, weight) for name, weight in weights.items()})
    p = random.uniform(0.1, 0.9, 600)
    data = SimpleNamespace(y=(random.random(600) < p).astype(float), table=table, weights=lambda rows: None)

    found = evidence._segments(
        Explained(table, phi, np.zeros(600), ReasonQuality()), data, ExperimentSpec("y", "1"), rows, p
    )

    judged = {row.column: row.judged_by for row in found}
    assert {judged[name] for name in "abcde"} == {"calibration"}
    assert {judged[name] for name in "fghi"} == {"ranking"}
