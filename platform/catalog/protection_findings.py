"""Tells in the data check which columns no model may learn from, and why."""

from catalog import protection
from catalog.models import CheckedColumn, DataCheck
from experiments.errors import gettext_noop
from experiments.leakage import Finding

ONE_PERSONAL = gettext_noop("%(columns)s holds personal data. It is hashed or masked, and no model uses it.")
PERSONAL = gettext_noop(
    "%(count)s columns hold personal data: %(columns)s. They are hashed or masked, and no model uses them."
)
PROTECTED = gettext_noop(
    "The dictionary marks %(column)s as protected, so no model uses it. Change the dictionary if models should."
)


def findings(check: DataCheck) -> list[Finding]:
    """Return one finding for all personal data and one for each protected column; they cannot be undone here."""
    columns = [each for each in _columns(check) if each.column.name != check.target]
    personal = [each.column.name for each in columns if each.column.personal_data]
    protected = set(protection.protected_columns(check.version.dataset))
    found = [_protected(each.column.name) for each in columns if each.column.name in protected - set(personal)]
    if personal:
        message, params = (PERSONAL if personal[1:] else ONE_PERSONAL), {"count": len(personal), "columns": personal}
        found.insert(0, Finding("personal_data", "warning", None, message, params, "none", {"columns": personal}))
    return found


def kept_out(check: DataCheck) -> list[str]:
    """Return the columns that the tests need not look at, because no model will."""
    return protection.kept_from_models(_columns(check), check.version.dataset)


def _protected(column: str) -> Finding:
    return Finding("protected", "warning", column, PROTECTED, {"column": column})


def _columns(check: DataCheck) -> list[CheckedColumn]:
    return list(check.columns.select_related("column").defer("by_target", "column__profile"))
