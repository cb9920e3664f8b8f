"""Event rates of bins as people may be told them: none of a handful of customers, in grey where they say little."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from experiments.house_rules import FEWEST_TOGETHER, MIN_EVENTS, MIN_ROWS, is_enough, may_be_told


@dataclass(frozen=True)
class Rate:
    """An event rate; ``is_kept_back`` where it would tell of a handful of customers."""

    value: float | None = None
    is_uncertain: bool = False
    is_kept_back: bool = False


def rate_of(value: float | None, *, rows: float, events: float | None = None) -> Rate:
    """Return an event rate as people may be told it.

    Parameters
    ----------
    rows, events : raw counts that it rests on; without ``events`` the rate says how many there were.
    """
    if value is None or value != value:
        return Rate()
    if not may_be_told(rows):
        return Rate(is_kept_back=True)
    found = rows * value if events is None else events
    return Rate(value, is_uncertain=not is_enough(round(rows), round(found)))


def note_on(rates: Iterable[Rate]) -> str:
    """Say what grey and missing rates mean, where there are some; otherwise nothing."""
    if not any(rate.is_uncertain or rate.is_kept_back for rate in rates):
        return ""
    return _(
        "Event rates in grey are uncertain: fewer than %(rows)s rows or %(events)s events. Event rates of fewer than "
        "%(least)s rows are not shown."
    ) % {"rows": MIN_ROWS, "events": MIN_EVENTS, "least": FEWEST_TOGETHER}
