"""One row of the leaderboard, with its verdicts on the limits."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from experiments.errors import gettext_noop
from experiments.evaluation.limits import Readings, Verdict, limit_state
from experiments.evaluation.measures import MeasuresBySample
from experiments.evaluation.monotonicity import ConstraintsChecked
from experiments.stored import Part, Stored, unless_absent

__all__ = ["Finalist"]

# Penalty for each point of AUC lost between training and validation, to break near ties.
OVERFIT_WEIGHT = 0.02


@dataclass(frozen=True)
class AucDifference(Part):
    """A finalist's lead over another in AUC on the same rows, with the interval by which their tie was judged."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    level: float | None = unless_absent()
    p_value: float | None = unless_absent()
    p_holm: float | None = unless_absent()


@dataclass(frozen=True)
class ByHand(Part):
    """That a person has edited a card, which finalist it was before, and how many changes were made."""

    made_of: str
    changes: int = 0


@dataclass(frozen=True)
class FinalistEvidence(Stored):
    """What is stored with a finalist besides its metrics.

    Attributes
    ----------
    train_auc, gap : AUC on training rows; KS lost from training rows to rows set aside.
    score_psi, score_psi_limit : shift of the score towards rows set aside, and what chance alone may give.
    ranking_value : what the run ranked by. features : columns the model reads. ms_per_row : to score one in a batch.
    limits : the verdicts. constraints : whether directions hold. interactions : pairs of columns read together.
    difference : in AUC to each other finalist. trial : number of the one it was made from.
    by_hand : of a card that a person has edited, from which one it was made.
    trained_on, members : what the delivered model was fitted on, and of how many it is made.
    """

    what = gettext_noop("the evidence of a finalist")

    train_auc: float | None = None
    gap: float | None = None
    score_psi: float | None = None
    score_psi_limit: float | None = None
    ranking_value: float | None = None
    features: int | None = None
    ms_per_row: float | None = None
    limits: tuple[Verdict, ...] = ()
    constraints: ConstraintsChecked | None = None
    interactions: tuple[str, ...] = ()
    difference: dict[str, AucDifference] = field(default_factory=dict)
    trial: int | None = None
    by_hand: ByHand | None = unless_absent()
    trained_on: str = unless_absent("")
    members: int | None = unless_absent()

    def readings(self, measures: MeasuresBySample) -> Readings:
        """Return the values that limits apply to, for a finalist with these metrics."""
        return Readings.kept_with(
            measures,
            score_psi=self.score_psi,
            psi_by_chance=self.score_psi_limit,
            features=self.features,
            milliseconds=self.ms_per_row,
        )


@dataclass(frozen=True)
class Finalist:
    """One row of the leaderboard.

    Attributes
    ----------
    candidate : its name and its folder's.
    reason : ``{"message", "params"}``, why it is recommended or not, with further such sentences in ``also``.
    metrics : ``{sample: {metric: {"value", "low", "high"}}}`` for validation, train and held_out or out_of_time.
    evidence : gap, score_psi, features, ms_per_row, limits and what the model was fitted on.
    model_hash, model_seal : hash of what scores, and of everything in the model's folder.

    Examples
    --------
    >>> Finalist("linear", "linear", 0.7, {"validation": {"auc": {"value": 0.7}}}, {"limits": []}).auc
    0.7
    """

    candidate: str
    learner: str
    objective: float
    metrics: dict[str, Any]
    evidence: dict[str, Any]
    rank: int = 0
    is_tie: bool = False
    is_recommended: bool = False
    reason: dict[str, Any] = field(default_factory=dict)
    model_dir: Path | None = None
    model_hash: str = ""
    model_seal: str = ""

    @property
    def auc(self) -> float:
        """Mean AUC in cross-validation."""
        return float(self.metrics["validation"]["auc"]["value"])

    @property
    def log_loss(self) -> float:
        """Log loss in cross-validation."""
        return float(self.metrics["validation"]["log_loss"]["value"])

    @property
    def overfit(self) -> float:
        """AUC lost between the training rows and cross-validation."""
        return max(0.0, float(self.evidence.get("train_auc", self.auc)) - self.auc)

    @property
    def merit(self) -> float:
        """AUC in cross-validation, less a small penalty for overfitting."""
        return self.auc - OVERFIT_WEIGHT * self.overfit

    @property
    def unjudged_limits(self) -> list[str]:
        """Codes of the limits that cannot be judged on so few rows or events."""
        return [limit["code"] for limit in self.evidence["limits"] if limit["is_kept"] is None]

    @property
    def unproven_limits(self) -> list[str]:
        """Codes of the limits exceeded by no more than chance allows."""
        return [limit["code"] for limit in self.evidence["limits"] if limit_state(limit) == "unproven"]

    @property
    def keeps_all_limits(self) -> bool:
        """Tell whether there are limits and every one is met by the point estimates."""
        limits = self.evidence["limits"]
        return bool(limits) and all(limit_state(limit) == "kept" for limit in limits)

    @property
    def broken_limits(self) -> list[str]:
        """Codes of the limits it breaks; one that cannot be judged is not broken."""
        return [limit["code"] for limit in self.evidence["limits"] if limit["is_kept"] is False]

    def to_dict(self) -> dict[str, Any]:
        """Return the row as JSON-ready plain data."""
        return {**asdict(self), "model_dir": str(self.model_dir) if self.model_dir else None}
