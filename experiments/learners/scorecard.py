"""The scorecard as a family of the search: no settings, reads the table itself, explains itself on one page."""

import json
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from experiments.errors import gettext_noop
from experiments.evaluation.calibrators import PlattCalibrator
from experiments.features.binning import Objective
from experiments.learners.base import About, FitRequest
from experiments.learners.space import Space
from experiments.scorecard.editing.draft import CardDraft
from experiments.scorecard.editing.fitting import fit_draft
from experiments.scorecard.scorecard import Scorecard

MOST_BINNED, FEWEST_BINNED = 300, 40
BY_HAND = "by_hand"
# Measured for one thread: seconds to bin a column of a search; and what all folds may take of the budget.
SECONDS_A_COLUMN, SHARE_OF_BUDGET = 0.006, 0.15


def columns_to_bin(seconds: float, threads: int, folds: int) -> int:
    """Return how many columns a scorecard may bin so that so many folds take their share of the budget."""
    granted = SHARE_OF_BUDGET * seconds * threads / (folds * SECONDS_A_COLUMN)
    return int(min(MOST_BINNED, max(FEWEST_BINNED, granted)))


class ScorecardModel:
    """A scorecard kept as JSON."""

    def __init__(self, card: Scorecard) -> None:
        self.card = card
        self.iterations = 1

    def margin(self, table: pd.DataFrame) -> np.ndarray:
        """Return log-odds of shape (rows,)."""
        return np.asarray(self.card.margin(table), dtype=np.float64)

    def points(self, table: pd.DataFrame) -> np.ndarray:
        """Return the sum of the card's points, shape (rows,)."""
        return np.asarray(self.card.points(table), dtype=np.float64)

    def calibrated(self, calibrator: PlattCalibrator, direction: int) -> Self:
        """Return the model with the calibrator folded into its points, which then are what it says."""
        return type(self)(
            self.card.calibrated(intercept=calibrator.intercept, slope=calibrator.slope, direction=direction)
        )

    def contributions(self, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return each column's part against the average customer; columns not on the card have none."""
        parts, base = self.card.contributions(table)
        phi = parts.reindex(columns=table.columns, fill_value=0.0).to_numpy(dtype=np.float64)
        return phi, np.full(len(table), base)

    def save(self, folder: Path, stem: str) -> None:
        """Write the card."""
        text = json.dumps(self.card.to_dict(), ensure_ascii=False, indent=1)
        (folder / f"{stem}.scorecard.json").write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, stem: str) -> Self:
        """Read a card."""
        text = (folder / f"{stem}.scorecard.json").read_text(encoding="utf-8")
        return cls(Scorecard.from_dict(json.loads(text)))


class ScorecardLearner:
    """The scorecard family."""

    name = "scorecard"
    about = About(
        label=gettext_noop("WOE scorecard"), merit=gettext_noop("Always run; easiest to explain"),
        packages=("scipy",),
    )  # fmt: skip
    margin_unit = "log-odds"
    reads_table = True
    has_rounds = False
    seeds_help = False
    keeps_monotone = True
    simplicity = 0
    model = ScorecardModel
    low_cost: dict[str, Any] = {}
    space: Space = {}

    def first_configurations(self, rows: int, columns: int) -> list[dict[str, Any]]:
        """Return the one configuration."""
        return [{}]

    def fit(self, request: FitRequest) -> ScorecardModel:
        """Bin, select and fit; the setting ``max_binned`` bounds the columns that are looked at closely.

        With ``by_hand``, a card as a person has cut it, the borders are those of that card.
        """
        request.pulse()
        if by_hand := request.params.get(BY_HAND):
            draft = CardDraft.from_dict(by_hand)
            card = fit_draft(draft, request.table, request.y, weight=request.weight, pulse=request.pulse)
            return ScorecardModel(card)
        most = request.params.get("max_binned", MOST_BINNED)
        objective: Objective = "information" if request.is_thorough else "likelihood"
        card = Scorecard(seed=request.seed, max_binned=most, objective=objective).fit(
            request.table, request.y, weight=request.weight, monotone=request.monotone or None,
            special_values=request.special_values or None, columns=request.column_types,
            pulse=request.pulse,
        )  # fmt: skip
        request.pulse()
        return ScorecardModel(card)
