"""Cells of tables: numbers, measures with their intervals, and verdicts."""

from experiments.errors import gettext_noop as _
from experiments.evaluation.limits import Verdict
from experiments.evaluation.measures import Measure
from experiments.report.content import NOTHING, Cell, Form, Tone, shown

VERDICTS = {
    "kept": _("Within the limit"),
    "broken": _("Over the limit"),
    "unproven": _("Above the limit, but not significantly"),
    "unjudged": _("Too few to judge"),
}


def text(value: object, tone: Tone = "") -> Cell:
    return Cell("" if value is None else str(value), "text", tone)


def code(value: object) -> Cell:
    return Cell("" if value is None else str(value), "code")


def number(value: float | None, form: Form = "d4", tone: Tone = "") -> Cell:
    """Return a number; what is undefined is told as nothing."""
    return Cell(None if value is None or value != value else value, form, tone)


def count(value: float | None) -> Cell:
    return number(value, "count")


def percent(value: float | None, tone: Tone = "") -> Cell:
    return number(value, "percent2", tone)


def interval(measure: Measure, form: Form = "d4", tone: Tone = "") -> Cell:
    """Return the ends of a measure's interval as one text."""
    low, high = measure.low, measure.high
    if low is None or high is None or low != low or high != high:
        return Cell("", "range", tone)
    return Cell(f"{shown(low, form)}{NOTHING}{shown(high, form)}", "range", tone)


def verdict(limit: Verdict) -> str:
    return VERDICTS[limit.state]
