"""Which features of a check are protected attributes, and what the check asks about them."""

from typing import Any

from catalog.models import ColumnRole
from checks.models import DataCheck
from experiments.errors import gettext_noop
from experiments.leakage import Finding
from privacy.marks import ProtectedMark, marks_of

LOOKS_CODE, KNOWN_CODE = "looks_protected", "protected_known"
LOOKS = gettext_noop(
    "Protected attributes, judging by name or values: %(columns)s. They are never given as a "
    "customer's reason. Confirm each, or mark it as not protected. Whether a model may use them is "
    "decided on the plan."
)
KNOWN = gettext_noop("Protected attributes: %(columns)s. They are never given as a customer's reason.")
NONE_LOOKS = gettext_noop("No column is a protected attribute such as sex, age or origin.")


def protected_features(check: DataCheck) -> tuple[str, ...]:
    """Return the features of a check that count as protected, in the file's order."""
    return tuple(name for name, mark in _marks(check).items() if mark.is_protected)


def marks_asked(check: DataCheck) -> list[ProtectedMark]:
    """Return the marks a person may decide on at a data check: those of features that the dictionary leaves open."""
    return [mark for mark in _marks(check).values() if not mark.is_in_dictionary]


def findings(check: DataCheck) -> list[Finding]:
    """Return the question which columns are protected; once everything is decided, what was."""
    marks = marks_asked(check)
    asked = [mark.name for mark in marks if mark.is_open]
    known = [mark.name for mark in marks if mark.is_protected]
    if asked:
        params: dict[str, Any] = {"columns": asked}
        return [Finding(LOOKS_CODE, "warning", None, LOOKS, params, "none", {"columns": asked})]
    if known:
        return [Finding(KNOWN_CODE, "passed", None, KNOWN, {"columns": known})]
    return [Finding(LOOKS_CODE, "passed", None, NONE_LOOKS)]


def _marks(check: DataCheck) -> dict[str, ProtectedMark]:
    return marks_of(check.version, check.columns.filter(role=ColumnRole.FEATURE).values("column"))
