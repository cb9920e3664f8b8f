"""How one column differs: its type, gaps, values, range and distribution, and the rate of its event."""

from collections.abc import Mapping

import numpy as np

from experiments.data.comparison.changes import (
    EXPECTED_ROWS,
    SHARE_AMBER,
    SHARE_RED,
    Change,
    Question,
    Verdict,
    percent,
    shares_differ,
)
from experiments.data.comparison.counted import LEVELS_COMPARED, ColumnTally
from experiments.data.tally import counts_between
from experiments.errors import gettext_noop
from experiments.evaluation.psi import psi_verdict
from experiments.house_rules import PSI_AMBER
from experiments.telling import apart

LEVELS_NAMED = 5
LONGEST_LEVEL = 40
MISSING_AMBER, MISSING_RED = 0.05, 0.20
SHIFT_AMBER = 0.5
RATE_AMBER, RATE_RED = 0.10, 0.50
US_A_DAY = 86_400_000_000
TYPE_WORDS: Mapping[str, str] = {
    "numeric": gettext_noop("numbers"),
    "categorical": gettext_noop("categories"),
    "boolean": gettext_noop("yes or no"),
    "date": gettext_noop("dates"),
    "text": gettext_noop("free text"),
}
TYPE_CHANGED = gettext_noop("It held %(older)s and now holds %(newer)s.")
EMPTY_NOW = gettext_noop("It is empty now.")
MISSING_MOVED = gettext_noop("%(newer)s of the rows are empty; before, %(older)s were.")
NEW_LEVELS = gettext_noop("New values in %(share)s of the rows: %(levels)s.")
VANISHED_LEVELS = gettext_noop("Values no longer there (%(share)s of the rows before): %(levels)s.")
OUT_OF_RANGE = gettext_noop(
    "%(share)s of the values lie outside the earlier range of %(low)s to %(high)s; they now run from %(lowest)s to "
    "%(highest)s."
)
MEDIAN_MOVED = gettext_noop("The median went from %(older)s to %(newer)s.")
PSI_MOVED = gettext_noop("The distribution has shifted: PSI %(psi)s; normal variation reaches at most %(limit)s.")
DATES_REACH = gettext_noop("The dates run from %(lowest)s to %(highest)s; before, from %(low)s to %(high)s.")
DATES_WENT_BACK = gettext_noop("The newest day is %(highest)s, earlier than before (%(high)s).")
RATE_STAYED = gettext_noop("The rate of %(event)s in %(column)s is %(newer)s; before, %(older)s.")
NO_EVENTS = gettext_noop("%(event)s no longer occurs in %(column)s; its rate was %(older)s.")


def are_numbers(older: ColumnTally, newer: ColumnTally) -> bool:
    """Return whether both sides hold numbers."""
    return older.column.type == "numeric" and newer.column.type == "numeric"


def type_changes(older: ColumnTally, newer: ColumnTally) -> list[Change]:
    """Return whether the type has changed, as a change."""
    if older.column.type == newer.column.type or not older.present or not newer.present:
        return []
    is_stored_alike = older.is_number == newer.is_number and older.is_date == newer.is_date
    words = {
        "older": {"message": TYPE_WORDS[older.column.type]},
        "newer": {"message": TYPE_WORDS[newer.column.type]},
    }
    # In small tables categories are easily taken for free text: worth a note, not an alarm.
    return [Change("type", "green" if is_stored_alike else "red", TYPE_CHANGED, words)]


def missing_changes(older: ColumnTally, newer: ColumnTally) -> list[Change]:
    """Report a share of empty rows that has moved beyond chance."""
    if older.present and newer.rows and not newer.present:
        return [Change("empty", "red", EMPTY_NOW)]
    moved = abs(newer.missing_share - older.missing_share)
    if moved < MISSING_AMBER or not shares_differ(older.missing, older.rows, newer.missing, newer.rows):
        return []
    verdict: Verdict = "red" if moved >= MISSING_RED else "amber"
    words = {"older": percent(older.missing_share), "newer": percent(newer.missing_share)}
    return [Change("missing", verdict, MISSING_MOVED, words)]


def psi_changes(value: float | None, limit: float | None) -> list[Change]:
    """Report a PSI that chance does not explain."""
    if value is None or value < PSI_AMBER:
        return []
    shown, chance = apart(value, limit or 0.0)
    return [Change("psi", psi_verdict(value), PSI_MOVED, {"psi": shown, "limit": chance})]


