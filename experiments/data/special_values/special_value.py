"""A value that stands for a missing one: how many rows hold it, what it means, and the evidence."""

from dataclasses import asdict, dataclass
from typing import Any

from experiments.errors import gettext_noop

__all__ = ["SpecialValue"]

LEAST_ROWS = 5
LEAST_SHARE = 0.001
# A value that is no known code needs a sharper spike.
LEAST_SHARE_UNKNOWN = 0.01
LEAST_DIFFERENT = 3
SPIKE = 20.0
MISSING = gettext_noop("missing")
NOT_FOUND = gettext_noop("looked up and not found")
NOT_AUTHORISED = gettext_noop("not authorised")
NOT_APPLICABLE = gettext_noop("does not apply")
MEANINGS = {"missing": MISSING, "not_found": NOT_FOUND, "not_authorised": NOT_AUTHORISED,
            "not_applicable": NOT_APPLICABLE}  # fmt: skip


@dataclass(frozen=True)
class SpecialValue:
    """A value that probably stands for a missing one.

    Attributes
    ----------
    value : a number, or the text of a date or word. share : of all rows that have a value.
    meaning : a key of ``MEANINGS``. evidence : JSON-ready ``{"message", "params"}``, the strongest first.

    Examples
    --------
    >>> SpecialValue(-999, 12, 0.03, "missing", ()).share
    0.03
    """

    value: float | int | str
    rows: int
    share: float
    meaning: str
    evidence: tuple[dict[str, Any], ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the proposal as JSON-ready plain data."""
        return {**asdict(self), "evidence": list(self.evidence)}


def evidence_params(value: Any, rows: int, share: float, **others: Any) -> dict[str, Any]:
    """Return what every sentence on a special value names."""
    return {"value": value, "rows": f"{rows:,}", "share": percent(share), **others}


def percent(share: float) -> str:
    """Return a share as a percentage with three significant digits."""
    return f"{100 * share:.3g}"
