"""What the sample itself gives to think of: few events, months still open, many customers who are neither."""

from typing import Any

from catalog.models import DataCheck
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
