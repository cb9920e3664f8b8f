"""What a check finds beside the engine: of its sample, of columns that came ruined, and of those no model may use."""

from typing import Any

from checks.models import CheckedColumn, DataCheck
from checks.queries import kept_from_models
from dictionary.queries import protected_columns
from experiments.data.sample.building import MANY_INDETERMINATES
from experiments.errors import gettext_noop
from experiments.house_rules import FEW_EVENTS
from experiments.leakage import Finding
from experiments.telling import apart

COMFORTABLE_EVENTS = 1_500

FEW = gettext_noop(
    "Only %(events)s events: below 300, results depend largely on chance. Expect wide intervals, "
    "use few columns and the scorecard, and collect more events before relying on the model."
)
ENOUGH = gettext_noop("%(events)s events are enough to train a model.")
OPEN_MONTHS = gettext_noop(
    "%(months)s months (%(rows)s rows) are left out: on %(until)s their performance window was "
    "still open, so their outcome is not known yet. They are not counted as good."
)
ALL_CLOSED = gettext_noop("On %(until)s the performance window of every month was complete.")
MANY_BETWEEN = gettext_noop(
    "%(share)s %% of the rows are indeterminate (neither good nor bad) and are not used for "
    "training. Above 15 %% the model is trained on clearer cases than it will score: reconsider the "
    "bounds."
)

ONE_PERSONAL = gettext_noop("%(columns)s holds personal data. It is hashed or masked, and no model uses it.")
PERSONAL = gettext_noop(
    "%(count)s columns hold personal data: %(columns)s. They are hashed or masked, and no model uses them."
)
PROTECTED = gettext_noop(
    "The dictionary marks %(column)s as protected, so no model uses it. Change the dictionary if models should."
)


def sample_findings(check: DataCheck, by_target: dict[str, Any], periods: list[dict[str, Any]]) -> list[Finding]:
    """Return what is to be said of the rows that count; ``check`` has its table already."""
    return [_events(by_target["events"]), *_maturity(check, periods), *_indeterminate(check)]


def _events(events: int) -> Finding:
    params = {"events": f"{events:,}"}
    if events < FEW_EVENTS:
        return Finding("few_events", "warning", None, FEW, params, "none", {"events": events})
    return Finding("few_events", "passed", None, ENOUGH, params, "none", {"events": events})


def _maturity(check: DataCheck, periods: list[dict[str, Any]]) -> list[Finding]:
    if not any("is_mature" in period for period in periods):
        return []
    until = check.table.get("known_until")
    open_months = [period for period in periods if not period["is_mature"]]
    if not open_months:
        return [Finding("immature", "passed", None, ALL_CLOSED, {"until": until})]
    rows = sum(period["rows"] for period in open_months)
    params = {"months": len(open_months), "rows": f"{rows:,}", "until": until}
    evidence = {"months": [period["period"] for period in open_months]}
    return [Finding("immature", "warning", None, OPEN_MONTHS, params, "none", evidence)]


def _indeterminate(check: DataCheck) -> list[Finding]:
    share = check.table.get("indeterminate_share", 0.0)
    if share <= MANY_INDETERMINATES:
        return []
    shown = apart(100 * share, 100 * MANY_INDETERMINATES, digits=0)[0]
    return [Finding("indeterminate", "warning", None, MANY_BETWEEN, {"share": shown})]


def ruined_findings(check: DataCheck) -> list[Finding]:
    """Return a finding that takes out each column of which a note of the reading says that it must not be used."""
    names = set(check.columns.values_list("column__name", flat=True)) - {check.target}
    blocked = {
        note["column"]: note for note in check.version.notes if note.get("severity") == "block" and note.get("column")
    }
    return [
        Finding("ruined", "block", column, note["message"], note["params"], "exclude")
        for column, note in blocked.items()
        if column in names
    ]


def personal_findings(check: DataCheck) -> list[Finding]:
    """Return one finding for all personal data and one for each protected column; they cannot be undone here."""
    columns = [each for each in _columns(check) if each.column.name != check.target]
    personal = [each.column.name for each in columns if each.column.personal_data]
    protected = set(protected_columns(check.version.dataset))
    found = [_protected(each.column.name) for each in columns if each.column.name in protected - set(personal)]
    if personal:
        message, params = (PERSONAL if personal[1:] else ONE_PERSONAL), {"count": len(personal), "columns": personal}
        found.insert(0, Finding("personal_data", "warning", None, message, params, "none", {"columns": personal}))
    return found


def kept_out(check: DataCheck) -> list[str]:
    """Return the columns that the tests need not look at, because no model will."""
    return kept_from_models(_columns(check), check.version.dataset)


def _protected(column: str) -> Finding:
    return Finding("protected", "warning", column, PROTECTED, {"column": column})


def _columns(check: DataCheck) -> list[CheckedColumn]:
    return list(check.columns.select_related("column").defer("by_target", "column__profile"))
