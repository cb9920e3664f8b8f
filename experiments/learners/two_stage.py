"""P(conversion) = P(response) × P(conversion | response): two models that score, explain and travel as one."""

import json
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from experiments.errors import gettext_noop
from experiments.evaluation.calibrators import AnyCalibrator, calibrator_from_dict
from experiments.evaluation.odds import probability_of
from experiments.features.encoding import TableEncoder
from experiments.learners.base import About, FitRequest, FittedModel, mean_contributions, mean_margin, portable
from experiments.learners.families import LEARNERS
from experiments.learners.space import Space

NAME = "two_stage"
RESPONSE, CONVERSION = "response", "conversion"
# No stage is certain, so that the product stays below each of its factors despite rounding.
ALMOST_CERTAIN = 1.0 - 1e-9
SMALL_STEP = 1e-4


@dataclass(frozen=True)
class Stage:
    """One of the two questions: fitted models of one family and the calibrator that makes them a probability."""

    learner: str
    members: list[FittedModel]
    calibrator: AnyCalibrator

    def log_probability(self, margin: np.ndarray) -> np.ndarray:
        """Return the logarithm of the calibrated probability of a margin."""
        p = self.calibrator.apply(probability_of(margin, LEARNERS[self.learner].margin_unit))
        return np.asarray(np.log(np.clip(p, 1e-300, ALMOST_CERTAIN)))

    def inputs(self, table: pd.DataFrame, matrix: pd.DataFrame) -> pd.DataFrame:
        """Return what the members read: the original table or the encoded one."""
        return table if LEARNERS[self.learner].reads_table else matrix


class TwoStageModel:
    """A response model and a model of conversion among those who responded, multiplied.

    The margin is the logarithm of the product, for logarithms are what adds up in a product:
    ln P(conversion) = ln P(response) + ln P(conversion | response). Each stage's contributions, which add up in its own
    margin m, are carried over by the slope of the straight line from its base m₀ to its margin,
    [f(m) − f(m₀)] / (m − m₀) with f = ln of the calibrated probability. The line makes the sum exact:
    base + Σφ = ln P(conversion) for every row. Its slope is never negative, as calibrators rise, so that within a stage
    every column keeps its sign and its share, and between the stages columns are compared in one unit: the factor by
    which they move the probability of a conversion.

    Parameters
    ----------
    encoder : turns the original table into the matrix that members read; the same for both stages.
    stages : ``{"response": Stage, "conversion": Stage}``.
    """

    def __init__(self, encoder: TableEncoder, stages: dict[str, Stage]) -> None:
        self.encoder = encoder
        self.stages = stages
        self.iterations = sum(member.iterations for stage in stages.values() for member in stage.members)

    def margin(self, table: pd.DataFrame) -> np.ndarray:
        """Return ln P(conversion), shape (rows,)."""
        return np.sum(list(self.log_probabilities(table).values()), axis=0)

    def log_probabilities(self, table: pd.DataFrame) -> dict[str, np.ndarray]:
        """Return the logarithm of each stage's probability, shape (rows,)."""
        matrix, _ = self.encoder.transform(table)
        return {
            name: stage.log_probability(mean_margin(stage.members, stage.inputs(table, matrix)))
            for name, stage in self.stages.items()
        }

    def contributions(self, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return each column's part of ln P(conversion), shape (rows, columns), and the base, shape (rows,)."""
        matrix, _ = self.encoder.transform(table)
        phi, base = np.zeros(table.shape), np.zeros(len(table))
        for stage in self.stages.values():
            stage_phi, stage_base = mean_contributions(stage.members, stage.inputs(table, matrix))
            phi += stage_phi * _slope(stage, stage_base, stage_base + stage_phi.sum(axis=1))[:, None]
            base += stage.log_probability(stage_base)
        return phi, base

    @cached_property
    def portable(self) -> FittedModel:
        """The same product of stages that travel without the libraries they were fitted by."""
        stages = {
            name: replace(stage, members=[portable(member) for member in stage.members])
            for name, stage in self.stages.items()
        }
        return TwoStageModel(self.encoder, stages)

    def save(self, folder: Path, stem: str) -> None:
        """Write every member in its own format, and what joins them as JSON."""
        for name, stage in self.stages.items():
            for number, member in enumerate(stage.members):
                member.save(folder, f"{stem}_{name}_{number}")
        plain = {
            "stages": {
                name: {
                    "learner": stage.learner,
                    "members": len(stage.members),
                    "calibrator": stage.calibrator.to_dict(),
                }
                for name, stage in self.stages.items()
            },
            "encoder": self.encoder.to_dict(),
        }
        text = json.dumps(plain, ensure_ascii=False, indent=1)
        (folder / f"{stem}.two_stage.json").write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, stem: str) -> Self:
        """Read both stages."""
        plain = json.loads((folder / f"{stem}.two_stage.json").read_text(encoding="utf-8"))
        stages = {
            name: Stage(
                stage["learner"],
                [
                    LEARNERS[stage["learner"]].model.load(folder, f"{stem}_{name}_{number}")
                    for number in range(stage["members"])
                ],
                calibrator_from_dict(stage["calibrator"]),
            )
            for name, stage in plain["stages"].items()
        }
        return cls(TableEncoder.from_dict(plain["encoder"]), stages)


def _slope(stage: Stage, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the slope of ``log_probability`` from one margin to another; where they meet, its derivative."""
    moved = end - start
    derivative = (stage.log_probability(start + SMALL_STEP) - stage.log_probability(start - SMALL_STEP)) / (
        2 * SMALL_STEP
    )
    is_far = np.abs(moved) > 1e-7
    line = (stage.log_probability(end) - stage.log_probability(start)) / np.where(is_far, moved, 1.0)
    return np.where(is_far, line, derivative)


class TwoStage:
    """The family of what is multiplied; see ``experiments.search.two_stage``."""

    name = NAME
    about = About(
        label=gettext_noop("Two-stage model"),
        merit=gettext_noop("The probability of responding, times the probability of converting after a response"),
    )  # fmt: skip
    margin_unit = "log-probability"
    reads_table = True
    has_rounds = False
    seeds_help = False
    keeps_monotone = True
    simplicity = 4
    model = TwoStageModel
    space: Space = {}
    low_cost: dict[str, Any] = {}

    def first_configurations(self, rows: int, columns: int) -> list[dict[str, Any]]:
        """Return nothing: there are no settings to try."""
        return []

    def fit(self, request: FitRequest) -> TwoStageModel:
        """Refuse: a two-stage model is made of models that are fitted already."""
        raise NotImplementedError("A two-stage model is composed of fitted models.")