def number_changes(older: ColumnTally, newer: ColumnTally, has_moved: bool) -> list[Change]:
    """Report values outside the earlier range, and a median that has moved."""
    if not older.numbers.rows or not newer.numbers.rows:
        return []
    changes = []
    low, high = float(older.numbers.lowest), float(older.numbers.highest)
    below, _, above = counts_between(newer.numbers.points, np.array([low, np.nextafter(high, np.inf)]))
    share = (below + above) / newer.numbers.rows
    # As many of the older rows would have lain out there, had the distribution stayed the same.
    if share >= SHARE_AMBER and share * older.numbers.rows >= EXPECTED_ROWS:
        words = {
            "share": percent(share),
            "low": _number(low),
            "high": _number(high),
            "lowest": _number(float(newer.numbers.lowest)),
            "highest": _number(float(newer.numbers.highest)),
        }
        changes.append(Change("range", "red" if share >= SHARE_RED else "amber", OUT_OF_RANGE, words))
    lower, before, upper, now = older.at(0.25), older.at(0.5), older.at(0.75), newer.at(0.5)
    if lower is None or before is None or upper is None or now is None or now == before:
        return changes
    if has_moved and abs(now - before) > SHIFT_AMBER * (upper - lower):
        words = {"older": _number(before), "newer": _number(now)}
        changes.append(Change("median", "amber", MEDIAN_MOVED, words))
    return changes


def date_changes(older: ColumnTally, newer: ColumnTally, is_addition: bool) -> list[Change]:
    """Report which days the dates cover now, and whether the newest is earlier than before."""
    if not older.numbers.rows or not newer.numbers.rows:
        return []
    ends = {"low": older.numbers.lowest, "high": older.numbers.highest,
            "lowest": newer.numbers.lowest, "highest": newer.numbers.highest}  # fmt: skip
    words = {name: _day(value) for name, value in ends.items()}
    if newer.numbers.highest < older.numbers.highest and not is_addition:
        return [Change("dates", "amber", DATES_WENT_BACK, words)]
    is_same = (words["low"], words["high"]) == (words["lowest"], words["highest"])
    return [] if is_same else [Change("dates", "green", DATES_REACH, words)]


def level_changes(older: ColumnTally, newer: ColumnTally) -> list[Change]:
    """Report which levels are new and which are gone."""
    if max(older.distinct, newer.distinct) > LEVELS_COMPARED or "text" in (older.column.type, newer.column.type):
        return []
    before, now = older.levels(LEVELS_COMPARED), newer.levels(LEVELS_COMPARED)
    return [
        *_levels_only_in(now, newer.present, before, older.present, "new_levels", NEW_LEVELS),
        *_levels_only_in(before, older.present, now, newer.present, "vanished_levels", VANISHED_LEVELS),
    ]


def _levels_only_in(
    one: Mapping[str, int], rows: int, other: Mapping[str, int], other_rows: int, code: str, message: str
) -> list[Change]:
    """Report the levels of one side that the other lacks, though chance alone would have produced some."""
    if not rows or not other_rows:
        return []
    missed = [word for word, n in one.items() if word not in other and n / rows * other_rows >= EXPECTED_ROWS]
    if not missed:
        return []
    share = sum(one[word] for word in missed) / rows
    verdict: Verdict = "red" if share >= SHARE_RED else "amber" if share >= SHARE_AMBER else "green"
    named = [word[:LONGEST_LEVEL] for word in missed[:LEVELS_NAMED]] + (["…"] if len(missed) > LEVELS_NAMED else [])
    return [Change(code, verdict, message, {"share": percent(share), "levels": named})]


def rate_change(question: Question, older: ColumnTally, newer: ColumnTally) -> tuple[Change, ...]:
    """Report the event rates of both sides, and whether they differ beyond chance."""
    if not older.present or not newer.present:
        return ()
    before, now = older.rows_with(question.event), newer.rows_with(question.event)
    rates = before / older.present, now / newer.present
    words = {
        "event": question.event,
        "column": question.column,
        "older": percent(rates[0]),
        "newer": percent(rates[1]),
    }
    if before and not now and rates[0] * newer.present >= EXPECTED_ROWS:
        return (Change("rate", "red", NO_EVENTS, words),)
    verdict: Verdict = "green"
    if shares_differ(before, older.present, now, newer.present):
        moved = abs(rates[1] - rates[0]) / max(rates[0], 1 / older.present)
        verdict = "red" if moved >= RATE_RED else "amber" if moved >= RATE_AMBER else "green"
    return (Change("rate", verdict, RATE_STAYED, words),)


def _number(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return f"{value:,.0f}"
    return f"{value:,.2f}" if abs(value) >= 1_000 else f"{value:.4g}"


def _day(microseconds: float) -> str:
    return str(np.datetime64(int(microseconds // US_A_DAY), "D"))
