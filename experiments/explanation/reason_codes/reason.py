"""One reason for a customer's score."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from experiments.explanation.reason_codes.sentences import SENTENCES, own_reason, sentence
from experiments.explanation.values import Meanings
from experiments.labels import label_of

__all__ = ["Reason"]


@dataclass(frozen=True)
class Reason:
    """One reason: the column that speaks, the state of its value, and its group's contribution in margin units.

    ``also`` names the other columns whose contributions are in it, as they say the same. Who has none gets a reason
    without a column, whose state says why.

    Examples
    --------
    >>> Reason("age", "low", "23", 0.4).text({"age": {"en": "Age"}})
    'Age is low (23)'
    """

    column: str
    state: str
    value: str
    phi: float
    also: tuple[str, ...] = ()

    def text(
        self,
        labels: Mapping[str, Mapping[str, str]] | None = None,
        language: str = "en",
        *,
        meanings: Mapping[str, Meanings] | None = None,
    ) -> str:
        """Return the bank's own sentence for the column, or one made of its label and value, in that language."""
        own = own_reason(self.column, labels or {}, language) if self.column else ""
        label, known = label_of(self.column, labels or {}, language), (meanings or {}).get(self.column)
        return own or sentence(self.state, label, value=self.value, language=language, meanings=known)

    def to_dict(self) -> dict[str, Any]:
        """Return the reason as JSON-ready plain data, with the translatable message."""
        return {**asdict(self), "also": list(self.also), "message": SENTENCES[self.state]}
