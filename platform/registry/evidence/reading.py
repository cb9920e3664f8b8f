"""What one check of a version found, and that there is too little to judge by."""

from dataclasses import dataclass, field
from typing import Any

from experiments.evaluation.measures import Counts, Measures
from experiments.house_rules import too_few
from experiments.sentence import Sentence
from registry.models import EvidenceCheck

PASSED, WARNING, FAILED, MISSING = EvidenceCheck.State.values


@dataclass(frozen=True)
class Reading:
    """What one check found: a state and a sentence with its parameters."""

    state: str
    message: str
    params: dict[str, Any] = field(default_factory=dict)
    also: tuple[Sentence, ...] = ()

    @property
    def sentence(self) -> Sentence:
        return Sentence(self.message, self.params, self.also)

    def to_dict(self) -> dict[str, Any]:
        return self.sentence.to_dict()


def unjudged(rows: int, events: int) -> Reading:
    """Return that there is too little to judge by: neither a pass nor a fail."""
    told = too_few(rows, events)
    return Reading(MISSING, told["message"], told["params"])


def unjudged_sample(measures: Measures) -> Reading:
    counts = measures.counts or Counts(0, 0)
    return unjudged(counts.rows, counts.events)


def listed(columns: list[str]) -> dict[str, list[str]]:
    """Return the first columns for a sentence, which parts them as the reader's language does."""
    shown = columns[:3]
    if len(columns) > 3:
        shown[-1] += f" +{len(columns) - 3}"
    return {"columns": shown}


def rounded(value: float) -> float:
    """Return a number to keep, free of the noise of arithmetic and finer than any page shows it."""
    return round(float(value), 6)
