"""The finalists in order, which of them cannot be told apart, and the one to take."""

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from experiments.evaluation.house_rules import limit_state
from experiments.kinds import KINDS
from experiments.search.learners import FAMILIES
from experiments.search.reasons import is_tied, why, why_not, why_not_taken_early, why_taken_early
from experiments.spec import ExperimentSpec

PRICE_OF_SIMPLICITY = 0.01
# What a point of AUC lost between training rows and others counts against a model, to break near ties.
OVERFIT_WEIGHT = 0.02
# Models this near in AUC, and within chance of each other, are told apart by log loss, which chance moves less.
NEARLY_AS_GOOD = 0.002


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
        """AUC that it loses from training rows to those of the cross-validation."""
        return max(0.0, float(self.evidence.get("train_auc", self.auc)) - self.auc)

    @property
    def merit(self) -> float:
        """AUC in cross-validation less a trace of its overfit."""
        return self.auc - OVERFIT_WEIGHT * self.overfit

    @property
    def unjudged_limits(self) -> list[str]:
        """Codes of the limits that too few rows or events say nothing of."""
        return [limit["code"] for limit in self.evidence["limits"] if limit["is_kept"] is None]

    @property
    def unproven_limits(self) -> list[str]:
        """Codes of the limits its numbers are above, by no more than chance may give."""
        return [limit["code"] for limit in self.evidence["limits"] if limit_state(limit) == "unproven"]

    @property
    def keeps_all_limits(self) -> bool:
        """Tell whether there are limits and each is kept, in the numbers as they stand."""
        limits = self.evidence["limits"]
        return bool(limits) and all(limit_state(limit) == "kept" for limit in limits)

    @property
    def broken_limits(self) -> list[str]:
        """Codes of the limits it breaks; one that too few rows say nothing of is not broken."""
        return [limit["code"] for limit in self.evidence["limits"] if limit["is_kept"] is False]

    def to_dict(self) -> dict[str, Any]:
        """Return the row as JSON-ready plain data."""
        return {**asdict(self), "model_dir": str(self.model_dir) if self.model_dir else None}


def rank(finalists: list[Finalist], spec: ExperimentSpec, *, taken: str = "") -> list[Finalist]:
    """Order by the ranking of the target kind, mark ties with the recommended one, and give each its reason.

    Parameters
    ----------
    taken : the candidate that was recommended before the others were measured: it stays so, and where the rule would
        now take another, its reason says which.
    """
    ordered = sorted(finalists, key=lambda row: _place(row, spec))
    pool = _pool(ordered)
    best = choose(ordered, spec)
    chosen = next((row for row in ordered if row.candidate == taken), best)
    if chosen is not best:
        return _ranked_behind(ordered, chosen, best)
    price = PRICE_OF_SIMPLICITY if chosen is _simple_enough(pool, spec) else None
    return [
        replace(
            row,
            rank=number,
            is_recommended=row is chosen,
            is_tie=row is not chosen and is_tied(row, chosen),
            reason=why(row, ordered, pool, price) if row is chosen else why_not(row, chosen, price),
        )
        for number, row in enumerate(ordered, start=1)
    ]


def _ranked_behind(ordered: list[Finalist], chosen: Finalist, best: Finalist) -> list[Finalist]:
    """Rank beside a model that was taken before the one was measured that the rule would take."""
    return [
        replace(
            row,
            rank=number,
            is_recommended=row is chosen,
            is_tie=row is not chosen and is_tied(row, chosen),
            reason=why_taken_early(row, best) if row is chosen else why_not_taken_early(row, chosen),
        )
        for number, row in enumerate(ordered, start=1)
    ]


def _place(row: Finalist, spec: ExperimentSpec) -> tuple[float, int, int, str]:
    """Return what orders the rows: the ranking, of equals the one that reads fewer columns, then the simpler family."""
    # KS is shown with four digits; a lift carries its AUC in the digits beyond them.
    value = round(row.objective, 4 if KINDS[spec.kind].ranking == "ks" else 8)
    return -value, row.evidence["features"], FAMILIES[row.learner].simplicity, row.candidate


def choose(finalists: list[Finalist], spec: ExperimentSpec) -> Finalist:
    """Return the best single model within the limits, or the scorecard when it was asked for and is good enough.

    Best is the highest AUC less a trace of overfit; of models that cannot be told apart from it, the lowest log loss.
    """
    pool = _pool(finalists)
    card = _simple_enough(pool, spec)
    if card is not None:
        return card
    best = max(pool, key=lambda row: row.merit)
    near = [row for row in pool if row.auc >= best.auc - NEARLY_AS_GOOD and is_tied(row, best)]
    return min([best, *near], key=lambda row: row.log_loss) if near else best


def _simple_enough(pool: list[Finalist], spec: ExperimentSpec) -> Finalist | None:
    """Return the scorecard where it was asked for and costs no more than that is worth."""
    cards = [row for row in pool if row.learner == "scorecard" and spec.explainable_first]
    dearest = max(row.auc for row in pool) - PRICE_OF_SIMPLICITY
    return next((card for card in cards if card.auc >= dearest), None)


def _pool(finalists: list[Finalist]) -> list[Finalist]:
    """Return the single models that compete: those that keep all limits, or all where none does."""
    singles = [row for row in finalists if row.learner != "ensemble"] or finalists
    models = [row for row in singles if row.learner != "baseline"] or singles
    return [row for row in models if not row.broken_limits] or models
