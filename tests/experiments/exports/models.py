"""Small saved models of every family over one table, each made in about a second, without a search."""

from pathlib import Path

import numpy as np
import pandas as pd

from experiments import ModelArtifact
from experiments.evaluation.calibrators import IsotonicCalibrator, PlattCalibrator
from experiments.evaluation.psi_bins import PsiBins
from experiments.explanation.reason_codes.baseline import Baseline
from experiments.explanation.reason_codes.book import ReasonBook
from experiments.features.encoding import TableEncoder
from experiments.generation import FeatureGenerator
from experiments.learners import FAMILIES, FitRequest
from experiments.learners.base import portable
from experiments.learners.ensemble import EnsembleModel, Part

TYPES = {
    "age": "numeric", "income": "numeric", "due": "numeric", "job": "categorical", "city": "categorical",
    "owner": "boolean", "since": "date",
}  # fmt: skip
RATIO = {"name": "due ÷ income", "kind": "ratio", "sources": ["due", "income"], "phrase": {}}
SPECIAL = {"income": [-999.0]}
FAMILY_NAMES = (
    "lightgbm", "xgboost", "catboost", "hist_gradient_boosting", "explainable_boosting", "random_forest",
    "extra_trees", "linear", "baseline", "scorecard",
)  # fmt: skip


def applicants(rows: int = 1_500, seed: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    """Return a table with numbers, codes, categories, flags and dates, empty cells in some, and its outcome."""
    random = np.random.default_rng(seed)
    age = random.integers(18, 75, rows).astype(float)
    income = np.round(random.lognormal(9, 0.6, rows), 2)
    due = np.round(random.lognormal(7, 0.8, rows), 2)
    job = random.choice(["clerk", "nurse", "driver", "3", "rare one"], rows, p=[0.4, 0.3, 0.18, 0.115, 0.005])
    city = random.choice([f"C{number:02d}" for number in range(30)], rows)
    owner = random.random(rows) < 0.4
    since = np.datetime64("2015-01-01") + random.integers(0, 3_000, rows).astype("timedelta64[D]")
    margin = -1.0 - 0.03 * (age - 45) + 1.2 * (job == "3") + 6 * due / income - 0.5 * owner + 0.5 * (city < "C08")
    y = (random.random(rows) < 1 / (1 + np.exp(-margin))).astype(float)
    income[random.random(rows) < 0.05], income[random.random(rows) < 0.05] = np.nan, -999.0
    frame = pd.DataFrame({"age": age, "income": income, "due": due, "job": job, "city": city, "since": since})
    frame["owner"] = owner.astype(object)
    frame.loc[random.random(rows) < 0.03, "job"] = None
    frame.loc[random.random(rows) < 0.03, "owner"] = None
    return frame[list(TYPES)], y


def saved_model(folder: Path, family: str, *, derived: bool = True, calibrator: object = None) -> Path:
    """Fit a small model of a family, save it, and return its folder; ``ensemble`` is one of three of them."""
    frame, y = applicants()
    generator = FeatureGenerator.from_dict(
        {"effort": "standard", "features": [RATIO] if derived else [], "special_values": SPECIAL}
    )
    extended = generator.extend(frame)
    types = {**TYPES, **dict.fromkeys(generator.names_, "numeric")}
    encoder = TableEncoder().fit(extended, types, y=y)
    matrix, _ = encoder.transform(extended)
    if family == "ensemble":
        parts = [
            Part(name, portable(_fitted(name, matrix, extended, types, y, encoder)), slope)
            for name, slope in (("lightgbm", 0.5), ("linear", 0.25), ("catboost", 0.2))
        ]
        model = EnsembleModel(parts, -0.1)
    else:
        model = portable(_fitted(family, matrix, extended, types, y, encoder))
    table = extended if FAMILIES[family].reads_table else matrix
    phi, _ = model.contributions(table)
    told = generator.told_by_sources(phi, list(types), frame=extended)
    book = ReasonBook().fit(
        frame, pd.DataFrame(told, columns=list(TYPES)), types=TYPES, withheld=["city"], special_values=SPECIAL,
        baseline=Baseline("approved", 0.2, 0.11, 0.199, 300),
    )  # fmt: skip
    share = np.abs(phi).mean(axis=0) / np.abs(phi).mean(axis=0).sum()
    artifact = ModelArtifact(
        learner=family, members=[model], encoder=encoder, calibrator=calibrator or PlattCalibrator(-0.2, 0.9),
        importance=dict(zip(types, share.tolist(), strict=True)), reference=np.linspace(0, 1, 1001).tolist(),
        psi_bins=PsiBins.fit(np.linspace(0.01, 0.99, 500)), reason_book=book,
        facts={"kind": "default", "event": "1", "target": "bad", "event_rate": float(y.mean()), "spec": {
            "special_values": SPECIAL,
        }},
        generator=generator,
    )  # fmt: skip
    artifact.save(folder)
    return folder


BENT = IsotonicCalibrator((-2.0, -0.5, 1.0), (-2.5, -0.4, 1.4))


def _fitted(name, matrix, extended, types, y, encoder):
    learner = FAMILIES[name]
    params = learner.first_configurations(len(y), matrix.shape[1])[0]
    if "categories" in params:
        params = {**params, "categories": "statistics" if name == "catboost" else "sets"}
    return learner.fit(
        FitRequest(
            extended if learner.reads_table else matrix, y, params, weight=np.ones(len(y)),
            iterations=10 if learner.has_rounds or "forest" in name or "trees" in name else None,
            categorical=tuple(encoder.categorical_ids_), column_types=types,
            special_values=SPECIAL if learner.reads_table else {},
        )
    )  # fmt: skip
