"""What one test found, with the numbers behind it and what should be done."""

from dataclasses import dataclass, field
from typing import Any, Literal

from experiments.errors import gettext_noop
from experiments.sentence import Sentence
from experiments.stored import Part, Stored

__all__ = ["Finding"]

Severity = Literal["block", "warning", "passed"]


@dataclass(frozen=True)
class Finding(Stored):
    """What one test found.

    Attributes
    ----------
    code : the test. severity : ``block``, ``warning`` or ``passed``. column : ``None`` for the whole table.
    message, params : a sentence with places.
    action : ``exclude`` where the column should be taken out; putting it back undoes that.
    evidence : the numbers behind it; of a test that passed, what was looked at.

    Examples
    --------
    >>> Finding("name", "warning", "closing_date", "%(column)s sounds late.", {"column": "closing_date"}).severity
    'warning'
    """

    what = gettext_noop("a finding")

    code: str
    severity: Severity
    column: str | None
    message: str
    params: dict[str, Any] = field(default_factory=dict)
    action: Literal["exclude", "none"] = "none"
    evidence: dict[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> Sentence:
        """What is said of it."""
        return Sentence(self.message, self.params)


@dataclass(frozen=True)
class FindingEvidence(Part):
    """What readers take from the evidence of a finding; what else a test measured stands beside it.

    Attributes
    ----------
    columns : all that the finding is about. months : whose outcomes are still open.
    observed_at, newest_kept, known_until : column of dates, newest month to keep, and day up to which outcomes are
        known, where the newest months are proposed to be left out.
    """

    columns: tuple[str, ...] = ()
    months: tuple[str, ...] = ()
    observed_at: str = ""
    newest_kept: str = ""
    known_until: str = ""


def take_out(
    code: str, severity: Severity, column: str, message: str, params: dict[str, Any], evidence: dict[str, Any]
) -> Finding:
    """Return a finding that takes its column out of the model."""
    return Finding(code, severity, column, message, {"column": column, **params}, "exclude", evidence)


def warn(code: str, column: str, message: str, params: dict[str, Any], evidence: dict[str, Any]) -> Finding:
    """Return a finding that asks a person to look at a column."""
    return Finding(code, "warning", column, message, {"column": column, **params}, "none", evidence)


def percent(share: float) -> str:
    """Write a share; nothing but all is called 100 %."""
    return f"{100 * share:.4g}%" if share < 0.9999 or share == 1 else "99.99%"


def three(value: float) -> str:
    """Write a number with three decimals."""
    return f"{value:.3f}"
