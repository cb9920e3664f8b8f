"""Values with which the outcome is always the same, while it is open for the other rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binom

from experiments.errors import gettext_noop
from experiments.features.single_feature import as_numbers, is_ordered
from experiments.leakage.ablation import costs_much
from experiments.leakage.finding import Finding, percent, take_out, three, warn
from experiments.leakage.labelled_sample import LabelledSample
from experiments.leakage.quick_model import cross_validate, encode, rows_for_a_model

LEAST_ROWS, SHARE = 50, 0.99
# Of the customers without the event an honest range may be free: only one that holds many of them settles much.
LEAST_SHARE_OF_OTHERS = 0.2
CHANCE = 0.01
USUAL_SHARE = 0.5
# A value that only customers with the event have is part of the outcome where it holds so many of them.
SHARE_OF_EVENTS = 1 / 3
FILLED = ("filled", None)

SETTLED = gettext_noop(
    "Of the %(count)s rows in which %(column)s is %(value)s, %(events)s have the event, against %(rate)s of all rows. "
    "Make sure that it is known on the day of scoring; if it is filled in later, take it out."
)
SETTLED_BY_FILLING = gettext_noop(
    "Of the %(count)s rows in which %(column)s is filled, %(events)s have the event, against %(rate)s of all rows. "
    "Make sure that it is known on the day of scoring; if it is filled in later, take it out."
)

PART_OF_OUTCOME = gettext_noop(
    "%(column)s has a value that only rows with the event have: %(count)s rows, %(share)s of all events. A quick model "
    "reaches AUC %(auc_with)s with it, %(auc_without)s without. It is a part of the outcome and was taken out; if it "
    "is known on the day of scoring, put it back."
)


@dataclass(frozen=True)
class _Group:
    """Rows with and without the event that share a value, a range, or being filled."""

    events: float
    others: float
    value: Any

    @property
    def rows(self) -> float:
        return self.events + self.others


def check_column(table: LabelledSample, name: str) -> Finding | None:
    """Question a value, a range, being filled, or differing from the usual value, that determines the outcome.

    A range without one event among thousands of rows is what a good predictor looks like where events are rare. It
    counts only if chance would hardly bring it about in any range of any column, and if it settles much: nearly all
    its rows have the event, or it holds a fifth of all rows without.
    """
    stands_for_event, stands_for_other = table.weights
    # The largest first: of the amounts recovered, that there is one says more than how much it was.
    for group in sorted(_groups(table, name), key=lambda group: -group.events):
        events, others = group.events * stands_for_event, group.others * stands_for_other
        if not (_all_events(group, events, others, table) or _no_events(group, events, others, table)):
            continue
        size = round(events + others)
        params = {"count": size, "events": round(events), "rate": percent(table.rate)}
        evidence = {"rows": size, "events": round(events), "rate": table.rate, "auc": table.auc(name),
                    "share_of_events": events / max(1, table.events)}  # fmt: skip
        if group.value == FILLED:
            return warn("settled", name, SETTLED_BY_FILLING, params, evidence)
        return warn("settled", name, SETTLED, params | {"value": _name_of(group.value)}, evidence)
    return None


def check_deciding(table: LabelledSample, asked: Sequence[Finding], columns: Sequence[str]) -> list[Finding]:
    """Take out a column of which a value is the event itself: only events have it, many of them, and models need it.

    Parameters
    ----------
    asked : what was found by ``check_column`` and others. columns : those that a quick model uses.
    """
    names = [
        str(finding.column)
        for finding in asked
        if finding.code == "settled"
        and finding.column in columns
        and finding.evidence["events"] >= SHARE * finding.evidence["rows"]
        and finding.evidence["share_of_events"] >= SHARE_OF_EVENTS
    ]
    if not names:
        return []
    rows = rows_for_a_model(table.y, len(columns))
    y, matrix = table.y[rows], encode(table.frame.iloc[rows], columns)
    found, left, full = [], list(columns), cross_validate(matrix, y)
    for name in names:
        others = [other for other in left if other != name]
        if not others:
            break
        without = cross_validate(matrix[others], y)
        if costs_much(full, without):
            evidence = next(finding.evidence for finding in asked if finding.column == name)
            params = {"count": evidence["rows"], "share": percent(round(evidence["share_of_events"], 3)),
                      "auc_with": three(full.auc), "auc_without": three(without.auc)}  # fmt: skip
            found.append(take_out("settled", "warning", name, PART_OF_OUTCOME, params, evidence))
            left, full = others, without
    return found


def _all_events(group: _Group, events: float, others: float, table: LabelledSample) -> bool:
    if group.rows < LEAST_ROWS or table.rate >= 0.5 or events < SHARE * (events + others):
        return False
    by_chance = binom.sf(group.events - 1, group.rows, float(table.y.mean()))
    return bool(by_chance * table.ranges < CHANCE)


def _no_events(group: _Group, events: float, others: float, table: LabelledSample) -> bool:
    if group.rows < LEAST_ROWS or others < LEAST_SHARE_OF_OTHERS * table.others:
        return False
    if events > (1 - SHARE) * table.rate * (events + others):
        return False
    by_chance = binom.cdf(group.events, group.rows, float(table.y.mean()))
    return bool(by_chance * table.ranges < CHANCE)


def _groups(table: LabelledSample, name: str) -> list[_Group]:
    """Return rows with and without the event in each bin, where filled, and besides the usual value."""
    series, bins = table.frame[name], table.bins[name]
    groups = [_Group(*each) for each in zip(bins.events, bins.non_events, bins.names, strict=True)]
    present = series.notna().to_numpy()
    if not present.all():
        groups.append(_Group(float(table.y[present].sum()), float((1 - table.y[present]).sum()), FILLED))
    return groups + _besides_most_frequent(series, table.y) if is_ordered(series) else groups


def _besides_most_frequent(series: pd.Series, y: np.ndarray) -> list[_Group]:
    """Return the rows whose value is not the usual one (an amount recovered is nought for nearly everybody)."""
    numbers = as_numbers(series)
    present = ~np.isnan(numbers)
    if not present.any():
        return []
    values, counts = np.unique(numbers[present], return_counts=True)
    usual = values[counts.argmax()]
    if counts.max() < USUAL_SHARE * len(numbers):
        return []
    others = present & (numbers != usual)
    return [_Group(float(y[others].sum()), float((1 - y[others]).sum()), ("≠", float(usual)))]


def _name_of(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, tuple):
        first, second = value
        return f"≠ {second:g}" if first == "≠" else f"{first:g} … {second:g}"
    return f"{value:g}" if isinstance(value, float) else str(value)[:40]
