"""What is asked of a run, as plain data that can be stored and repeated."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

TargetKind = Literal["response", "conversion", "default"]
TARGET_KINDS: tuple[TargetKind, ...] = ("response", "conversion", "default")
LEARNERS = ("lightgbm", "xgboost", "catboost", "linear", "random_forest", "extra_trees")


@dataclass(frozen=True)
class SearchBudget:
    """How long a run may take: ``seconds`` of wall clock or, for repeatable runs, a number of ``trials``."""

    seconds: float | None = 300.0
    trials: int | None = None


@dataclass(frozen=True)
class ValidationScheme:
    """How rows are set aside: newest months out of time when there is a date, a stratified share otherwise."""

    folds: int = 5
    held_out_share: float = 0.2


@dataclass(frozen=True)
class ExperimentSpec:
    """One question on one table.

    Attributes
    ----------
    target, event : column asked about, and the value of it that counts as the event (as text).
    kind : decides ranking and language: ``response``, ``conversion`` or ``default``.
    contact_share : share of customers that can be contacted (0 to 1), for lift and capture.
    excluded : columns that must not be used, whatever their role.
    labels : ``{column: {"en": …, "zh": …}}`` for reasons and reports.
    monotone : ``{column: 1 or -1}``, the direction in which the event's probability may move.
    """

    target: str
    event: str
    kind: TargetKind = "default"
    id_column: str | None = None
    time_column: str | None = None
    group_column: str | None = None
    weight_column: str | None = None
    excluded: tuple[str, ...] = ()
    budget: SearchBudget = field(default_factory=SearchBudget)
    validation: ValidationScheme = field(default_factory=ValidationScheme)
    learners: tuple[str, ...] = LEARNERS
    explainable_first: bool = False
    contact_share: float = 0.1
    monotone: dict[str, int] = field(default_factory=dict)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    seed: int = 1

    def to_dict(self) -> dict[str, Any]:
        """Return the spec as JSON-ready plain data."""
        plain = asdict(self)
        plain["excluded"] = list(self.excluded)
        plain["learners"] = list(self.learners)
        return plain

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "ExperimentSpec":
        """Build a spec from what ``to_dict`` gave."""
        values = dict(plain)
        values["budget"] = SearchBudget(**values.get("budget", {}))
        values["validation"] = ValidationScheme(**values.get("validation", {}))
        values["excluded"] = tuple(values.get("excluded", ()))
        values["learners"] = tuple(values.get("learners", LEARNERS))
        return cls(**values)
