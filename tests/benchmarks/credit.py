"""A made-up table of loans and models of it, for the benchmarks; the same on every machine."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.artifact.model import ModelArtifact, quantile_reference
from experiments.evaluation.calibrators import fit_calibrator
from experiments.evaluation.odds import probability_of
from experiments.evaluation.psi_bins import PsiBins
from experiments.explanation.reason_codes.book import ReasonBook
from experiments.features.encoding import TableEncoder
from experiments.learners import FAMILIES, LEARNERS, FitRequest, FittedModel
from experiments.learners.base import portable
from experiments.learners.ensemble import EnsembleModel, Part

NUMBERS = 18
CATEGORIES = {"purpose": 12, "home": 4, "region": 31, "channel": 6, "employer": 60}
TRAINING_ROWS = 20_000
# Fits of each family in an ensemble.
ENSEMBLE = {"lightgbm": 3, "xgboost": 2, "catboost": 2, "extra_trees": 1}


def loans(rows: int, seed: int = 1) -> pd.DataFrame:
    """Return 25 columns: 18 numbers with gaps, five categories, a date and a yes/no."""
    random = np.random.default_rng(seed)
    columns: dict[str, Any] = {}
    for number in range(NUMBERS):
        values = random.normal(size=rows) if number % 3 else random.lognormal(8.0, 1.0, rows).round(2)
        if number % 4 == 1:
            values[random.random(rows) < 0.08] = np.nan
        columns[f"number_{number:02d}"] = values
    for name, levels in CATEGORIES.items():
        words = np.array([f"{name} {level}" for level in range(levels)], dtype=object)
        columns[name] = words[np.minimum(random.geometric(3.0 / levels, rows) - 1, levels - 1)]
    columns["opened"] = pd.Timestamp("2015-01-01") + pd.to_timedelta(random.integers(0, 3000, rows), unit="D")
    columns["is_client"] = random.random(rows) < 0.4
    return pd.DataFrame(columns)


def defaults(frame: pd.DataFrame, seed: int = 2) -> np.ndarray:
    """Return who defaults: curved in some numbers, with an interaction, a category and a time trend."""
    random = np.random.default_rng(seed)
    margin = -2.0 + 0.6 * frame["number_01"].fillna(0.8) - 0.5 * frame["number_02"] ** 2 + 0.3 * frame["number_04"]
    margin -= 0.4 * np.log(frame["number_03"]) - 3.2 - 0.5 * frame["number_05"].fillna(0) * frame["number_07"]
    margin += 0.5 * frame["home"].isin(["home 0", "home 3"]) - 0.4 * frame["is_client"]
    return (random.random(len(frame)) < 1 / (1 + np.exp(-margin))).astype(float)


def loan_model(folder: Path, learner: str = "lightgbm", *, seeds: int = 4, iterations: int = 400) -> Path:
    """Fit and save a model like the ones a run recommends: one family, several seeds, calibrated and with reasons."""
    seeds = seeds if LEARNERS[learner].seeds_help else 1
    return _saved(folder, learner, [portable(_fitted(learner, seed, iterations)) for seed in range(seeds)])


def loan_ensemble(folder: Path, *, iterations: int = 400) -> Path:
    """Fit and save a model like the ensembles of a run: eight fits of four families, added up."""
    count = sum(ENSEMBLE.values())
    parts = [
        # A forest votes between 0 and 1; in log-odds a vote counts about five times as much.
        Part(learner, _fitted(learner, seed, iterations), (5.0 if learner == "extra_trees" else 1.0) / count)
        for learner, seeds in ENSEMBLE.items()
        for seed in range(seeds)
    ]
    return _saved(folder, "ensemble", [portable(EnsembleModel(parts, -0.3))])


def _fitted(learner: str, seed: int, iterations: int) -> FittedModel:
    frame, family = loans(TRAINING_ROWS), LEARNERS[learner]
    encoder = TableEncoder().fit(frame)
    table = frame if family.reads_table else encoder.transform(frame)[0]
    params = family.first_configurations(len(frame), frame.shape[1])[0]
    types = {column.name: column.type for column in encoder.columns_}
    return family.fit(
        FitRequest(
            table, defaults(frame), params, iterations=iterations if family.has_rounds else None, seed=seed + 1,
            categorical=tuple(encoder.categorical_ids_), column_types=types if family.reads_table else None,
        )
    )  # fmt: skip


def _saved(folder: Path, learner: str, members: list[FittedModel]) -> Path:
    frame = loans(TRAINING_ROWS)
    y, encoder, family = defaults(frame), TableEncoder().fit(frame), FAMILIES[learner]
    table = frame if family.reads_table else encoder.transform(frame)[0]
    margin = np.mean([member.margin(table) for member in members], axis=0)
    p = probability_of(margin, family.margin_unit)
    calibrator = fit_calibrator(y, p)
    p = np.asarray(calibrator.apply(p))
    artifact = ModelArtifact(
        learner, members, encoder, calibrator, dict.fromkeys(frame, 1.0), quantile_reference(p, None),
        PsiBins.fit(p), ReasonBook(), {"kind": "default", "event_rate": float(y.mean()), "id_column": None},
    )  # fmt: skip
    sample = frame.head(2_000)
    phi, _ = artifact.contributions(sample)
    types = {column.name: column.type for column in encoder.columns_}
    artifact.reason_book.fit(sample, pd.DataFrame(phi, columns=artifact.columns), types=types)
    artifact.save(folder)
    return folder
