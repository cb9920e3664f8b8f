"""A weighted sum of fitted models of several families; it is composed of them, never searched."""

import json
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from experiments.errors import gettext_noop
from experiments.learners.base import About, FitRequest, FittedModel, each_margin, portable
from experiments.learners.families import LEARNERS
from experiments.learners.space import Space


@dataclass(frozen=True)
class Part:
    """A fitted model of a family, and what a unit of its margin counts in the sum."""

    learner: str
    model: FittedModel
    slope: float


class EnsembleModel:
    """``intercept`` plus the parts' margins times their slopes, in log-odds.

    A sum of margins, and not a mean of probabilities, so that the parts' exact contributions add up to the whole's.
    """

    def __init__(self, parts: list[Part], intercept: float) -> None:
        self.parts = parts
        self.intercept = intercept
        self.iterations = sum(part.model.iterations for part in parts)

    def margin(self, table: pd.DataFrame) -> np.ndarray:
        """Return log-odds of shape (rows,)."""
        total = np.full(len(table), self.intercept)
        margins = each_margin([part.model for part in self.parts], table)
        for part, margin in zip(self.parts, margins, strict=True):
            total += part.slope * margin
        return total

    def contributions(self, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return each column's part of the sum, exact for each of its terms, and the base."""
        phi, base = np.zeros(table.shape), np.full(len(table), self.intercept)
        for part in self.parts:
            part_phi, part_base = part.model.contributions(table)
            phi += part.slope * part_phi
            base += part.slope * part_base
        return phi, base

    @cached_property
    def portable(self) -> FittedModel:
        """The same sum of parts that travel without the libraries they were fitted by."""
        return EnsembleModel([replace(part, model=portable(part.model)) for part in self.parts], self.intercept)

    def save(self, folder: Path, stem: str) -> None:
        """Write every part in its own format, and their slopes as JSON."""
        for number, part in enumerate(self.parts):
            part.model.save(folder, f"{stem}_part_{number}")
        plain = {
            "parts": [{"learner": part.learner, "slope": part.slope} for part in self.parts],
            "intercept": self.intercept,
        }
        (folder / f"{stem}.ensemble.json").write_text(json.dumps(plain, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, stem: str) -> Self:
        """Read the parts."""
        plain = json.loads((folder / f"{stem}.ensemble.json").read_text(encoding="utf-8"))
        parts = [
            Part(part["learner"], LEARNERS[part["learner"]].model.load(folder, f"{stem}_part_{number}"), part["slope"])
            for number, part in enumerate(plain["parts"])
        ]
        return cls(parts, plain["intercept"])


class Ensemble:
    """The family of what is composed of other families; see ``experiments.search.ensemble``."""

    name = "ensemble"
    about = About(
        label=gettext_noop("Ensemble"), merit=gettext_noop("A weighted average of the best models"),
    )  # fmt: skip
    margin_unit = "log-odds"
    reads_table = False
    has_rounds = False
    seeds_help = False
    # Every part keeps them, or it would not have been tried.
    keeps_monotone = True
    simplicity = 5
    model = EnsembleModel
    space: Space = {}
    low_cost: dict[str, Any] = {}

    def first_configurations(self, rows: int, columns: int) -> list[dict[str, Any]]:
        """Return nothing: there are no settings to try."""
        return []

    def fit(self, request: FitRequest) -> EnsembleModel:
        """Refuse: an ensemble is made of models that are fitted already."""
        raise NotImplementedError("An ensemble is composed of fitted models.")
