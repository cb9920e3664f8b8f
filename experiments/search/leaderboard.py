"""The finalists in order, which of them cannot be told apart, and the one to take."""

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from experiments.errors import gettext_noop
from experiments.kinds import KINDS
from experiments.search.learners import FAMILIES
from experiments.spec import ExperimentSpec

PRICE_OF_SIMPLICITY = 0.01
# What a point of AUC lost between training rows and others counts against a model, to break near ties.
OVERFIT_WEIGHT = 0.02
# Models this near in AUC, and within chance of each other, are told apart by log loss, which chance moves less.
NEARLY_AS_GOOD = 0.002

BEST = gettext_noop("Best AUC in cross-validation (%(auc)s) among the single models that keep all limits.")
BEST_OF_TIES = gettext_noop(
    "AUC %(auc)s in cross-validation, within chance of the best (%(best)s); its probabilities are closer to what came."
)
BEST_WITHOUT_LIMITS = gettext_noop(
    "Best AUC in cross-validation (%(auc)s), but no model keeps all limits: %(limits)s. Look at it before you use it."
)
SIMPLE_ENOUGH = gettext_noop(
    "You asked for an explainable model first: this scorecard reaches AUC %(auc)s, %(price)s below the best model, "
    "which is within the price of 0.01 that explainability may have."
)
TIED = gettext_noop("Cannot be told apart from %(best)s: the difference of %(difference)s AUC is within chance.")
BEHIND = gettext_noop("Behind %(best)s by %(difference)s AUC.")
AHEAD_BUT_LIMITED = gettext_noop("Breaks a limit: %(limits)s.")
ENSEMBLE_ADDS = gettext_noop(
    "Adds up several models. It is %(difference)s AUC ahead of %(best)s, for %(times)s times the work a row; take it "
    "where that is worth more than one model that is easier to explain and to keep."
)
ENSEMBLE_ADDS_NOTHING = gettext_noop("Adds up several models, and gains nothing over %(best)s by it.")
NEEDS_A_MODEL = gettext_noop("The baseline shows what five columns and a straight line reach; a model has to beat it.")


@dataclass(frozen=True)
class Finalist:
    """One row of the leaderboard.

    Attributes
    ----------
    candidate : its name and its folder's.
    reason : ``{"message", "params"}``, why it is recommended or not.
    metrics : ``{sample: {metric: {"value", "low", "high"}}}`` for validation, train and held_out or out_of_time.
    evidence : gap, score_psi, features, ms_per_row, limits and what the model was fitted on.
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

    @property
    def auc(self) -> float:
        """Mean AUC in cross-validation."""
        return float(self.metrics["validation"]["auc"]["value"])

    @property
    def log_loss(self) -> float:
        """Log loss in cross-validation."""
        return float(self.metrics["validation"]["log_loss"]["value"])

    @property
    def merit(self) -> float:
        """AUC in cross-validation less a trace of its overfit."""
        return self.auc - OVERFIT_WEIGHT * max(0.0, self.evidence.get("train_auc", self.auc) - self.auc)

    @property
    def broken_limits(self) -> list[str]:
        """Codes of the limits it breaks."""
        return [limit["code"] for limit in self.evidence["limits"] if not limit["is_kept"]]

    def to_dict(self) -> dict[str, Any]:
        """Return the row as JSON-ready plain data."""
        return {**asdict(self), "model_dir": str(self.model_dir) if self.model_dir else None}


def rank(finalists: list[Finalist], spec: ExperimentSpec) -> list[Finalist]:
    """Order by the ranking of the target kind, mark ties with the recommended one, and give each its reason."""
    ordered = sorted(finalists, key=lambda row: _place(row, spec))
    chosen = choose(ordered, spec)
    rows = []
    for number, row in enumerate(ordered, start=1):
        is_tie = row is not chosen and _is_tied(row, chosen)
        rows.append(
            replace(
                row,
                rank=number,
                is_recommended=row is chosen,
                is_tie=is_tie,
                reason=_why(row, ordered, spec) if row is chosen else _why_not(row, chosen, is_tie),
            )
        )
    return rows


def _place(row: Finalist, spec: ExperimentSpec) -> tuple[float, int, int, str]:
    """Return what orders the rows: the ranking, of equals the one that reads fewer columns, then the simpler family."""
    # KS is shown with four digits; a lift carries its AUC in the digits beyond them.
    value = round(row.objective, 4 if KINDS[spec.kind].ranking == "ks" else 8)
    return -value, row.evidence["features"], FAMILIES[row.learner].simplicity, row.candidate


def choose(finalists: list[Finalist], spec: ExperimentSpec) -> Finalist:
    """Return the best single model within the limits, or the scorecard when it was asked for and is good enough.

    Best is the highest AUC less a trace of overfit; of models that cannot be told apart from it, the lowest log loss.
    """
    models = [row for row in finalists if row.learner not in ("baseline", "ensemble")] or finalists
    pool = [row for row in models if not row.broken_limits] or models
    best = max(pool, key=lambda row: row.merit)
    cards = [row for row in pool if row.learner == "scorecard"]
    if spec.explainable_first and cards and cards[0].auc >= best.auc - PRICE_OF_SIMPLICITY:
        return cards[0]
    near = [row for row in pool if row.auc >= best.auc - NEARLY_AS_GOOD and _is_tied(row, best)]
    return min([best, *near], key=lambda row: row.log_loss) if near else best


def _is_tied(row: Finalist, chosen: Finalist) -> bool:
    difference = row.evidence.get("difference", {}).get(chosen.candidate)
    return difference is not None and difference["low"] <= 0 <= difference["high"]


def _why(row: Finalist, others: list[Finalist], spec: ExperimentSpec) -> dict[str, Any]:
    best = max(other.auc for other in others)
    if row.learner == "scorecard" and spec.explainable_first:
        return _message(SIMPLE_ENOUGH, auc=f"{row.auc:.4f}", price=f"{best - row.auc:.4f}")
    if row.broken_limits:
        return _message(BEST_WITHOUT_LIMITS, auc=f"{row.auc:.4f}", limits=", ".join(row.broken_limits))
    rivals = [other.auc for other in others if other.learner != "ensemble" and not other.broken_limits]
    if max(rivals) > row.auc:
        return _message(BEST_OF_TIES, auc=f"{row.auc:.4f}", best=f"{max(rivals):.4f}")
    return _message(BEST, auc=f"{row.auc:.4f}")


def _why_not(row: Finalist, chosen: Finalist, is_tie: bool) -> dict[str, Any]:
    difference = f"{abs(chosen.auc - row.auc):.4f}"
    if row.learner == "baseline":
        return _message(NEEDS_A_MODEL)
    if row.learner == "ensemble":
        return _offer(row, chosen)
    if row.broken_limits and row.auc > chosen.auc:
        return _message(AHEAD_BUT_LIMITED, limits=", ".join(row.broken_limits))
    return _message(TIED if is_tie else BEHIND, best=chosen.candidate, difference=difference)


def _offer(ensemble: Finalist, chosen: Finalist) -> dict[str, Any]:
    if ensemble.auc <= chosen.auc:
        return _message(ENSEMBLE_ADDS_NOTHING, best=chosen.candidate)
    times = ensemble.evidence["ms_per_row"] / max(chosen.evidence["ms_per_row"], 1e-9)
    difference = f"{ensemble.auc - chosen.auc:.4f}"
    return _message(ENSEMBLE_ADDS, best=chosen.candidate, difference=difference, times=f"{max(1.0, times):.0f}")


def _message(message: str, **params: Any) -> dict[str, Any]:
    return {"message": message, "params": params}
