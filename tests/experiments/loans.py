"""Made-up loans and small models of every family on them."""

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

ROWS = 500


def loans(rows: int = ROWS, seed: int = 1) -> pd.DataFrame:
    """Return loans with numbers, gaps, a category, a date, a yes/no, and a column that says what another says."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "income": np.where(random.random(rows) < 0.1, np.nan, random.lognormal(8, 1, rows).round(2)),
            "age": random.integers(18, 80, rows),
            "job": random.choice(np.array(["clerk", "nurse", "=driver", "职员", None], dtype=object), rows),
            "opened": pd.Timestamp("2019-01-01") + pd.to_timedelta(random.integers(0, 900, rows), unit="D"),
            "is_client": random.random(rows) < 0.5,
        }
    )
    frame["income_again"] = frame["income"] * 1.5
    return frame


def model_of(learner: str, members: int = 2) -> ModelArtifact:
    """Return a small model of a family, ready to score, explain and be saved."""
    return _artifact_of(learner, [portable(model) for model in fitted_on_loans(learner, members)])


def blend_of(*learners: str) -> ModelArtifact:
    """Return a small ensemble of two models of each family, ready to score, explain and be saved."""
    parts = [Part(learner, model, 0.5 / len(learners)) for learner in learners for model in fitted_on_loans(learner, 2)]
    return _artifact_of("ensemble", [portable(EnsembleModel(parts, -0.1))])


def fitted_on_loans(learner: str, members: int) -> list[FittedModel]:
    """Return small models of a family, as the search has them; one where seeds do not help."""
    frame, y, encoder = loans(), _defaults(), TableEncoder().fit(loans())
    family = LEARNERS[learner]
    types = {column.name: column.type for column in encoder.columns_}
    table = frame if family.reads_table else encoder.transform(frame)[0]
    return [
        family.fit(
            FitRequest(
                table, y, family.first_configurations(ROWS, 6)[-1], iterations=20 if family.has_rounds else None,
                seed=seed, categorical=() if family.reads_table else tuple(encoder.categorical_ids_),
                column_types=types if family.reads_table else None,
            )
        )
        for seed in range(members if family.seeds_help else 1)
    ]  # fmt: skip


def _defaults() -> np.ndarray:
    frame, random = loans(), np.random.default_rng(5)
    margin = -0.03 * (frame["age"] - 45) + (frame["job"] == "clerk") - 0.4 * np.log(frame["income"].fillna(3_000) / 3e3)
    return (random.random(ROWS) < 1 / (1 + np.exp(-margin))).to_numpy().astype(float)


def _artifact_of(learner: str, members: list[FittedModel]) -> ModelArtifact:
    frame, y = loans(), _defaults()
    family, encoder = FAMILIES[learner], TableEncoder().fit(frame)
    table = frame if family.reads_table else encoder.transform(frame)[0]
    p = probability_of(np.mean([member.margin(table) for member in members], axis=0), family.margin_unit)
    calibrator = fit_calibrator(y, p)
    artifact = ModelArtifact(
        learner, members, encoder, calibrator, dict.fromkeys(frame, 1.0), quantile_reference(calibrator.apply(p)),
        PsiBins.fit(p), ReasonBook(), {"kind": "default", "event_rate": float(y.mean()), "id_column": None},
    )  # fmt: skip
    phi, _ = artifact.contributions(frame)
    types = {column.name: column.type for column in encoder.columns_}
    artifact.reason_book.fit(frame, pd.DataFrame(phi, columns=artifact.columns), types=types)
    return artifact
