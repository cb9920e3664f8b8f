"""Values after which the answer is certain, though it is open for the other rows."""

from typing import Any

import numpy as np
import pandas as pd

from experiments.data.leakage.finding import Finding, percent, take_out
from experiments.data.leakage.looked_at import LookedAt
from experiments.data.single_feature import as_numbers, is_ordered
from experiments.errors import gettext_noop

LEAST_ROWS, SHARE, LEAST_EXPECTED = 50, 0.99, 20.0
USUAL_SHARE = 0.5
FILLED = ("filled", None)

SETTLED = gettext_noop(
    "%(column)s settles the answer: of the %(count)s rows with %(value)s, %(events)s have the event, against %(rate)s "
    "of all. It was probably filled in after the outcome and was taken out."
)
SETTLED_BY_FILLING = gettext_noop(
    "%(column)s settles the answer: of the %(count)s rows in which it is filled, %(events)s have the event, against "
    "%(rate)s of all. It was probably filled in after the outcome and was taken out."
)


def check_column(table: LookedAt, name: str) -> Finding | None:
    """Find a value, a range, being filled, or not having the usual value, that leaves no doubt."""
    rate = table.rate
    stands_for_event, stands_for_other = table.weights
    for events_seen, others_seen, value in _groups(table, name):
        events, others = events_seen * stands_for_event, others_seen * stands_for_other
        size, seen = events + others, events_seen + others_seen
        all_events = seen >= LEAST_ROWS and rate < 0.5 and events >= SHARE * size
        no_events = seen * float(table.y.mean()) >= LEAST_EXPECTED and events == 0
        if all_events or no_events:
            params = {"count": round(size), "events": round(events), "rate": percent(rate)}
            evidence = {"rows": round(size), "events": round(events), "rate": rate}
            if value == FILLED:
                return take_out("settled", "warning", name, SETTLED_BY_FILLING, params, evidence)
            return take_out("settled", "warning", name, SETTLED, params | {"value": _name_of(value)}, evidence)
    return None


def _groups(table: LookedAt, name: str) -> list[tuple[float, float, Any]]:
    """Return rows with and without the event in each bin, where filled, and besides the usual value."""
    series, bins = table.frame[name], table.bins[name]
    groups: list[tuple[float, float, Any]] = list(zip(bins.events, bins.non_events, bins.names, strict=True))
    present = series.notna().to_numpy()
    if not present.all():
        groups.append((float(table.y[present].sum()), float((1 - table.y[present]).sum()), FILLED))
    return groups + _besides_most_frequent(series, table.y) if is_ordered(series) else groups


def _besides_most_frequent(series: pd.Series, y: np.ndarray) -> list[tuple[float, float, Any]]:
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
    return [(float(y[others].sum()), float((1 - y[others]).sum()), ("≠", float(usual)))]


def _name_of(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, tuple):
        first, second = value
        return f"≠ {second:g}" if first == "≠" else f"{first:g} … {second:g}"
    return f"{value:g}" if isinstance(value, float) else str(value)[:40]
