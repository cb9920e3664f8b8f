"""The house rules on numbers: what is too few to judge, and which shift counts."""

from typing import Any

from experiments.errors import gettext_noop

# Below this a number is shown in grey and nothing is concluded from it: neither a pass nor a fail.
MIN_EVENTS = 30
MIN_ROWS = 100
# Below this a whole sample is called small: a model of it is mostly luck.
FEW_EVENTS = 300

# Nothing is shown of a group, a level or a bar of fewer customers: each of them could be told from the others.
FEWEST_TOGETHER = 10

# Of the rarer outcome. From here on large-sample intervals and the bootstrap hold what they promise.
LARGE_SAMPLE = 100

# A shift of a distribution (PSI) from which it is watched, and from which something must be done.
PSI_AMBER = 0.10
PSI_RED = 0.25

# Between these the actual event rate over the predicted one, and the calibration slope, can be lived with.
CALIBRATION_LOW, CALIBRATION_HIGH = 0.80, 1.25


TOO_FEW = gettext_noop(
    "Too few to judge: %(events)s events in %(rows)s rows. At least %(least_events)s events, %(least_events)s "
    "non-events and %(least_rows)s rows in all are needed."
)


def is_enough(rows: int, events: int) -> bool:
    """Say whether ``rows`` with ``events`` are enough to conclude anything.

    What tells one outcome from the other is the rarer of the two, so that the rows without the event count alike.

    Examples
    --------
    >>> is_enough(500, 30), is_enough(500, 29), is_enough(500, 480), is_enough(99, 50)
    (True, False, False, False)
    """
    return rows >= MIN_ROWS and min(events, rows - events) >= MIN_EVENTS


def may_be_told(rows: float) -> bool:
    """Say whether a breakdown may tell what ``rows`` customers did without telling of a single one.

    Examples
    --------
    >>> may_be_told(10), may_be_told(9)
    (True, False)
    """
    return rows >= FEWEST_TOGETHER


def counts_of(rows: int, events: int) -> dict[str, Any]:
    """Return the counts that stand beside the measures of a sample, and whether these may be judged."""
    return {"rows": rows, "events": events, "is_enough": is_enough(rows, events)}


def has_too_few(measures: dict[str, Any]) -> bool:
    """Tell of a sample's measures, with ``counts`` among them, whether nothing may be concluded from them.

    Measures kept before counts were are taken as they were then.
    """
    return not measures.get("counts", {}).get("is_enough", True)


def too_few(rows: int, events: int) -> dict[str, Any]:
    """Return the sentence for a sample from which nothing may be concluded, as ``{message, params}``."""
    params = {"rows": f"{rows:,}", "events": f"{events:,}", "least_events": MIN_EVENTS, "least_rows": MIN_ROWS}
    return {"message": TOO_FEW, "params": params}


def is_shift(psi: float, by_chance: float) -> bool:
    """Say whether a distribution has moved: far enough to be watched, and further than chance alone moves it.

    Examples
    --------
    >>> is_shift(0.12, 0.05), is_shift(0.12, 0.2), is_shift(0.09, 0.05), is_shift(float("nan"), float("nan"))
    (True, False, False, False)
    """
    return psi >= PSI_AMBER and psi > by_chance


def is_great_shift(psi: float, by_chance: float) -> bool:
    """Say whether a distribution has moved so far that something must be done."""
    return is_shift(psi, by_chance) and psi >= PSI_RED


def may_hide_a_shift(psi: float, by_chance: float) -> bool:
    """Return whether too few rows leave it open: chance explains a shift that counts, or could explain a great one."""
    return psi <= by_chance and (psi >= PSI_AMBER or by_chance >= PSI_RED)
