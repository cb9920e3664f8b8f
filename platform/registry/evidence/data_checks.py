"""Checks of what a model learnt from: the sample, suspicious columns, groups of customers."""

from typing import Any

from django.utils.translation import gettext_noop

from checks.models import DataCheck
from experiments.house_rules import FEW_EVENTS, is_enough
from experiments.sentence import Sentence
from registry.evidence import groups
from registry.evidence.gathered import Evidence
from registry.evidence.reading import FAILED, MISSING, PASSED, WARNING, Reading, listed, unjudged


def sample_and_target(evidence: Evidence) -> Reading:
    check = evidence.row.experiment.data_check
    params = {
        "rows": f"{check.labelled_count:,}",
        "events": f"{check.event_count:,}",
        "target": check.target,
        "event": check.event,
    }
    if check.state != DataCheck.State.READY or not check.labelled_count:
        return Reading(MISSING, gettext_noop("The data check of this experiment was not finished."))
    if not is_enough(check.labelled_count, check.event_count):
        return unjudged(check.labelled_count, check.event_count)
    if check.event_count < FEW_EVENTS:
        return Reading(WARNING, gettext_noop("%(events)s events in %(rows)s rows: a small sample"), params)
    return Reading(PASSED, gettext_noop("%(rows)s rows, %(events)s with %(target)s = %(event)s"), params)


def leakage(evidence: Evidence) -> Reading:
    check = evidence.row.experiment.data_check
    if check.state != DataCheck.State.READY:
        return Reading(MISSING, gettext_noop("The data check of this experiment was not finished."))
    used = set(evidence.features)
    grave = [f for f in check.findings.select_related("column") if f.column and f.severity != "passed"]
    kept = {severity: used_columns(grave, severity, used) for severity in ("block", "warning")}
    if kept["block"]:
        return Reading(FAILED, gettext_noop("Uses columns the data check blocks: %(columns)s"), listed(kept["block"]))
    if kept["warning"]:
        doubts = evidence.row.experiment.found.data.doubts
        also = (Sentence(doubts.message, doubts.params),) if doubts else ()
        told = gettext_noop("Uses columns with a warning: %(columns)s")
        return Reading(WARNING, told, listed(kept["warning"]), also)
    taken_out = len({finding.column_id for finding in grave})
    if not taken_out:
        return Reading(PASSED, gettext_noop("No suspicious column was found"))
    return Reading(PASSED, gettext_noop("Suspicious columns: %(count)s, none used"), {"count": taken_out})


def used_columns(findings: list[Any], severity: str, used: set[str]) -> list[str]:
    return sorted({f.column.name for f in findings if f.severity == severity and f.column.name in used})


def fairness(evidence: Evidence) -> Reading:
    return groups.reading_of(evidence.row, groups.looks_of([evidence.row])) or groups.nothing_compared(evidence.row)
