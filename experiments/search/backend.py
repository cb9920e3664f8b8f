"""The contract of every search backend: ask, judge fold by fold, tell."""

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Proposal:
    """A configuration worth a trial; ``token`` is the backend's own."""

    learner: str
    params: dict[str, Any]
    token: Any = None


class SearchBackend(Protocol):
    """A search backend with an ask-and-tell interface; the loop around it is ours."""

    name: str

    def suggest(self) -> Proposal | None:
        """Return the next proposal, or None when there is nothing left to try."""

    def is_hopeless(self, proposal: Proposal, fold_aucs: list[float]) -> bool:
        """Tell whether a trial with these fold results should be pruned."""

    def tell(self, proposal: Proposal, auc: float | None, cost: float, *, is_complete: bool) -> None:
        """Learn the mean validation AUC (None = the trial failed) and the cost in seconds or trials."""

    def note_folds(self, fold_aucs: list[float]) -> None:
        """Learn the AUC on every fold of a trial that was finished."""
